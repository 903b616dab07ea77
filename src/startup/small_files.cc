#include "startup/small_files.h"

#include <fcntl.h>
#include <unistd.h>

namespace hearth::startup {

std::string read_small_file(const std::filesystem::path& path) {
  constexpr std::size_t kLimit = 16 << 10;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {};
  std::string text(kLimit, '\0');
  std::size_t size = 0;
  while (size < kLimit) {
    const ssize_t got = ::read(fd, text.data() + size, kLimit - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  text.resize(size);
  return text;
}

std::optional<std::int64_t> number_after(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return leading_number(text.substr(at + key.size()));
  }
  return std::nullopt;
}

}  // namespace hearth::startup
