#pragma once

#include "store/fetch/archive_reader.h"
#include "store/fetch/registry_client.h"
#include "store/fetch/transport.h"
#include "store/fetch/url_client.h"

namespace hearth::store {

/// The real transport: pip and npm, libarchive, libcurl.
class NetworkTransport final : public Transport {
 public:
  [[nodiscard]] base::Result<std::filesystem::path> fetch_archive(const Archive& archive,
                                                                  const std::filesystem::path& folder,
                                                                  const ByteProgress& progress) override {
    return fetch_from_registry(archive, folder, progress);
  }
  [[nodiscard]] base::Result<void> extract(const std::filesystem::path& archive, const WantedMembers& wanted,
                                           const ByteProgress& progress) override {
    return extract_members(archive, wanted, progress);
  }
  [[nodiscard]] base::Result<void> fetch_url(const std::string& url, const std::filesystem::path& partial,
                                             base::Bytes limit, const ByteProgress& progress) override {
    return fetch_url_to(url, partial, limit, progress);
  }
};

}  // namespace hearth::store
