#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/dynamic_symbol.h"
#include "image/decode_kinds.h"
#include "image/orientation.h"
#include "image/tiff_library.h"

namespace hearth::image {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::intptr_t kMaxAlloc = 512L << 20;  // bytes at once; a picture at the limit in a single strip needs 400 MB

/// What the library reads, and the first thing that it complained of.
struct Source {
  std::string_view bytes;
  std::uint64_t at = 0;
  std::string error;
};

std::intptr_t on_read(void* user, void* buffer, std::intptr_t count) {
  auto* source = static_cast<Source*>(user);
  if (count < 0 || source->at > source->bytes.size()) return 0;
  const std::size_t length = std::min(static_cast<std::size_t>(count), source->bytes.size() - source->at);
  std::copy_n(source->bytes.data() + source->at, length, static_cast<char*>(buffer));
  source->at += length;
  return static_cast<std::intptr_t>(length);
}
std::intptr_t on_write(void*, void*, std::intptr_t) { return -1; }
std::uint64_t on_seek(void* user, std::uint64_t offset, int whence) {
  auto* source = static_cast<Source*>(user);
  if (whence == SEEK_CUR) offset += source->at;
  if (whence == SEEK_END) offset += source->bytes.size();
  return source->at = offset;
}
int on_close(void*) { return 0; }
std::uint64_t on_size(void* user) { return static_cast<Source*>(user)->bytes.size(); }
int on_error(TiffLibrary::File*, void* user, const char*, const char* format, va_list arguments) {
  std::array<char, 300> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  auto* source = static_cast<Source*>(user);
  if (source->error.empty()) source->error = text.data();
  return 1;
}
int on_warning(TiffLibrary::File*, void*, const char*, const char*, va_list) { return 1; }

/// One TIFF file in memory.
class TiffFile {
 public:
  TiffFile(const TiffLibrary& library, std::string_view bytes) : library_(library), source_{bytes, 0, {}} {
    TiffLibrary::Options* options = library_.options_alloc();
    if (options == nullptr) return;
    library_.options_set_max_alloc(options, kMaxAlloc);
    library_.options_set_errors(options, on_error, &source_);
    library_.options_set_warnings(options, on_warning, nullptr);
    // m: not mapped; read calls check their bounds.
    file_ = library_.open("upload", "rm", &source_, on_read, on_write, on_seek, on_close, on_size, nullptr, nullptr,
                          options);
    library_.options_free(options);
  }
  ~TiffFile() {
    if (file_ != nullptr) library_.close(file_);
  }
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;
  [[nodiscard]] bool is_open() const { return file_ != nullptr; }
  [[nodiscard]] TiffLibrary::File* file() const { return file_; }
  [[nodiscard]] std::string error() const { return source_.error.empty() ? "it ends too early" : source_.error; }

 private:
  const TiffLibrary& library_;
  Source source_;
  TiffLibrary::File* file_ = nullptr;
};

/// libtiff packs a pixel as red, green, blue, alpha from the lowest byte up.
std::vector<std::uint8_t> to_bytes(const std::vector<std::uint32_t>& raster) {
  std::vector<std::uint8_t> rgb(raster.size() * 3);
  for (std::size_t i = 0; i < raster.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) rgb[i * 3 + c] = static_cast<std::uint8_t>(raster[i] >> (8 * c));
  }
  return rgb;
}

}  // namespace

Result<TiffLibrary> open_tiff_library() {
  void* library = ::dlopen("libtiff.so.6", RTLD_NOW | RTLD_LOCAL);
  TiffLibrary tiff;
  const bool whole = library != nullptr && base::find_symbol(library, "TIFFOpenOptionsAlloc", tiff.options_alloc) &&
                     base::find_symbol(library, "TIFFOpenOptionsFree", tiff.options_free) &&
                     base::find_symbol(library, "TIFFOpenOptionsSetMaxSingleMemAlloc", tiff.options_set_max_alloc) &&
                     base::find_symbol(library, "TIFFOpenOptionsSetErrorHandlerExtR", tiff.options_set_errors) &&
                     base::find_symbol(library, "TIFFOpenOptionsSetWarningHandlerExtR", tiff.options_set_warnings) &&
                     base::find_symbol(library, "TIFFClientOpenExt", tiff.open) &&
                     base::find_symbol(library, "TIFFClose", tiff.close) &&
                     base::find_symbol(library, "TIFFSetDirectory", tiff.set_directory) &&
                     base::find_symbol(library, "TIFFReadDirectory", tiff.read_directory) &&
                     base::find_symbol(library, "TIFFGetField", tiff.get_field) &&
                     base::find_symbol(library, "TIFFSetField", tiff.set_field) &&
                     base::find_symbol(library, "TIFFReadRGBAImageOriented", tiff.read_rgba);
  if (whole) return tiff;
  return fail(Code::kUnsupported, "TIFF is not read on this machine (no libtiff.so.6)",
              "install libtiff6, or send a PNG");
}

Result<int> count_tiff_pages(std::string_view bytes, const DecodeLimits& limits) {
  const auto library = open_tiff_library();
  if (!library) return fail(library.error());
  TiffFile file(*library, bytes);
  if (!file.is_open()) return damaged("TIFF", file.error());
  int pages = 1;
  while (library->read_directory(file.file()) != 0) {
    if (++pages > limits.pages) {
      return fail(Code::kInvalidArgument, "the TIFF has more than " + std::to_string(limits.pages) + " pages",
                  "send it in parts");
    }
  }
  return pages;
}

Result<Picture> decode_tiff(std::string_view bytes, int page, const DecodeLimits& limits) {
  const auto library = open_tiff_library();
  if (!library) return fail(library.error());
  TiffFile file(*library, bytes);
  if (!file.is_open()) return damaged("TIFF", file.error());
  if (page >= limits.pages ||
      (page > 0 && library->set_directory(file.file(), static_cast<std::uint32_t>(page)) == 0)) {
    return fail(Code::kInvalidArgument, "the TIFF has no page " + std::to_string(page + 1));
  }
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t orientation = kTiffTopLeft;
  library->get_field(file.file(), kTiffWidth, &width);
  library->get_field(file.file(), kTiffHeight, &height);
  library->get_field(file.file(), kTiffOrientation, &orientation);
  if (auto size = check_size(width, height, limits); !size) return fail(size.error());
  // The library turns some orientations halfway: it is told that there is nothing to turn.
  library->set_field(file.file(), kTiffOrientation, kTiffTopLeft);
  std::vector<std::uint32_t> raster(static_cast<std::size_t>(width) * height);
  if (library->read_rgba(file.file(), width, height, raster.data(), kTiffTopLeft, 1) == 0) {
    return damaged("TIFF", file.error());
  }
  Picture picture{static_cast<int>(width), static_cast<int>(height), to_bytes(raster)};
  raster = {};
  return make_upright(std::move(picture), orientation_of_number(orientation));
}

}  // namespace hearth::image
