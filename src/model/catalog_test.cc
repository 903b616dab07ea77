#include "model/catalog.h"

#include <gtest/gtest.h>

namespace hearth::model {
namespace {

ModelSpec spec(const std::string& name, const std::string& digest) {
  ModelSpec out;
  out.name = name;
  out.kind = "fake";
  out.key = ModelKey::make("fake", {{"model", digest}}, {});
  out.load = [](const engine::LoadProgress&, std::stop_token) -> base::Result<std::unique_ptr<engine::Engine>> {
    return base::fail(base::Code::kUnsupported, "not in this test");
  };
  return out;
}

TEST(ModelKey, DiffersWhereverFilesOrOptionsDo) {
  const auto key = [](auto files, auto options) { return ModelKey::make("k", files, options); };
  using Map = std::map<std::string, std::string>;
  const ModelKey one = key(Map{{"model", "ab"}}, Map{{"ctx", "1"}});
  EXPECT_EQ(one, key(Map{{"model", "ab"}}, Map{{"ctx", "1"}}));
  EXPECT_NE(one, key(Map{{"model", "ab"}}, Map{{"ctx", "2"}}));
  EXPECT_NE(one, key(Map{{"model", "ab"}, {"ctx", "1"}}, Map{}));
  EXPECT_NE(one, key(Map{{"modela", "b"}}, Map{{"ctx", "1"}}));
  EXPECT_NE(one.digest(), key(Map{{"model", "ab"}}, Map{{"ctx", "2"}}).digest());
  EXPECT_EQ(one.digest().size(), 16U);
}

TEST(Catalog, TwoNamesForOneKeyAreOneModelWithTheStrongerWishes) {
  ModelSpec first = spec("kokoro", "d1"), second = spec("voice", "d1");
  first.aliases = {"tts-1"};
  first.ttl = base::Millis{10};
  second.mode = LoadMode::kRequired;
  second.pinned = true;
  second.warm_up = WarmUp::kAfterReady;
  second.ttl = base::Millis{20};
  const auto catalog = Catalog::make({first, second});
  ASSERT_TRUE(catalog);
  ASSERT_EQ(catalog->specs().size(), 1U);
  const ModelSpec& merged = catalog->specs()[0];
  EXPECT_EQ(merged.name, "kokoro");
  EXPECT_EQ(merged.aliases, (std::vector<ModelName>{"tts-1", "voice"}));
  EXPECT_EQ(merged.mode, LoadMode::kRequired);
  EXPECT_TRUE(merged.pinned);
  EXPECT_EQ(merged.warm_up, WarmUp::kAfterReady);
  EXPECT_EQ(merged.ttl, base::Duration{base::Millis{20}});
  EXPECT_EQ(catalog->names().at("tts-1"), catalog->names().at("voice"));
}

TEST(Catalog, AModelThatStaysMakesItsOtherNameStayToo) {
  ModelSpec first = spec("a", "d"), second = spec("b", "d");
  first.ttl = base::Millis{10};
  EXPECT_EQ(Catalog::make({first, second})->specs()[0].ttl, std::nullopt);
}

TEST(Catalog, OneNameForTwoModelsIsRefusedWithTheName) {
  const auto catalog = Catalog::make({spec("same", "d1"), spec("same", "d2")});
  ASSERT_FALSE(catalog);
  EXPECT_EQ(catalog.error().code, base::Code::kInvalidArgument);
  EXPECT_NE(catalog.error().message.find("same"), std::string::npos);
}

TEST(Catalog, AModelWithoutANameOrAWayToLoadItIsRefused) {
  EXPECT_FALSE(Catalog::make({spec("", "d")}));
  ModelSpec bare = spec("a", "d");
  bare.load = nullptr;
  EXPECT_FALSE(Catalog::make({bare}));
}

}  // namespace
}  // namespace hearth::model
