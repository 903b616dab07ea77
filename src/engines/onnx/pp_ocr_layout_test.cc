#include "engines/onnx/pp_ocr_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hearth::engines::onnx {
namespace {

TEST(WorkingSize, KeepsAPageOfUsualSize) { EXPECT_EQ(working_size({1240, 1754}), (PictureSize{1240, 1754})); }

TEST(WorkingSize, BringsALargePageTo2000) {
  EXPECT_EQ(working_size({2480, 3508}), (PictureSize{1408, 1984}));
  EXPECT_EQ(working_size({30'000, 3'000}), (PictureSize{1984, 192}));
}

TEST(WorkingSize, EnlargesAThinStripWithinItsBound) {
  EXPECT_EQ(working_size({200, 20}), (PictureSize{288, 32}));
  const PictureSize strip = working_size({1'990, 8});
  EXPECT_LE(strip.width, 2'016);
}

TEST(WorkingSize, IsNothingWhereNoTextFits) {
  EXPECT_EQ(working_size({2'000, 2}), PictureSize{});
  EXPECT_EQ(working_size({30'000, 40}), PictureSize{});
  EXPECT_EQ(working_size({0, 10}), PictureSize{});
}

TEST(PaddingRows, AreForSingleLines) {
  EXPECT_EQ(padding_rows({1240, 1754}), 0);
  EXPECT_EQ(padding_rows({800, 40}), 80);
  EXPECT_EQ(padding_rows({100, 30}), 15);
}

TEST(DetectorSize, IsAtLeast736AndAMultipleOf32) {
  EXPECT_EQ(detector_size({1240, 1754}), (PictureSize{1248, 1760}));
  EXPECT_EQ(detector_size({368, 500}), (PictureSize{736, 992}));
}

TEST(DetectorSize, IsBoundedForEveryShape) {
  for (int width = 32; width <= 2'000; width += 41) {
    for (int height = 32; height <= 2'000; height += 37) {
      const PictureSize size = detector_size({width, height});
      EXPECT_LE(static_cast<double>(size.width) * size.height, 4.9e6) << width << " × " << height;
      EXPECT_EQ(size.width % 32 + size.height % 32, 0);
    }
  }
}

TEST(LineWidth, KeepsTheShapeWithinItsBound) {
  EXPECT_EQ(line_width({480, 24}), 960);
  EXPECT_EQ(line_width({1, 100}), 1);
  EXPECT_EQ(line_width({20'000, 10}), 3'200);
}

TEST(Batches, AreAsWideAsTheWidestOfSix) {
  std::vector<PictureSize> lines(6, PictureSize{480, 48});
  lines[2] = {1'001, 50};  // 960.96 pixels at the height of a line
  lines.push_back({2'000, 40});
  const auto batches = plan_batches(lines);
  ASSERT_EQ(batches.size(), 3U);  // six of 960 are more than one run may hold
  EXPECT_EQ(batches[0].width, 960);
  EXPECT_EQ(batches[0].lines.size(), 4U);
  EXPECT_EQ(batches[1].width, 960);
  EXPECT_EQ(batches[1].lines.back(), 2U);
  EXPECT_EQ(batches[2].width, 2'400);
  EXPECT_EQ(plan_batches({{10, 48}}).front().width, 320);
}

TEST(Batches, HoldEachLineOnceAtItsWidth) {
  std::vector<PictureSize> lines;
  for (int i = 0; i < 97; ++i) lines.push_back({20 + i * 37 % 1'900, 10 + i % 40});
  std::set<std::size_t> seen;
  int before = 0;
  for (const LineBatch& batch : plan_batches(lines)) {
    EXPECT_GE(batch.width, before);
    EXPECT_LE(batch.width * static_cast<int>(batch.lines.size()), std::max(4'096, batch.width));
    before = batch.width;
    for (const std::size_t line : batch.lines) {
      EXPECT_TRUE(seen.insert(line).second);
      EXPECT_LE(line_width(lines[line]), batch.width + 1);
    }
  }
  EXPECT_EQ(seen.size(), lines.size());
  EXPECT_TRUE(plan_batches({}).empty());
}

TEST(Planes, AreBlueGreenRedFromMinusOneToOneAndThenZero) {
  const image::Picture pixel{1, 1, {255, 0, 51}};
  std::vector<float> planes;
  append_planes(pixel, 2, planes);
  ASSERT_EQ(planes.size(), 6U);
  EXPECT_FLOAT_EQ(planes[0], -0.6F);
  EXPECT_EQ(planes[1], 0);
  EXPECT_FLOAT_EQ(planes[2], -1);
  EXPECT_FLOAT_EQ(planes[4], 1);
}

}  // namespace
}  // namespace hearth::engines::onnx
