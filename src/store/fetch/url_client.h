#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "store/digest.h"

namespace hearth::store {

/// Fetches an https address into `partial`, going on from its end when the server can (a Range request); else anew. The
/// certificate is checked, redirects lead to https only, more than `limit` bytes are refused, and a transfer that stays
/// below 1 KiB/s for 30 s ends. Plain http is taken from this machine itself only. Environment: the usual
/// *_proxy variables, CURL_CA_BUNDLE. Errors: kUnavailable (network, status), kCorrupt (too long), kInvalidArgument
/// (address), kExhausted (disk).
[[nodiscard]] base::Result<void> fetch_url_to(const std::string& url, const std::filesystem::path& partial,
                                              base::Bytes limit, const ByteProgress& progress);

}  // namespace hearth::store
