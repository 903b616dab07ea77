#include "store/local_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "store/digest.h"
#include "store/served_models.h"
#include "testing/temp_dir.h"

namespace hearth::store {
namespace {

using base::Code;
using ::testing::HasSubstr;

config::Folders folders_in(const testing::TempDir& dir) { return {dir / "config", dir / "cache", dir / "state"}; }

ModelSpec two_files() {
  ModelSpec spec;
  spec.name = spec.entry = "two";
  spec.engine = "kokoro";
  spec.files = {FileSpec{"a.bin", Bytes{3}, sha256_of("aaa"), "", {}, {}},
                FileSpec{"b.bin", Bytes{4}, sha256_of("bbbb"), "", {}, {}}};
  return spec;
}

TEST(LocalModel, IsFoundWhenEveryFileHasItsSize) {
  testing::TempDir dir;
  const config::Folders folders = folders_in(dir);
  ASSERT_TRUE(base::write_file_atomically(folders.models() / "two/a.bin", "aaa"));
  ASSERT_TRUE(base::write_file_atomically(folders.models() / "two/b.bin", "bbbb"));
  const auto local = find_local(two_files(), folders);
  ASSERT_TRUE(local) << local.error().line();
  EXPECT_EQ(local->file("b.bin")->identity.size, 4);
  EXPECT_EQ(local->size(), Bytes{7});
  EXPECT_EQ(local->file("c.bin"), nullptr);
}

TEST(LocalModel, WhatIsMissingOrCutSaysWhichCommandMendsIt) {
  testing::TempDir dir;
  const config::Folders folders = folders_in(dir);
  const auto absent = find_local(two_files(), folders);
  EXPECT_EQ(absent.error().line(), "two is not here; run `hearth models pull two`");
  ASSERT_TRUE(base::write_file_atomically(folders.models() / "two/a.bin", "aaa"));
  EXPECT_THAT(find_local(two_files(), folders).error().line(), HasSubstr("b.bin is missing"));
  ASSERT_TRUE(base::write_file_atomically(folders.models() / "two/b.bin", "b"));
  const auto cut = find_local(two_files(), folders);
  EXPECT_EQ(cut.error().code, Code::kCorrupt);
  EXPECT_THAT(cut.error().line(), HasSubstr("has 1 bytes instead of 4; run `hearth models pull two`"));
  ASSERT_TRUE(base::write_file_atomically(folders.models() / "two/b.bin", ""));
  EXPECT_EQ(find_local(two_files(), folders).error().code, Code::kCorrupt);
}

TEST(LocalModel, AFolderInAFilesPlaceIsNoModel) {
  testing::TempDir dir;
  const config::Folders folders = folders_in(dir);
  std::filesystem::create_directories(folders.models() / "two/a.bin");
  EXPECT_FALSE(find_local(two_files(), folders));
}

TEST(LocalModel, AUsersOwnFileOrFolderIsTakenAsItIs) {
  testing::TempDir dir;
  ModelSpec spec;
  spec.name = spec.entry = "mine";
  spec.path = (dir / "mine.gguf").string();
  EXPECT_EQ(find_local(spec, folders_in(dir)).error().code, Code::kNotFound);
  ASSERT_TRUE(base::write_file_atomically(spec.path, "weights"));
  EXPECT_EQ(find_local(spec, folders_in(dir))->files.at(0).name, "mine.gguf");
  spec.path = dir.path().string();
  EXPECT_NE(find_local(spec, folders_in(dir))->file("mine.gguf"), nullptr);
}

class ServedModels : public ::testing::Test {
 protected:
  /// Kokoro as far as sizes tell.
  void put_kokoro() {
    const auto kokoro = find_builtin("kokoro");
    for (const FileSpec& file : kokoro->files) {
      const auto path = folders_.models() / "kokoro" / file.name;
      ASSERT_TRUE(base::write_file_atomically(path, "x"));
      std::filesystem::resize_file(path, static_cast<std::uintmax_t>(file.size.count));
    }
  }
  testing::TempDir dir_;
  config::Folders folders_ = folders_in(dir_);
  config::Config config_;
};

bool runs_kokoro(std::string_view engine) { return engine == "kokoro"; }

TEST_F(ServedModels, ABareServerServesWhatOfTheDefaultSetIsPulled) {
  EXPECT_TRUE(served_models(config_, folders_, &runs_kokoro)->empty());
  put_kokoro();
  const auto served = served_models(config_, folders_, &runs_kokoro).value();
  ASSERT_EQ(served.size(), 1U);
  EXPECT_EQ(served[0].config.name, "kokoro");
  EXPECT_EQ(served[0].config.load, config::Load::kPreload);
}

TEST_F(ServedModels, NamedModelsAreRequiredEvenWhenAbsent) {
  config_.server.models = {"kokoro"};
  const auto served = served_models(config_, folders_, &runs_kokoro).value();
  ASSERT_EQ(served.size(), 1U);
  EXPECT_EQ(served[0].config.load, config::Load::kRequired);
}

TEST_F(ServedModels, ConfiguredModelsKeepTheirOptionsAndOthersWaitForDemand) {
  put_kokoro();
  config::Model voice;
  voice.name = "voice";
  voice.manifest = "kokoro";
  voice.pinned = true;
  config_.models.push_back(voice);
  const auto served = served_models(config_, folders_, &runs_kokoro).value();
  ASSERT_EQ(served.size(), 2U);
  EXPECT_TRUE(served[0].config.pinned);
  const auto voice_here = find_local(served[0].spec, folders_);
  ASSERT_TRUE(voice_here) << voice_here.error().line();
  EXPECT_EQ(voice_here->name, "voice");
  EXPECT_EQ(voice_here->folder, folders_.models() / "kokoro");
  EXPECT_EQ(served[1].config.name, "kokoro");
  EXPECT_EQ(served[1].config.load, config::Load::kOnDemand);
  config_.server.models = {"kokoro"};
  const auto narrowed = served_models(config_, folders_, &runs_kokoro).value();
  EXPECT_EQ(narrowed[0].config.name, "kokoro");
  EXPECT_EQ(narrowed[1].config.load, config::Load::kOnDemand);
}

TEST_F(ServedModels, AnUnknownOrUnrunnableNameIsAnError) {
  config_.server.models = {"kokro"};
  EXPECT_EQ(served_models(config_, folders_, &runs_kokoro).error().code, Code::kNotFound);
  config_.server.models = {"pp-ocr-v6"};
  EXPECT_EQ(served_models(config_, folders_, &runs_kokoro).error().code, Code::kUnsupported);
}

}  // namespace
}  // namespace hearth::store
