#include "image/resize.h"

#include <gtest/gtest.h>

namespace hearth::image {
namespace {

Picture greys(int width, int height, std::vector<std::uint8_t> values) {
  Picture picture = make_picture(width, height);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = values[i / 3];
  return picture;
}

std::vector<int> values(const Picture& picture) {
  std::vector<int> out;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) out.push_back(picture.rgb[i]);
  return out;
}

TEST(Resize, TheSameSizeIsTheSamePicture) {
  const Picture picture = greys(2, 2, {1, 2, 3, 4});
  EXPECT_EQ(resize(picture, 2, 2).rgb, picture.rgb);
}

TEST(Resize, InterpolatesBetweenCentresAndRepeatsTheEdges) {
  EXPECT_EQ(values(resize(greys(2, 1, {0, 100}), 4, 1)), (std::vector<int>{0, 25, 75, 100}));
  EXPECT_EQ(values(resize(greys(1, 2, {0, 100}), 1, 4)), (std::vector<int>{0, 25, 75, 100}));
}

TEST(Resize, ShrinksByTakingTheNearestTwo) {
  EXPECT_EQ(values(resize(greys(4, 1, {0, 100, 200, 40}), 2, 1)), (std::vector<int>{50, 120}));
  // A fifth of the size: what lies between is not averaged in.
  EXPECT_EQ(values(resize(greys(5, 1, {255, 255, 10, 255, 255}), 1, 1)), (std::vector<int>{10}));
}

TEST(Resize, RoundsAsOpenCvDoes) {
  EXPECT_EQ(values(resize(greys(3, 2, {10, 200, 30, 250, 60, 90}), 5, 3)),
            (std::vector<int>{10, 86, 200, 98, 30, 130, 130, 130, 88, 60, 250, 174, 60, 78, 90}));
}

TEST(Resize, KeepsChannelsApart) {
  Picture picture = make_picture(2, 1);
  picture.rgb = {0, 100, 200, 100, 200, 0};
  EXPECT_EQ(resize(picture, 1, 1).rgb, (std::vector<std::uint8_t>{50, 150, 100}));
}

TEST(Resize, OnePixelFillsAnySize) {
  const Picture big = resize(greys(1, 1, {77}), 5, 3);
  EXPECT_EQ(values(big), std::vector<int>(15, 77));
}

}  // namespace
}  // namespace hearth::image
