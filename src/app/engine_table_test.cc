#include "app/engine_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stop_token>
#include <string>

#include "base/files.h"
#include "store/verified_cache.h"
#include "testing/temp_dir.h"

namespace hearth::app {
namespace {

using base::Code;
using base::Result;

class WorkshopTest : public ::testing::Test {
 protected:
  static config::Loaded loaded_in(const testing::TempDir& dir) {
    config::Loaded loaded;
    loaded.folders = {dir / "config", dir / "cache", dir / "state"};
    return loaded;
  }
  store::ArtefactBuilder builder() {
    return [this](const std::filesystem::path& folder) -> Result<void> {
      ++builds_;
      return base::write_file_atomically(folder / "graph.ort", std::string(20'000, 'g'));
    };
  }
  testing::TempDir dir_;
  const config::Loaded loaded_ = loaded_in(dir_);
  Workshop workshop_{loaded_, 1};
  const store::ArtefactKey key_{"graph", std::string(64, 'a'), "lib-1", "", 1};
  int builds_ = 0;
};

TEST_F(WorkshopTest, WhatWasJustMadeIsNotReadAgain) {
  std::stop_source stop;
  const auto build = [&](const std::filesystem::path& folder) {
    auto built = builder()(folder);
    stop.request_stop();  // to read the files now would be cancelled
    return built;
  };
  const auto made = workshop_.ensure_artefact(key_, build, {.stop = stop.get_token()});
  ASSERT_TRUE(made) << made.error().line();
  EXPECT_TRUE(workshop_.find_artefact(key_, stop.get_token()));
  EXPECT_TRUE(workshop_.artefacts().is_verified(*made, store::VerifiedCache::load(loaded_.folders)));
}

TEST_F(WorkshopTest, WhatAnotherProcessMadeIsReadOnce) {
  ASSERT_TRUE(workshop_.artefacts().ensure(key_, builder()));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(workshop_.ensure_artefact(key_, builder(), {.stop = stop.get_token()}).error().code, Code::kCancelled);
  ASSERT_TRUE(workshop_.find_artefact(key_));
  EXPECT_TRUE(workshop_.find_artefact(key_, stop.get_token()));
  EXPECT_EQ(builds_, 1);
}

TEST_F(WorkshopTest, ADamageThatOnlyTheDigestShowsIsMended) {
  const auto made = workshop_.ensure_artefact(key_, builder()).value();
  std::string bytes(20'000, 'g');
  bytes[10'000] = 'x';
  ASSERT_TRUE(base::write_file_atomically(made.file("graph.ort"), bytes));
  ASSERT_TRUE(workshop_.artefacts().find(key_));
  const auto again = workshop_.ensure_artefact(key_, builder());
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(builds_, 2);
  EXPECT_EQ(base::read_file(again->file("graph.ort")).value(), std::string(20'000, 'g'));
}

}  // namespace
}  // namespace hearth::app
