#pragma once

// How a page and its lines are sized for the models. Pure numbers, as RapidOCR 3.10 chooses them (its config.yaml), so
// that the same page reads the same; where its rules have no bound, ours have.

#include <cstddef>
#include <vector>

#include "image/picture.h"

namespace hearth::engines::onnx {

struct PictureSize {
  int width = 0;
  int height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

/// The size at which a page is looked at: no side above 2,000 pixels, none below 30 if that can be, a multiple of 32
/// where it changes. {0, 0}: it is too thin for any text.
[[nodiscard]] PictureSize working_size(PictureSize page);
/// Black rows above and below a page that is a single line, which the detector would not find at its edge.
[[nodiscard]] int padding_rows(PictureSize page);
/// What the detector gets: no side below 736 pixels, multiples of 32, and at most some 4.5 million pixels.
[[nodiscard]] PictureSize detector_size(PictureSize page);

/// Lines that are recognised in one run, all padded (or pressed by a pixel) to `width`.
struct LineBatch {
  int width = 0;
  std::vector<std::size_t> lines;  // indices into the sizes given
};

inline constexpr int kLineHeight = 48;
/// The width of a line at kLineHeight.
[[nodiscard]] int line_width(PictureSize line);
/// Groups lines of like shapes in sixes, the narrow ones first; each is in exactly one batch. A six is as wide as its
/// widest, because what is right of a line weighs in what it is read as; sixes of long lines are read in several runs
/// of that width, which bounds the memory of one.
[[nodiscard]] std::vector<LineBatch> plan_batches(const std::vector<PictureSize>& lines);

/// Blue, green, red planes of values from -1 to 1, row after row, `width` wide: what all three models take. Pixels
/// right of the picture are 0. Appends to `planes`.
void append_planes(const image::Picture& picture, int width, std::vector<float>& planes);

}  // namespace hearth::engines::onnx
