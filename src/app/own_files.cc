#include "app/own_files.h"

#include <charconv>
#include <string>
#include <system_error>
#include <utility>

#include "engines/llama/gguf_check.h"

namespace hearth::app {
namespace {

namespace fs = std::filesystem;

/// "NAME-00001-of-00003.gguf" → 3; 1 for other names.
int parts_by_name(const fs::path& file) {
  constexpr std::string_view kEnd = "-of-00000.gguf";
  const std::string name = file.filename().string();
  if (name.size() < kEnd.size() || file.extension() != ".gguf") return 1;
  const char* digits = name.data() + name.size() - std::string_view("00000.gguf").size();
  int count = 1;
  const auto read = std::from_chars(digits, digits + 5, count);
  return read.ec == std::errc() && read.ptr == digits + 5 ? count : 1;
}

void add_with_parts(const fs::path& file, std::vector<fs::path>& paths) {
  if (file.empty()) return;
  for (auto& part : engines::llama::gguf_parts(file, parts_by_name(file))) paths.push_back(std::move(part));
}

base::Bytes bytes_at(const fs::path& path) {
  std::error_code ec;
  base::Bytes sum;
  const auto add = [&](const fs::path& file) {
    const auto size = fs::is_regular_file(file, ec) ? fs::file_size(file, ec) : 0;
    if (!ec) sum += base::Bytes{static_cast<std::int64_t>(size)};
  };
  if (!fs::is_directory(path, ec)) {
    add(path);
    return sum;
  }
  fs::directory_iterator entry(path, ec);
  for (const fs::directory_iterator end; !ec && entry != end; entry.increment(ec)) add(entry->path());
  return sum;
}

}  // namespace

std::vector<fs::path> own_files(const store::ServedModel& model) {
  std::vector<fs::path> paths;
  add_with_parts(model.spec.path, paths);
  add_with_parts(model.config.projector, paths);
  return paths;
}

base::Bytes bytes_of_files(const store::ServedModel& model) {
  base::Bytes sum = model.spec.size();
  for (const fs::path& path : own_files(model)) sum += bytes_at(path);
  return sum;
}

}  // namespace hearth::app
