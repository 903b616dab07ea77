#pragma once

// PP-OCRv6 as a DocumentReader: the detector finds boxes around lines on the whole page, each box is cut out and
// straightened, the classifier tells which stand on their head, the recogniser reads them in batches of like widths.
// Not here: the geometry of boxes (pp_ocr_regions.h), sizes and batches (pp_ocr_layout.h), reading the numbers
// (pp_ocr_text.h), pictures (image/). Threads: the engine is immutable once open; read() may run on several threads,
// which then share the compute threads. Source of the models: PaddleOCR, PP-OCRv6 small and the orientation classifier
// of PP-OCRv4, as RapidOCR publishes them. Start reading at pp_ocr.cc, PpOcr::read.

#include <filesystem>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "engine/engine.h"
#include "engines/onnx/ort_library.h"

namespace hearth::engines::onnx {

struct PpOcrFiles {
  std::filesystem::path detector;
  std::filesystem::path recogniser;  // with its table of characters in its metadata
  std::filesystem::path classifier;  // of lines: upright or on their head
};

/// See engine::Load for the contract. kCorrupt when a graph or the table is not what it should be.
[[nodiscard]] base::Result<std::unique_ptr<engine::Engine>> open_pp_ocr(
    const std::shared_ptr<const OrtLibrary>& library, const PpOcrFiles& files, const engine::LoadProgress& progress,
    const std::stop_token& stop);

}  // namespace hearth::engines::onnx
