#include "store/artefact_cache.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <optional>
#include <thread>

#include "base/files.h"
#include "testing/temp_dir.h"

namespace hearth::store {
namespace {

using base::Code;
using base::Result;

ArtefactKey key_of(int version = 1) { return {"graph", std::string(64, 'a'), "lib-1.2", "avx2", version}; }

class Artefacts : public ::testing::Test {
 protected:
  ArtefactBuilder builder() {
    return [this](const std::filesystem::path& folder) -> Result<void> {
      ++builds_;
      if (auto ok = base::write_file_atomically(folder / "text.ort", std::string(10000, 't')); !ok) return ok;
      return base::write_file_atomically(folder / "vocoder.ort", "v");
    };
  }
  ArtefactBuilder other_builder() {
    return [this](const std::filesystem::path& folder) -> Result<void> {
      ++builds_;
      return base::write_file_atomically(folder / "vocoder.ort", "w");
    };
  }
  std::filesystem::path lock() const { return cache_.root() / ".locks" / (key_of().folder_name() + ".lock"); }
  VerifiedCache nothing_known() const { return VerifiedCache::load({dir_ / "config", dir_ / "cache", dir_ / "state"}); }
  int entries() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(cache_.root())) {
      count += entry.path().filename() == ".locks" ? 0 : 1;
    }
    return count;
  }
  testing::TempDir dir_;
  ArtefactCache cache_{dir_ / "artefacts"};
  std::atomic<int> builds_{0};
};

TEST_F(Artefacts, IsMadeOnceAndThenFound) {
  EXPECT_EQ(cache_.find(key_of()).error().code, Code::kNotFound);
  const auto made = cache_.ensure(key_of(), builder());
  ASSERT_TRUE(made) << made.error().line();
  EXPECT_EQ(made->size, base::Bytes{10001});
  EXPECT_EQ(base::read_file(made->file("vocoder.ort")).value(), "v");
  ASSERT_TRUE(cache_.ensure(key_of(), builder()));
  EXPECT_EQ(builds_, 1);
  EXPECT_EQ(entries(), 1);
}

TEST_F(Artefacts, EveryFieldOfTheKeyCounts) {
  ASSERT_TRUE(cache_.ensure(key_of(), builder()));
  EXPECT_FALSE(cache_.find(key_of(2)));
  ArtefactKey other = key_of();
  other.library = "lib-1.3";
  EXPECT_FALSE(cache_.find(other));
  other = key_of();
  other.cpu = "avx512";
  EXPECT_FALSE(cache_.find(other));
  other = key_of();
  other.model_digest = std::string(64, 'b');
  EXPECT_FALSE(cache_.find(other));
}

TEST_F(Artefacts, ADamagedOneIsIgnoredAndMadeAgain) {
  const auto made = cache_.ensure(key_of(), builder()).value();
  const auto damage = [&](const char* file, const std::string& bytes) {
    ASSERT_TRUE(base::write_file_atomically(made.file(file), bytes));
    EXPECT_EQ(cache_.find(key_of()).error().code, Code::kCorrupt) << file << " " << bytes.size();
    const int before = builds_;
    ASSERT_TRUE(cache_.ensure(key_of(), builder()));
    EXPECT_EQ(builds_, before + 1);
  };
  damage("text.ort", "");                                                   // zero bytes
  damage("text.ort", std::string(9999, 't'));                               // cut
  damage("text.ort", "T" + std::string(9999, 't'));                         // altered at its beginning
  damage("text.ort", std::string(9999, 't') + "T");                         // altered at its end
  damage("artefact", "hearth-artefact 1\nname graph\n");                    // its description torn
  damage("artefact", "hearth-artefact 1\nfile 1 1 1 ../../escape\nend\n");  // its description hostile
  std::filesystem::remove(made.file("vocoder.ort"));
  EXPECT_EQ(cache_.find(key_of()).error().code, Code::kCorrupt);
  std::filesystem::create_directory(made.file("vocoder.ort"));
  EXPECT_EQ(cache_.find(key_of()).error().code, Code::kCorrupt);
  std::filesystem::remove(made.file("vocoder.ort"));
  std::filesystem::create_symlink("text.ort", made.file("vocoder.ort"));
  EXPECT_EQ(cache_.find(key_of()).error().code, Code::kCorrupt);
  EXPECT_TRUE(cache_.ensure(key_of(), builder()));
}

TEST_F(Artefacts, OneWhoseDescriptionCannotBeReadStaysAsItIs) {
  const auto made = cache_.ensure(key_of(), builder()).value();
  const auto description = made.file("artefact");
  std::filesystem::rename(description, dir_ / "aside");
  std::filesystem::create_symlink("artefact", description);  // leads to itself: root cannot read it either
  EXPECT_EQ(cache_.find(key_of()).error().code, Code::kIo);
  EXPECT_EQ(cache_.ensure(key_of(), builder()).error().code, Code::kIo);
  EXPECT_EQ(cache_.list().at(0).health, ArtefactCache::Health::kUnknown);
  EXPECT_EQ(builds_, 1);
  std::filesystem::remove(description);
  std::filesystem::rename(dir_ / "aside", description);
  EXPECT_TRUE(cache_.find(key_of()));
}

TEST_F(Artefacts, OneWhoseFileCannotBeOpenedStaysAsItIs) {
  const auto made = cache_.ensure(key_of(), builder()).value();
  std::filesystem::rename(made.file("vocoder.ort"), dir_ / "aside");
  // A socket's name: to open it is ENXIO for everybody.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = made.file("vocoder.ort").string();
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(cache_.find(key_of()).error().code, Code::kIo);
  EXPECT_EQ(cache_.ensure(key_of(), builder()).error().code, Code::kIo);
  EXPECT_EQ(cache_.list().at(0).health, ArtefactCache::Health::kUnknown);
  EXPECT_EQ(builds_, 1);
  ::close(listener);
  std::filesystem::rename(dir_ / "aside", made.file("vocoder.ort"));
  EXPECT_TRUE(cache_.find(key_of()));
}

TEST_F(Artefacts, DamageInTheMiddleIsFoundByVerify) {
  const auto made = cache_.ensure(key_of(), builder()).value();
  VerifiedCache known = nothing_known();
  EXPECT_FALSE(cache_.is_verified(made, known));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(cache_.verify(made, known, stop.get_token()).error().code, Code::kCancelled);
  ASSERT_TRUE(cache_.verify(made, known));
  EXPECT_TRUE(cache_.is_verified(made, known));
  std::string bytes(10000, 't');
  bytes[5000] = 'x';
  ASSERT_TRUE(base::write_file_atomically(made.file("text.ort"), bytes));
  EXPECT_TRUE(cache_.find(key_of()));
  EXPECT_FALSE(cache_.is_verified(made, known)) << "it is another file than the one that was verified";
  EXPECT_EQ(cache_.verify(made, known).error().code, Code::kCorrupt);
}

TEST_F(Artefacts, WhatWasJustMadeIsKnownWithoutBeingRead) {
  const auto made = cache_.ensure(key_of(), builder()).value();
  EXPECT_EQ(made.taken.size(), 2U);
  VerifiedCache known = nothing_known();
  ArtefactCache::remember(made, known);
  EXPECT_TRUE(cache_.is_verified(made, known));
  const auto found = cache_.ensure(key_of(), builder()).value();
  EXPECT_TRUE(found.taken.empty()) << "nobody has read it now";
  // What is written after the digests were taken is another file.
  ASSERT_TRUE(base::write_file_atomically(made.file("vocoder.ort"), "v"));
  EXPECT_FALSE(cache_.is_verified(made, known));
}

TEST_F(Artefacts, ABuildersFailureIsReturnedAndLeavesNothing) {
  const auto failed = cache_.ensure(key_of(), [](const std::filesystem::path& folder) -> Result<void> {
    EXPECT_TRUE(base::write_file_atomically(folder / "half", "h"));
    return base::fail(Code::kExhausted, "no room");
  });
  EXPECT_EQ(failed.error().message, "no room");
  EXPECT_EQ(entries(), 0);
  const auto empty = cache_.ensure(key_of(), [](const std::filesystem::path&) -> Result<void> { return {}; });
  EXPECT_EQ(empty.error().code, Code::kInternal);
  EXPECT_EQ(entries(), 0);
}

TEST_F(Artefacts, WhatAKilledBuilderOrRemoverLeftIsRemovedByTheNext) {
  for (const char* left : {".tmp-1", ".old-1"}) {
    ASSERT_TRUE(base::write_file_atomically(cache_.root() / ("." + key_of().folder_name() + left) / "half", "h"));
  }
  ASSERT_TRUE(cache_.ensure(key_of(), builder()));
  EXPECT_EQ(entries(), 1);
}

TEST_F(Artefacts, ThreadsThatAskAtOnceShareOneBuild) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] { EXPECT_TRUE(ArtefactCache(cache_.root()).ensure(key_of(), builder())); });
  }
  threads.clear();
  EXPECT_EQ(builds_, 1);
}

TEST_F(Artefacts, WhoWaitsForAnotherBuilderTellsThatItLivesAndCanBeStopped) {
  std::optional<base::FileLock> other(base::FileLock::acquire(lock()).value());
  std::stop_source stop;
  const auto stopped = cache_.ensure(key_of(), builder(), stop.get_token(), [&] { stop.request_stop(); });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::kCancelled);
  EXPECT_EQ(builds_, 0);
  EXPECT_TRUE(cache_.ensure(key_of(), builder(), {}, [&] { other.reset(); }));
  EXPECT_EQ(builds_, 1);
}

TEST_F(Artefacts, OnlyWhatWasListedIsRemoved) {
  const auto made = cache_.ensure(key_of(), builder()).value();
  ASSERT_TRUE(base::write_file_atomically(made.file("vocoder.ort"), "damage"));
  const auto damaged = cache_.list().at(0);
  EXPECT_EQ(damaged.health, ArtefactCache::Health::kDamaged);
  ASSERT_TRUE(cache_.ensure(key_of(), builder()));
  EXPECT_EQ(cache_.remove(damaged).error().code, Code::kConflict);
  EXPECT_TRUE(cache_.find(key_of()));

  const auto whole = cache_.list().at(0);
  std::filesystem::remove_all(whole.folder);
  EXPECT_TRUE(cache_.remove(whole)) << "what is gone needs no removal";
  ASSERT_TRUE(cache_.ensure(key_of(), other_builder()));
  EXPECT_EQ(cache_.remove(whole).error().code, Code::kConflict);
  {
    const auto held = base::FileLock::acquire(lock());
    EXPECT_EQ(cache_.remove(cache_.list().at(0)).error().code, Code::kConflict);
  }
  EXPECT_TRUE(cache_.remove(cache_.list().at(0)));
  EXPECT_EQ(entries(), 0);
}

TEST_F(Artefacts, WhatItsUserFoundDamagedIsDiscardedAndNothingElse) {
  const auto first = cache_.ensure(key_of(), builder()).value();
  ASSERT_TRUE(cache_.discard(first, {}));
  EXPECT_EQ(cache_.find(key_of()).error().code, Code::kNotFound);
  EXPECT_TRUE(cache_.discard(first, {}));
  ASSERT_TRUE(cache_.ensure(key_of(), other_builder()));
  EXPECT_TRUE(cache_.discard(first, {}));
  EXPECT_TRUE(cache_.find(key_of())) << "it was made again";
  std::stop_source stop;
  stop.request_stop();
  const auto held = base::FileLock::acquire(lock());
  EXPECT_EQ(cache_.discard(first, stop.get_token()).error().code, Code::kCancelled);
}

TEST_F(Artefacts, AreListedWithTheirHealthAndRemovedWhole) {
  const auto made = cache_.ensure(key_of(), builder()).value();
  std::filesystem::create_directories(cache_.root() / "stranger");
  auto list = cache_.list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].health, ArtefactCache::Health::kGood);
  EXPECT_EQ(list[0].key, key_of());
  EXPECT_EQ(list[1].health, ArtefactCache::Health::kDamaged);
  ASSERT_TRUE(cache_.remove(list[0]));
  ASSERT_TRUE(cache_.remove(list[1]));
  EXPECT_EQ(entries(), 0);
  EXPECT_FALSE(cache_.remove({{}, dir_.path(), base::Bytes{0}}));
  EXPECT_TRUE(std::filesystem::exists(dir_.path()));
}

TEST_F(Artefacts, ANameThatIsAPathIsRefused) {
  ArtefactKey key = key_of();
  for (const char* name : {"../up", "", ".hidden", "a b", "a\nb"}) {
    key.name = name;
    EXPECT_EQ(cache_.ensure(key, builder()).error().code, Code::kInvalidArgument) << name;
  }
  EXPECT_EQ(builds_, 0);
}

}  // namespace
}  // namespace hearth::store
