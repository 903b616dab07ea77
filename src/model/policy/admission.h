#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "model/policy/eviction.h"

namespace hearth::model {

/// How many models of one group may load and be in memory at once. Zero or less: as many as fit.
struct GroupCap {
  int max_loading = 0;
  int max_loaded = 0;
};

/// Everything that decides whether one load may begin now.
struct AdmissionView {
  base::Bytes need{};  // of the load that asks
  base::Bytes limit{};
  base::Bytes committed{};  // all that is reserved, what is unloading included
  base::Bytes freeing{};    // the part of `committed` that is unloading
  base::Bytes promised{};   // what loads ahead in the queue wait for and will take of what is being freed
  int group = 0;
  GroupCap cap{};  // of that group
  int group_loading = 0;
  int group_unloading = 0;
  int group_promised = 0;  // loads of that group ahead in the queue that wait for an unload
  int loading = 0;         // of all groups
  int max_loading = 0;     // of all groups; zero or less: no cap
  base::Instant now{};
  base::Duration unserved_grace{};
  std::span<const Resident> residents{};  // loaded, loading and unloading ones; not the one that asks
};

enum class Verdict {
  kAdmit,          // begin
  kWaitForSlot,    // enough loads run already
  kWaitForUnload,  // what is unloading, or the named victims once they are, makes the room
  kWaitForUse,     // room can only come from models that are in use, loading or have not served yet
  kRefuse,         // it can never fit beside what is pinned
};

struct Admission {
  Verdict verdict = Verdict::kRefuse;
  std::vector<std::size_t> evict{};           // to be unloaded now; only with kWaitForUnload
  std::optional<base::Duration> ask_again{};  // with kWaitForUse: when time alone may change the verdict
};

/// Decides on one load. Pure. Admits only what keeps `committed` within `limit`.
[[nodiscard]] Admission decide_admission(const AdmissionView& view);

}  // namespace hearth::model
