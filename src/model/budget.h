#pragma once

// How many bytes the models may take, and how many each does. A load is admitted by what the same key was measured to
// take before, or by an estimate from its files until it has been. Not thread-safe: the registry's strand owns it.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "base/units.h"
#include "model/id.h"

namespace hearth::model {

enum class MeasureKind {
  kShared,  // several loads overlapped: their growth was divided by their estimates
  kAlone,   // nothing else was loading or unloading
};

struct Measure {
  base::Bytes bytes{};
  MeasureKind kind = MeasureKind::kShared;
  friend bool operator==(const Measure&, const Measure&) = default;
};

/// What is known about each key; given in at start, published in the snapshot, kept on disk by whoever wants to.
using Measures = std::map<ModelKey, Measure>;

class Budget {
 public:
  static constexpr base::Bytes kUnlimited{std::numeric_limits<std::int64_t>::max()};

  /// `factor` times the bytes of a model's files is the estimate for a key that has no measure.
  Budget(base::Bytes limit, double factor, Measures known);

  /// What a load of `key` is expected to add.
  [[nodiscard]] base::Bytes need(const ModelKey& key, base::Bytes file_bytes) const;
  [[nodiscard]] base::Bytes limit() const { return limit_; }
  [[nodiscard]] base::Bytes committed() const { return committed_; }
  [[nodiscard]] base::Bytes reserved(const ModelKey& key) const;
  [[nodiscard]] const Measures& measures() const { return known_; }

  void reserve(const ModelKey& key, base::Bytes bytes);
  /// Nothing of it is in memory any more.
  void release(const ModelKey& key);
  /// Takes a measure into account. A shared one does not replace one that was made alone, neither in what is known nor
  /// in the reservation. A measure under half of the files' bytes is taken as that half: freed pages that the allocator
  /// used again hide growth, and a model counted too small would admit too much.
  void settle(const ModelKey& key, base::Bytes file_bytes, Measure measure);

 private:
  const base::Bytes limit_;
  const double factor_;
  Measures known_;
  std::map<ModelKey, base::Bytes> reserved_;
  base::Bytes committed_{};
};

/// Divides the growth of the process's resident set among loads that may overlap. The rule: an episode begins with the
/// first load and ends when none runs. One load alone gets the whole growth. Several share it in proportion to their
/// estimates. An episode in which something left memory gives no measures.
class GrowthMeter {
 public:
  struct Share {
    ModelKey key;
    Measure measure;
  };
  void begin(const ModelKey& key, base::Bytes estimate);
  /// `before` and `after`: the resident set as the load itself saw it. Returns measures when the episode is over. A
  /// failed load (`loaded` false) gets no share.
  [[nodiscard]] std::vector<Share> end(const ModelKey& key, base::Bytes before, base::Bytes after, bool loaded);
  /// Something was unloaded while loads ran.
  void disturb();

 private:
  struct Part {
    ModelKey key;
    base::Bytes estimate;
    bool loaded = false;
  };
  std::vector<Part> parts_{};
  int running_ = 0;
  std::optional<base::Bytes> lowest_before_{};
  bool disturbed_ = false;
};

}  // namespace hearth::model
