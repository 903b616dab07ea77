// Attention is edited before ggml is built (cmake/ggml/edits.toml): it must still be attention, for one token and for
// many, wherever in the cache a conversation stands and whatever else stands there.

#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <ggml.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <ostream>
#include <random>
#include <vector>

namespace hearth::engines::ggml {
namespace {

constexpr std::int64_t kWidth = 64, kHeads = 6, kKeyHeads = 2;
constexpr float kScale = 0.125F;

/// Tokens that are computed now, and the cells that each hears: from `first` on, `known` of them before its own.
struct Case {
  std::int64_t tokens, cells, first, known;
  int threads = 2;
  std::int64_t skipped = -1;  // a cell amid them that belongs to somebody else
  [[nodiscard]] bool hears(std::int64_t token, std::int64_t cell) const {
    return cell != skipped && cell >= first && cell < first + known + token + 1;
  }
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.tokens << " tokens, " << one.known << " known, from cell " << one.first << " of " << one.cells << ", "
       << one.threads << " threads";
}

struct FreeContext {
  void operator()(ggml_context* context) const { ggml_free(context); }
};

class AttentionTest : public testing::TestWithParam<Case> {
 protected:
  AttentionTest() {
    const Case& one = GetParam();
    std::mt19937 draw(7);
    std::normal_distribution<float> normal;
    const auto fill = [&](std::vector<float>& values, std::int64_t size) {
      values.resize(static_cast<std::size_t>(size));
      std::ranges::generate(values, [&] { return ggml_fp16_to_fp32(ggml_fp32_to_fp16(normal(draw))); });
    };
    fill(queries_, kWidth * one.tokens * kHeads);
    fill(keys_, kWidth * one.cells * kKeyHeads);
    fill(values_, kWidth * one.cells * kKeyHeads);
  }

  [[nodiscard]] std::vector<float> compute() const {
    const Case& one = GetParam();
    const std::unique_ptr<ggml_context, FreeContext> context(ggml_init({64 << 20, nullptr, false}));
    ggml_tensor* q = ggml_new_tensor_3d(context.get(), GGML_TYPE_F32, kWidth, one.tokens, kHeads);
    ggml_tensor* k = ggml_new_tensor_3d(context.get(), GGML_TYPE_F16, kWidth, one.cells, kKeyHeads);
    ggml_tensor* v = ggml_new_tensor_3d(context.get(), GGML_TYPE_F16, kWidth, one.cells, kKeyHeads);
    ggml_tensor* mask = ggml_new_tensor_2d(context.get(), GGML_TYPE_F16, one.cells, one.tokens);
    std::ranges::copy(queries_, ggml_get_data_f32(q));
    ggml_fp32_to_fp16_row(keys_.data(), static_cast<ggml_fp16_t*>(k->data), ggml_nelements(k));
    ggml_fp32_to_fp16_row(values_.data(), static_cast<ggml_fp16_t*>(v->data), ggml_nelements(v));
    auto* heard = static_cast<ggml_fp16_t*>(mask->data);
    for (std::int64_t token = 0; token < one.tokens; ++token)
      for (std::int64_t cell = 0; cell < one.cells; ++cell)
        *heard++ = ggml_fp32_to_fp16(one.hears(token, cell) ? 0.0F : -std::numeric_limits<float>::infinity());
    ggml_tensor* out = ggml_flash_attn_ext(context.get(), q, k, v, mask, kScale, 0.0F, 0.0F);
    ggml_cgraph* graph = ggml_new_graph(context.get());
    ggml_build_forward_expand(graph, out);
    EXPECT_EQ(ggml_graph_compute_with_ctx(context.get(), graph, one.threads), GGML_STATUS_SUCCESS);
    const float* const data = ggml_get_data_f32(out);
    return {data, data + ggml_nelements(out)};
  }

  /// By the formula: softmax(q k / 8) v.
  [[nodiscard]] std::vector<double> expect(std::int64_t token, std::int64_t head) const {
    const Case& one = GetParam();
    const std::int64_t key_head = head / (kHeads / kKeyHeads);
    std::vector<double> sum(kWidth);
    double total = 0;
    for (std::int64_t cell = 0; cell < one.cells; ++cell) {
      if (!one.hears(token, cell)) continue;
      const float* const key = &keys_[static_cast<std::size_t>((key_head * one.cells + cell) * kWidth)];
      const float* const value = &values_[static_cast<std::size_t>((key_head * one.cells + cell) * kWidth)];
      const float* const query = &queries_[static_cast<std::size_t>((head * one.tokens + token) * kWidth)];
      double product = 0;
      for (std::int64_t i = 0; i < kWidth; ++i) product += double{query[i]} * double{key[i]};
      const double weight = std::exp(product * kScale);
      total += weight;
      for (std::int64_t i = 0; i < kWidth; ++i) sum[static_cast<std::size_t>(i)] += weight * double{value[i]};
    }
    for (double& one_sum : sum) one_sum /= total;
    return sum;
  }

 private:
  std::vector<float> queries_, keys_, values_;
};

TEST_P(AttentionTest, IsWhatTheFormulaSays) {
  const double most = GetParam().tokens == 1 ? 1e-2 : 1e-3;  // one token is summed in halves of a float
  const std::vector<float> computed = compute();             // [token][head][width]
  auto got = computed.begin();
  for (std::int64_t token = 0; token < GetParam().tokens; ++token) {
    for (std::int64_t head = 0; head < kHeads; ++head) {
      for (const double expected : expect(token, head)) ASSERT_NEAR(*got++, expected, most) << "of token " << token;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, AttentionTest,
    testing::Values(
        // one token: its cells in the first half, across it, in the second, at the very end, and one cell alone
        Case{1, 512, 0, 100}, Case{1, 1024, 400, 200}, Case{1, 1024, 700, 100}, Case{1, 512, 300, 211},
        Case{1, 512, 511, 0}, Case{1, 512, 0, 0}, Case{1, 256, 3, 100}, Case{1, 512, 100, 3, 48},
        Case{1, 768, 10, 700, 3, 12},
        // a few tokens, and as many as a tile has and one more or less
        Case{2, 256, 0, 0}, Case{2, 512, 37, 300}, Case{3, 512, 64, 63}, Case{5, 512, 1, 400, 3},
        Case{17, 512, 200, 64}, Case{63, 512, 25, 1}, Case{64, 512, 0, 0}, Case{64, 512, 25, 1}, Case{65, 512, 0, 448},
        Case{191, 768, 25, 300}, Case{128, 512, 300, 10, 4}, Case{100, 512, 30, 200, 2, 150},
        Case{40, 1024, 900, 60, 1}));

}  // namespace
}  // namespace hearth::engines::ggml
