#pragma once

// A picture that a request links to. Its bytes come over the network through hearth-fetch, so that the server itself
// connects to nobody and maps no libcurl. Whose pictures may be asked for is decided before (wire/picture_links.h).

#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/units.h"

namespace hearth::store {

struct FetchedPicture {
  std::string type;  // "image/png", …
  std::string bytes;
};

/// Runs hearth-fetch and waits, some 25 s at the most (fetch/picture_client.h has the rules). kUnavailable: it could
/// not be had, is no picture or has more than `most` bytes, and why; kTimedOut: hearth-fetch hung; kUnsupported: there
/// is none; kCancelled soon after `stop`. Any thread.
[[nodiscard]] base::Result<FetchedPicture> fetch_picture(const std::string& url, base::Bytes most,
                                                         const std::stop_token& stop);
/// fetch_picture(), or what a test has in its place.
using FetchPicture =
    std::function<base::Result<FetchedPicture>(const std::string& url, base::Bytes most, const std::stop_token& stop)>;

/// Where hearth-fetch says why it has no picture, in one line: beside the file that it was to write.
inline constexpr const char* kWhyNoPicture = ".why";

}  // namespace hearth::store
