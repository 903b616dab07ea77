#pragma once

#include "image/picture.h"

namespace hearth::image {

/// To another size by bilinear interpolation between the centres of pixels, in fixed point with eleven bits, edges
/// repeated. The same pixels, give or take one level, as OpenCV's INTER_LINEAR, which the models for documents were
/// trained and are run with elsewhere: shrinking does not average. `width` and `height` are at least 1.
[[nodiscard]] Picture resize(const Picture& picture, int width, int height);

}  // namespace hearth::image
