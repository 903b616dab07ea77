#include "base/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "testing/temp_dir.h"

namespace hearth::base {
namespace {

TEST(Files, WhatIsWrittenIsReadBack) {
  testing::TempDir dir;
  const std::string bytes("one\0two\n", 8);
  ASSERT_TRUE(write_file_atomically(dir / "sub/folder/file", bytes));
  EXPECT_EQ(read_file(dir / "sub/folder/file").value(), bytes);
}

TEST(Files, AMissingFileIsNotFound) {
  testing::TempDir dir;
  EXPECT_EQ(read_file(dir / "nowhere").error().code, Code::kNotFound);
  EXPECT_EQ(MappedFile::open(dir / "nowhere").error().code, Code::kNotFound);
}

TEST(Files, AFolderIsNotRead) {
  testing::TempDir dir;
  EXPECT_FALSE(read_file(dir.path()));
  EXPECT_FALSE(MappedFile::open(dir.path()));
}

TEST(Files, ReadingStopsAtTheLimit) {
  testing::TempDir dir;
  ASSERT_TRUE(write_file_atomically(dir / "file", std::string(1001, 'x')));
  EXPECT_EQ(read_file(dir / "file", Bytes{1000}).error().code, Code::kExhausted);
}

TEST(Files, AFullDiskLeavesTheOldFileAndNothingElse) {
  // /dev/full fails every write with ENOSPC; a folder in the place of the target fails the rename.
  testing::TempDir dir;
  std::filesystem::create_directories(dir / "target/inside");
  EXPECT_FALSE(write_file_atomically(dir / "target", "new"));
  EXPECT_TRUE(std::filesystem::is_directory(dir / "target/inside"));
  int entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path())) ++entries;
  EXPECT_EQ(entries, 1);
}

TEST(Files, AMappingOutlivesItsName) {
  testing::TempDir dir;
  ASSERT_TRUE(write_file_atomically(dir / "file", "mapped"));
  MappedFile mapped = MappedFile::open(dir / "file", MappedFile::Prefetch::kYes).value();
  std::filesystem::remove(dir / "file");
  EXPECT_EQ(std::memcmp(mapped.bytes().data(), "mapped", 6), 0);
  MappedFile moved = std::move(mapped);
  EXPECT_EQ(moved.bytes().size(), 6U);
  EXPECT_TRUE(mapped.bytes().empty());  // NOLINT(bugprone-use-after-move): what a move leaves is the promise
}

TEST(Files, PrefetchingChangesNothingAndNamesAMissingFile) {
  testing::TempDir dir;
  ASSERT_TRUE(write_file_atomically(dir / "file", std::string(100'000, 'x')));
  EXPECT_TRUE(prefetch_if_cold(dir / "file"));
  EXPECT_TRUE(prefetch_file(dir / "file"));
  EXPECT_EQ(prefetch_if_cold(dir / "nowhere").error().code, Code::kNotFound);
}

TEST(Files, PrefetchingTellsHowFarItIs) {
  testing::TempDir dir;
  ASSERT_TRUE(write_file_atomically(dir / "file", std::string(5 << 19, 'x')));  // two MiB and a half
  std::vector<double> told;
  ASSERT_TRUE(prefetch_file(dir / "file", [&](double fraction) { told.push_back(fraction); }));
  EXPECT_GE(told.size(), 3U);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.back(), 1.0);
}

TEST(Files, AnEmptyFileIsNotMapped) {
  testing::TempDir dir;
  ASSERT_TRUE(write_file_atomically(dir / "file", ""));
  EXPECT_EQ(MappedFile::open(dir / "file").error().code, Code::kCorrupt);
}

TEST(Files, ALockIsHeldByOneAtATime) {
  testing::TempDir dir;
  auto first = FileLock::acquire(dir / "lock");
  ASSERT_TRUE(first);
  EXPECT_EQ(FileLock::try_acquire(dir / "lock").error().code, Code::kConflict);
  { const FileLock released = std::move(first.value()); }
  EXPECT_TRUE(FileLock::try_acquire(dir / "lock"));
}

TEST(Files, AFolderForAWhileIsItsOwnersAloneAndGoesWithIt) {
  std::filesystem::path path;
  {
    TempFolder first = TempFolder::make("hearth-files").value();
    const TempFolder second = TempFolder::make("hearth-files").value();
    path = first.path();
    EXPECT_NE(path, second.path());
    EXPECT_TRUE(path.filename().string().starts_with("hearth-files-"));
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    ASSERT_TRUE(write_file_atomically(path / "sub/file", "x"));
    const TempFolder moved = std::move(first);
    EXPECT_EQ(moved.path(), path);
    EXPECT_TRUE(std::filesystem::exists(path / "sub/file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace hearth::base
