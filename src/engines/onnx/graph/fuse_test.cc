// Each rewriting is run against the nodes that it replaces, by ONNX Runtime itself, where its library is at hand.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "engines/onnx/graph/fold_shapes.h"
#include "engines/onnx/graph/fuse_dense.h"
#include "engines/onnx/graph/fuse_lstm.h"
#include "engines/onnx/graph/fuse_spectrum.h"
#include "engines/onnx/graph/fuse_speech.h"
#include "engines/onnx/graph/model_builder.h"
#include "engines/onnx/ort_library.h"
#include "engines/onnx/session.h"

namespace hearth::engines::onnx::graph {
namespace {

constexpr std::int64_t kChannels = 12, kLength = 50, kStyle = 6;

std::vector<float> noise(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.1F, 1.0F);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<std::uint8_t> bytes(std::size_t count) {
  std::vector<std::uint8_t> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<std::uint8_t>(i * 89 + 7);
  return values;
}

/// scale × and shift + the normalised x, by one product of the quantised style.
void add_norm(ModelBuilder& builder, const std::string& x, const std::string& out, const std::string& style) {
  const std::string p = out + "/";
  builder.node("ReduceMean", {x, "axis2"}, {p + "mean"});
  builder.node("Sub", {x, p + "mean"}, {p + "centred"});
  builder.node("Mul", {p + "centred", p + "centred"}, {p + "squares"});
  builder.node("ReduceMean", {p + "squares", "axis2"}, {p + "variance"});
  builder.node("Add", {p + "variance", "epsilon"}, {p + "safe"});
  builder.node("Sqrt", {p + "safe"}, {p + "deviation"});
  builder.node("Div", {p + "centred", p + "deviation"}, {p + "normal"});
  builder.node("Unsqueeze", {style, "axis2"}, {p + "column"});
  ModelBuilder::set_int(builder.node("Split", {p + "column", "halves"}, {p + "scale", p + "shift"}), "axis", 1);
  builder.node("Add", {p + "scale", "one"}, {p + "scale1"});
  builder.node("Mul", {p + "scale1", p + "normal"}, {p + "scaled"});
  builder.node("Add", {p + "scaled", p + "shift"}, {out});
}

void add_snake(ModelBuilder& builder, const std::string& x, const std::string& out) {
  builder.node("Mul", {"frequency", x}, {out + "/angle"});
  builder.node("Sin", {out + "/angle"}, {out + "/sine"});
  builder.node("Pow", {out + "/sine", "two"}, {out + "/square"});
  builder.node("Mul", {"gain", out + "/square"}, {out + "/wave"});
  builder.node("Add", {x, out + "/wave"}, {out});
}

/// Two normalised, activated, quantised convolutions; the second adds x and divides.
ModelBuilder speech_graph() {
  ModelBuilder builder;
  builder.input("x");
  builder.input("style");
  builder.output("y");
  builder.integers<std::int64_t>("axis2", kInt64, {1}, {2});
  builder.integers<std::int64_t>("halves", kInt64, {2}, {kChannels, kChannels});
  builder.integers<std::int64_t>("bias_shape", kInt64, {3}, {1, -1, 1});
  builder.floats("epsilon", {}, {1e-5F});
  builder.floats("one", {}, {1});
  builder.floats("two", {}, {2});
  builder.floats("root", {}, {1.4142135F});
  builder.floats("frequency", {1, kChannels, 1}, noise(kChannels, 1));
  builder.floats("gain", {1, kChannels, 1}, noise(kChannels, 2));
  builder.node("DynamicQuantizeLinear", {"style"}, {"style_q", "style_scale", "style_zero"});
  for (const std::string name : {"a", "b"}) {
    std::vector<std::int8_t> weights(kStyle * 2 * kChannels);
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] = static_cast<std::int8_t>(i * 37 + (name == "a" ? 1 : 5));
    builder.integers(name + "_w", kInt8, {kStyle, 2 * kChannels}, weights);
    builder.floats(name + "_s", {2 * kChannels}, std::vector<float>(2 * kChannels, 0.004F));
    builder.integers(name + "_z", kInt8, {2 * kChannels}, std::vector<std::int8_t>(2 * kChannels, 3));
    builder.floats(name + "_b", {2 * kChannels}, noise(2 * kChannels, 3));
    builder.node("MatMulIntegerToFloat",
                 {"style_q", name + "_w", "style_scale", name + "_s", "style_zero", name + "_z", name + "_b"},
                 {name + "_style"}, "com.microsoft");
  }
  const auto add_conv = [&](const std::string& x, const std::string& out, std::int64_t outputs, std::int64_t dilation) {
    builder.integers(out + "_w", kUint8, {outputs, kChannels, 3},
                     bytes(static_cast<std::size_t>(outputs * kChannels * 3)));
    builder.integers<std::uint8_t>(out + "_z", kUint8, {}, {77});
    builder.floats(out + "_s", {}, {0.003F});
    builder.floats(out + "_b", {outputs}, noise(static_cast<std::size_t>(outputs), 4));
    builder.node("DynamicQuantizeLinear", {x}, {out + "_q", out + "_xs", out + "_xz"});
    builder.node("Mul", {out + "_xs", out + "_s"}, {out + "_scale"});
    builder.node("Div", {out + "_b", out + "_scale"}, {out + "_b1"});
    builder.node("Floor", {out + "_b1"}, {out + "_b2"});
    ModelBuilder::set_int(builder.node("Cast", {out + "_b2"}, {out + "_b3"}), "to", kInt32);
    builder.node("Reshape", {out + "_b3", "bias_shape"}, {out + "_b4"});
    pb::NodeProto& conv = builder.node("ConvInteger", {out + "_q", out + "_w", out + "_xz", out + "_z"}, {out + "_i"});
    ModelBuilder::set_ints(conv, "pads", {dilation, dilation});
    ModelBuilder::set_ints(conv, "dilations", {dilation});
    ModelBuilder::set_ints(conv, "kernel_shape", {3});
    builder.node("Add", {out + "_i", out + "_b4"}, {out + "_ib"});
    ModelBuilder::set_int(builder.node("Cast", {out + "_ib"}, {out + "_f"}), "to", kFloat);
    builder.node("Mul", {out + "_f", out + "_scale"}, {out});
  };
  add_norm(builder, "x", "n1", "a_style");
  ModelBuilder::set_float(builder.node("LeakyRelu", {"n1"}, {"l1"}), "alpha", 0.2F);
  add_conv("l1", "c1", kChannels, 1);
  add_norm(builder, "c1", "n2", "b_style");
  add_snake(builder, "n2", "s2");
  add_conv("s2", "c2", kChannels, 3);
  builder.node("Add", {"c2", "x"}, {"sum"});
  builder.node("Div", {"sum", "root"}, {"y"});
  return builder;
}

std::shared_ptr<const OrtLibrary> library() {
  static const auto kLibrary = OrtLibrary::open(find_ort_library(), 2);
  return kLibrary ? *kLibrary : nullptr;
}

struct Input {
  std::vector<float> values;
  std::vector<std::int64_t> shape;
};

std::vector<float> run(const pb::ModelProto& model, const std::vector<const char*>& names,
                       const std::vector<Input>& inputs) {
  const std::string serialised = model.SerializeAsString();
  SessionSettings settings;
  settings.kokoro_ops = SessionSettings::KokoroOps::kYes;
  const auto session = Session::open(library(), std::as_bytes(std::span(serialised)), settings);
  if (!session) {
    ADD_FAILURE() << session.error().line();
    return {};
  }
  std::vector<TensorView> views;
  for (const Input& input : inputs) views.push_back({std::span<const float>(input.values), input.shape});
  const std::vector<const char*> outputs = {"y"};
  const auto ran = session->run(names, views, outputs, {});
  if (!ran) {
    ADD_FAILURE() << ran.error().line();
    return {};
  }
  const auto floats = ran->front().floats();
  return {floats.begin(), floats.end()};
}

std::map<std::string, int> count_types(const pb::ModelProto& model) {
  std::map<std::string, int> counts;
  for (const pb::NodeProto& node : model.graph().node()) ++counts[node.op_type()];
  return counts;
}

TEST(FuseSpeech, TwoBlocksBecomeTwoConvolutionsAndOneStyle) {
  ModelBuilder builder = speech_graph();
  GraphEditor editor(builder.model());
  const FuseCounts counts = fuse_speech(editor);
  ASSERT_TRUE(editor.tidy());
  EXPECT_EQ(counts.convs, 2);
  EXPECT_EQ(counts.norms, 2);
  EXPECT_EQ(counts.styles, 2);
  EXPECT_EQ(count_types(builder.model()),
            (std::map<std::string, int>{{"DynamicQuantizeLinear", 1}, {"MatMulIntegerToFloat", 1}, {"QuantConv", 2}}));
}

TEST(FuseSpeech, TheFusedGraphSoundsLikeItsNodes) {
  if (library() == nullptr) GTEST_SKIP() << "ONNX Runtime is not here";
  ModelBuilder builder = speech_graph();
  const std::vector<Input> inputs = {{noise(kChannels * kLength, 7), {1, kChannels, kLength}},
                                     {noise(kStyle, 8), {1, kStyle}}};
  const auto expected = run(builder.model(), {"x", "style"}, inputs);
  GraphEditor editor(builder.model());
  fuse_speech(editor);
  ASSERT_TRUE(editor.tidy());
  const auto fused = run(builder.model(), {"x", "style"}, inputs);
  ASSERT_EQ(fused.size(), expected.size());
  // A last-bit difference of the norm may move a value by one quantisation step, here below 0.3; nearly all stay.
  int moved = 0;
  for (std::size_t i = 0; i < fused.size(); ++i) {
    EXPECT_NEAR(fused[i], expected[i], 0.3);
    moved += std::abs(fused[i] - expected[i]) > 1e-4F ? 1 : 0;
  }
  EXPECT_LE(moved, static_cast<int>(fused.size()) / 10);
}

TEST(FuseSpeech, AChainThatIsReadFromOutsideStays) {
  ModelBuilder builder = speech_graph();
  builder.output("c1_i", kInt32);  // the integers of the first convolution
  GraphEditor editor(builder.model());
  EXPECT_EQ(fuse_speech(editor).convs, 1);
  ASSERT_TRUE(editor.tidy());
  EXPECT_EQ(count_types(builder.model())["ConvInteger"], 1);
}

TEST(FuseDense, AProductKeepsItsBits) {
  if (library() == nullptr) GTEST_SKIP() << "ONNX Runtime is not here";
  ModelBuilder builder;
  builder.input("x");
  builder.output("y");
  std::vector<std::int8_t> weights(40 * 70);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::int8_t>(i * 53 + 1);
  builder.integers("w", kInt8, {40, 70}, weights);
  builder.floats("s", {70}, std::vector<float>(70, 0.01F));
  builder.integers("z", kInt8, {70}, std::vector<std::int8_t>(70, -4));
  builder.floats("b", {70}, noise(70, 9));
  builder.node("DynamicQuantizeMatMul", {"x", "w", "s", "z", "b"}, {"y"}, "com.microsoft");
  const std::vector<Input> inputs = {{noise(5 * 40, 10), {1, 5, 40}}};
  const auto expected = run(builder.model(), {"x"}, inputs);
  GraphEditor editor(builder.model());
  EXPECT_EQ(fuse_dense(editor), 1);
  ASSERT_TRUE(editor.tidy());
  EXPECT_EQ(count_types(builder.model()), (std::map<std::string, int>{{"QuantMatMul", 1}}));
  EXPECT_EQ(run(builder.model(), {"x"}, inputs), expected);
}

ModelBuilder spectrum_graph() {
  ModelBuilder builder;
  builder.input("x");
  builder.output("y");
  builder.integers<std::int64_t>("step", kInt64, {}, {5});
  builder.integers<std::int64_t>("length", kInt64, {}, {20});
  builder.integers<std::int64_t>("first", kInt64, {}, {0});
  builder.integers<std::int64_t>("second", kInt64, {}, {1});
  std::vector<float> window(20);
  for (std::size_t i = 0; i < window.size(); ++i) window[i] = 0.5F - 0.5F * std::cos(0.314159F * static_cast<float>(i));
  builder.floats("window", {20}, window);
  builder.floats("zero", {}, {0});
  builder.floats("two", {}, {2});
  builder.floats("pi", {}, {3.14159265F});
  ModelBuilder::set_int(builder.node("STFT", {"x", "step", "window", "length"}, {"stft"}), "onesided", 1);
  ModelBuilder::set_ints(builder.node("Transpose", {"stft"}, {"bins"}), "perm", {0, 2, 1, 3});
  ModelBuilder::set_int(builder.node("Gather", {"bins", "first"}, {"re"}), "axis", 3);
  ModelBuilder::set_int(builder.node("Gather", {"bins", "second"}, {"im"}), "axis", 3);
  builder.node("Div", {"im", "re"}, {"quotient"});
  builder.node("Atan", {"quotient"}, {"angle"});
  builder.node("Add", {"angle", "pi"}, {"above"});
  builder.node("Sub", {"angle", "pi"}, {"below"});
  builder.node("Greater", {"im", "zero"}, {"is_above"});
  builder.node("Where", {"is_above", "above", "below"}, {"moved"});
  builder.node("Less", {"re", "zero"}, {"is_left"});
  builder.node("Where", {"is_left", "moved", "angle"}, {"phase"});
  builder.node("Pow", {"re", "two"}, {"re2"});
  builder.node("Pow", {"im", "two"}, {"im2"});
  builder.node("Add", {"re2", "im2"}, {"power"});
  builder.node("Sqrt", {"power"}, {"magnitude"});
  ModelBuilder::set_int(builder.node("Concat", {"magnitude", "phase"}, {"y"}), "axis", 1);
  return builder;
}

TEST(FuseSpectrum, MagnitudesKeepTheirBitsAndPhasesTheirSide) {
  if (library() == nullptr) GTEST_SKIP() << "ONNX Runtime is not here";
  ModelBuilder builder = spectrum_graph();
  auto signal = noise(300, 12);
  for (std::size_t i = 100; i < 220; ++i) signal[i] = -0.0294F;  // silence: bins of rounding noise
  const std::vector<Input> inputs = {{signal, {1, 300}}};
  const auto expected = run(builder.model(), {"x"}, inputs);
  GraphEditor editor(builder.model());
  EXPECT_EQ(fuse_spectrum(editor), 1);
  ASSERT_TRUE(editor.tidy());
  EXPECT_EQ(count_types(builder.model()), (std::map<std::string, int>{{"Spectrum", 1}}));
  const auto fused = run(builder.model(), {"x"}, inputs);
  ASSERT_EQ(fused.size(), expected.size());
  for (std::size_t i = 0; i < fused.size(); ++i) {
    if (i < fused.size() / 2) {
      EXPECT_EQ(fused[i], expected[i]) << i;
    } else {
      EXPECT_NEAR(fused[i], expected[i], 1e-6) << i;  // the arc tangent is another library's
    }
  }
}

TEST(FuseLstm, ASequenceKeepsItsBits) {
  if (library() == nullptr) GTEST_SKIP() << "ONNX Runtime is not here";
  constexpr std::int64_t kInput = 20, kHidden = 24, kSteps = 9;
  ModelBuilder builder;
  builder.input("x");
  builder.output("y");
  const auto weights = [](std::int64_t count) {
    std::vector<std::int8_t> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int8_t>(i * 71 + i / 97);
    return values;
  };
  builder.integers("w", kInt8, {2, kInput, 4 * kHidden}, weights(2 * kInput * 4 * kHidden));
  builder.integers("r", kInt8, {2, kHidden, 4 * kHidden}, weights(2 * kHidden * 4 * kHidden));
  builder.floats("b", {2, 8 * kHidden}, noise(2 * 8 * kHidden, 14));
  builder.floats("state", {2, 1, kHidden}, std::vector<float>(2 * kHidden, 0));
  builder.floats("ws", {2}, {0.004F, 0.005F});
  builder.floats("rs", {2}, {0.006F, 0.003F});
  builder.integers<std::int8_t>("wz", kInt8, {2}, {0, 0});
  builder.integers<std::int8_t>("rz", kInt8, {2}, {0, 0});
  pb::NodeProto& lstm =
      builder.node("DynamicQuantizeLSTM", {"x", "w", "r", "b", "", "state", "state", "", "ws", "wz", "rs", "rz"}, {"y"},
                   "com.microsoft");
  ModelBuilder::set_int(lstm, "hidden_size", kHidden);
  pb::AttributeProto& direction = *lstm.add_attribute();
  direction.set_name("direction");
  direction.set_type(3);
  direction.set_s("bidirectional");
  const std::vector<Input> inputs = {{noise(kSteps * kInput, 15), {kSteps, 1, kInput}}};
  const auto expected = run(builder.model(), {"x"}, inputs);
  GraphEditor editor(builder.model());
  EXPECT_EQ(fuse_lstm(editor), 1);
  ASSERT_TRUE(editor.tidy());
  EXPECT_EQ(count_types(builder.model()), (std::map<std::string, int>{{"QuantLstm", 1}, {"QuantMatMul", 1}}));
  EXPECT_EQ(run(builder.model(), {"x"}, inputs), expected);
}

TEST(FoldShapes, WhatIsKnownOfAShapeIsNotComputed) {
  ModelBuilder builder;
  builder.input("x");
  builder.output("y");
  builder.integers<std::int64_t>("heads", kInt64, {4}, {0, 0, 2, 4});
  builder.integers<std::int64_t>("order", kInt64, {4}, {0, 2, 1, 3});
  builder.integers<std::int64_t>("last", kInt64, {1}, {-1});
  builder.integers<std::int64_t>("end", kInt64, {1}, {INT64_MAX});
  builder.integers<std::int64_t>("width", kInt64, {1}, {8});
  builder.integers<std::int64_t>("axis0", kInt64, {1}, {0});
  builder.integers<std::int64_t>("zero", kInt64, {}, {0});
  builder.integers<std::int64_t>("one", kInt64, {}, {1});
  builder.floats("unit", {1}, {1});
  builder.node("Reshape", {"x", "heads"}, {"split"});
  builder.node("Shape", {"split"}, {"shape"});
  builder.node("Gather", {"shape", "order"}, {"permuted"});
  builder.node("Slice", {"permuted", "last", "end"}, {"size"});
  ModelBuilder::set_int(builder.node("Cast", {"size"}, {"size_f"}), "to", kFloat);
  builder.node("Sqrt", {"size_f"}, {"root"});
  builder.node("Div", {"unit", "root"}, {"inverse"});
  builder.node("Sqrt", {"inverse"}, {"scale"});
  builder.node("Mul", {"split", "scale"}, {"scaled"});
  builder.node("Shape", {"x"}, {"x_shape"});
  builder.node("Gather", {"x_shape", "zero"}, {"d0"});
  builder.node("Gather", {"x_shape", "one"}, {"d1"});
  builder.node("Unsqueeze", {"d0", "axis0"}, {"u0"});
  builder.node("Unsqueeze", {"d1", "axis0"}, {"u1"});
  ModelBuilder::set_int(builder.node("Concat", {"u0", "u1", "width"}, {"joined"}), "axis", 0);
  builder.node("Reshape", {"scaled", "joined"}, {"y"});
  GraphEditor editor(builder.model());
  EXPECT_FALSE(has_batch_of_one(builder.model().graph()));
  EXPECT_EQ(fold_shapes(editor, true), 2);
  ASSERT_TRUE(editor.tidy());
  EXPECT_EQ(count_types(builder.model()), (std::map<std::string, int>{{"Mul", 1}, {"Reshape", 2}}));
  if (library() == nullptr) return;
  const std::vector<Input> inputs = {{noise(24, 16), {1, 3, 8}}};
  const auto y = run(builder.model(), {"x"}, inputs);
  ASSERT_EQ(y.size(), 24U);
  EXPECT_EQ(y[5], inputs[0].values[5] * std::sqrt(1.0F / std::sqrt(4.0F)));
}

TEST(GraphEditor, ShortNamesChangeNothingButNames) {
  ModelBuilder builder = speech_graph();
  const auto before = count_types(builder.model());
  GraphEditor editor(builder.model());
  editor.shorten_names();
  ASSERT_TRUE(editor.tidy());
  EXPECT_EQ(count_types(builder.model()), before);
  EXPECT_EQ(builder.model().graph().input(0).name(), "x");
  EXPECT_NE(editor.find_producer("y"), nullptr);
  EXPECT_EQ(editor.find_producer("c1_i"), nullptr);
}

}  // namespace
}  // namespace hearth::engines::onnx::graph
