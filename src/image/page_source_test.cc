#include "image/page_source.h"

#include <gtest/gtest.h>

#include "image/files_test.h"

namespace hearth::image {
namespace {

using base::Code;

PageRanges ranges(std::string_view text) { return PageRanges::parse(text).value_or(PageRanges()); }

std::vector<int> numbers_of(PageSource& source) {
  std::vector<int> numbers;
  for (;;) {
    const auto page = source.next({});
    EXPECT_TRUE(page) << page.error().line();
    if (!page || !*page) return numbers;
    EXPECT_EQ((*page)->picture.height, 2 * (*page)->number);
    numbers.push_back((*page)->number);
  }
}

TEST(PageSource, GivesEveryPageOfAFileAndThenNothing) {
  const std::string tiff = bytes_of(kTiffTwoPages);
  auto source = open_pages(tiff, {}, {}, {}, {});
  ASSERT_TRUE(source) << source.error().line();
  EXPECT_EQ((*source)->count(), 2);
  EXPECT_EQ(numbers_of(**source), (std::vector{1, 2}));
  EXPECT_FALSE(*(*source)->next({}));
}

TEST(PageSource, GivesOnlyWhatWasAskedFor) {
  const std::string tiff = bytes_of(kTiffTwoPages);
  auto source = open_pages(tiff, ranges("2"), {}, {}, {});
  ASSERT_TRUE(source) << source.error().line();
  EXPECT_EQ((*source)->count(), 2);
  EXPECT_EQ(numbers_of(**source), (std::vector{2}));
  const auto missing = open_pages(tiff, ranges("3"), {}, {}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kInvalidArgument);
}

TEST(PageSource, TooManyAtOnceAreRefusedAndFewerOfThemAreNot) {
  const std::string tiff = bytes_of(kTiffTwoPages);
  EXPECT_EQ(open_pages(tiff, {}, {.pages_at_once = 1}, {}, {}).error().code, Code::kInvalidArgument);
  EXPECT_TRUE(open_pages(tiff, ranges("2"), {.pages_at_once = 1}, {}, {}));
}

TEST(PageSource, ABadFileIsRefusedBeforeItsFirstPageIsAskedFor) {
  EXPECT_EQ(open_pages("", {}, {}, {}, {}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(open_pages(bytes_of(kPng).substr(0, 40), {}, {}, {}, {}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(open_pages("%PDF-1.7", {}, {}, {}, {}).error().code, Code::kUnsupported);
}

TEST(PageSource, WhatThisRoomDoesNotKnowIsForTheOther) {
  std::vector<std::string> asked;
  const OpenOther other = [&](std::string_view bytes, const PageRanges&, const DecodeLimits&,
                              const std::stop_token&) -> base::Result<std::unique_ptr<PageSource>> {
    asked.emplace_back(bytes);
    return base::fail(bytes.starts_with('%') ? Code::kInvalidArgument : Code::kUnsupported, "the other's word");
  };
  EXPECT_EQ(open_pages("%PDF-1.7", {}, {}, other, {}).error().message, "the other's word");
  // Where the other cannot work, who sent nonsense is told what is taken, not what to install.
  EXPECT_NE(open_pages("nonsense", {}, {}, other, {}).error().message, "the other's word");
  EXPECT_TRUE(open_pages(bytes_of(kPng), {}, {}, other, {}));
  EXPECT_EQ(asked, (std::vector<std::string>{"%PDF-1.7", "nonsense"}));
}

TEST(PageSource, AStopEndsIt) {
  const std::string tiff = bytes_of(kTiffTwoPages);
  auto source = open_pages(tiff, {}, {}, {}, {});
  ASSERT_TRUE(source);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ((*source)->next(stop.get_token()).error().code, Code::kCancelled);
}

}  // namespace
}  // namespace hearth::image
