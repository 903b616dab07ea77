#include "engines/onnx/graph/cut.h"

#include <gtest/gtest.h>

#include "engines/onnx/graph/model_builder.h"

namespace hearth::engines::onnx::graph {
namespace {

/// x -> Mul(two) -> middle -> Add(one) -> y, and a branch that only y needs.
ModelBuilder chain() {
  ModelBuilder builder;
  builder.input("x");
  builder.input("side");
  builder.output("y");
  builder.floats("two", {}, {2});
  builder.floats("one", {}, {1});
  builder.node("Mul", {"x", "two"}, {"middle"});
  builder.node("Sin", {"side"}, {"branch"});
  builder.node("Add", {"middle", "one"}, {"sum"});
  builder.node("Add", {"sum", "branch"}, {"y"});
  return builder;
}

std::vector<std::string> types(const pb::ModelProto& model) {
  std::vector<std::string> found;
  for (const pb::NodeProto& node : model.graph().node()) found.push_back(node.op_type());
  return found;
}

TEST(Cut, APieceHasTheNodesBetweenItsEndsAndTheirConstants) {
  ModelBuilder builder = chain();
  const auto piece = cut_graph(builder.model(), {{"x", "x", kFloat, {"1", "n"}}}, {{"sum", "out", kFloat, {"1", "n"}}});
  ASSERT_TRUE(piece) << piece.error().line();
  EXPECT_EQ(types(*piece), (std::vector<std::string>{"Mul", "Add"}));
  EXPECT_EQ(piece->graph().initializer_size(), 2);
  EXPECT_EQ(piece->graph().node(1).output(0), "out");
  EXPECT_EQ(piece->graph().output(0).name(), "out");
  EXPECT_EQ(piece->graph().input(0).type().tensor_type().shape().dim(0).dim_value(), 1);
  EXPECT_EQ(piece->graph().input(0).type().tensor_type().shape().dim(1).dim_param(), "n");
  EXPECT_EQ(piece->opset_import(0).version(), 20);
}

TEST(Cut, AnInnerTensorMayBecomeAnInputUnderAnotherName) {
  ModelBuilder builder = chain();
  const auto piece = cut_graph(builder.model(), {{"middle", "frames", kFloat, {}}, {"side", "side", kFloat, {}}},
                               {{"y", "y", kFloat, {}}});
  ASSERT_TRUE(piece) << piece.error().line();
  EXPECT_EQ(types(*piece), (std::vector<std::string>{"Sin", "Add", "Add"}));
  EXPECT_EQ(piece->graph().node(1).input(0), "frames");
  EXPECT_EQ(piece->graph().initializer_size(), 1);
}

TEST(Cut, AModelWithoutTheNamedTensorsIsRefusedByName) {
  ModelBuilder builder = chain();
  const auto missing = cut_graph(builder.model(), {{"x", "x", kFloat, {}}}, {{"nowhere", "out", kFloat, {}}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::kUnsupported);
  EXPECT_NE(missing.error().message.find("nowhere"), std::string::npos);
  const auto unlisted = cut_graph(builder.model(), {{"x", "x", kFloat, {}}}, {{"y", "y", kFloat, {}}});
  ASSERT_FALSE(unlisted);
  EXPECT_NE(unlisted.error().message.find("side"), std::string::npos);
  EXPECT_FALSE(cut_graph(builder.model(), {{"x", "x", kFloat, {}}, {"side", "side", kFloat, {}}},
                         {{"middle", "out", kFloat, {}}}));
}

TEST(GraphEditor, TidyDropsWhatNothingNeedsAndSortsTheRest) {
  ModelBuilder builder = chain();
  GraphEditor editor(builder.model());
  editor.add({"Cos", "", {"sum"}, {"late"}, {}, {}});
  editor.redirect("branch", "late");
  ASSERT_TRUE(editor.tidy());
  EXPECT_EQ(types(builder.model()), (std::vector<std::string>{"Mul", "Add", "Cos", "Add"}));
  EXPECT_EQ(editor.find_producer("branch"), nullptr);
  EXPECT_EQ(editor.find_only_reader("middle")->op_type(), "Add");
  EXPECT_EQ(editor.find_only_reader("sum"), nullptr);  // two read it
}

TEST(GraphEditor, ACycleIsAnErrorAndNotALoop) {
  ModelBuilder builder = chain();
  GraphEditor editor(builder.model());
  editor.redirect("x", "sum");
  const auto tidied = editor.tidy();
  ASSERT_FALSE(tidied);
  EXPECT_EQ(tidied.error().code, base::Code::kCorrupt);
}

TEST(GraphEditor, AConstantShorterThanItsShapeIsNotRead) {
  ModelBuilder builder;
  builder.floats("whole", {2}, {1, 2});
  builder.floats("short", {3}, {1, 2});
  const GraphEditor editor(builder.model());
  EXPECT_EQ(read_floats(editor.find_constant("whole")), (std::vector<float>{1, 2}));
  EXPECT_FALSE(read_floats(editor.find_constant("short")));
  EXPECT_FALSE(read_floats(editor.find_constant("absent")));
}

}  // namespace
}  // namespace hearth::engines::onnx::graph
