#pragma once

// Pictures that a request links to, before a model sees the request. Which may be fetched, wire/ has decided
// (LanguageRequest::pictures); how, is store/fetch_picture.h's. Blocks: the file executor's.

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/units.h"
#include "store/fetch_picture.h"
#include "wire/language_request.h"

namespace hearth::api {

inline constexpr base::Bytes kMaxLinkedPicture{20 << 20};
/// No fetch is begun after this; one takes some 25 s at the most.
inline constexpr base::Millis kMaxPictureTime{30'000};

using DataUrls = tl::expected<std::vector<std::string>, wire::ApiError>;

/// One after the other, as data: URLs in the order of `links`; `most` bytes of pictures together. Of the first that is
/// not had: 400 that names its host and field. After `stop` the result means nothing.
[[nodiscard]] DataUrls fetch_linked_pictures(std::span<const wire::PictureLink> links, base::Bytes most,
                                             const store::FetchPicture& fetch, const base::Clock& clock,
                                             const std::stop_token& stop);

}  // namespace hearth::api
