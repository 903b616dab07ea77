#include "cli/input.h"

#include <array>
#include <cerrno>

#include "base/files.h"

namespace hearth::cli {

using base::Code;
using base::fail;
using base::Result;

Result<std::string> read_input(const std::string& name, base::Bytes most) {
  return name == "-" ? read_stream(stdin, "standard input", most) : base::read_file(name, most);
}

Result<std::string> read_stream(std::FILE* stream, std::string_view name, base::Bytes most) {
  std::string bytes;
  std::array<char, 1 << 16> block{};
  for (;;) {
    const std::size_t n = std::fread(block.data(), 1, block.size(), stream);
    if (n == 0) break;
    bytes.append(block.data(), n);
    if (static_cast<std::int64_t>(bytes.size()) > most.count) {
      const std::string limit = std::to_string(most.count >> 20) + " MiB";
      return fail(Code::kExhausted, std::string(name) + " is larger than " + limit);
    }
  }
  if (std::ferror(stream) != 0) return fail(base::error_from_errno(errno, "reading " + std::string(name)));
  return bytes;
}

Result<void> print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return {};
  return fail(base::error_from_errno(errno, "writing to standard output"));
}

}  // namespace hearth::cli
