#include "cli/start_files.h"

#include <utility>

#include "app/engine_table.h"
#include "app/own_files.h"
#include "base/child.h"

namespace hearth::cli {

using base::fail;
using Paths = std::vector<std::filesystem::path>;

base::Result<Paths> files_of_start(const config::Loaded& loaded) {
  const auto served = app::served_models(loaded);
  if (!served) return fail(served.error());
  const app::Workshop workshop(loaded);
  Paths paths = {loaded.folders.models(), loaded.folders.artefacts(), workshop.onnxruntime_path(),
                 base::program_folder() / "hearth"};
  for (const store::ServedModel& model : *served) {
    for (auto& path : app::own_files(model)) paths.push_back(std::move(path));
  }
  for (const config::Prefix& prefix : loaded.config().prefixes) {
    if (!prefix.file.empty()) paths.emplace_back(prefix.file);
  }
  return paths;
}

}  // namespace hearth::cli
