#include "app/pp_ocr_engine.h"

#include <array>
#include <string>
#include <utility>

#include "base/files.h"
#include "engines/onnx/pp_ocr.h"

namespace hearth::app {
namespace {

using base::fail;
using base::Result;
namespace onnx = engines::onnx;

Result<std::unique_ptr<engine::Engine>> load_pp_ocr(const store::ServedModel& served, Workshop& workshop,
                                                    const engine::LoadProgress& progress, const std::stop_token& stop) {
  const auto model = store::find_local(served.spec, workshop.loaded().folders);
  if (!model) return fail(model.error());
  onnx::PpOcrFiles files;
  const std::array<std::pair<std::string_view, std::filesystem::path*>, 3> wanted = {
      {{"det.onnx", &files.detector}, {"rec.onnx", &files.recogniser}, {"cls.onnx", &files.classifier}}};
  for (const auto& [name, path] : wanted) {
    const store::LocalFile* file = model->file(name);
    if (file == nullptr) {
      return fail(base::Code::kNotFound, model->name + " has no file " + std::string(name),
                  "run: hearth models pull " + model->name);
    }
    *path = file->path;
    // What is wrong with a file, opening it says.
    [[maybe_unused]] const auto cached = base::prefetch_if_cold(*path);
  }
  if (progress) progress(0.0, "library");
  auto library = workshop.ensure_onnxruntime();
  if (!library) return fail(library.error());
  return onnx::open_pp_ocr(*library, files, progress, stop);
}

}  // namespace

engine::Load make_pp_ocr_load(const store::ServedModel& model, Workshop& workshop) {
  return [model, &workshop](const engine::LoadProgress& progress, const std::stop_token& stop) {
    return load_pp_ocr(model, workshop, progress, stop);
  };
}

}  // namespace hearth::app
