#include "engines/onnx/kokoro_ops_conv.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

HEARTH_ROUND_EACH_STEP

namespace hearth::engines::onnx {
namespace {

using lanes::Floats;
using lanes::Ints;

constexpr std::int64_t kMostVectors = 3;                    // of one tile
constexpr std::int64_t kBlock = 5 * kMostVectors * kLanes;  // moments that one task packs and multiplies: stays in L2
constexpr std::int64_t kTileWidth = kMostVectors * kLanes;

std::int64_t divide_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

/// The window of x that one task reads, as the tiles want it.
struct Window {
  std::vector<std::uint8_t> quads;   // [quads][width][4]
  std::vector<std::int32_t> totals;  // [width]: over all channels of a moment, then over the taps as well
  std::vector<float> staging;        // four channels of floats
};

/// Quantises four rows of `count` floats (a multiple of sixteen) and weaves them.
HEARTH_LANES_INLINE void weave(const float* rows, std::size_t row_stride, std::size_t count,
                               const Quantisation& quantisation, std::uint8_t* to, std::int32_t* totals) {
  const float zero = static_cast<float>(quantisation.zero);
  for (std::size_t t = 0; t < count; t += kLanes) {
    Ints woven{};
    Ints total;
    std::memcpy(&total, totals + t, sizeof(total));
    for (int channel = 0; channel < kChannelsPerQuad; ++channel) {
      Floats value;
      lanes::load(rows + static_cast<std::size_t>(channel) * row_stride + t, value);
      value = value / quantisation.scale;
      lanes::clamp(-zero, 255.0F - zero, value);
      lanes::round_to_nearest(value);
      const Ints level = __builtin_convertvector(value, Ints) + quantisation.zero;
      total += level;
      woven |= level << (8 * channel);
    }
    std::memcpy(to + 4 * t, &woven, sizeof(woven));
    std::memcpy(totals + t, &total, sizeof(total));
  }
}

/// out = float(sum + bias) × scale, plus the residual, divided. One row of one tile.
HEARTH_LANES_INLINE void finish(const std::int32_t* sums, const std::int32_t* totals, std::int32_t weight_zero,
                                std::int32_t offset, float scale, const float* residual, float divisor,
                                std::int64_t count, float* out) {
  for (std::int64_t t = 0; t < count; t += kLanes) {
    Ints sum, total;
    std::memcpy(&sum, sums + t, sizeof(sum));
    std::memcpy(&total, totals + t, sizeof(total));
    sum = sum - total * weight_zero + offset;
    Floats value = __builtin_convertvector(sum, Floats) * scale;
    if (t + kLanes <= count) {
      if (residual != nullptr) {
        Floats other;
        lanes::load(residual + t, other);
        value = value + other;
      }
      if (divisor != 1.0F) value = value / divisor;
      lanes::store(value, out + t);
      continue;
    }
    for (std::int64_t i = t; i < count; ++i) {
      float last = value[static_cast<int>(i - t)];
      if (residual != nullptr) last = last + residual[i];
      out[i] = divisor != 1.0F ? last / divisor : last;
    }
  }
}

using Weave = void (*)(const float*, std::size_t, std::size_t, const Quantisation&, std::uint8_t*, std::int32_t*);
using Finish = void (*)(const std::int32_t*, const std::int32_t*, std::int32_t, std::int32_t, float, const float*,
                        float, std::int64_t, float*);

void weave_portable(const float* rows, std::size_t stride, std::size_t count, const Quantisation& quantisation,
                    std::uint8_t* to, std::int32_t* totals) {
  weave(rows, stride, count, quantisation, to, totals);
}
void finish_portable(const std::int32_t* sums, const std::int32_t* totals, std::int32_t zero, std::int32_t offset,
                     float scale, const float* residual, float divisor, std::int64_t count, float* out) {
  finish(sums, totals, zero, offset, scale, residual, divisor, count, out);
}
#if defined(__x86_64__)
HEARTH_TARGET_AVX2 void weave_avx2(const float* rows, std::size_t stride, std::size_t count,
                                   const Quantisation& quantisation, std::uint8_t* to, std::int32_t* totals) {
  weave(rows, stride, count, quantisation, to, totals);
}
HEARTH_TARGET_AVX512 void weave_avx512(const float* rows, std::size_t stride, std::size_t count,
                                       const Quantisation& quantisation, std::uint8_t* to, std::int32_t* totals) {
  weave(rows, stride, count, quantisation, to, totals);
}
HEARTH_TARGET_AVX2 void finish_avx2(const std::int32_t* sums, const std::int32_t* totals, std::int32_t zero,
                                    std::int32_t offset, float scale, const float* residual, float divisor,
                                    std::int64_t count, float* out) {
  finish(sums, totals, zero, offset, scale, residual, divisor, count, out);
}
HEARTH_TARGET_AVX512 void finish_avx512(const std::int32_t* sums, const std::int32_t* totals, std::int32_t zero,
                                        std::int32_t offset, float scale, const float* residual, float divisor,
                                        std::int64_t count, float* out) {
  finish(sums, totals, zero, offset, scale, residual, divisor, count, out);
}
#endif

Weave find_weave(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return weave_avx512;
  if (level == SimdLevel::kAvx2) return weave_avx2;
#endif
  static_cast<void>(level);
  return weave_portable;
}

Finish find_finish(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx512) return finish_avx512;
  if (level == SimdLevel::kAvx2) return finish_avx2;
#endif
  static_cast<void>(level);
  return finish_portable;
}

/// Where the virtual channel `index` reads: with a stride each tap of each channel is one.
struct Tap {
  std::int64_t channel, offset;
};

class Convolution {
 public:
  Convolution(SimdLevel level, const ConvWeights& weights, const float* x, std::int64_t length,
              const Extremes& extremes)
      : weights_(weights),
        shape_(weights.shape),
        x_(x),
        length_(length),
        out_length_(shape_.output_length(length)),
        quantisation_(choose_quantisation(extremes)),
        virtual_channels_(shape_.gathers() ? shape_.channels * shape_.taps : shape_.channels),
        virtual_taps_(shape_.gathers() ? 1 : shape_.taps),
        quads_(divide_up(virtual_channels_, kChannelsPerQuad)),
        tile_(find_conv_tile(level)),
        weave_(find_weave(level)),
        finish_(find_finish(level)) {}

  [[nodiscard]] std::int64_t out_length() const { return out_length_; }

  /// The outputs [8 × first_block, 8 × last_block) of the moments [begin, begin + count).
  void run(std::int64_t begin, std::int64_t count, std::int64_t first_block, std::int64_t last_block,
           const float* residual, float divisor, float* out) const {
    thread_local Window window;  // of the pool's threads: no allocation once they are warm, and bounded by kBlock
    const std::int64_t halo = (virtual_taps_ - 1) * shape_.dilation;
    const std::int64_t width = divide_up(count, kLanes) * kLanes + divide_up(halo, kLanes) * kLanes;
    pack(begin, width, window);
    add_taps(width, window.totals);

    const float scale = quantisation_.scale * weights_.weight_scale;
    const std::size_t quad_stride = static_cast<std::size_t>(width) * kChannelsPerQuad;
    const std::size_t tap_stride = static_cast<std::size_t>(shape_.dilation) * kChannelsPerQuad;
    const std::int64_t block_bytes = quads_ * virtual_taps_ * kOutputsPerBlock * kChannelsPerQuad;
    std::int32_t sums[kOutputsPerBlock * kTileWidth];
    for (std::int64_t t = 0; t < count; t += kTileWidth) {
      const std::int64_t wanted = std::min(kTileWidth, count - t);
      const int vectors = static_cast<int>(divide_up(wanted, kLanes));
      for (std::int64_t block = first_block; block < last_block; ++block) {
        tile_(window.quads.data() + 4 * t, quad_stride, tap_stride, weights_.packed + block * block_bytes, quads_,
              virtual_taps_, vectors, sums);
        for (std::int64_t m = 0; m < kOutputsPerBlock; ++m) {
          const std::int64_t output = block * kOutputsPerBlock + m;
          if (output >= shape_.outputs) break;
          const std::int64_t at = output * out_length_ + begin + t;
          finish_(sums + m * vectors * kLanes, window.totals.data() + t, weights_.weight_zero, offset(output, scale),
                  scale, residual == nullptr ? nullptr : residual + at, divisor, wanted, out + at);
        }
      }
    }
  }

 private:
  /// What is added to every sum of an output: the zero point's share and the bias, as the model quantises it.
  [[nodiscard]] std::int32_t offset(std::int64_t output, float scale) const {
    const std::int32_t correction = -quantisation_.zero * weights_.sums[output];
    if (weights_.bias == nullptr) return correction;
    const float quantised = std::floor(weights_.bias[output] / scale);
    // A scale near nothing makes a bias that no integer holds; such a window is silent anyway.
    return correction + static_cast<std::int32_t>(std::clamp(quantised, -2147483648.0F, 2147483520.0F));
  }

  void pack(std::int64_t begin, std::int64_t width, Window& window) const {
    const auto columns = static_cast<std::size_t>(width);
    window.quads.resize(static_cast<std::size_t>(quads_) * columns * kChannelsPerQuad + 64);
    window.totals.assign(columns, 0);
    window.staging.resize(columns * kChannelsPerQuad);
    for (std::int64_t quad = 0; quad < quads_; ++quad) {
      std::uint8_t* to = window.quads.data() + static_cast<std::size_t>(quad) * columns * kChannelsPerQuad;
      const std::int64_t real = std::min<std::int64_t>(kChannelsPerQuad, virtual_channels_ - quad * kChannelsPerQuad);
      const std::int64_t first = begin - shape_.pad_begin;
      if (!shape_.gathers() && real == kChannelsPerQuad && first >= 0 && first + width <= length_) {
        const float* rows = x_ + quad * kChannelsPerQuad * length_ + first;
        weave_(rows, static_cast<std::size_t>(length_), columns, quantisation_, to, window.totals.data());
        continue;
      }
      for (std::int64_t i = 0; i < kChannelsPerQuad; ++i) {
        float* row = window.staging.data() + static_cast<std::size_t>(i) * columns;
        if (i < real) {
          stage(quad * kChannelsPerQuad + i, begin, width, row);
        } else {
          std::fill_n(row, columns, 0.0F);
        }
      }
      weave_(window.staging.data(), columns, columns, quantisation_, to, window.totals.data());
    }
    // The channels that fill the last quad stand at the zero point; their weights are 0, but they must not be in the
    // totals.
    const auto filler = static_cast<std::int32_t>(quads_ * kChannelsPerQuad - virtual_channels_) * quantisation_.zero;
    if (filler != 0) {
      for (std::int32_t& total : window.totals) total -= filler;
    }
  }

  /// One channel's floats for the window; 0 outside the tensor, which quantises to the zero point.
  void stage(std::int64_t channel, std::int64_t begin, std::int64_t width, float* to) const {
    if (!shape_.gathers()) {
      const float* row = x_ + channel * length_;
      const std::int64_t first = begin - shape_.pad_begin;
      const std::int64_t before = std::clamp<std::int64_t>(-first, 0, width);
      const std::int64_t last = std::clamp<std::int64_t>(length_ - first, before, width);
      std::fill_n(to, before, 0.0F);
      std::memcpy(to + before, row + first + before, sizeof(float) * static_cast<std::size_t>(last - before));
      std::fill(to + last, to + width, 0.0F);
      return;
    }
    const std::int64_t tap = channel % shape_.taps;
    const float* row = x_ + channel / shape_.taps * length_;
    for (std::int64_t t = 0; t < width; ++t) {
      const std::int64_t at = (begin + t) * shape_.stride + tap * shape_.dilation - shape_.pad_begin;
      to[t] = at >= 0 && at < length_ ? row[at] : 0.0F;
    }
  }

  /// Totals of a moment become totals of its whole window, in place: what is read lies ahead of what is written.
  void add_taps(std::int64_t width, std::vector<std::int32_t>& totals) const {
    if (virtual_taps_ == 1) return;
    const std::int64_t halo = (virtual_taps_ - 1) * shape_.dilation;
    for (std::int64_t t = 0; t + halo < width; ++t) {
      std::int32_t sum = 0;
      for (std::int64_t tap = 0; tap < virtual_taps_; ++tap)
        sum += totals[static_cast<std::size_t>(t + tap * shape_.dilation)];
      totals[static_cast<std::size_t>(t)] = sum;
    }
  }

  const ConvWeights& weights_;
  const ConvShape& shape_;
  const float* x_;
  std::int64_t length_;
  std::int64_t out_length_;
  Quantisation quantisation_;
  std::int64_t virtual_channels_;
  std::int64_t virtual_taps_;
  std::int64_t quads_;
  ConvTile tile_;
  Weave weave_;
  Finish finish_;
};

}  // namespace

std::size_t ConvShape::packed_bytes() const {
  const std::int64_t depth =
      gathers() ? divide_up(channels * taps, kChannelsPerQuad) : divide_up(channels, kChannelsPerQuad) * taps;
  return static_cast<std::size_t>(divide_up(outputs, kOutputsPerBlock) * kOutputsPerBlock * depth * kChannelsPerQuad);
}

Quantisation choose_quantisation(const Extremes& extremes) {
  Quantisation chosen;
  chosen.scale = (extremes.high - extremes.low) / 255.0F;
  if (chosen.scale == 0.0F) chosen.scale = 1.0F;
  chosen.zero = static_cast<std::int32_t>(std::nearbyint(std::clamp(-extremes.low / chosen.scale, 0.0F, 255.0F)));
  return chosen;
}

void run_quant_conv(SimdLevel level, const ConvWeights& weights, const float* x, std::int64_t length,
                    const Extremes& extremes, const float* residual, float divisor, float* out, int threads,
                    const ParallelFor& parallel_for) {
  const Convolution convolution(level, weights, x, length, extremes);
  const std::int64_t columns = convolution.out_length();
  const std::int64_t blocks = divide_up(weights.shape.outputs, kOutputsPerBlock);
  const std::int64_t windows = divide_up(columns, kBlock);
  // Few windows (a short piece) are shared out by outputs as well: each task then packs the window for itself.
  const std::int64_t groups =
      std::clamp<std::int64_t>(divide_up(2 * threads, windows), 1, std::max<std::int64_t>(1, blocks / 4));
  const std::int64_t share = divide_up(blocks, windows >= 2 * threads ? 1 : groups);
  const std::int64_t shares = divide_up(blocks, share);
  parallel_for(static_cast<std::size_t>(windows * shares), [&](std::size_t task) {
    const std::int64_t begin = static_cast<std::int64_t>(task) / shares * kBlock;
    const std::int64_t first = static_cast<std::int64_t>(task) % shares * share;
    convolution.run(begin, std::min(kBlock, columns - begin), first, std::min(first + share, blocks), residual, divisor,
                    out);
  });
}

std::string pack_conv_weights(const ConvShape& shape, std::span<const std::uint8_t> weights) {
  std::string packed(shape.packed_bytes(), '\0');
  const std::int64_t depth = shape.gathers() ? shape.channels * shape.taps : shape.channels;
  const std::int64_t taps = shape.gathers() ? 1 : shape.taps;
  const std::int64_t quads = divide_up(depth, kChannelsPerQuad);
  for (std::int64_t m = 0; m < shape.outputs; ++m) {
    for (std::int64_t c = 0; c < depth; ++c) {
      for (std::int64_t k = 0; k < taps; ++k) {
        const std::uint8_t weight = weights[static_cast<std::size_t>((m * depth + c) * taps + k)];
        const std::int64_t block = m / kOutputsPerBlock, lane = m % kOutputsPerBlock;
        const std::int64_t at =
            (((block * quads + c / kChannelsPerQuad) * taps + k) * kOutputsPerBlock + lane) * kChannelsPerQuad +
            c % kChannelsPerQuad;
        packed[static_cast<std::size_t>(at)] = static_cast<char>(static_cast<std::int8_t>(weight - 128));
      }
    }
  }
  return packed;
}

}  // namespace hearth::engines::onnx
