#include "wire/documents.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hearth::wire {
namespace {

using nlohmann::json;

TEST(Documents, AModelHasOpenAisFieldsAndOurs) {
  ModelCard card;
  card.id = "kokoro";
  card.created = 1700000000;
  card.kind = "speech";
  card.aliases = {"tts-1"};
  card.state = "loading";
  card.stage = "open";
  card.progress = 0.5;
  const json one = json::parse(model_json(card));
  EXPECT_EQ(one["id"], "kokoro");
  EXPECT_EQ(one["object"], "model");
  EXPECT_EQ(one["created"], 1700000000);
  EXPECT_EQ(one["owned_by"], "hearth");
  EXPECT_EQ(one["stage"], "open");
  EXPECT_FALSE(one.contains("error"));
  card.error = "the file is truncated";
  const json list = json::parse(model_list_json(std::vector{card, card}));
  EXPECT_EQ(list["object"], "list");
  EXPECT_EQ(list["data"].size(), 2U);
  EXPECT_EQ(list["data"][1]["error"], "the file is truncated");
}

TEST(Documents, VoicesNameOnlyAliasesThatExist) {
  const json list = json::parse(voice_list_json(std::vector<VoiceCard>{{"af_heart", "en-us"}, {"am_echo", "en-us"}}));
  EXPECT_EQ(list["voices"], json({"af_heart", "am_echo"}));
  EXPECT_EQ(list["data"][0]["id"], "af_heart");
  EXPECT_EQ(list["aliases"], json({{"echo", "am_echo"}, {"marin", "af_heart"}}));
}

TEST(Documents, StatusHoldsReadinessAndModels) {
  StatusCard card;
  card.version = "0.1.0";
  card.readiness = {.status = "failed", .pending = {"a"}, .failed = {{"b", "missing"}}};
  card.models.resize(1);
  const json status = json::parse(status_json(card));
  EXPECT_EQ(status["status"], "failed");
  EXPECT_EQ(status["pending"], json({"a"}));
  EXPECT_EQ(status["failed"][0]["model"], "b");
  EXPECT_EQ(status["models"].size(), 1U);
  EXPECT_EQ(status["requests"]["running"], 0);
}

TEST(Documents, OpenInferenceHealthIsAsSpecified) {
  EXPECT_EQ(oip_live_json(true), R"({"live":true})");
  EXPECT_EQ(oip_ready_json(false), R"({"ready":false})");
  EXPECT_EQ(oip_model_ready_json("kokoro", true), R"({"name":"kokoro","ready":true})");
}

TEST(Documents, AnUnloadTellsWhatItGaveBack) {
  EXPECT_EQ(model_change_json({.model = "kokoro", .state = "ready", .returned_bytes = {}}),
            R"({"model":"kokoro","state":"ready"})");
  EXPECT_EQ(model_change_json({.model = "kokoro", .state = "absent", .returned_bytes = 5}),
            R"({"model":"kokoro","state":"absent","returned_bytes":5})");
}

}  // namespace
}  // namespace hearth::wire
