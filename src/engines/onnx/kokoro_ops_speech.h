#pragma once

// The operators of the vocoder as ONNX Runtime's kernels: inputs checked, then the arithmetic of kokoro_ops_rows.h,
// kokoro_ops_conv.h and kokoro_ops_spectrum.h. Immutable once made, so a kernel may run on several threads at once.

#include <algorithm>
#include <memory>
#include <vector>

#include "engines/onnx/kokoro_ops.h"
#include "engines/onnx/kokoro_ops_context.h"
#include "engines/onnx/kokoro_ops_spectrum.h"

namespace hearth::engines::onnx {

/// The normalising step that both operators share.
class Prologue {
 public:
  explicit Prologue(const OpAttributes& attributes)
      : activation_(static_cast<Activation>(attributes.read_int("activation", 0))),
        slope_(attributes.read_float("slope", 0)),
        style_offset_(attributes.read_int("style_offset", 0)) {}

  /// Normalises every channel of x into `out` and gives the extremes of all; nothing is written if the inputs do not
  /// fit.
  Extremes run(OpRun& run, SimdLevel level, const OpTensor<float>& x, const OpTensor<float>& style,
               const OpTensor<float>& snake, float* out) const {
    const std::int64_t channels = x.dims[1], length = x.dims[2];
    if (style_offset_ < 0 || style_offset_ + 2 * channels > style.count())
      run.refuse("the style is shorter than its channels");
    if (activation_ == Activation::kSnake && snake.count() != 2 * channels) run.refuse("Snake's parameters do not fit");
    if (length < 1) run.refuse("nothing to normalise");
    if (run.failed()) return {};
    std::vector<Extremes> found(static_cast<std::size_t>(channels));
    run.parallel_for()(found.size(), [&](std::size_t channel) {
      const float* affine = style.values + style_offset_;
      RowRecipe recipe{affine[channel] + 1.0F, affine[found.size() + channel], activation_, slope_, 0, 0};
      if (activation_ == Activation::kSnake) {
        recipe.frequency = snake.values[channel];
        recipe.gain = snake.values[found.size() + channel];
      }
      const std::size_t at = channel * static_cast<std::size_t>(length);
      found[channel] = normalise_row(level, x.values + at, static_cast<std::size_t>(length), recipe, out + at);
    });
    Extremes extremes;
    for (const Extremes& each : found) extremes.include(each);
    return extremes;
  }

 private:
  Activation activation_;
  float slope_;
  std::int64_t style_offset_;
};

class AdaIn {
 public:
  static constexpr const char* kName = kAdaInOp;
  static constexpr std::size_t kRequired = 2;
  static constexpr ONNXTensorElementDataType kInputs[] = {
      ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT};

  AdaIn(const OpAttributes& attributes, int /*threads*/) : prologue_(attributes) {}

  void compute(OpRun& run) const {
    const auto x = run.input<float>(0);
    const auto style = run.input<float>(1);
    const auto snake = run.input<float>(2);
    if (run.failed()) return;
    if (x.dims[0] != 1) return run.refuse("AdaIn takes one item at a time");
    float* out = run.output({1, x.dims[1], x.dims[2]});
    if (out != nullptr) prologue_.run(run, level_, x, style, snake, out);
  }

 private:
  SimdLevel level_ = detect_simd_level();
  Prologue prologue_;
};

class QuantConv {
 public:
  static constexpr const char* kName = kQuantConvOp;
  static constexpr std::size_t kRequired = 3;
  static constexpr ONNXTensorElementDataType kInputs[] = {
      ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8,  ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
      ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
      ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT};

  /// `threads`: how many its work is shared out among.
  QuantConv(const OpAttributes& attributes, int threads)
      : threads_(threads),
        prologue_(attributes),
        shape_{attributes.read_int("channels", 0), attributes.read_int("outputs", 0),
               attributes.read_int("taps", 0),     attributes.read_int("stride", 1),
               attributes.read_int("dilation", 1), attributes.read_int("pad_begin", 0),
               attributes.read_int("pad_end", 0)},
        weight_zero_(static_cast<std::int32_t>(attributes.read_int("weight_zero", 0))),
        weight_scale_(attributes.read_float("weight_scale", 1)),
        divisor_(attributes.read_float("divisor", 1)) {}

  void compute(OpRun& run) const {
    const auto x = run.input<float>(0);
    const auto packed = run.input<std::int8_t>(1);
    const auto sums = run.input<std::int32_t>(2);
    const auto bias = run.input<float>(3);
    const auto residual = run.input<float>(4);
    const auto style = run.input<float>(5);
    const auto snake = run.input<float>(6);
    if (run.failed()) return;
    check(run, x, packed, sums, bias, residual);
    if (run.failed()) return;
    const std::int64_t length = x.dims[2];
    float* out = run.output({1, shape_.outputs, shape_.output_length(length)});
    if (out == nullptr) return;

    const ParallelFor parallel_for = run.parallel_for();
    const float* activated = x.values;
    std::unique_ptr<float[]> scratch;
    Extremes extremes;
    if (style) {
      scratch = std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(x.count()));
      extremes = prologue_.run(run, level_, x, style, snake, scratch.get());
      activated = scratch.get();
    } else {
      extremes = extremes_of(x, parallel_for);
    }
    if (run.failed()) return;
    const ConvWeights weights{shape_, packed.values, sums.values, weight_zero_, weight_scale_, bias.values};
    run_quant_conv(level_, weights, activated, length, extremes, residual.values, divisor_, out, threads_,
                   parallel_for);
  }

 private:
  void check(OpRun& run, const OpTensor<float>& x, const OpTensor<std::int8_t>& packed,
             const OpTensor<std::int32_t>& sums, const OpTensor<float>& bias, const OpTensor<float>& residual) const {
    const bool sound = shape_.channels > 0 && shape_.outputs > 0 && shape_.taps > 0 && shape_.stride > 0 &&
                       shape_.dilation > 0 && shape_.pad_begin >= 0 && shape_.pad_end >= 0 && x.dims[0] == 1 &&
                       x.dims[1] == shape_.channels &&
                       packed.count() == static_cast<std::int64_t>(shape_.packed_bytes()) &&
                       sums.count() == shape_.outputs && (!bias || bias.count() == shape_.outputs);
    if (!sound) return run.refuse("the weights of a convolution do not fit its shape");
    const std::int64_t columns = shape_.output_length(x.dims[2]);
    if (x.dims[2] < 1 || columns < 1) return run.refuse("a convolution of nothing");
    if (residual && (residual.dims[1] != shape_.outputs || residual.dims[2] != columns || residual.dims[0] != 1)) {
      run.refuse("a residual of another shape than the convolution's output");
    }
  }

  [[nodiscard]] Extremes extremes_of(const OpTensor<float>& x, const ParallelFor& parallel_for) const {
    constexpr std::int64_t kShare = 32'768;
    std::vector<Extremes> found(static_cast<std::size_t>((x.count() + kShare - 1) / kShare));
    parallel_for(found.size(), [&](std::size_t share) {
      const std::int64_t begin = static_cast<std::int64_t>(share) * kShare;
      found[share] =
          find_extremes(level_, x.values + begin, static_cast<std::size_t>(std::min(kShare, x.count() - begin)));
    });
    Extremes extremes;
    for (const Extremes& each : found) extremes.include(each);
    return extremes;
  }

  SimdLevel level_ = detect_simd_level();
  int threads_;
  Prologue prologue_;
  ConvShape shape_;
  std::int32_t weight_zero_;
  float weight_scale_;
  float divisor_;
};

class Spectrum {
 public:
  static constexpr const char* kName = kSpectrumOp;
  static constexpr std::size_t kRequired = 2;
  static constexpr ONNXTensorElementDataType kInputs[] = {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
                                                          ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT};

  Spectrum(const OpAttributes& attributes, int /*threads*/)
      : step_(attributes.read_int("step", 1)),
        plan_(static_cast<std::size_t>(
            std::clamp<std::int64_t>(attributes.read_int("size", 2), 2, SpectrumPlan::kMostSize))) {}

  void compute(OpRun& run) const {
    const auto signal = run.input<float>(0);
    const auto window = run.input<float>(1);
    if (run.failed()) return;
    const auto size = static_cast<std::int64_t>(plan_.size());
    const std::int64_t frames = step_ > 0 ? count_spectrum_frames(signal.count(), size, step_) : 0;
    if (frames < 1 || window.count() != size) return run.refuse("a spectrum of nothing");
    float* out = run.output({1, 2 * static_cast<std::int64_t>(plan_.bins()), frames});
    if (out == nullptr) return;
    plan_.run(level_, {signal.values, static_cast<std::size_t>(signal.count())}, {window.values, plan_.size()}, step_,
              out, run.parallel_for());
  }

 private:
  SimdLevel level_ = detect_simd_level();
  std::int64_t step_;
  SpectrumPlan plan_;
};

}  // namespace hearth::engines::onnx
