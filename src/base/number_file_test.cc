#include "base/number_file.h"

#include <gtest/gtest.h>

namespace hearth::base {
namespace {

TEST(NumberFile, ReadsBackWhatWasWritten) {
  const Numbers two{{"a b", 0}, {"c", 7}};
  EXPECT_EQ(format_numbers("title 1", two), "title 1\n0 a b\n7 c\nend 2\n");
  EXPECT_EQ(parse_numbers("title 1", "title 1\n0 a b\n7 c\nend 2\n", 7), two);
}

TEST(NumberFile, AnotherTitleOrTooLargeANumberIsNothing) {
  EXPECT_TRUE(parse_numbers("title 2", "title 1\n7 c\nend 1\n", 7).empty());
  EXPECT_TRUE(parse_numbers("title 1", "title 1\n8 c\nend 1\n", 7).empty());
}

TEST(NumberFile, WhatCannotBeWrittenIsLeftOut) {
  EXPECT_EQ(format_numbers("t", {{"a\nb", 1}, {"b", -1}, {"c", 2}}), "t\n2 c\nend 1\n");
}

}  // namespace
}  // namespace hearth::base
