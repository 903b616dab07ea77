#include "store/verified_cache.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "store/digest.h"
#include "store/verify.h"
#include "testing/temp_dir.h"

namespace hearth::store {
namespace {

using base::Code;

class Verified : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(base::write_file_atomically(file_, "weights"));
    spec_.name = spec_.entry = "one";
    spec_.files = {FileSpec{"w.bin", Bytes{7}, sha256_of("weights"), "", {}, {}}};
  }
  LocalModel local() { return find_local(spec_, folders_).value(); }
  testing::TempDir dir_;
  config::Folders folders_{dir_ / "config", dir_ / "cache", dir_ / "state"};
  std::filesystem::path file_ = folders_.models() / "one/w.bin";
  ModelSpec spec_;
};

TEST(Digest, IsTheOneThatEveryoneElseComputes) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 digest;
  digest.update("a");
  digest.update("bc");
  EXPECT_EQ(digest.finish(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  digest.update("abc");
  EXPECT_EQ(digest.finish(), sha256_of("abc"));
}

TEST(Digest, StopsWhenAskedTo) {
  testing::TempDir dir;
  ASSERT_TRUE(base::write_file_atomically(dir / "file", "x"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(sha256_of_file(dir / "file", {}, stop.get_token()).error().code, Code::kCancelled);
}

TEST_F(Verified, AFileIsReadOnceAndThenKnown) {
  VerifiedCache cache = VerifiedCache::load(folders_);
  int reads = 0;
  const auto count = [&](const LocalFile&, base::Bytes done) { reads += done.count == 0 ? 1 : 0; };
  ASSERT_TRUE(verify(local(), cache, Trust::kCache, count));
  ASSERT_TRUE(cache.save());
  VerifiedCache again = VerifiedCache::load(folders_);
  EXPECT_TRUE(again.knows(local()));
  ASSERT_TRUE(verify(local(), again, Trust::kCache, count));
  EXPECT_EQ(reads, 1);
  ASSERT_TRUE(verify(local(), again, Trust::kNothing, count));
  EXPECT_EQ(reads, 2);
}

TEST_F(Verified, AnAlteredFileOfTheSameSizeIsFound) {
  VerifiedCache cache = VerifiedCache::load(folders_);
  ASSERT_TRUE(verify(local(), cache));
  ASSERT_TRUE(base::write_file_atomically(file_, "weighTs"));
  EXPECT_FALSE(cache.knows(local()));
  const auto altered = verify(local(), cache);
  ASSERT_FALSE(altered);
  EXPECT_EQ(altered.error().code, Code::kCorrupt);
  EXPECT_NE(altered.error().remedy.find("hearth models pull one"), std::string::npos);
}

TEST_F(Verified, OfAUsersOwnFileThereIsNothingToCompare) {
  EXPECT_TRUE(has_digests(local()));
  spec_.path = file_.string();
  const LocalModel own = local();
  EXPECT_FALSE(has_digests(own));
  VerifiedCache cache = VerifiedCache::load(folders_);
  EXPECT_TRUE(verify(own, cache, Trust::kNothing, [](const LocalFile&, base::Bytes) { FAIL() << "it was read"; }));
}

TEST_F(Verified, ADamagedCacheCountsAsEmpty) {
  VerifiedCache cache = VerifiedCache::load(folders_);
  ASSERT_TRUE(verify(local(), cache));
  ASSERT_TRUE(cache.save());
  for (const char* text : {"", "garbage", "hearth-verified 1\nxyz 1 2 3 /a\n", "hearth-verified 1\n\n"}) {
    ASSERT_TRUE(base::write_file_atomically(folders_.models() / ".verified", text));
    EXPECT_FALSE(VerifiedCache::load(folders_).knows(local()));
  }
}

TEST_F(Verified, TwoWritersKeepEachOthersEntries) {
  ASSERT_TRUE(base::write_file_atomically(folders_.models() / "two/w.bin", "others"));
  const FileIdentity other = identify(folders_.models() / "two/w.bin").value();
  VerifiedCache first = VerifiedCache::load(folders_);
  VerifiedCache second = VerifiedCache::load(folders_);
  ASSERT_TRUE(verify(local(), first));
  second.remember(folders_.models() / "two/w.bin", other, sha256_of("others"));
  ASSERT_TRUE(first.save());
  ASSERT_TRUE(second.save());
  const VerifiedCache both = VerifiedCache::load(folders_);
  EXPECT_TRUE(both.knows(local()));
  EXPECT_TRUE(both.contains(folders_.models() / "two/w.bin", other, sha256_of("others")));
}

TEST_F(Verified, WhatIsForgottenStaysForgotten) {
  VerifiedCache cache = VerifiedCache::load(folders_);
  ASSERT_TRUE(verify(local(), cache));
  ASSERT_TRUE(cache.save());
  cache.forget(file_);
  ASSERT_TRUE(cache.save());
  EXPECT_FALSE(VerifiedCache::load(folders_).knows(local()));
}

TEST_F(Verified, WhatIsGoneIsNotWrittenAgain) {
  const std::filesystem::path other = folders_.models() / "two/w.gguf";
  ASSERT_TRUE(base::write_file_atomically(other, "others"));
  const FileIdentity identity = identify(other).value();
  VerifiedCache cache = VerifiedCache::load(folders_);
  ASSERT_TRUE(verify(local(), cache));
  const std::filesystem::path trial = other.string() + std::string(kTrialEntry);
  cache.remember(other, identity, sha256_of("others"));
  cache.remember(trial, identity, sha256_of("opened"));
  ASSERT_TRUE(cache.save());
  VerifiedCache again = VerifiedCache::load(folders_);
  EXPECT_TRUE(again.contains(other, identity, sha256_of("others")));
  EXPECT_TRUE(again.contains(trial, identity, sha256_of("opened")));
  EXPECT_TRUE(again.knows(local()));

  std::filesystem::remove(other);
  ASSERT_TRUE(verify(local(), again, Trust::kNothing));
  ASSERT_TRUE(again.save());
  const VerifiedCache left = VerifiedCache::load(folders_);
  EXPECT_TRUE(left.knows(local()));
  EXPECT_FALSE(left.contains(other, identity, sha256_of("others")));
  EXPECT_FALSE(left.contains(trial, identity, sha256_of("opened")));
}

TEST_F(Verified, MoreThanIsReadIsNeverWritten) {
  // One file under 1,500 long names: "/././", each with a second slash at another place.
  const FileIdentity identity = identify(file_).value();
  VerifiedCache cache = VerifiedCache::load(folders_);
  std::string dots;
  for (int i = 0; i < 1500; ++i) dots += "/.";
  std::string path;
  for (std::size_t i = 0; i < 1500; ++i) {
    std::string detour = dots;
    detour.insert(2 * i, "/");
    path = file_.parent_path().string() + detour + "/w.bin";
    cache.remember(path, identity, sha256_of("weights"));
  }
  ASSERT_TRUE(cache.save());
  EXPECT_TRUE(base::read_file(folders_.models() / ".verified", base::Bytes{4 << 20}));
  EXPECT_TRUE(VerifiedCache::load(folders_).contains(path, identity, sha256_of("weights")));
}

}  // namespace
}  // namespace hearth::store
