#include "engines/llama/parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace hearth::engines::llama {
namespace {

using Need = SlotGate::Need;

constexpr Need kRoom{2, 4096};

/// What runs at once is begun in order until nothing more fits, then ends in the order in which it began.
int most_cells_at_once(const std::vector<Part>& parts, Need given) {
  Seats seats(given);
  std::size_t ended = 0;
  int cells = 0;
  int most = 0;
  for (const Part& part : parts) {
    while (!seats.try_take(part.need)) {
      EXPECT_LT(ended, parts.size());
      seats.give_back(parts[ended].need);
      cells -= parts[ended++].need.cells;
    }
    cells += part.need.cells;
    most = std::max(most, cells);
  }
  return most;
}

TEST(Parts, ChoicesThatFitAreDecodedSideBySideAndShareTheirPrompt) {
  const auto parts = parts_of(3, {100, 2, 50}, kRoom);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].prompt, 3U);
  EXPECT_EQ(parts[0].answers, 2);
  EXPECT_EQ(parts[0].limit, 50);
  EXPECT_EQ(parts[0].need.slots, 2);
  EXPECT_EQ(parts[0].need.cells, 200);
}

TEST(Parts, ChoicesThatDoNotFitSideBySideAreMadeOneByOneAndNoneIsCutShort) {
  const auto parts = parts_of(0, {100, 2, 3000}, kRoom);
  ASSERT_EQ(parts.size(), 2U);
  for (int i = 0; i < 2; ++i) {
    const Part& part = parts[static_cast<std::size_t>(i)];
    EXPECT_EQ(part.first, i);
    EXPECT_EQ(part.answers, 1);
    EXPECT_EQ(part.limit, 3000);
    EXPECT_EQ(part.need.cells, 3100);
  }
}

TEST(Parts, MoreChoicesThanSlotsAreMadeAsTheyFindRoom) {
  const auto parts = parts_of(0, {100, 5, 10}, kRoom);
  ASSERT_EQ(parts.size(), 5U);
  EXPECT_EQ(parts.back().first, 4);
  EXPECT_EQ(most_cells_at_once(parts, need_of(parts, kRoom)), 220);
}

TEST(Parts, AnAnswerWithoutALimitEndsAtItsShareOfTheContext) {
  EXPECT_EQ(parts_of(0, {100, 1, -1}, kRoom).at(0).limit, 1948);
  EXPECT_EQ(parts_of(0, {2000, 1, -1}, kRoom).at(0).limit, kLeastAnswer);
  EXPECT_EQ(parts_of(0, {4000, 1, -1}, kRoom).at(0).limit, 96);
  EXPECT_EQ(parts_of(0, {100, 1, 100'000}, kRoom).at(0).limit, 3996);
  EXPECT_EQ(parts_of(0, {100, 1, 0}, kRoom).at(0).limit, 0);
}

TEST(Parts, APictureHasAllCellsAndItsAnswerAShare) {
  const auto parts = parts_of(0, {std::nullopt, 2, -1}, kRoom);
  ASSERT_EQ(parts.size(), 2U);
  for (const Part& part : parts) {
    EXPECT_EQ(part.limit, 2048);
    EXPECT_EQ(part.need.slots, 1);
    EXPECT_EQ(part.need.cells, 4096);
  }
  EXPECT_EQ(parts_of(0, {std::nullopt, 1, std::numeric_limits<int>::max()}, kRoom).at(0).limit, 4096);
}

TEST(Parts, TheCellsOfWhatRunsAtOnceNeverExceedTheContext) {
  for (const int tokens : {0, 1, 1000, 2047, 3000, 3900, 4095}) {
    for (const int answers : {1, 2, 3, 16}) {
      for (const int limit : {-1, 0, 1, 300, 3000, 1'000'000}) {
        std::vector<Part> parts;
        for (const std::size_t prompt : {0U, 1U, 2U}) {
          for (const Part& part : parts_of(prompt, {tokens, answers, limit}, kRoom)) parts.push_back(part);
        }
        int made = 0;
        for (const Part& part : parts) {
          EXPECT_LE(part.need.slots, kRoom.slots);
          EXPECT_LE(tokens + part.answers * part.limit, kRoom.cells) << tokens << ' ' << answers << ' ' << limit;
          made += part.answers;
        }
        EXPECT_EQ(made, 3 * answers);
        EXPECT_LE(most_cells_at_once(parts, need_of(parts, kRoom)), kRoom.cells);
      }
    }
  }
}

TEST(Parts, WhatTwoSmallPromptsNeedIsNotTheWholeModel) {
  const Need room{8, 4096};
  auto parts = parts_of(0, {100, 1, 20}, room);
  parts.push_back(parts_of(1, {50, 1, 20}, room).at(0));
  const Need need = need_of(parts, room);
  EXPECT_EQ(need.slots, 2);
  EXPECT_EQ(need.cells, 190);
}

TEST(Seats, WhatFindsNoSeatWaitsForOneThatIsGivenBack) {
  Seats seats({2, 100});
  EXPECT_TRUE(seats.try_take({1, 60}));
  EXPECT_FALSE(seats.try_take({1, 60}));
  EXPECT_TRUE(seats.try_take({1, 40}));
  EXPECT_FALSE(seats.try_take({1, 0}));
  seats.give_back({1, 60});
  EXPECT_TRUE(seats.try_take({1, 60}));
}

TEST(Seats, WhatIsAloneBeginsHoweverMuchItNeeds) {
  Seats seats({1, 100});
  EXPECT_TRUE(seats.try_take({1, 200}));
  EXPECT_FALSE(seats.try_take({1, 0}));
}

}  // namespace
}  // namespace hearth::engines::llama
