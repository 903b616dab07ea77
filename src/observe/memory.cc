#include "observe/memory.h"

#include <fcntl.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>

namespace hearth::observe {
namespace {

std::string_view read_whole(const char* path, std::span<char> space) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::size_t size = 0;
  while (size < space.size()) {
    const ssize_t got = ::read(fd, space.data() + size, space.size() - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  return {space.data(), size};
}

}  // namespace

base::Bytes parse_statm(std::string_view text, base::Bytes page_size) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return {};
  std::int64_t pages = 0;
  const auto [end, error] = std::from_chars(text.data() + space + 1, text.data() + text.size(), pages);
  if (error != std::errc{} || pages < 0 || pages > (std::int64_t{1} << 45)) return {};
  return base::Bytes{pages * page_size.count};
}

base::Bytes resident_memory() {
  std::array<char, 128> space;
  return parse_statm(read_whole("/proc/self/statm", space), base::Bytes{::sysconf(_SC_PAGESIZE)});
}

base::Bytes return_memory_to_system() {
#if defined(__GLIBC__)
  const base::Bytes before = resident_memory();
  ::malloc_trim(0);
  return std::max(before - resident_memory(), base::Bytes{0});
#else
  return {};
#endif
}

}  // namespace hearth::observe
