#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/engine.h"
#include "engines/onnx/pp_ocr.h"
#include "engines/onnx/pp_ocr_regions.h"
#include "engines/onnx/pp_ocr_text.h"
#include "engines/onnx/session.h"
#include "image/picture.h"

namespace hearth::engines::onnx {

/// The three graphs, each as a function from pictures to what it says. Immutable once open; any thread, calls overlap.
/// All errors: kCancelled (stop, within one node), kInternal, kCorrupt (an output of another shape than expected).
class PpOcrModel {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<const PpOcrModel>> open(
      const std::shared_ptr<const OrtLibrary>& library, const PpOcrFiles& files, const engine::LoadProgress& progress,
      const std::stop_token& stop);

  /// Boxes around lines, in pixels of `page`, in reading order.
  [[nodiscard]] base::Result<std::vector<image::Quad>> detect(const image::Picture& page,
                                                              const std::stop_token& stop) const;
  /// For each line whether it stands on its head.
  [[nodiscard]] base::Result<std::vector<bool>> find_turned(std::span<const image::Picture> lines,
                                                            const std::stop_token& stop) const;
  /// For each line what it says.
  [[nodiscard]] base::Result<std::vector<SpelledLine>> recognise(std::span<const image::Picture> lines,
                                                                 const std::stop_token& stop) const;

 private:
  PpOcrModel(Session detector, Session recogniser, Session classifier, CharacterTable characters);
  const Session detector_;
  const Session recogniser_;
  const Session classifier_;
  const CharacterTable characters_;
};

}  // namespace hearth::engines::onnx
