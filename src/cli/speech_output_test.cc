#include "cli/speech_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <vector>

namespace hearth::cli {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAre;

class SpeechOutputTest : public testing::Test {
 protected:
  SpeechOutputTest() {
    std::string name = testing::TempDir() + "speech_output.XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~SpeechOutputTest() override { fs::remove_all(folder_); }
  static std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static base::Result<void> say(const fs::path& target, std::string_view bytes) {
    auto output = open_speech_output(target, audio::AudioFormat::kPcm, base::SampleRate{24'000});
    if (!output) return base::fail(output.error());
    if (auto written = (*output)->write(bytes); !written) return written;
    return (*output)->finish();
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path().filename());
    return found;
  }
  fs::path folder_;
};

TEST_F(SpeechOutputTest, AFileAppearsWhenItIsWhole) {
  const fs::path path = folder_ / "said.pcm";
  auto output = open_speech_output(path, audio::AudioFormat::kPcm, base::SampleRate{24'000});
  ASSERT_TRUE(output && (*output)->write("sound"));
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE((*output)->finish());
  EXPECT_EQ(read(path), "sound");
  EXPECT_THAT(names(), UnorderedElementsAre("said.pcm"));
}

TEST_F(SpeechOutputTest, WhatIsGivenUpLeavesTheOldFileAndNothingElse) {
  const fs::path path = folder_ / "said.pcm";
  ASSERT_TRUE(say(path, "old"));
  {
    auto output = open_speech_output(path, audio::AudioFormat::kPcm, base::SampleRate{24'000});
    ASSERT_TRUE(output && (*output)->write("half"));
  }
  EXPECT_EQ(read(path), "old");
  EXPECT_THAT(names(), UnorderedElementsAre("said.pcm"));
}

TEST_F(SpeechOutputTest, ALinkStaysAndItsFileIsWritten) {
  fs::create_directory(folder_ / "elsewhere");
  fs::create_symlink("elsewhere/real.pcm", folder_ / "link.pcm");
  for (const char* bytes : {"made through a link that led nowhere", "replaced"}) {
    ASSERT_TRUE(say(folder_ / "link.pcm", bytes));
    EXPECT_TRUE(fs::is_symlink(folder_ / "link.pcm"));
    EXPECT_EQ(read(folder_ / "elsewhere/real.pcm"), bytes);
  }
}

TEST_F(SpeechOutputTest, APipeIsWrittenToAndStaysOne) {
  const fs::path path = folder_ / "pipe.pcm";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto heard = std::async(std::launch::async, [&] { return read(path); });
  EXPECT_TRUE(say(path, "sound"));
  EXPECT_EQ(heard.get(), "sound");
  EXPECT_TRUE(fs::is_fifo(path));
  EXPECT_THAT(names(), UnorderedElementsAre("pipe.pcm"));
}

TEST_F(SpeechOutputTest, ADeviceIsNotReplaced) {
  fs::create_symlink("/dev/null", folder_ / "null.pcm");
  EXPECT_TRUE(say(folder_ / "null.pcm", "sound"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "null.pcm"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(SpeechOutputTest, AFolderIsRefused) { EXPECT_FALSE(say(folder_, "sound")); }

TEST_F(SpeechOutputTest, ASignalThatEndsTheProgramLeavesNothing) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT(
        {
          ::signal(signal, SIG_DFL);  // whoever runs this may have it ignored, as nohup does
          auto output = open_speech_output(folder_ / "said.pcm", audio::AudioFormat::kPcm, base::SampleRate{24'000});
          if (output && (*output)->write("half")) ::raise(signal);
          std::_Exit(0);
        },
        testing::KilledBySignal(signal), "");
    EXPECT_TRUE(fs::is_empty(folder_));
  }
}

}  // namespace
}  // namespace hearth::cli
