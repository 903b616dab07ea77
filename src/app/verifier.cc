#include "app/verifier.h"

#include <utility>

#include "base/log.h"
#include "store/verify.h"

namespace hearth::app {

using base::Result;

Result<void> Verifier::check(const store::LocalModel& model, const engine::LoadProgress& progress,
                             const std::stop_token& stop) {
  {
    base::MutexLock lock(mutex_);
    if (!known_) known_ = store::VerifiedCache::load(folders_);
    if (known_->knows(model)) return {};
  }
  base::log_info("{}: comparing its files with their digests, once", model.name);
  const auto show = [&](const store::LocalFile&, base::Bytes done) {
    if (progress) progress(static_cast<double>(done.count) / static_cast<double>(model.size().count + 1), "verify");
  };
  auto known = store::VerifiedCache::load(folders_);
  auto right = store::verify(model, known, store::Trust::kCache, show, stop);
  if (right) keep(std::move(known));
  return right;
}

Result<void> Verifier::check(const store::ArtefactCache& cache, const store::Artefact& artefact,
                             const std::stop_token& stop) {
  {
    base::MutexLock lock(mutex_);
    if (!known_) known_ = store::VerifiedCache::load(folders_);
    if (cache.is_verified(artefact, *known_)) return {};
  }
  auto known = store::VerifiedCache::load(folders_);
  auto right = cache.verify(artefact, known, stop);
  if (right) keep(std::move(known));
  return right;
}

void Verifier::remember(const store::Artefact& made) {
  auto known = store::VerifiedCache::load(folders_);
  store::ArtefactCache::remember(made, known);
  keep(std::move(known));
}

void Verifier::keep(store::VerifiedCache known) {
  // Where it cannot be written down the next start reads the files again.
  if (const auto saved = known.save(); !saved) base::log_warning("{}", saved.error().line());
  base::MutexLock lock(mutex_);
  known_ = std::move(known);
}

}  // namespace hearth::app
