#include "wire/sampling_lists.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/language_request.h"

namespace hearth::wire {
namespace {

/// The field that is refused; empty where all is taken.
std::string refused(const nlohmann::json& body) {
  const auto request = parse_language_request(body.dump(), LanguageShape::kCompletion);
  return request ? std::string() : request.error().param.value_or("(none)");
}

nlohmann::json biases(std::size_t count, const std::string& text) {
  auto list = nlohmann::json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back(nlohmann::json::array({text, 1}));
  return list;
}

TEST(SamplingLists, WhatClientsSendIsTaken) {
  EXPECT_EQ(refused({{"logit_bias", {{"50256", -100}, {"15043", 5}}}}), "");
  EXPECT_EQ(refused({{"logit_bias", biases(1024, "a word")}}), "");
  EXPECT_EQ(refused({{"logit_bias", nullptr}}), "");
  EXPECT_EQ(refused({{"samplers", {"top_k", "temperature"}}}), "");
  EXPECT_EQ(refused({{"samplers", "kfypmt"}}), "");
  EXPECT_EQ(refused({{"dry_sequence_breakers", {"\n", ":", "\"", "*"}}}), "");
}

TEST(SamplingLists, ABiasHasNoWholeBooks) {
  EXPECT_EQ(refused({{"logit_bias", biases(1, std::string(500'000, 'a'))}}), "logit_bias");
  EXPECT_EQ(refused({{"logit_bias", biases(1000, std::string(20, 'a'))}}), "logit_bias");
  EXPECT_EQ(refused({{"logit_bias", {{std::string(500'000, 'a'), 1}}}}), "logit_bias");
  EXPECT_EQ(refused({{"logit_bias", biases(1025, "")}}), "logit_bias");
  EXPECT_EQ(refused({{"logit_bias", 7}}), "logit_bias");
}

TEST(SamplingLists, NorAnyOtherListThousandsOfEntries) {
  EXPECT_EQ(refused({{"samplers", nlohmann::json(std::vector<std::string>(65, "dry"))}}), "samplers");
  EXPECT_EQ(refused({{"samplers", std::string(65, 'd')}}), "samplers");
  EXPECT_EQ(refused({{"dry_sequence_breakers", nlohmann::json(std::vector<std::string>(65, "a"))}}),
            "dry_sequence_breakers");
  EXPECT_EQ(refused({{"dry_sequence_breakers", nlohmann::json::array({std::string(257, 'a')})}}),
            "dry_sequence_breakers");
}

}  // namespace
}  // namespace hearth::wire
