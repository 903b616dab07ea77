#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/digest.h"
#include "store/fetch/transport.h"

namespace hearth::store {

/// Takes the wanted members out of a zip (wheel) or a gzipped tar. Only regular files, only to the targets that were
/// named, never beyond a member's size; at most kMaxMembers are looked at. kCorrupt when the archive is damaged or a
/// member is missing or of another size; what was written of it is removed. The archive's own digest was checked
/// before.
[[nodiscard]] base::Result<void> extract_members(const std::filesystem::path& archive, const WantedMembers& wanted,
                                                 const ByteProgress& progress);
inline constexpr int kMaxMembers = 100'000;

}  // namespace hearth::store
