#include "image/page_ranges.h"

#include <gtest/gtest.h>

namespace hearth::image {
namespace {

using base::Code;
using Spans = std::vector<PageRanges::Span>;

Spans spans_of(std::string_view text) {
  const auto ranges = PageRanges::parse(text);
  EXPECT_TRUE(ranges) << text;
  if (!ranges) return {};
  return {ranges->spans().begin(), ranges->spans().end()};
}

TEST(PageRanges, NothingNamedMeansAll) {
  EXPECT_EQ(spans_of(""), (Spans{{1, PageRanges::kToTheEnd}}));
  EXPECT_EQ(spans_of("  "), (Spans{{1, PageRanges::kToTheEnd}}));
}

TEST(PageRanges, AreKeptInTheFilesOrderAndJoinedWhereTheyOverlap) {
  EXPECT_EQ(spans_of("1-3,7"), (Spans{{1, 3}, {7, 7}}));
  EXPECT_EQ(spans_of("7, 1 - 3"), (Spans{{1, 3}, {7, 7}}));
  EXPECT_EQ(spans_of("2-5,4-9,9"), (Spans{{2, 9}}));
  EXPECT_EQ(spans_of("5-,3"), (Spans{{3, 3}, {5, PageRanges::kToTheEnd}}));
}

TEST(PageRanges, WhatIsNoPageIsRefused) {
  for (const char* text : {"0", "-3", "3-1", "a", "1,,2", "1,", "1-2-3", "1.5", "99999999999", "+1", "1;2"}) {
    const auto ranges = PageRanges::parse(text);
    ASSERT_FALSE(ranges) << text;
    EXPECT_EQ(ranges.error().code, Code::kInvalidArgument);
  }
  std::string many = "1";
  for (int i = 2; i <= 1'001; ++i) many += "," + std::to_string(2 * i);
  EXPECT_FALSE(PageRanges::parse(many));
}

TEST(PageRanges, AreHeldAgainstTheFile) {
  const auto five = PageRanges::parse("4-")->within(5, 100);
  ASSERT_TRUE(five);
  EXPECT_EQ(Spans(five->spans().begin(), five->spans().end()), (Spans{{4, 5}}));
  EXPECT_NE(PageRanges::parse("2,6")->within(5, 100).error().message.find("5 pages, and page 6"), std::string::npos);
  EXPECT_NE(PageRanges::parse("6-")->within(1, 100).error().message.find("1 page, and page 6"), std::string::npos);
  EXPECT_TRUE(PageRanges::parse("1-10")->within(500, 10));
  EXPECT_NE(PageRanges().within(500, 10).error().message.find("500 pages"), std::string::npos);
}

TEST(PageRanges, AreWalkedOneByOne) {
  const auto ranges = PageRanges::parse("2-3,7")->within(9, 100);
  ASSERT_TRUE(ranges);
  EXPECT_EQ(ranges->first(), 2);
  EXPECT_EQ(ranges->next_after(2), 3);
  EXPECT_EQ(ranges->next_after(3), 7);
  EXPECT_EQ(ranges->next_after(7), 0);
  EXPECT_EQ(ranges->text_after(0), "2-3,7-7");
  EXPECT_EQ(ranges->text_after(2), "3-3,7-7");
  EXPECT_EQ(ranges->text_after(7), "");
  EXPECT_EQ(PageRanges().text_after(1), "2-");
}

}  // namespace
}  // namespace hearth::image
