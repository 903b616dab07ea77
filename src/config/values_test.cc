#include "config/values.h"

#include <gtest/gtest.h>

namespace hearth::config {
namespace {

using namespace std::chrono_literals;
using base::Bytes;

TEST(Values, DurationsTakeUsualUnitsAndSecondsWithoutOne) {
  EXPECT_EQ(read_duration("300"), 300s);
  EXPECT_EQ(read_duration("1.5"), 1500ms);
  EXPECT_EQ(read_duration(" 250 ms "), 250ms);
  EXPECT_EQ(read_duration("5min"), 5min);
  EXPECT_EQ(read_duration("2 h"), 2h);
  EXPECT_EQ(read_duration("7d"), 168h);
}

TEST(Values, DurationsRefuseNonsense) {
  for (const char* text : {"", "s", "-5", "5 parsecs", "1e9", "nan", "99999999d", "5 5", "1.2.3"}) {
    EXPECT_FALSE(read_duration(text)) << text;
  }
}

TEST(Values, SizesTellPowersOfTwoFromPowersOfTen) {
  EXPECT_EQ(read_bytes("512"), Bytes{512});
  EXPECT_EQ(read_bytes("64k"), Bytes{65536});
  EXPECT_EQ(read_bytes("64 KB"), Bytes{64000});
  EXPECT_EQ(read_bytes("1 MiB"), Bytes{1 << 20});
  EXPECT_EQ(read_bytes("1.5GiB"), Bytes{3LL << 29});
  for (const char* text : {"", "MiB", "-1", "1 pound", "9999999 TB", "0x10"}) EXPECT_FALSE(read_bytes(text)) << text;
}

TEST(Values, WholeNumbersHaveNothingAfterThem) {
  EXPECT_EQ(read_int("8000"), 8000);
  for (const char* text : {"", "80x", "8.0", "+8", "0x10", "99999999999999999999"})
    EXPECT_FALSE(read_int(text)) << text;
}

TEST(Values, WhatIsShownReadsBack) {
  for (const auto duration : {base::Millis{0}, base::Millis{1}, base::Millis{90'000}, base::Millis{86'400'000}}) {
    EXPECT_EQ(read_duration(show(duration)), duration) << show(duration);
  }
  for (const auto bytes : {Bytes{0}, Bytes{1}, Bytes{1000}, Bytes{1 << 20}, Bytes{3LL << 29}}) {
    EXPECT_EQ(read_bytes(show(bytes)), bytes) << show(bytes);
  }
}

TEST(Values, ListsDropBlanks) {
  EXPECT_EQ(split_list(" a, b ,,c,"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(split_list(" ").empty());
}

}  // namespace
}  // namespace hearth::config
