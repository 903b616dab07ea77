#include "app/detector_engines.h"

#include <utility>

#include "engines/onnx/silero.h"
#include "engines/onnx/smart_turn.h"

namespace hearth::app {
namespace {

using base::fail;
namespace onnx = engines::onnx;
using Open = Opened (*)(std::shared_ptr<const onnx::OrtLibrary>, const std::filesystem::path&,
                        const engine::LoadProgress&);

Opened open_only_file(const Loading& loading, Open open) {
  const store::LocalModel& model = loading.model;
  if (model.files.empty()) {
    return fail(base::Code::kNotFound, model.name + " has no file", "run: hearth models pull " + model.name);
  }
  auto library = loading.workshop.ensure_onnxruntime();
  if (!library) return fail(library.error());
  return open(std::move(*library), model.files.front().path, loading.progress);
}

}  // namespace

Opened load_silero(const Loading& loading) { return open_only_file(loading, &onnx::open_silero); }

Opened load_smart_turn(const Loading& loading) { return open_only_file(loading, &onnx::open_smart_turn); }

}  // namespace hearth::app
