#include "store/cleaning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "store/artefact_cache.h"
#include "store/digest.h"
#include "store/local_model.h"
#include "store/manifest.h"
#include "testing/temp_dir.h"

namespace hearth::store {
namespace {

using namespace std::chrono_literals;
using base::Bytes;
using base::Result;

class Cleanings : public ::testing::Test {
 protected:
  void SetUp() override {
    config::Model own;
    own.name = "mine";
    own.kind = config::ModelKind::kLlm;
    own.files = {config::OwnFile{"w.bin", digest_, Bytes{7}, {"https://x.example/w.bin"}}};
    config_.models.push_back(own);
    ASSERT_TRUE(base::write_file_atomically(folders_.models() / "mine/w.bin", "weights"));
  }
  std::filesystem::path make(const ArtefactKey& key, std::chrono::hours age = 0h) {
    const auto made =
        ArtefactCache(folders_.artefacts()).ensure(key, [](const std::filesystem::path& folder) -> Result<void> {
          return base::write_file_atomically(folder / "file", "bytes");
        });
    EXPECT_TRUE(made);
    std::filesystem::last_write_time(made->folder, now_ - age);
    return made->folder;
  }
  std::vector<std::filesystem::path> planned(Cleaning cleaning) {
    std::vector<std::filesystem::path> paths;
    for (const Removal& removal : plan_cleaning(config_, folders_, cleaning, now_)) paths.push_back(removal.path);
    return paths;
  }
  using Paths = std::vector<std::filesystem::path>;
  testing::TempDir dir_;
  config::Folders folders_{dir_ / "config", dir_ / "cache", dir_ / "state"};
  config::Config config_;
  const std::string digest_ = sha256_of("weights");
  const std::filesystem::file_time_type now_ = std::filesystem::file_time_type::clock::now();
};

TEST_F(Cleanings, WhatIsUsedStays) {
  make({"graph", digest_, "lib-2", "avx2", 1});
  make({"lexicon", digest_ + kDigestJoint + digest_, "", "", 1});
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{});
}

TEST_F(Cleanings, WhatIsMadeOfAUsersOwnFilesStaysUntilOneOfThemChanges) {
  const auto own = dir_ / "own";
  ASSERT_TRUE(base::write_file_atomically(own / "model.bin", "weights of my own"));
  ASSERT_TRUE(base::write_file_atomically(own / "vocabulary.txt", "words"));
  config::Model model;
  model.name = "ours";
  model.kind = config::ModelKind::kStt;
  model.path = own.string();
  config_.models.push_back(model);
  const auto local = find_local(*find_model(config_, "ours"), folders_);
  ASSERT_TRUE(local) << local.error().line();
  const std::array both = {local->file("model.bin"), local->file("vocabulary.txt")};
  ASSERT_TRUE(both[0] != nullptr && both[1] != nullptr);
  const auto made = make({"whisper-ggml", joined_digests(both), "ggml", "", 1});
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{});
  ASSERT_TRUE(base::write_file_atomically(own / "vocabulary.txt", "other words"));
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{made});
}

TEST_F(Cleanings, AnOlderVersionOfTheSameGoes) {
  const auto old = make({"graph", digest_, "lib-1", "avx2", 1}, 2h);
  make({"graph", digest_, "lib-2", "avx2", 1});
  make({"graph", digest_, "lib-1", "avx512", 1}, 2h);  // another machine's, on a shared disk
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{old});
}

TEST_F(Cleanings, WhatAModelLeftBehindGoesAndSoDoesADamagedOne) {
  const auto orphan = make({"graph", std::string(64, 'f'), "lib-1", "avx2", 1});
  const auto damaged = make({"other", digest_, "lib-1", "avx2", 1});
  ASSERT_TRUE(base::write_file_atomically(damaged / "file", "byteX"));
  auto paths = planned(Cleaning::kGentle);
  std::sort(paths.begin(), paths.end());
  Paths expected{orphan, damaged};
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(paths, expected);
}

TEST_F(Cleanings, WhatWasMadeAgainMeanwhileStays) {
  const ArtefactKey key{"graph", digest_, "lib-1", "avx2", 1};
  const auto folder = make(key);
  ASSERT_TRUE(base::write_file_atomically(folder / "file", "byteX"));
  const auto plan = plan_cleaning(config_, folders_, Cleaning::kGentle, now_);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(make(key), folder);
  EXPECT_EQ(apply(plan[0], folders_).error().code, base::Code::kConflict);
  EXPECT_TRUE(ArtefactCache(folders_.artefacts()).find(key));
}

TEST_F(Cleanings, AnArtefactThatIsMadeAgainJustNowIsNotWaitedFor) {
  const ArtefactKey key{"graph", digest_, "lib-1", "avx2", 1};
  ASSERT_TRUE(base::write_file_atomically(make(key) / "file", "byteX"));
  const auto plan = plan_cleaning(config_, folders_, Cleaning::kGentle, now_);
  ASSERT_EQ(plan.size(), 1U);
  {
    const auto held = base::FileLock::acquire(folders_.artefacts() / ".locks" / (key.folder_name() + ".lock"));
    EXPECT_EQ(apply(plan[0], folders_).error().code, base::Code::kConflict);
  }
  EXPECT_TRUE(apply(plan[0], folders_));
  EXPECT_FALSE(std::filesystem::exists(plan[0].path));
  EXPECT_TRUE(apply(plan[0], folders_)) << "what is gone needs no removal";
}

TEST_F(Cleanings, WhatCannotBeReadIsNotTakenForDamaged) {
  const auto folder = make({"graph", digest_, "lib-1", "avx2", 1});
  std::filesystem::remove(folder / "artefact");
  std::filesystem::create_symlink("artefact", folder / "artefact");  // leads to itself: root cannot read it either
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{});
  EXPECT_EQ(planned(Cleaning::kAggressive), Paths{folder});
}

TEST_F(Cleanings, AYoungBeginningStaysAndAnOldOneGoes) {
  const auto begun = folders_.models() / "mine/.partial";
  ASSERT_TRUE(base::write_file_atomically(begun / "half", "h"));
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{});
  EXPECT_EQ(planned(Cleaning::kAggressive), Paths{begun});
  std::filesystem::last_write_time(begun, now_ - 48h);
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{begun});
}

TEST_F(Cleanings, APullUnderWayIsNotDisturbed) {
  const auto begun = folders_.models() / "mine/.partial";
  ASSERT_TRUE(base::write_file_atomically(begun / "half", "h"));
  const auto plan = plan_cleaning(config_, folders_, Cleaning::kAggressive, now_);
  ASSERT_EQ(plan.size(), 1U);
  {
    const auto held = base::FileLock::acquire(folders_.models() / ".locks/mine.lock");
    EXPECT_EQ(apply(plan[0], folders_).error().code, base::Code::kConflict);
    EXPECT_TRUE(std::filesystem::exists(begun));
  }
  EXPECT_TRUE(apply(plan[0], folders_));
  EXPECT_FALSE(std::filesystem::exists(begun));
  EXPECT_TRUE(std::filesystem::exists(folders_.models() / "mine/w.bin"));
}

TEST_F(Cleanings, AnArtefactUnderWayIsNotDisturbed) {
  const auto begun = folders_.artefacts() / ".graph-1.tmp-7";
  ASSERT_TRUE(base::write_file_atomically(begun / "half", "h"));
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{});
  const auto plan = plan_cleaning(config_, folders_, Cleaning::kAggressive, now_);
  ASSERT_EQ(plan.size(), 1U);
  {
    const auto held = base::FileLock::acquire(folders_.artefacts() / ".locks/graph-1.lock");
    EXPECT_EQ(apply(plan[0], folders_).error().code, base::Code::kConflict);
  }
  EXPECT_TRUE(apply(plan[0], folders_));
  EXPECT_FALSE(std::filesystem::exists(begun));
}

TEST_F(Cleanings, WhatAKilledServerHalfWroteGoesAfterADay) {
  const auto half = folders_.state / "models.memory.tmp-42-0";
  ASSERT_TRUE(base::write_file_atomically(half, "h"));
  ASSERT_TRUE(base::write_file_atomically(folders_.state / "models.memory", "whole"));
  EXPECT_EQ(planned(Cleaning::kGentle), Paths{});
  std::filesystem::last_write_time(half, now_ - 48h);
  std::filesystem::last_write_time(folders_.state / "models.memory", now_ - 48h);
  ASSERT_EQ(planned(Cleaning::kGentle), Paths{half});
  EXPECT_TRUE(apply({half, Bytes{1}, "half written"}, folders_));
  EXPECT_FALSE(std::filesystem::exists(half));
  EXPECT_FALSE(apply({dir_ / "elsewhere", Bytes{1}, "half written"}, folders_));
  EXPECT_FALSE(apply({folders_.artefacts() / "graph-1", Bytes{1}, "nobody has looked at it"}, folders_));
}

TEST_F(Cleanings, LinksAreNotFollowed) {
  ASSERT_TRUE(base::write_file_atomically(dir_ / "elsewhere/.partial/file", "precious"));
  std::filesystem::create_directory_symlink(dir_ / "elsewhere", folders_.models() / "linked");
  EXPECT_EQ(planned(Cleaning::kAggressive), Paths{});
  EXPECT_FALSE(apply({dir_ / "elsewhere", Bytes{0}, ""}, folders_));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "elsewhere/.partial/file"));
}

TEST_F(Cleanings, NothingThereIsNothingToDo) {
  testing::TempDir empty;
  EXPECT_TRUE(plan_cleaning({}, {empty / "c", empty / "d", empty / "s"}, Cleaning::kAggressive, now_).empty());
}

}  // namespace
}  // namespace hearth::store
