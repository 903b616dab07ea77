#include "store/fetch/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "testing/temp_dir.h"

namespace hearth::store {
namespace {

using base::Bytes;
using base::Code;

struct Member {
  std::string name;
  std::string bytes;
  unsigned int type = AE_IFREG;
};

enum class Format { kZip, kTarGz };

void write_archive(const std::filesystem::path& path, Format format, const std::vector<Member>& members) {
  archive* out = archive_write_new();
  if (format == Format::kZip) {
    archive_write_set_format_zip(out);
  } else {
    archive_write_add_filter_gzip(out);
    archive_write_set_format_ustar(out);
  }
  ASSERT_EQ(archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
  for (const Member& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, member.type);
    archive_entry_set_perm(entry, 0644);
    if (member.type == AE_IFLNK) {
      archive_entry_set_symlink(entry, member.bytes.c_str());
    } else {
      archive_entry_set_size(entry, static_cast<la_int64_t>(member.bytes.size()));
    }
    archive_write_header(out, entry);
    if (member.type == AE_IFREG) archive_write_data(out, member.bytes.data(), member.bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(out);
  archive_write_free(out);
}

class ArchiveReader : public ::testing::TestWithParam<Format> {
 protected:
  void SetUp() override { std::filesystem::create_directories(dir_ / "out"); }
  base::Result<void> take(const std::string& member, std::int64_t size) {
    return extract_members(dir_ / "archive", {{member, WantedMember{dir_ / "out/target", Bytes{size}}}}, {});
  }
  int files_out() const {
    int count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir_.path() / "out")) ++count;
    return count;
  }
  testing::TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(Formats, ArchiveReader, ::testing::Values(Format::kZip, Format::kTarGz));

TEST_P(ArchiveReader, OnlyWhatIsWantedComesOut) {
  write_archive(dir_ / "archive", GetParam(), {{"a", "aaa"}, {"b/c", "cccc"}, {"d", "d"}});
  ASSERT_TRUE(take("b/c", 4));
  EXPECT_EQ(base::read_file(dir_ / "out/target").value(), "cccc");
  EXPECT_EQ(files_out(), 1);
}

TEST_P(ArchiveReader, NamesThatClimbOutWriteNothing) {
  write_archive(dir_ / "archive", GetParam(),
                {{"../escaped", "evil"}, {"/tmp/hearth-escaped", "evil"}, {"good", "good"}});
  ASSERT_TRUE(take("good", 4));
  EXPECT_EQ(files_out(), 1);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "escaped"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/hearth-escaped"));
}

TEST_P(ArchiveReader, AMemberOfAnotherSizeIsRefusedAndRemoved) {
  write_archive(dir_ / "archive", GetParam(), {{"a", std::string(1 << 20, 'a')}});
  EXPECT_EQ(take("a", 100).error().code, Code::kCorrupt);
  EXPECT_EQ(take("a", (1 << 20) + 1).error().code, Code::kCorrupt);
  EXPECT_EQ(files_out(), 0);
}

TEST_P(ArchiveReader, AMissingMemberIsNamed) {
  write_archive(dir_ / "archive", GetParam(), {{"a", "a"}});
  const auto missing = take("b", 1);
  EXPECT_EQ(missing.error().code, Code::kCorrupt);
  EXPECT_NE(missing.error().message.find("has no member b"), std::string::npos);
}

TEST_P(ArchiveReader, ALinkIsNotAMember) {
  write_archive(dir_ / "archive", GetParam(), {{"a", "/etc/passwd", AE_IFLNK}});
  EXPECT_FALSE(take("a", 1));
  EXPECT_EQ(files_out(), 0);
}

TEST_P(ArchiveReader, ATornArchiveIsAnErrorNotACrash) {
  std::string noise;
  for (int i = 0; i < 40000; ++i) noise += static_cast<char>((i * 7919) >> 5);
  write_archive(dir_ / "archive", GetParam(), {{"a", noise}});
  const std::string bytes = base::read_file(dir_ / "archive").value();
  for (const std::size_t keep : {std::size_t{0}, std::size_t{10}, bytes.size() / 2, bytes.size() / 3}) {
    std::filesystem::remove(dir_ / "archive");
    ASSERT_TRUE(base::write_file_atomically(dir_ / "archive", bytes.substr(0, keep)));
    EXPECT_FALSE(take("a", static_cast<std::int64_t>(noise.size()))) << keep;
    EXPECT_EQ(files_out(), 0) << keep;
  }
}

}  // namespace
}  // namespace hearth::store
