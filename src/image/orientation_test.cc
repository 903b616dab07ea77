#include "image/orientation.h"

#include <gtest/gtest.h>

#include <string>

namespace hearth::image {
namespace {

/// Pixels a, b, c / d, e, f, each a grey of that letter.
Picture letters(int width, int height, const std::string& letters) {
  Picture picture = make_picture(width, height);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<std::uint8_t>(letters[i / 3]);
  return picture;
}

std::string spell(const Picture& picture) {
  std::string text;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) text += static_cast<char>(picture.rgb[i]);
  return text + ' ' + std::to_string(picture.width) + 'x' + std::to_string(picture.height);
}

TEST(Orientation, EachOfTheEightComesUpright) {
  const auto upright = [](const Picture& stored, int number) {
    return spell(make_upright(stored, orientation_of_number(number)));
  };
  // What a camera stores of the scene "abc/def" for each number.
  EXPECT_EQ(upright(letters(3, 2, "abcdef"), 1), "abcdef 3x2");
  EXPECT_EQ(upright(letters(3, 2, "cbafed"), 2), "abcdef 3x2");
  EXPECT_EQ(upright(letters(3, 2, "fedcba"), 3), "abcdef 3x2");
  EXPECT_EQ(upright(letters(3, 2, "defabc"), 4), "abcdef 3x2");
  EXPECT_EQ(upright(letters(2, 3, "adbecf"), 5), "abcdef 3x2");
  EXPECT_EQ(upright(letters(2, 3, "cfbead"), 6), "abcdef 3x2");
  EXPECT_EQ(upright(letters(2, 3, "fcebda"), 7), "abcdef 3x2");
  EXPECT_EQ(upright(letters(2, 3, "daebfc"), 8), "abcdef 3x2");
}

TEST(Orientation, AnUnknownNumberIsUpright) {
  EXPECT_EQ(orientation_of_number(0), Orientation::kUpright);
  EXPECT_EQ(orientation_of_number(9), Orientation::kUpright);
}

TEST(Orientation, IsReadFromBothByteOrders) {
  using namespace std::string_literals;
  const std::string little = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s;
  const std::string big = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0"s;
  EXPECT_EQ(orientation_of_exif(little), Orientation::kOnLeftSide);
  EXPECT_EQ(orientation_of_exif(big), Orientation::kOnRightSide);
}

TEST(Orientation, ADamagedBlockIsUprightAtEveryLength) {
  using namespace std::string_literals;
  const std::string whole = "Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s;
  for (std::size_t length = 0; length < 24; ++length) {
    EXPECT_EQ(orientation_of_exif(std::string_view(whole).substr(0, length)), Orientation::kUpright) << length;
  }
  EXPECT_EQ(orientation_of_exif("II*\0\xff\xff\xff\xff"s), Orientation::kUpright);
}

TEST(Turns, GoTheWayTheyAreNamed) {
  EXPECT_EQ(spell(turn_180(letters(3, 2, "abcdef"))), "fedcba 3x2");
  EXPECT_EQ(spell(turn_left(letters(3, 2, "abcdef"))), "cfbead 2x3");
  EXPECT_EQ(spell(turn_left(turn_left(letters(3, 2, "abcdef")))), "fedcba 3x2");
}

TEST(Flatten, PutsDarkInkOnWhiteAndLightInkOnBlack) {
  const Picture dark = flatten({0, 0, 0, 255, 9, 9, 9, 0}, 2, 1);
  EXPECT_EQ(dark.rgb, (std::vector<std::uint8_t>{0, 0, 0, 255, 255, 255}));
  const Picture light = flatten({250, 250, 250, 255, 9, 9, 9, 0}, 2, 1);
  EXPECT_EQ(light.rgb, (std::vector<std::uint8_t>{250, 250, 250, 0, 0, 0}));
}

TEST(PadRows, AddsBlackAboveAndBelow) {
  const Picture padded = pad_rows(letters(1, 1, "a"), 2);
  EXPECT_EQ(padded.height, 5);
  EXPECT_EQ(padded.row(0)[0], 0);
  EXPECT_EQ(padded.row(2)[0], 'a');
  EXPECT_EQ(padded.row(4)[0], 0);
}

}  // namespace
}  // namespace hearth::image
