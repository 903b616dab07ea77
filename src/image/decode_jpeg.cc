// libjpeg-turbo reports by jumping, so what has a destructor lives in decode_jpeg() and what jumps in read_jpeg().

// jpeglib.h wants what stands before it.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <array>
#include <csetjmp>
#include <string>
#include <utility>
#include <vector>

#include "image/decode_kinds.h"
#include "image/orientation.h"

namespace hearth::image {
namespace {

constexpr long kMemory = 1'200L << 20;  // bytes: a progressive picture's coefficients take six a pixel
constexpr int kMaxScans = 200;          // a progressive one that comes in more is made to take long
constexpr int kExif = JPEG_APP0 + 1;
constexpr unsigned kExifBytes = 0xffff;

struct Errors {
  jpeg_error_mgr manager{};  // first: the library hands out its address
  std::jmp_buf exit{};
  std::array<char, JMSG_LENGTH_MAX> text{};
};

struct Work {
  std::string_view bytes;
  const DecodeLimits* limits;
  jpeg_decompress_struct library{};
  Errors errors{};
  jpeg_progress_mgr progress{};
  Picture picture{};
  std::vector<std::uint8_t> ink_row{};  // of four inks
  base::Result<void> size{};
  Orientation orientation = Orientation::kUpright;
};

[[noreturn]] void leave(j_common_ptr library) {
  auto* errors = reinterpret_cast<Errors*>(library->err);
  library->err->format_message(library, errors->text.data());
  std::longjmp(errors->exit, 1);  // NOLINT: the library's way
}

/// Warnings are let pass, but for the one that says that the file ends too early: half a page is no page.
void on_message(j_common_ptr library, int level) {
  if (level < 0 && library->err->msg_code == JWRN_JPEG_EOF) leave(library);
}

void on_progress(j_common_ptr library) {
  const auto* decompress = reinterpret_cast<const jpeg_decompress_struct*>(library);
  if (decompress->input_scan_number > kMaxScans) {
    library->err->msg_code = JERR_BAD_PROGRESSION;
    leave(library);
  }
}

void find_orientation(Work& work) {
  for (const jpeg_marker_struct* marker = work.library.marker_list; marker != nullptr; marker = marker->next) {
    if (marker->marker != kExif) continue;
    const std::string_view exif(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (!exif.starts_with("Exif")) continue;
    work.orientation = orientation_of_exif(exif);
    return;
  }
}

/// Adobe's writers store inks inverted; others are rare enough to be told by the missing marker.
void inks_to_rgb(const std::vector<std::uint8_t>& inks, bool is_inverted, std::uint8_t* rgb, int width) {
  for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x) {
    for (std::size_t c = 0; c < 3; ++c) {
      const unsigned ink = is_inverted ? inks[x * 4 + c] : 255U - inks[x * 4 + c];
      const unsigned black = is_inverted ? inks[x * 4 + 3] : 255U - inks[x * 4 + 3];
      rgb[x * 3 + c] = static_cast<std::uint8_t>(ink * black / 255);
    }
  }
}

void read_rows(Work& work, bool has_inks) {
  jpeg_decompress_struct& library = work.library;
  while (library.output_scanline < library.output_height) {
    std::uint8_t* row = work.picture.row(static_cast<int>(library.output_scanline));
    JSAMPROW target = has_inks ? work.ink_row.data() : row;
    jpeg_read_scanlines(&library, &target, 1);
    if (has_inks) inks_to_rgb(work.ink_row, library.saw_Adobe_marker != 0, row, work.picture.width);
  }
}

/// False: the library left by a jump, or work.size says no.
bool read_jpeg(Work& work) {
  jpeg_decompress_struct& library = work.library;
  if (setjmp(work.errors.exit) != 0) return false;  // NOLINT: the library's way
  jpeg_create_decompress(&library);
  library.mem->max_memory_to_use = kMemory;
  library.progress = &work.progress;
  jpeg_mem_src(&library, reinterpret_cast<const unsigned char*>(work.bytes.data()), work.bytes.size());
  jpeg_save_markers(&library, kExif, kExifBytes);
  jpeg_read_header(&library, TRUE);
  work.size = check_size(library.image_width, library.image_height, *work.limits);
  if (!work.size) return false;
  find_orientation(work);
  const bool has_inks = library.jpeg_color_space == JCS_CMYK || library.jpeg_color_space == JCS_YCCK;
  library.out_color_space = has_inks ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&library);
  work.picture = make_picture(static_cast<int>(library.output_width), static_cast<int>(library.output_height));
  if (has_inks) work.ink_row.resize(static_cast<std::size_t>(library.output_width) * 4);
  read_rows(work, has_inks);
  jpeg_finish_decompress(&library);
  return true;
}

}  // namespace

base::Result<Picture> decode_jpeg(std::string_view bytes, const DecodeLimits& limits) {
  Work work{.bytes = bytes, .limits = &limits};
  work.library.err = jpeg_std_error(&work.errors.manager);
  work.errors.manager.error_exit = leave;
  work.errors.manager.emit_message = on_message;
  work.progress.progress_monitor = on_progress;
  const bool is_read = read_jpeg(work);
  jpeg_destroy_decompress(&work.library);
  if (!work.size) return base::fail(work.size.error());
  if (!is_read) return damaged("JPEG", work.errors.text.data());
  return make_upright(std::move(work.picture), work.orientation);
}

}  // namespace hearth::image
