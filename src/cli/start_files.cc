#include "cli/start_files.h"

#include <charconv>
#include <string>

#include "app/engine_table.h"
#include "base/child.h"
#include "engines/llama/gguf_check.h"

namespace hearth::cli {
namespace {

using base::fail;
using base::Result;
using Paths = std::vector<std::filesystem::path>;

/// "NAME-00001-of-00003.gguf" → 3; 1 for other names.
int parts_by_name(const std::filesystem::path& file) {
  constexpr std::string_view kEnd = "-of-00000.gguf";
  const std::string name = file.filename().string();
  if (name.size() < kEnd.size() || file.extension() != ".gguf") return 1;
  const char* digits = name.data() + name.size() - std::string_view("00000.gguf").size();
  int count = 1;
  const auto read = std::from_chars(digits, digits + 5, count);
  return read.ec == std::errc() && read.ptr == digits + 5 ? count : 1;
}

void add_with_parts(const std::filesystem::path& file, Paths& paths) {
  if (file.empty()) return;
  for (auto& part : engines::llama::gguf_parts(file, parts_by_name(file))) paths.push_back(std::move(part));
}

}  // namespace

Paths own_files(const store::ServedModel& model) {
  Paths paths;
  add_with_parts(model.spec.path, paths);
  add_with_parts(model.config.projector, paths);
  return paths;
}

Result<Paths> files_of_start(const config::Loaded& loaded) {
  const auto served = app::served_models(loaded);
  if (!served) return fail(served.error());
  const app::Workshop workshop(loaded);
  Paths paths = {loaded.folders.models(), loaded.folders.artefacts(), workshop.onnxruntime_path(),
                 base::program_folder() / "hearth"};
  for (const store::ServedModel& model : *served) {
    for (auto& path : own_files(model)) paths.push_back(std::move(path));
  }
  for (const config::Prefix& prefix : loaded.config().prefixes) {
    if (!prefix.file.empty()) paths.emplace_back(prefix.file);
  }
  return paths;
}

}  // namespace hearth::cli
