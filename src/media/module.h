#pragma once

// Inside hearth-media: how its main program and its parts meet. Each part is a shared module of its own, because each
// brings many libraries, of which one file needs one part's.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media/frames.h"

namespace hearth::media {

/// Standard output as frames. Ends the process when nobody reads any more, or after an error.
class FrameWriter {
 public:
  void write(FrameKind kind, std::span<const std::byte> payload);
  void write(FrameKind kind, std::span<const std::byte> front, std::span<const std::byte> rest);
  [[noreturn]] void fail(Fault fault, std::string_view message, std::string_view remedy = {});
};

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

struct PageSpan {
  int first = 1;
  int last = 1;  // the last one taken; kToTheEnd: whatever the file has
};
inline constexpr int kToTheEnd = 0x7fffffff;

/// What the command line asked for.
struct Order {
  std::vector<PageSpan> pages;  // pages
  double dots_per_inch = 200;   // pages
  long long most_pixels = 0;    // pages, picture
  int most_side = 0;            // pages, picture
};

/// More processor time for the next step: at the end of it the system ends this process.
void allow_seconds(unsigned seconds);

/// What a module offers, under the name kModuleSymbol.
struct Module {
  /// "FFmpeg 5.1.9": for people. Also does what has to be done before the walls go up.
  std::string (*prepare)();
  /// Reads the file, writes frames. Whatever it throws is a fault of the file.
  void (*run)(std::span<const std::byte> file, const Order& order, FrameWriter& out);
};
inline constexpr const char* kModuleSymbol = "hearth_media_module";

}  // namespace hearth::media
