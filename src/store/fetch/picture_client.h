#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/units.h"

namespace hearth::store {

/// Fetches a picture into `file`. The address comes from a stranger, its host from the server's list: https (http only
/// from a loopback host), no redirects, no proxy, no cookies or passwords, 5 s to connect and 20 s in all. A name has
/// to lead to a public address, "localhost" to this machine; an address is taken as it stands. What is connected to is
/// checked, not what was looked up before. Status 200, at most `most` bytes, and they begin as a picture does. Errors
/// are one line without the address: kInvalidArgument (address), kUnavailable (network, status, no picture),
/// kExhausted (too long), kIo (disk). Environment: CURL_CA_BUNDLE.
[[nodiscard]] base::Result<void> fetch_picture_to(const std::string& url, const std::filesystem::path& file,
                                                  base::Bytes most);

}  // namespace hearth::store
