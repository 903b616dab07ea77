#include "engines/llama/media.h"

#include <string>
#include <string_view>
#include <utility>

#include "engines/llama/request.h"
#include "engines/llama/vision_reader.h"
#include "image/decode.h"

namespace hearth::engines::llama {
namespace {

constexpr std::size_t kMaxPictures = 16;  // of one request
/// Of all pictures together: one photograph of a telephone has twelve to fifty million, a model's eye one or two.
constexpr image::DecodeLimits kLimits{.pixels = 50'000'000, .side = kMostPictureSide, .pages = 1};

[[noreturn]] void refuse(const std::string& why) { throw Refusal(400, "invalid_value", why, "messages"); }

}  // namespace

std::vector<raw_buffer> plain_pictures(const std::vector<raw_buffer>& files) {
  if (files.size() > kMaxPictures) refuse("at most " + std::to_string(kMaxPictures) + " pictures are taken at once");
  std::vector<raw_buffer> plain;
  image::DecodeLimits limits = kLimits;
  for (const raw_buffer& file : files) {
    const auto picture = image::decode({reinterpret_cast<const char*>(file.data()), file.size()}, limits);
    if (!picture) refuse("a picture cannot be read: " + picture.error().line());
    limits.pixels -= std::int64_t{picture->width} * picture->height;
    // Netpbm: a head, and the pixels as they are.
    const std::string head =
        "P6\n" + std::to_string(picture->width) + ' ' + std::to_string(picture->height) + "\n255\n";
    raw_buffer bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), picture->rgb.begin(), picture->rgb.end());
    plain.push_back(std::move(bytes));
  }
  return plain;
}

}  // namespace hearth::engines::llama
