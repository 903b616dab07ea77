#include "app/detector_engines.h"

#include <string_view>
#include <utility>

#include "engines/onnx/silero.h"
#include "engines/onnx/smart_turn.h"

namespace hearth::app {
namespace {

using base::fail;
namespace onnx = engines::onnx;
using Open = base::Result<std::unique_ptr<engine::Engine>> (*)(std::shared_ptr<const onnx::OrtLibrary>,
                                                               const std::filesystem::path&,
                                                               const engine::LoadProgress&);

engine::Load make_load(const store::ServedModel& model, Workshop& workshop, Open open) {
  return [spec = model.spec, &workshop, open](const engine::LoadProgress& progress,
                                              const std::stop_token&) -> base::Result<std::unique_ptr<engine::Engine>> {
    const auto local = store::find_local(spec, workshop.loaded().folders);
    if (!local) return fail(local.error());
    if (local->files.empty()) {
      return fail(base::Code::kNotFound, spec.name + " has no file", "run: hearth models pull " + spec.name);
    }
    auto library = workshop.ensure_onnxruntime();
    if (!library) return fail(library.error());
    return open(std::move(*library), local->files.front().path, progress);
  };
}

}  // namespace

engine::Load make_silero_load(const store::ServedModel& model, Workshop& workshop) {
  return make_load(model, workshop, &onnx::open_silero);
}

engine::Load make_smart_turn_load(const store::ServedModel& model, Workshop& workshop) {
  return make_load(model, workshop, &onnx::open_smart_turn);
}

}  // namespace hearth::app
