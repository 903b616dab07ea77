#include "image/decode.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "image/files_test.h"

namespace hearth::image {
namespace {

using base::Code;
using Bytes = std::vector<std::uint8_t>;

const Bytes kColours = {255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 200, 100, 50, 255, 255, 255};

Picture read(std::string_view hex, int page = 0) {
  auto picture = decode_page(bytes_of(hex), page);
  EXPECT_TRUE(picture) << picture.error().line();
  return picture ? std::move(*picture) : Picture{};
}

Code refusal(const std::string& bytes, const DecodeLimits& limits = {}) {
  const auto picture = decode(bytes, limits);
  return picture ? Code::kInternal : picture.error().code;
}

TEST(Decode, LosslessFormatsGiveTheirPixels) {
  for (const std::string_view hex : {kPng, kPngPalette, kBmp24, kBmp8, kTiffTwoPages}) {
    const Picture picture = read(hex);
    EXPECT_EQ(picture.width, 3);
    EXPECT_EQ(picture.height, 2);
    EXPECT_EQ(picture.rgb, kColours) << hex.substr(0, 8);
  }
}

TEST(Decode, SixteenBitsAndSingleBitsBecomeEight) {
  EXPECT_EQ(read(kPngGrey16).rgb, (Bytes{18, 18, 18, 254, 254, 254}));
  EXPECT_EQ(read(kBmp1).rgb, (Bytes{255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0}));
  EXPECT_EQ(read(kTiffFax).rgb[0], 255);
  EXPECT_EQ(read(kTiffFax).rgb[7 * 3], 0);
}

TEST(Decode, TransparentPixelsTakeTheGroundThatInkStandsOutFrom) {
  const Picture picture = read(kPngAlpha);
  EXPECT_EQ(picture.rgb[0], 255);  // dark ink on the whole: white
  EXPECT_EQ(picture.rgb[1], 255);
  EXPECT_EQ(picture.rgb[4], 255);  // opaque green stays
  EXPECT_EQ(picture.rgb[3], 0);
}

TEST(Decode, ThePictureComesTheRightWayUp) {
  const Picture jpeg = read(kJpegOnItsSide);  // stored 16 × 8, its left half black
  EXPECT_EQ(jpeg.width, 8);
  EXPECT_EQ(jpeg.height, 16);
  EXPECT_LT(jpeg.row(0)[0], 8);
  EXPECT_GT(jpeg.row(15)[0], 120);
  const Picture webp = read(kWebp);
  EXPECT_EQ(webp.width, 2);
  EXPECT_EQ(webp.height, 3);
  EXPECT_EQ(webp.row(0)[3], 255);  // red, which was top left, is top right
  EXPECT_EQ(webp.row(0)[4], 0);
  const Picture tiff = read(kTiffUpsideDown);
  EXPECT_EQ(tiff.rgb[0], 255);
  EXPECT_EQ(tiff.rgb[15], 255);
  EXPECT_EQ(tiff.rgb[16], 0);
}

TEST(Decode, FourInksBecomeThreeColours) {
  const Picture red = read(kJpegFourInks);
  EXPECT_GT(red.rgb[0], 240);
  EXPECT_LT(red.rgb[1], 15);
  EXPECT_LT(red.rgb[2], 15);
}

TEST(Decode, ProgressiveAndPlainJpegAreTheSame) {
  const Picture picture = read(kJpegProgressive);
  EXPECT_EQ(picture.width, 16);
  EXPECT_LT(picture.row(0)[0], 8);
}

TEST(Decode, ATiffHasPagesTheOthersHaveOne) {
  const std::string tiff = bytes_of(kTiffTwoPages);
  EXPECT_EQ(count_pages(tiff).value(), 2);
  EXPECT_EQ(count_pages(bytes_of(kPng)).value(), 1);
  EXPECT_EQ(read(kTiffTwoPages, 1).width, 5);
  EXPECT_EQ(read(kTiffTwoPages, 1).rgb[2], 3);
  EXPECT_EQ(decode_page(tiff, 2).error().code, Code::kInvalidArgument);
  EXPECT_EQ(decode_page(bytes_of(kPng), 1).error().code, Code::kInvalidArgument);
  EXPECT_EQ(count_pages(tiff, {.pages = 1}).error().code, Code::kInvalidArgument);
}

TEST(Decode, AFileCutShortAnywhereIsAnErrorAndNoCrash) {
  for (const std::string_view hex :
       {kPng, kPngAlpha, kJpegOnItsSide, kJpegProgressive, kWebp, kBmp24, kBmp8, kTiffTwoPages, kTiffFax}) {
    const std::string whole = bytes_of(hex);
    const bool has_trailer = hex == kWebp || hex == kTiffTwoPages;  // bytes that the first picture does not need
    const std::size_t end = has_trailer ? whole.size() / 3 : whole.size() - 4;
    for (std::size_t length = 0; length < end; ++length) {
      EXPECT_FALSE(decode(std::string_view(whole).substr(0, length))) << hex.substr(0, 8) << " at " << length;
    }
  }
}

TEST(Decode, AFlippedByteIsAnErrorOrAPictureButNoCrash) {
  for (const std::string_view hex : {kPng, kPngPalette, kJpegOnItsSide, kJpegProgressive, kJpegFourInks, kWebp, kBmp24,
                                     kBmp8, kBmp1, kTiffTwoPages, kTiffFax}) {
    const std::string whole = bytes_of(hex);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const char flip : {'\x01', '\x80', '\xff'}) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        const auto picture = decode(damaged, {.pixels = 1'000'000, .side = 10'000});
        if (!picture) continue;
        EXPECT_EQ(picture->rgb.size(), picture->row_bytes() * static_cast<std::size_t>(picture->height));
      }
    }
  }
}

TEST(Decode, ALyingHeaderIsRefusedBeforeMemoryIsTaken) {
  std::string bmp = bytes_of(kBmp24);
  bmp[18] = bmp[19] = bmp[20] = '\xff';  // a width of 16 million
  bmp[21] = 0;
  EXPECT_EQ(refusal(bmp), Code::kInvalidArgument);
  std::string jpeg = bytes_of(kJpegProgressive);
  const std::size_t frame = jpeg.find("\xff\xc2");
  ASSERT_NE(frame, std::string::npos);
  jpeg[frame + 5] = jpeg[frame + 6] = jpeg[frame + 7] = jpeg[frame + 8] = '\xfe';  // 65,278 a side
  EXPECT_EQ(refusal(jpeg), Code::kInvalidArgument);
}

TEST(Decode, LimitsAreKeptByEveryFormat) {
  for (const std::string_view hex : {kPng, kJpegProgressive, kWebp, kBmp24, kTiffTwoPages}) {
    EXPECT_EQ(refusal(bytes_of(hex), {.pixels = 5}), Code::kInvalidArgument) << hex.substr(0, 8);
    EXPECT_EQ(refusal(bytes_of(hex), {.side = 2}), Code::kInvalidArgument) << hex.substr(0, 8);
  }
}

TEST(Decode, WhatIsNotReadIsSaidPlainly) {
  EXPECT_EQ(refusal("%PDF-1.7\n"), Code::kUnsupported);
  EXPECT_EQ(refusal("\n\n%PDF-1.7\n"), Code::kUnsupported);
  EXPECT_EQ(refusal("GIF89a..."), Code::kUnsupported);
  EXPECT_EQ(refusal(bytes_of(kWebpAnimated)), Code::kUnsupported);
  EXPECT_EQ(refusal(""), Code::kInvalidArgument);
  std::string compressed = bytes_of(kBmp8);
  compressed[30] = 1;  // run lengths
  EXPECT_EQ(refusal(compressed), Code::kUnsupported);
}

}  // namespace
}  // namespace hearth::image
