#include "engines/llama/embedding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/llama/refusal.h"

namespace hearth::engines::llama {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

TEST(Embedding, HasAsManyNumbersAsAskedForOrAsTheModelGives) {
  EXPECT_EQ(dimensions_of(json::parse("{}"), 576), 576U);
  EXPECT_EQ(dimensions_of(json::parse(R"({"dimensions": null})"), 576), 576U);
  EXPECT_EQ(dimensions_of(json::parse(R"({"dimensions": 1})"), 576), 1U);
  EXPECT_EQ(dimensions_of(json::parse(R"({"dimensions": 64})"), 576), 64U);
  EXPECT_EQ(dimensions_of(json::parse(R"({"dimensions": 576})"), 576), 576U);
}

TEST(Embedding, NumbersThatTheModelDoesNotHaveAreRefused) {
  for (const char* wanted : {"0", "-1", "577", "64.5", "\"64\"", "true", "[64]", "18446744073709551615", "1e99"}) {
    try {
      (void)dimensions_of(json::parse(std::string(R"({"dimensions": )") + wanted + "}"), 576);
      ADD_FAILURE() << wanted;
    } catch (const Refusal& refusal) {
      EXPECT_EQ(refusal.status, 400) << wanted;
      EXPECT_EQ(refusal.param, "dimensions") << wanted;
      EXPECT_THAT(refusal.what(), HasSubstr("from 1 to 576"));
    }
  }
}

TEST(Embedding, AShorterVectorIsTheBeginningAtLengthOne) {
  std::vector<float> vector = {0.3F, 0.4F, 0.5F, 0.7F};
  shorten(vector, 2, 2);
  EXPECT_THAT(vector, ElementsAre(FloatNear(0.6F, 1e-6F), FloatNear(0.8F, 1e-6F)));
}

TEST(Embedding, WhatIsNotToBeNormalisedIsOnlyCut) {
  std::vector<float> vector = {3, 4, 5};
  shorten(vector, 2, -1);
  EXPECT_THAT(vector, ElementsAre(3, 4));
}

TEST(Embedding, AVectorThatIsShortEnoughStaysAsItIs) {
  std::vector<float> vector = {3, 4};
  shorten(vector, 2, 2);
  EXPECT_THAT(vector, ElementsAre(3, 4));
  std::vector<float> nothing = {0, 0, 1};
  shorten(nothing, 2, 2);
  EXPECT_THAT(nothing, ElementsAre(0, 0)) << "no direction is left";
}

}  // namespace
}  // namespace hearth::engines::llama
