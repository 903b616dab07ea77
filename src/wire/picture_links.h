#pragma once

// Inside wire/ only, for .cc files: what a request's messages link to. Looked at are the places from which the library
// behind would download, in OpenAI's and Anthropic's documents alike, and no text beside them. language_request.h's
// with_pictures() is here too. Pure.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/language_request.h"

namespace hearth::wire {

inline constexpr std::size_t kMaxPictureLinks = 8;  // fetched for one request, one after the other

/// In the order of the request. An error: a link to sound, a film or a document; to a picture of a host that is not in
/// `hosts` (entries as base::parse_web_host reads them; without a port they mean https at 443, and http is for loopback
/// hosts with a port); or too many.
[[nodiscard]] tl::expected<std::vector<PictureLink>, ApiError> read_picture_links(const nlohmann::json& body,
                                                                                  std::span<const std::string> hosts);

/// Whether a part of a message is a picture or another file, as a link or with all its bytes.
[[nodiscard]] bool has_media(const nlohmann::json& body);

}  // namespace hearth::wire
