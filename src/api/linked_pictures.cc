#include "api/linked_pictures.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"

namespace hearth::api {
namespace {

wire::ApiError cannot_fetch(const wire::PictureLink& link, const std::string& why) {
  const std::string message = "the picture at '" + link.host + "' was not fetched: " + why;
  return wire::make_api_error(base::Error{base::Code::kInvalidArgument, message, "send it as a data: URL"}, link.field,
                              "invalid_image_url");
}

}  // namespace

DataUrls fetch_linked_pictures(std::span<const wire::PictureLink> links, base::Bytes most,
                               const store::FetchPicture& fetch, const base::Clock& clock,
                               const std::stop_token& stop) {
  const base::Instant begin = clock.now();
  std::vector<std::string> urls;
  for (const wire::PictureLink& link : links) {
    if (clock.now() - begin > kMaxPictureTime)
      return tl::unexpected(cannot_fetch(link, "the pictures before it took too long"));
    if (most <= base::Bytes{0})
      return tl::unexpected(cannot_fetch(link, "the pictures before it have all the bytes that a request may have"));
    const auto picture = fetch(link.url, std::min(most, kMaxLinkedPicture), stop);
    if (!picture) return tl::unexpected(cannot_fetch(link, picture.error().line()));
    most -= base::Bytes{static_cast<std::int64_t>(picture->bytes.size())};
    urls.push_back("data:" + picture->type + ";base64," + base::encode_base64(picture->bytes));
  }
  return urls;
}

}  // namespace hearth::api
