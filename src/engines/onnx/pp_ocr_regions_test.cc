#include "engines/onnx/pp_ocr_regions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace hearth::engines::onnx {
namespace {

using image::Point;
using image::Quad;

/// '#' is 0.9, '+' is 0.6, '.' is nothing.
struct Drawing {
  std::vector<float> values;
  int width = 0;
  int height = 0;
  [[nodiscard]] ProbabilityMap map() const { return {values, width, height}; }
};

Drawing draw(const std::vector<std::string>& rows) {
  Drawing drawing{{}, static_cast<int>(rows[0].size()), static_cast<int>(rows.size())};
  for (const std::string& row : rows) {
    for (const char c : row) drawing.values.push_back(c == '#' ? 0.9F : c == '+' ? 0.6F : 0.0F);
  }
  return drawing;
}

Drawing empty(int width, int height) {
  return {std::vector<float>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)), width, height};
}

void fill(Drawing& drawing, int left, int top, int right, int bottom, float value = 0.9F) {
  for (int y = top; y < bottom; ++y) {
    const std::size_t row = static_cast<std::size_t>(y) * static_cast<std::size_t>(drawing.width);
    for (int x = left; x < right; ++x) drawing.values[row + static_cast<std::size_t>(x)] = value;
  }
}

std::vector<std::uint8_t> ink(const Drawing& drawing) {
  std::vector<std::uint8_t> mask;
  for (const float value : drawing.values) mask.push_back(value > 0 ? 1 : 0);
  return mask;
}

std::vector<std::vector<IntPoint>> outlines(const std::vector<std::string>& rows, int limit = 1000) {
  const Drawing drawing = draw(rows);
  return trace_outlines(ink(drawing), drawing.width, drawing.height, limit);
}

TEST(Outlines, APatchHasOneAHoleAnotherOne) {
  EXPECT_EQ(outlines({"....", ".##.", ".##.", "...."}).size(), 1U);
  const auto ring = outlines({"#####", "#...#", "#...#", "#####"});
  ASSERT_EQ(ring.size(), 2U);
  EXPECT_EQ(smallest_rectangle(ring[0]).shorter_side, 3);
  EXPECT_EQ(smallest_rectangle(ring[1]).shorter_side, 3);
}

TEST(Outlines, TouchAtCornersIsOnePatch) {
  EXPECT_EQ(outlines({"#..", ".#.", "..#"}).size(), 1U);
  EXPECT_EQ(outlines({"#.#", "...", "#.#"}).size(), 4U);
}

TEST(Outlines, ReachTheEdgesAndSinglePixels) {
  EXPECT_EQ(outlines({"#"}).size(), 1U);
  const auto whole = outlines({"###", "###"});
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].size(), 4U);  // turning points only
  EXPECT_TRUE(outlines({"..", ".."}).empty());
}

TEST(Outlines, StopAtTheirLimit) { EXPECT_EQ(outlines({"#.#.#.#.#"}, 3).size(), 3U); }

TEST(SmallestRectangle, OfAnUprightPatchIsThatPatch) {
  const TurnedRectangle box = smallest_rectangle({{2, 3}, {9, 3}, {9, 6}, {2, 6}});
  EXPECT_EQ(box.shorter_side, 3);
  EXPECT_EQ(box.corners, (Quad{Point{2, 3}, Point{9, 3}, Point{9, 6}, Point{2, 6}}));
}

TEST(SmallestRectangle, TurnsWithTheContent) {
  const TurnedRectangle box = smallest_rectangle({{0, 10}, {20, 0}, {25, 10}, {5, 20}});
  EXPECT_NEAR(box.shorter_side, 11.18, 0.01);
  EXPECT_NEAR(box.corners[0].x, 0, 1e-4);
  EXPECT_NEAR(box.corners[0].y, 10, 1e-4);
  EXPECT_NEAR(box.corners[1].x, 20, 1e-4);
  EXPECT_NEAR(box.corners[1].y, 0, 1e-4);
}

// To the last bit: what is truncated to whole pixels afterwards must fall on the same side as OpenCV's.
TEST(SmallestRectangle, HasTheRoundingOfOpenCv) {
  const TurnedRectangle upright = smallest_rectangle({{0, 0}, {41, 0}, {41, 9}, {0, 9}});
  EXPECT_FLOAT_EQ(static_cast<float>(upright.shorter_side), 8.999998F);
  EXPECT_EQ(upright.corners[1].x, 40.99999237060547);
  EXPECT_EQ(upright.corners[2].y, 8.999998092651367);
  const Quad slanted = {Point{249.00003051757812, 310.9974670410156}, Point{1033.0, 312.9999694824219},
                        Point{1032.9462890625, 334.0024108886719}, Point{248.94638061523438, 331.9999084472656}};
  EXPECT_EQ(smallest_rectangle({{249, 311}, {1033, 313}, {1032, 334}, {249, 332}}).corners, slanted);
}

TEST(SmallestRectangle, OfSeveralEqualOnesIsTheOneThatTheOrderOfPointsMeetsLast) {
  const std::vector<IntPoint> outline = {{105, 555}, {104, 557}, {104, 562}, {105, 563}, {281, 564},
                                         {760, 564}, {861, 563}, {862, 562}, {862, 556}, {861, 555}};
  const Quad exact = {Point{104, 555}, Point{862, 555}, Point{862, 564}, Point{104, 564}};
  EXPECT_EQ(smallest_rectangle(outline).corners, exact);
}

TEST(SmallestRectangle, OfAPointOrALineHasNoWidth) {
  EXPECT_EQ(smallest_rectangle({{4, 4}}).shorter_side, 0);
  EXPECT_EQ(smallest_rectangle({{4, 4}, {4, 4}}).shorter_side, 0);
  EXPECT_EQ(smallest_rectangle({{0, 0}, {5, 5}, {2, 2}}).shorter_side, 0);
}

TEST(Grow, MovesEverySideOut) {
  const TurnedRectangle grown =
      smallest_rectangle(grow({Point{10, 10}, Point{50, 10}, Point{50, 20}, Point{10, 20}}, 6));
  EXPECT_EQ(grown.corners, (Quad{Point{4, 4}, Point{56, 4}, Point{56, 26}, Point{4, 26}}));
}

TEST(Grow, HasTheCornersOfClipper) {
  const std::vector<IntPoint> expected = {{200, 9},  {206, 10}, {210, 13}, {214, 17}, {215, 25}, {214, 45}, {213, 50},
                                          {210, 55}, {205, 58}, {199, 59}, {9, 55},   {3, 54},   {-1, 51},  {-5, 47},
                                          {-6, 39},  {-5, 19},  {-4, 14},  {-1, 9},   {4, 6},    {10, 5}};
  EXPECT_EQ(grow({Point{10, 20}, Point{200, 24}, Point{199, 44}, Point{9, 40}}, 15.3), expected);
}

TEST(MeanInside, CountsTheBorderAndNothingElse) {
  Drawing drawing = empty(10, 10);
  fill(drawing, 2, 2, 6, 5, 0.8F);
  EXPECT_NEAR(mean_inside(drawing.map(), {Point{2, 2}, Point{5, 2}, Point{5, 4}, Point{2, 4}}), 0.8, 1e-6);
  EXPECT_NEAR(mean_inside(drawing.map(), {Point{2, 2}, Point{9, 2}, Point{9, 4}, Point{2, 4}}), 0.4, 1e-6);
  EXPECT_EQ(mean_inside(drawing.map(), {Point{20, 20}, Point{30, 20}, Point{30, 30}, Point{20, 30}}), 0);
}

TEST(Mask, IsThickenedToTheRightAndDown) {
  const Drawing drawing = draw({"#..", "...", "..."});
  EXPECT_EQ(make_mask(drawing.map(), 0.3F), (std::vector<std::uint8_t>{1, 1, 0, 1, 1, 0, 0, 0, 0}));
}

TEST(Regions, AStripBecomesABoxAroundIt) {
  Drawing drawing = empty(200, 100);
  fill(drawing, 40, 40, 140, 52);
  const auto boxes = find_regions(drawing.map(), 400, 200);
  ASSERT_EQ(boxes.size(), 1U);
  EXPECT_LT(boxes[0][0].x, 80);
  EXPECT_LT(boxes[0][0].y, 80);
  EXPECT_GT(boxes[0][2].x, 280);
  EXPECT_GT(boxes[0][2].y, 104);
}

TEST(Regions, FaintAndTinyPatchesAreLeftOut) {
  Drawing drawing = empty(200, 100);
  fill(drawing, 10, 10, 100, 22, 0.4F);  // above the pixels' threshold, below the box's
  fill(drawing, 150, 60, 151, 61);
  EXPECT_TRUE(find_regions(drawing.map(), 200, 100).empty());
}

TEST(Regions, StayOnThePage) {
  Drawing drawing = empty(100, 60);
  fill(drawing, 0, 0, 100, 60);
  const auto boxes = find_regions(drawing.map(), 100, 60);
  ASSERT_EQ(boxes.size(), 1U);
  EXPECT_EQ(boxes[0], (Quad{Point{0, 0}, Point{99, 0}, Point{99, 59}, Point{0, 59}}));
}

TEST(Regions, NoiseIsBoundedAndAnEmptyMapIsNothing) {
  Drawing noise = empty(300, 300);
  for (std::size_t i = 0; i < noise.values.size(); i += 3) noise.values[i] = 0.9F;
  EXPECT_LE(find_regions(noise.map(), 300, 300).size(), 1000U);
  EXPECT_TRUE(find_regions({}, 100, 100).empty());
}

TEST(ReadingOrder, GoesByRowsThenFromTheLeft) {
  const auto box = [](double x, double y) {
    return Quad{Point{x, y}, Point{x + 10, y}, Point{x + 10, y + 5}, Point{x, y + 5}};
  };
  std::vector<Quad> boxes = {box(300, 108), box(0, 200), box(10, 100), box(150, 104)};
  sort_for_reading(boxes);
  EXPECT_EQ(boxes[0][0].x, 10);
  EXPECT_EQ(boxes[1][0].x, 150);
  EXPECT_EQ(boxes[2][0].x, 300);
  EXPECT_EQ(boxes[3][0].x, 0);
}

}  // namespace
}  // namespace hearth::engines::onnx
