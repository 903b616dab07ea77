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
#include <optional>
#include <span>

namespace hearth::observe {
namespace {

/// "Rss:   1736 kB" → bytes; zero where the line is missing or damaged.
base::Bytes kilobytes_after(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    std::string_view rest = text.substr(at + key.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::int64_t kilobytes = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), kilobytes);
    const bool usable = error == std::errc{} && kilobytes >= 0 && kilobytes < (std::int64_t{1} << 50);
    return base::Bytes{usable ? kilobytes * 1024 : 0};
  }
  return {};
}

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

MemoryUse parse_smaps_rollup(std::string_view text) {
  MemoryUse use;
  use.resident = kilobytes_after(text, "Rss:");
  use.proportional = kilobytes_after(text, "Pss:");
  use.private_bytes = kilobytes_after(text, "Private_Clean:") + kilobytes_after(text, "Private_Dirty:");
  use.anonymous = kilobytes_after(text, "Anonymous:");
  use.swapped = kilobytes_after(text, "Swap:");
  return use;
}

base::Bytes parse_statm(std::string_view text, base::Bytes page_size) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return {};
  std::int64_t pages = 0;
  const auto [end, error] = std::from_chars(text.data() + space + 1, text.data() + text.size(), pages);
  if (error != std::errc{} || pages < 0 || pages > (std::int64_t{1} << 45)) return {};
  return base::Bytes{pages * page_size.count};
}

MemoryUse measure_memory() {
  std::array<char, 4096> space;
  MemoryUse use = parse_smaps_rollup(read_whole("/proc/self/smaps_rollup", space));
  if (use.resident.count == 0) use.resident = resident_memory();  // kernels before 4.14, or a locked-down /proc
  return use;
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
