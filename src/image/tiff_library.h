#pragma once

// The few calls of libtiff that reading needs, found at run time: the library brings nine others, and few starts ever
// see a TIFF. Signatures and constants are those of libtiff.so.6 (4.5 and later, <tiffio.h>).

#include <cstdarg>
#include <cstdint>

#include "base/result.h"

namespace hearth::image {

struct TiffLibrary {
  using File = void;     // TIFF, opaque
  using Options = void;  // TIFFOpenOptions, opaque
  using MessageHandler = int (*)(File* file, void* user, const char* module, const char* format, va_list arguments);
  using Transfer = std::intptr_t (*)(void* user, void* buffer, std::intptr_t bytes);
  using Seek = std::uint64_t (*)(void* user, std::uint64_t offset, int whence);
  using Close = int (*)(void* user);
  using Size = std::uint64_t (*)(void* user);
  using Map = int (*)(void* user, void** base, std::uint64_t* bytes);
  using Unmap = void (*)(void* user, void* base, std::uint64_t bytes);

  Options* (*options_alloc)() = nullptr;
  void (*options_free)(Options* options) = nullptr;
  void (*options_set_max_alloc)(Options* options, std::intptr_t bytes) = nullptr;
  void (*options_set_errors)(Options* options, MessageHandler handler, void* user) = nullptr;
  void (*options_set_warnings)(Options* options, MessageHandler handler, void* user) = nullptr;
  File* (*open)(const char* name, const char* mode, void* user, Transfer read, Transfer write, Seek seek, Close close,
                Size size, Map map, Unmap unmap, Options* options) = nullptr;
  void (*close)(File* file) = nullptr;
  int (*set_directory)(File* file, std::uint32_t page) = nullptr;
  int (*read_directory)(File* file) = nullptr;  // the next one; 0 after the last
  int (*get_field)(File* file, std::uint32_t tag, ...) = nullptr;
  int (*set_field)(File* file, std::uint32_t tag, ...) = nullptr;
  int (*read_rgba)(File* file, std::uint32_t width, std::uint32_t height, std::uint32_t* raster, int orientation,
                   int stop_on_error) = nullptr;
};

inline constexpr std::uint32_t kTiffWidth = 256;
inline constexpr std::uint32_t kTiffHeight = 257;
inline constexpr std::uint32_t kTiffOrientation = 274;
inline constexpr int kTiffTopLeft = 1;

/// Opens libtiff.so.6; stays open for the life of the process. kUnsupported when it is not installed.
[[nodiscard]] base::Result<TiffLibrary> open_tiff_library();

}  // namespace hearth::image
