// The server's side of the pipe against a program that does whatever it likes (child_for_test.cc).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <latch>
#include <thread>

#include "base/child.h"
#include "media/child.h"
#include "media/media_program.h"
#include "media/remote_pages.h"
#include "media/remote_sound.h"

namespace hearth::media {
namespace {

using base::Code;
using base::Result;
using testing::HasSubstr;

class RemoteTest : public testing::Test {
 protected:
  ChildPlan plan(std::vector<std::string> words) {
    return {base::program_folder() / "media_child_for_test", std::move(words), silence};
  }
  Result<std::unique_ptr<audio::SoundReader>> sound(const std::string& what, const std::stop_token& stop = {}) {
    auto file = MemoryFile::make("bytes");
    EXPECT_TRUE(file);
    auto child = Child::start(plan({what}), *file, places, stop);
    if (!child) return base::fail(child.error());
    return open_remote_sound(std::move(*child), std::move(*file), "the m4a file", stop);
  }
  Result<std::unique_ptr<image::PageSource>> pages(const std::string& what, const std::string& wanted = {},
                                                   int at_once = 100) {
    const StartPages start = [this, what](const MemoryFile& file, const std::string& numbers,
                                          const std::stop_token& stop) {
      started.push_back(numbers);
      return Child::start(plan({what, numbers}), file, places, stop);
    };
    return open_remote_pages(start, std::move(*MemoryFile::make("bytes")), "the PDF", *image::PageRanges::parse(wanted),
                             {.pages_at_once = at_once}, {});
  }
  /// Until its end or its error.
  static Result<std::size_t> frames_of(audio::SoundReader& reader) {
    std::vector<float> block(250);
    std::size_t sum = 0;
    for (;;) {
      auto count = reader.read(block);
      if (!count || *count == 0) return count ? Result<std::size_t>(sum) : count;
      sum += *count;
    }
  }
  base::Error refusal(const std::string& what) {
    const auto opened = sound(what);
    EXPECT_FALSE(opened) << what;
    return opened ? base::Error{} : opened.error();
  }

  base::Millis silence{60'000};
  Places places{1};  // so that whoever forgets to give one back stops the test
  std::vector<std::string> started;
};

TEST_F(RemoteTest, SoundComesInBlocksOfTheReadersSize) {
  const auto reader = sound("sound");
  ASSERT_TRUE(reader) << reader.error().line();
  EXPECT_EQ((*reader)->rate().hz, 8'000);
  EXPECT_EQ((*reader)->channels(), 2U);
  EXPECT_EQ((*reader)->frames(), 300);
  EXPECT_EQ(frames_of(**reader).value_or(0), 300U);
}

TEST_F(RemoteTest, SoundThatIsMissingIsToldAtTheEnd) {
  const auto reader = sound("breaks off");
  ASSERT_TRUE(reader);
  const auto frames = frames_of(**reader);
  ASSERT_FALSE(frames);
  EXPECT_EQ(frames.error().code, Code::kInvalidArgument);
  EXPECT_THAT(frames.error().message, HasSubstr("its header tells 2.0 s"));
}

TEST_F(RemoteTest, WhateverItDiesOfIsAnErrorThatSaysSo) {
  EXPECT_THAT(refusal("crash").message, HasSubstr("the m4a file cannot be read: its decoder crashed (signal 11"));
  EXPECT_THAT(refusal("spin").message, HasSubstr("processor time"));
  EXPECT_THAT(refusal("gives up").message, HasSubstr("exit code 3"));
  for (const char* what : {"crash", "spin", "gives up"}) EXPECT_EQ(refusal(what).code, Code::kInvalidArgument);
  EXPECT_EQ(refusal("killed").code, Code::kExhausted);  // not the file's fault
  EXPECT_EQ(refusal("falls silent").code, Code::kExhausted);
}

TEST_F(RemoteTest, ACrashInTheMiddleIsAnErrorOfTheReading) {
  const auto reader = sound("crashes later");
  ASSERT_TRUE(reader);
  const auto frames = frames_of(**reader);
  ASSERT_FALSE(frames);
  EXPECT_THAT(frames.error().message, HasSubstr("crashed"));
}

TEST_F(RemoteTest, OneThatHangsIsEnded) {
  silence = base::Millis{30};
  const base::Error error = refusal("hang");
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_THAT(error.message, HasSubstr("came to nothing"));
}

TEST_F(RemoteTest, OneThatDripsIsEndedAsOneThatHangs) {
  silence = base::Millis{100};
  const auto file = MemoryFile::make("bytes");
  ASSERT_TRUE(file);
  const auto child = Child::start(plan({"drips"}), *file, places, {});
  ASSERT_TRUE(child);
  const auto head = (*child)->next({});
  std::vector<std::byte> bytes(head ? head->bytes : 0);
  const auto got = head ? (*child)->read(bytes, {}) : Result<void>(base::fail(head.error()));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::kInvalidArgument);
  EXPECT_THAT(got.error().message, HasSubstr("came to nothing"));
}

TEST_F(RemoteTest, NumbersThatCannotBeAreNotBelieved) {
  for (const char* what : {"no rate", "many channels", "huge", "no such frame", "short head"}) {
    EXPECT_THAT(refusal(what).message, HasSubstr("says what cannot be")) << what;
  }
  const auto reader = sound("half a frame");
  ASSERT_TRUE(reader);
  EXPECT_THAT(frames_of(**reader).error().message, HasSubstr("says what cannot be"));
}

TEST_F(RemoteTest, ItsOwnWordsArePassedOnWithoutWhatIsNoText) {
  const base::Error locked = refusal("locked");
  EXPECT_EQ(locked.code, Code::kInvalidArgument);
  EXPECT_EQ(locked.message, "the m4a file cannot be read: it is locked");
  EXPECT_EQ(locked.remedy, "send it? open");
  const base::Error cannot = refusal("cannot");
  EXPECT_EQ(cannot.code, Code::kUnsupported);
  EXPECT_EQ(cannot.message, "no poppler");
}

TEST_F(RemoteTest, TheServersSecretsAreNotInItsEnvironment) {
  ::setenv("HEARTH_API_KEY", "a-secret", 1);
  const base::Error said = refusal("environment");
  ::unsetenv("HEARTH_API_KEY");
  EXPECT_THAT(said.message, HasSubstr("LC_ALL=C.UTF-8"));
  EXPECT_EQ(said.message.find("a-secret"), std::string::npos);
}

TEST_F(RemoteTest, AStopEndsAReadingThatWouldNeverEnd) {
  std::stop_source stop;
  const auto reader = sound("endless", stop.get_token());
  ASSERT_TRUE(reader);
  std::vector<float> block(100);
  ASSERT_TRUE((*reader)->read(block));
  stop.request_stop();
  EXPECT_EQ(frames_of(**reader).error().code, Code::kCancelled);
}

TEST_F(RemoteTest, AStopEndsTheWaitForOneThatHangs) {
  std::stop_source stop;
  std::jthread stopper([&stop] { stop.request_stop(); });
  EXPECT_EQ(sound("hang", stop.get_token()).error().code, Code::kCancelled);
}

TEST_F(RemoteTest, PagesComeOneByOneTheFirstByAChildOfItsOwn) {
  auto source = pages("pages");
  ASSERT_TRUE(source) << source.error().line();
  EXPECT_EQ((*source)->count(), 5);
  EXPECT_EQ(started, (std::vector<std::string>{"1"}));
  // While nobody reads on, the only place is free.
  EXPECT_TRUE(sound("sound"));
  for (int number = 1; number <= 5; ++number) {
    const auto page = (*source)->next({});
    ASSERT_TRUE(page && *page) << page.error().line();
    EXPECT_EQ((*page)->number, number);
    EXPECT_EQ((*page)->picture.height, number);
    EXPECT_EQ((*page)->dots_per_inch, 100);
  }
  EXPECT_FALSE(*(*source)->next({}));
  EXPECT_EQ(started, (std::vector<std::string>{"1", "2-5"}));
  EXPECT_TRUE(sound("sound"));
}

TEST_F(RemoteTest, APauseGivesThePlaceBackAndTheNextPageIsDrawnByAnotherChild) {
  auto source = pages("pages");
  ASSERT_TRUE(source) << source.error().line();
  for (int number = 1; number <= 3; ++number) EXPECT_EQ((*(*source)->next({}))->number, number);
  (*source)->pause();
  EXPECT_TRUE(sound("sound"));  // by the only place
  (*source)->pause();
  for (int number = 4; number <= 5; ++number) EXPECT_EQ((*(*source)->next({}))->number, number);
  EXPECT_FALSE(*(*source)->next({}));
  EXPECT_EQ(started, (std::vector<std::string>{"1", "2-5", "4-5"}));
}

TEST_F(RemoteTest, ALargeFirstPageIsNotKeptWhileItWaitsToBeRead) {
  auto source = pages("large page");
  ASSERT_TRUE(source) << source.error().line();
  EXPECT_EQ(started, (std::vector<std::string>{"1"}));
  const auto page = (*source)->next({});
  ASSERT_TRUE(page && *page) << page.error().line();
  EXPECT_EQ((*page)->picture.width, 5'000);
  EXPECT_EQ(started, (std::vector<std::string>{"1", "1-1"}));
  EXPECT_FALSE(*(*source)->next({}));
}

TEST_F(RemoteTest, OnlyWhatIsWantedIsDrawn) {
  auto source = pages("pages", "4-5");
  ASSERT_TRUE(source);
  EXPECT_EQ((*(*source)->next({}))->number, 4);
  EXPECT_EQ((*(*source)->next({}))->number, 5);
  EXPECT_EQ(started, (std::vector<std::string>{"4", "5-5"}));
  EXPECT_THAT(pages("pages", "6").error().message, HasSubstr("has 5 pages, and page 6"));
  EXPECT_THAT(pages("pages", "", 4).error().message, HasSubstr("at most 4"));
}

TEST_F(RemoteTest, PagesThatCannotBeAreNotBelieved) {
  for (const char* what : {"another page", "wide page", "too few pixels", "no pages", "sound"}) {
    const auto source = pages(what);
    ASSERT_FALSE(source) << what;
    EXPECT_THAT(source.error().message, HasSubstr("says what cannot be")) << what;
  }
  auto source = pages("changes its mind");
  ASSERT_TRUE(source);
  EXPECT_TRUE((*source)->next({}));
  EXPECT_THAT((*source)->next({}).error().message, HasSubstr("says what cannot be"));
}

TEST_F(RemoteTest, MoreThanThePlacesWaitAndAStopEndsTheWait) {
  auto first = sound("endless");
  ASSERT_TRUE(first);
  std::stop_source stop;
  std::jthread second([&] {
    auto file = MemoryFile::make("bytes");
    EXPECT_EQ(Child::start(plan({"sound"}), *file, places, stop.get_token()).error().code, Code::kCancelled);
  });
  while (places.waiting() == 0) std::this_thread::yield();
  stop.request_stop();
  second.join();
  first->reset();
  EXPECT_TRUE(sound("sound"));
}

TEST(MediaProgram, PagesThatHoldAllTheirPlacesKeepNoSoundWaiting) {
  MediaProgram program({.program = base::program_folder() / "media_child_for_test", .most_at_once = 1});
  // The words that hearth-media is started with are words of the child for tests too.
  auto document = program.open_pages("%PDF-1.7", {}, {}, {});
  ASSERT_TRUE(document) << document.error().line();
  for (int number = 1; number <= 2; ++number) EXPECT_TRUE((*document)->next({}));
  // Whoever draws the second page is still there.
  EXPECT_TRUE(program.open_sound("bytes", "m4a", {}));
}

TEST(MediaProgram, WithoutTheProgramTheErrorSaysHowToMendIt) {
  MediaProgram program({.program = "/nonexistent/hearth-media"});
  const auto sound = program.open_sound("bytes", "mp4 or m4a", {});
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().code, Code::kUnsupported);
  EXPECT_THAT(sound.error().message, HasSubstr("the mp4 or m4a file needs hearth-media"));
  EXPECT_THAT(sound.error().remedy, HasSubstr("make build"));
  EXPECT_EQ(program.open_pages("%PDF-1.7", {}, {}, {}).error().code, Code::kUnsupported);
  for (const auto& part : program.check().parts) EXPECT_FALSE(part.found) << part.name;
}

}  // namespace
}  // namespace hearth::media
