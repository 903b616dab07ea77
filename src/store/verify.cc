#include "store/verify.h"

#include <algorithm>

namespace hearth::store {

using base::Code;
using base::fail;

bool has_digests(const LocalModel& model) {
  return std::ranges::any_of(model.files, [](const LocalFile& file) { return !file.sha256.empty(); });
}

base::Result<void> verify(const LocalModel& model, VerifiedCache& cache, Trust trust, const VerifyProgress& progress,
                          std::stop_token stop) {
  for (const LocalFile& file : model.files) {
    if (file.sha256.empty()) continue;  // the user's own: there is nothing to compare with
    if (trust == Trust::kCache && cache.contains(file.path, file.identity, file.sha256)) continue;
    if (progress) progress(file, base::Bytes{0});
    auto digest = sha256_of_file(
        file.path, progress ? ByteProgress([&](base::Bytes done) { progress(file, done); }) : ByteProgress(), stop);
    if (!digest) return fail(digest.error());
    // What was read must be what was looked at before: a file written meanwhile is not verified.
    const auto identity = identify(file.path);
    if (!identity) return fail(identity.error());
    if (*digest != file.sha256 || *identity != file.identity) {
      cache.forget(file.path);
      return fail(Code::kCorrupt,
                  file.path.string() + " is not what " + model.name + " is made of: its sha256 is " + *digest,
                  "run `hearth models pull " + model.name + "` to get it again");
    }
    cache.remember(file.path, file.identity, file.sha256);
  }
  return {};
}

}  // namespace hearth::store
