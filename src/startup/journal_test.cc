#include "startup/journal.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "testing/temp_dir.h"

namespace hearth::startup {
namespace {

using base::Micros;
using base::Millis;

const char* const kText = "hearth-journal 1\n212000 kokoro.open\n93 probe the machine\nend 2\n";
Durations two() { return {{"kokoro.open", Millis{212}}, {"probe the machine", Micros{93}}}; }

TEST(Journal, IsTextThatReadsBack) {
  EXPECT_EQ(format_journal(two()), kText);
  EXPECT_EQ(parse_journal(kText), two());
  EXPECT_EQ(parse_journal(format_journal({})), Durations{});
}

TEST(Journal, EveryTruncationReadsAsEmpty) {
  const std::string_view text = kText;
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_TRUE(parse_journal(text.substr(0, size)).empty()) << size;
}

TEST(Journal, DamageReadsAsEmpty) {
  for (const char* text :
       {"hearth-journal 2\n1 a\nend 1\n", "hearth-journal 1\n-1 a\nend 1\n", "hearth-journal 1\n1a\nend 1\n",
        "hearth-journal 1\n99999999999999999999 a\nend 1\n", "hearth-journal 1\n1 \nend 1\n",
        "hearth-journal 1\n1 a\nend 2\n", "hearth-journal 1\n1 a\nend 1x\n", "hearth-journal 1\n1 a\nend 1\nmore\n",
        "hearth-journal 1\n999999999999 a\nend 1\n", "hearth-journal 1\n1 a\n1 a\nend 2\n", "\xff\x00garbage"}) {
    EXPECT_TRUE(parse_journal(text).empty()) << text;
  }
}

TEST(Journal, NamesThatWouldBreakALineAreLeftOut) {
  EXPECT_EQ(format_journal({{"a\nb", Millis{1}}, {"c", Millis{2}}}), "hearth-journal 1\n2000 c\nend 1\n");
}

TEST(Journal, MergesHalfOldHalfNewAndKeepsWhatDidNotRun) {
  const Durations merged =
      merge_durations({{"a", Millis{100}}, {"gone", Millis{7}}}, {{"a", Millis{200}}, {"b", Millis{5}}});
  EXPECT_EQ(merged, (Durations{{"a", Millis{150}}, {"b", Millis{5}}, {"gone", Millis{7}}}));
}

TEST(Journal, StaysBounded) {
  Durations many;
  for (int i = 0; i < 3000; ++i) many[std::to_string(i)] = Millis{1};
  EXPECT_EQ(merge_durations(many, many).size(), 1000u);
  EXPECT_EQ(parse_journal(format_journal(many)).size(), 1000u);
}

TEST(Journal, MissingDamagedAndHugeFilesReadAsEmpty) {
  testing::TempDir folder;
  const auto path = journal_path(folder.path());
  EXPECT_TRUE(load_journal(path).empty());
  ASSERT_TRUE(save_journal(path, two()));
  EXPECT_EQ(load_journal(path), two());
  ASSERT_TRUE(base::write_file_atomically(path, std::string(1 << 20, 'x')));
  EXPECT_TRUE(load_journal(path).empty());
  EXPECT_FALSE(save_journal(path / "below a file", two()).has_value());
}

}  // namespace
}  // namespace hearth::startup
