#pragma once

// Bringing a model here: for each file that is missing or wrong, its sources in order until one yields the pinned
// digest. Everything is made under models/NAME/.partial and renamed when it is right, so that a model's file is either
// whole or absent. What a stopped pull leaves there is used by the next one. One process at a time works on a model;
// the others wait and then find the work done.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/folders.h"
#include "store/fetch/transport.h"
#include "store/manifest.h"
#include "store/verified_cache.h"

namespace hearth::store {

/// Told of a pull's progress, on the pulling thread. Implementations print (progress.h) or record.
class PullObserver {
 public:
  virtual ~PullObserver() = default;
  /// Another process pulls this model; this one waits.
  virtual void on_wait(const std::string& model) = 0;
  /// One transfer: an archive, or a file from a URL. `total` may be 0: unknown.
  virtual void on_transfer(const std::string& model, const std::string& what, base::Bytes total) = 0;
  virtual void on_bytes(base::Bytes done) = 0;
  virtual void on_transferred() = 0;
  /// A source did not give `file`; the next one is tried, if there is one.
  virtual void on_source_failed(const std::string& file, const std::string& source, const base::Error& error) = 0;
  /// The model is whole. `fetched` is 0 when nothing was missing.
  virtual void on_done(const std::string& model, int fetched, base::Bytes size) = 0;
};

enum class Licence { kNotAccepted, kAccepted };

/// PURE. What bringing these files here takes of the disk at the most, where `begun` bytes of them are there already:
/// each file once, and once more where a source gives it in pieces or in an archive.
[[nodiscard]] base::Bytes room_for(std::span<const FileSpec* const> files, base::Bytes begun);

/// Pulls one model. Errors: kPermission when its licence must be accepted first; kInvalidArgument for a model that is
/// only a path; kExhausted before anything is fetched where the disk has no room for it, and what an earlier pull began
/// stays; kExhausted for a disk that has filled meanwhile, with what was begun removed; otherwise the last source's.
[[nodiscard]] base::Result<void> pull(const ModelSpec& spec, const config::Folders& folders, Licence licence,
                                      Transport& transport, VerifiedCache& cache, PullObserver& observer);

}  // namespace hearth::store
