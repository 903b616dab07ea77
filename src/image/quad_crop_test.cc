#include "image/quad_crop.h"

#include <gtest/gtest.h>

namespace hearth::image {
namespace {

/// Each pixel is 10 y + x.
Picture numbered(int width, int height) {
  Picture picture = make_picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width * 3; ++x) picture.row(y)[x] = static_cast<std::uint8_t>(10 * y + x / 3);
  }
  return picture;
}

Quad rectangle(double left, double top, double right, double bottom) {
  return {Point{left, top}, Point{right, top}, Point{right, bottom}, Point{left, bottom}};
}

TEST(QuadCrop, AnUprightRectangleIsCopied) {
  const auto crop = crop_quad(numbered(8, 8), rectangle(2, 3, 5, 5));
  ASSERT_TRUE(crop);
  EXPECT_EQ(crop->width, 3);
  EXPECT_EQ(crop->height, 2);
  EXPECT_EQ(crop->row(0)[0], 32);
  EXPECT_EQ(crop->row(1)[6], 44);
}

TEST(QuadCrop, AQuarterTurnIsTakenOut) {
  // The content's top left is the picture's bottom left: it was turned a quarter against the clock.
  const Quad quad = {Point{2, 6}, Point{2, 2}, Point{4, 2}, Point{4, 6}};
  const auto crop = crop_quad(numbered(8, 8), quad);
  ASSERT_TRUE(crop);
  EXPECT_EQ(crop->width, 4);
  EXPECT_EQ(crop->height, 2);
  EXPECT_EQ(crop->row(0)[0], 62);
  EXPECT_EQ(crop->row(0)[3], 52);
  EXPECT_EQ(crop->row(1)[0], 63);
}

TEST(QuadCrop, ATurnedRectangleFollowsItsSides) {
  const Picture picture = numbered(12, 12);
  const Quad quad = {Point{2, 4}, Point{6, 1}, Point{9, 5}, Point{5, 8}};  // sides of 5 and 5
  const auto crop = crop_quad(picture, quad);
  ASSERT_TRUE(crop);
  EXPECT_EQ(crop->width, 5);
  EXPECT_EQ(crop->height, 5);
  EXPECT_EQ(crop->row(0)[0], picture.row(4)[2 * 3]);
}

TEST(QuadCrop, InterpolatesAtTheExactPlace) {
  Picture picture = make_picture(4, 4);
  const std::vector<int> ink = {0, 0, 0, 0, 0, 100, 200, 0, 0, 50, 250, 0, 0, 0, 0, 0};
  for (std::size_t i = 0; i < ink.size() * 3; ++i) picture.rgb[i] = static_cast<std::uint8_t>(ink[i / 3]);
  const auto crop = crop_quad(picture, {Point{0, 1}, Point{3, 0}, Point{4, 3}, Point{1, 4}});
  ASSERT_TRUE(crop);
  ASSERT_EQ(crop->width, 3);
  const std::vector<int> expected = {0, 74, 60, 5, 162, 190, 0, 70, 64};  // as OpenCV 5.0's warpPerspective
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(crop->rgb[i * 3], expected[i], 1) << i;
}

TEST(QuadCrop, BeyondThePictureItsEdgeIsRepeated) {
  const auto crop = crop_quad(numbered(4, 4), rectangle(-3, 0, 2, 2));
  ASSERT_TRUE(crop);
  EXPECT_EQ(crop->width, 5);
  EXPECT_EQ(crop->row(1)[0], 10);
  EXPECT_EQ(crop->row(1)[4 * 3], 11);
}

TEST(QuadCrop, WhatHasNoInsideIsNothing) {
  EXPECT_FALSE(crop_quad(numbered(4, 4), rectangle(1, 1, 1, 3)));
  EXPECT_FALSE(crop_quad(numbered(4, 4), {Point{0, 0}, Point{1, 1}, Point{2, 2}, Point{3, 3}}));
  EXPECT_FALSE(crop_quad(numbered(4, 4), {}));
}

}  // namespace
}  // namespace hearth::image
