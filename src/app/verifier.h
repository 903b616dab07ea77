#pragma once

// That files are what they are to be, before anything is made of them: a model's by the manifest's digests, an
// artefact's by those taken when it was made. Each file is read for this once in its life on this machine
// (store/verified_cache.h), so that a usual start compares identities only. Threads: any; a call may read for seconds.

#include <optional>
#include <stop_token>

#include "base/mutex.h"
#include "base/result.h"
#include "config/folders.h"
#include "engine/engine.h"
#include "store/artefact_cache.h"
#include "store/local_model.h"
#include "store/verified_cache.h"

namespace hearth::app {

class Verifier {
 public:
  explicit Verifier(const config::Folders& folders) : folders_(folders) {}

  /// kCorrupt names the file that was altered; kCancelled. A user's own files have no digest, and pass.
  [[nodiscard]] base::Result<void> check(const store::LocalModel& model, const engine::LoadProgress& progress,
                                         const std::stop_token& stop) EXCLUDES(mutex_);
  /// kCorrupt names the file that is damaged; kCancelled.
  [[nodiscard]] base::Result<void> check(const store::ArtefactCache& cache, const store::Artefact& artefact,
                                         const std::stop_token& stop) EXCLUDES(mutex_);
  /// Of an artefact that was just made: its digests were taken then, and its files are not read again for them.
  void remember(const store::Artefact& made) EXCLUDES(mutex_);

 private:
  void keep(store::VerifiedCache known) EXCLUDES(mutex_);

  const config::Folders& folders_;
  base::Mutex mutex_;
  std::optional<store::VerifiedCache> known_ GUARDED_BY(mutex_);  // none: not read yet
};

}  // namespace hearth::app
