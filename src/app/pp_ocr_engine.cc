#include "app/pp_ocr_engine.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "engines/onnx/pp_ocr.h"

namespace hearth::app {

using base::fail;
namespace onnx = engines::onnx;

Opened load_pp_ocr(const Loading& loading) {
  onnx::PpOcrFiles files;
  const std::array<std::pair<std::string_view, std::filesystem::path*>, 3> wanted = {
      {{"det.onnx", &files.detector}, {"rec.onnx", &files.recogniser}, {"cls.onnx", &files.classifier}}};
  for (const auto& [name, path] : wanted) {
    const auto file = need_file(loading.model, name);
    if (!file) return fail(file.error());
    *path = (*file)->path;
    // What is wrong with a file, opening it says.
    [[maybe_unused]] const auto cached = base::prefetch_if_cold(*path, [&loading](double) {
      if (loading.progress) loading.progress(0.0, "prefetch");
    });
  }
  if (loading.progress) loading.progress(0.0, "library");
  auto library = loading.workshop.ensure_onnxruntime();
  if (!library) return fail(library.error());
  return onnx::open_pp_ocr(*library, files, loading.progress, loading.stop);
}

}  // namespace hearth::app
