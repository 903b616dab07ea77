#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/flow.h"
#include "image/picture.h"
#include "image/quad_crop.h"

namespace hearth::engine {

/// What to read and how.
struct ReadOptions {
  double least_score = 0.5;  // 0 … 1: lines that the model is less sure of are left out
};

struct ReadLine {
  std::string text;  // UTF-8
  double score = 0;  // 0 … 1: the mean over its characters
  /// In the page's pixels, clockwise from the top left of the line's place; nothing from a reader that tells no places.
  std::optional<image::Quad> corners;
};

/// One page: its lines in reading order: the reader's, or from the top, and from the left where they stand side by
/// side.
struct ReadPage {
  int width = 0;   // pixels
  int height = 0;  // pixels
  std::vector<ReadLine> lines;
  std::string markdown = {};  // of a reader that writes Markdown itself, tables and all; else empty
};

/// Pictures of text to text. Implementations: engines/onnx/pp_ocr, engines/llama/vision_reader.
class DocumentReader {
 public:
  virtual ~DocumentReader() = default;
  /// Reads one page. Blocks; any thread, calls may overlap. A page without text is no error. kInvalidArgument
  /// (an empty picture, a score out of range), kCancelled (stop, within one run of a model: some 100 ms).
  [[nodiscard]] virtual base::Result<ReadPage> read(const image::Picture& page, const ReadOptions& options,
                                                    std::stop_token stop) = 0;
};

}  // namespace hearth::engine
