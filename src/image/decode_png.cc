// libpng reports by jumping, so what has a destructor lives in decode_png() and what jumps in read_png().

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <string>
#include <utility>
#include <vector>

#include "image/decode_kinds.h"
#include "image/orientation.h"

namespace hearth::image {
namespace {

constexpr png_alloc_size_t kChunkBytes = 8 << 20;  // of an ancillary chunk, unpacked
constexpr png_uint_32 kMaxChunks = 1'000;          // ancillary ones that are kept

struct Work {
  std::string_view bytes;
  std::size_t at = 0;
  const DecodeLimits* limits;
  png_structp library = nullptr;
  png_infop info = nullptr;
  int width = 0;
  int height = 0;
  std::size_t channels = 0;  // 3 or 4
  std::vector<std::uint8_t> pixels{};
  base::Result<void> size{};
  std::string text{};
  Orientation orientation = Orientation::kUpright;
};

void on_read(png_structp library, png_bytep to, std::size_t count) {
  auto* work = static_cast<Work*>(png_get_io_ptr(library));
  if (count > work->bytes.size() - work->at) png_error(library, "it ends too early");
  std::copy_n(work->bytes.data() + work->at, count, reinterpret_cast<char*>(to));
  work->at += count;
}

[[noreturn]] void on_error(png_structp library, png_const_charp text) {
  static_cast<Work*>(png_get_error_ptr(library))->text = text;
  png_longjmp(library, 1);
}

void on_warning(png_structp, png_const_charp) {}

/// Whatever the file holds, rows come as RGB or RGBA with eight bits a channel.
void ask_for_rgb(Work& work) {
  png_set_expand(work.library);
  png_set_scale_16(work.library);
  png_set_gray_to_rgb(work.library);
}

void find_orientation(Work& work) {
  png_uint_32 count = 0;
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(work.library, work.info, &count, &exif) == 0) return;
  work.orientation = orientation_of_exif({reinterpret_cast<const char*>(exif), count});
}

void read_rows(Work& work, int passes) {
  const std::size_t row_bytes = static_cast<std::size_t>(work.width) * work.channels;
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t y = 0; y < static_cast<std::size_t>(work.height); ++y) {
      png_read_row(work.library, work.pixels.data() + y * row_bytes, nullptr);
    }
  }
}

/// False: the library left by a jump, or work.size says no.
bool read_png(Work& work) {
  if (setjmp(png_jmpbuf(work.library)) != 0) return false;  // NOLINT: the library's way
  png_set_read_fn(work.library, &work, on_read);
  png_set_chunk_malloc_max(work.library, kChunkBytes);
  png_set_chunk_cache_max(work.library, kMaxChunks);
  png_read_info(work.library, work.info);
  work.width = static_cast<int>(std::min<png_uint_32>(png_get_image_width(work.library, work.info), PNG_UINT_31_MAX));
  work.height = static_cast<int>(std::min<png_uint_32>(png_get_image_height(work.library, work.info), PNG_UINT_31_MAX));
  work.size = check_size(work.width, work.height, *work.limits);
  if (!work.size) return false;
  ask_for_rgb(work);
  const int passes = png_set_interlace_handling(work.library);
  png_read_update_info(work.library, work.info);
  work.channels = png_get_channels(work.library, work.info);
  if (png_get_rowbytes(work.library, work.info) != static_cast<std::size_t>(work.width) * work.channels) {
    png_error(work.library, "its rows have another size than its header says");
  }
  work.pixels.resize(static_cast<std::size_t>(work.width) * static_cast<std::size_t>(work.height) * work.channels);
  read_rows(work, passes);
  png_read_end(work.library, work.info);
  find_orientation(work);
  return true;
}

}  // namespace

base::Result<Picture> decode_png(std::string_view bytes, const DecodeLimits& limits) {
  Work work{.bytes = bytes, .limits = &limits};
  work.library = png_create_read_struct(PNG_LIBPNG_VER_STRING, &work, on_error, on_warning);
  if (work.library == nullptr) return base::fail(base::Code::kExhausted, "no memory to read a PNG with");
  work.info = png_create_info_struct(work.library);
  const bool is_read = work.info != nullptr && read_png(work);
  png_destroy_read_struct(&work.library, &work.info, nullptr);
  if (!work.size) return base::fail(work.size.error());
  if (!is_read) return damaged("PNG", work.text);
  Picture picture = work.channels == 4 ? flatten(std::move(work.pixels), work.width, work.height)
                                       : Picture{work.width, work.height, std::move(work.pixels)};
  return make_upright(std::move(picture), work.orientation);
}

}  // namespace hearth::image
