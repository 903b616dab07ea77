#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "store/digest.h"
#include "store/local_model.h"
#include "store/verified_cache.h"

namespace hearth::store {

/// Whether files are read again although the cache knows them.
enum class Trust { kCache, kNothing };

/// Called before each file that is really read.
using VerifyProgress = std::function<void(const LocalFile& file, base::Bytes done)>;

/// Whether any file of `model` has a digest to be compared with: a user's own have none.
[[nodiscard]] bool has_digests(const LocalModel& model);

/// Computes the digest of each file of `model` that `cache` does not know unchanged, and remembers the right ones (the
/// caller saves). kCorrupt names the first file that differs. Reads at disk speed what the cache does not know: on a
/// thread that may block for seconds.
[[nodiscard]] base::Result<void> verify(const LocalModel& model, VerifiedCache& cache, Trust trust = Trust::kCache,
                                        const VerifyProgress& progress = {}, std::stop_token stop = {});

}  // namespace hearth::store
