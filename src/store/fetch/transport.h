#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "store/digest.h"
#include "store/manifest.h"

namespace hearth::store {

/// Member path inside an archive, and where its bytes go. The path in the archive never chooses where a file is
/// written.
struct WantedMember {
  std::filesystem::path target;
  base::Bytes size{0};
};
using WantedMembers = std::map<std::string, WantedMember, std::less<>>;

/// How bytes get here, unchecked: pull.h compares digests. The real one is network_transport.h, tests have a fake.
/// Every call blocks; errors say what failed in one line; kExhausted only for a full disk.
class Transport {
 public:
  virtual ~Transport() = default;
  /// The archive's file, in `folder` (which exists and is empty).
  [[nodiscard]] virtual base::Result<std::filesystem::path> fetch_archive(const Archive& archive,
                                                                          const std::filesystem::path& folder,
                                                                          const ByteProgress& progress) = 0;
  /// Extracts exactly the wanted members, each no longer than its size. kCorrupt when one is missing.
  [[nodiscard]] virtual base::Result<void> extract(const std::filesystem::path& archive, const WantedMembers& wanted,
                                                   const ByteProgress& progress) = 0;
  /// Appends to `partial` what it lacks (all of it when it is not there), up to `limit` bytes in all.
  [[nodiscard]] virtual base::Result<void> fetch_url(const std::string& url, const std::filesystem::path& partial,
                                                     base::Bytes limit, const ByteProgress& progress) = 0;
};

}  // namespace hearth::store
