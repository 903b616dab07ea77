#include "store/picture_type.h"

#include <gtest/gtest.h>

#include <string>

namespace hearth::store {
namespace {

using namespace std::literals;

TEST(PictureType, IsKnownByTheFirstBytes) {
  EXPECT_EQ(find_picture_type("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv), "image/png");
  EXPECT_EQ(find_picture_type("\xff\xd8\xff\xe0"sv), "image/jpeg");
  EXPECT_EQ(find_picture_type("RIFF\x10\0\0\0WEBPVP8 "sv), "image/webp");
  EXPECT_EQ(find_picture_type("II*\0\x08\0\0\0"sv), "image/tiff");
  EXPECT_EQ(find_picture_type("MM\0*\0\0\0\x08"sv), "image/tiff");
  EXPECT_EQ(find_picture_type("BM\x46\0\0\0\0\0\0\0\x36\0\0\0"sv), "image/bmp");
}

TEST(PictureType, WhatIsNoPictureHasNone) {
  for (const std::string_view bytes :
       {""sv, "<html>"sv, "BM is a country"sv, "BM"sv, "RIFF\x10\0\0\0WAVEfmt "sv, "RIFF"sv, "%PDF-1.7"sv,
        "<svg xmlns='"sv, "GIF89a\1\0\1\0"sv, "\x89PNG"sv, "\xff\xd8"sv})
    EXPECT_EQ(find_picture_type(bytes), "") << bytes;
}

}  // namespace
}  // namespace hearth::store
