#include "engines/llama/prefix_state.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "engines/llama/prefix_shelf.h"
#include "testing/temp_dir.h"

namespace hearth::engines::llama {
namespace {

namespace fs = std::filesystem;

const std::vector<llama_token> kTokens = [] {
  std::vector<llama_token> tokens(100);
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<llama_token>(i * 7);
  return tokens;
}();

std::vector<std::byte> some_state(std::size_t size) {
  std::vector<std::byte> state(size);
  for (std::size_t i = 0; i < size; ++i) state[i] = static_cast<std::byte>(i * 31);
  return state;
}

void flip(const fs::path& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const char byte = static_cast<char>(file.get());
  file.seekp(at);
  file.put(static_cast<char>(byte ^ 1));
}

server_tokens prompt_of(std::vector<llama_token> tokens) { return {tokens, false}; }

/// What a prefix source is to the shelf: a file that is there or not, and may be discarded.
struct Source {
  explicit Source(fs::path file) : path(std::move(file)) {}
  PrefixSource make() {
    return {.id = "desk",
            .find = [this] { return fs::exists(path) ? std::optional(path) : std::nullopt; },
            .discard = [this] { fs::remove(path); }};
  }
  fs::path path;
};

TEST(PrefixState, GivesBackWhatWasWritten) {
  const testing::TempDir folder;
  const auto path = folder.path() / "state";
  for (const std::size_t size : {std::size_t{1}, std::size_t{31}, std::size_t{4096}, std::size_t{100'003}}) {
    const auto state = some_state(size);
    ASSERT_TRUE(PrefixState::write(path, kTokens, state));
    const auto read = PrefixState::open(path);
    ASSERT_TRUE(read) << read.error().line();
    EXPECT_EQ(read->tokens(), kTokens);
    EXPECT_TRUE(std::equal(state.begin(), state.end(), read->state().begin(), read->state().end()));
    EXPECT_TRUE(read->verify());
  }
}

TEST(PrefixState, OneBitThatIsWrongIsNoticedWhereverItIs) {
  const testing::TempDir folder;
  const auto path = folder.path() / "state";
  constexpr std::size_t kSize = 1000;
  const std::streamoff end = 32 + 400 + static_cast<std::streamoff>(kSize);
  for (std::streamoff at = 0; at < end; at += 13) {
    ASSERT_TRUE(PrefixState::write(path, kTokens, some_state(kSize)));
    flip(path, at);
    const auto read = PrefixState::open(path);
    EXPECT_FALSE(read && read->verify()) << "byte " << at;
  }
}

TEST(PrefixState, AFileOfAnotherLengthIsRefusedUnread) {
  const testing::TempDir folder;
  const auto path = folder.path() / "state";
  for (const std::uintmax_t length : {0U, 1U, 31U, 32U, 200U, 500U, 5000U}) {
    ASSERT_TRUE(PrefixState::write(path, kTokens, some_state(1000)));
    fs::resize_file(path, length);
    EXPECT_FALSE(PrefixState::open(path)) << length << " bytes";
  }
  EXPECT_FALSE(PrefixState::open(folder.path() / "none"));
}

TEST(PrefixShelf, AStateThatIsWrittenLaterIsFound) {
  const testing::TempDir folder;
  Source source(folder.path() / "state");
  PrefixShelf shelf({source.make()});
  const auto prompt = prompt_of(kTokens);
  shelf.fetch(prompt);
  EXPECT_EQ(shelf.find(prompt, 0, PrefixShelf::Match::kAny), nullptr);
  ASSERT_TRUE(PrefixState::write(source.path, kTokens, some_state(10)));
  shelf.fetch(prompt);
  EXPECT_NE(shelf.find(prompt, 0, PrefixShelf::Match::kAny), nullptr);
}

TEST(PrefixShelf, OnlyWhatGainsEnoughIsRestored) {
  const testing::TempDir folder;
  Source source(folder.path() / "state");
  ASSERT_TRUE(PrefixState::write(source.path, kTokens, some_state(10)));
  PrefixShelf shelf({source.make()});
  auto half = kTokens;
  half.resize(50);
  half.push_back(-1);
  auto other = kTokens;
  other[3] = -1;
  const auto all = prompt_of(kTokens);
  shelf.fetch(all);
  EXPECT_NE(shelf.find(all, 68, PrefixShelf::Match::kAny), nullptr);
  EXPECT_EQ(shelf.find(all, 69, PrefixShelf::Match::kAny), nullptr) << "the slot has nearly all of it";
  EXPECT_NE(shelf.find(prompt_of(half), 0, PrefixShelf::Match::kAny), nullptr);
  EXPECT_EQ(shelf.find(prompt_of(half), 0, PrefixShelf::Match::kWhole), nullptr);
  EXPECT_EQ(shelf.find(prompt_of(other), 0, PrefixShelf::Match::kAny), nullptr);
  EXPECT_EQ(shelf.find(prompt_of({}), 0, PrefixShelf::Match::kAny), nullptr);
}

TEST(PrefixShelf, ASlotThatHasLittleMoreThanAnyOtherWouldIsNotNearer) {
  const testing::TempDir folder;
  Source source(folder.path() / "state");
  ASSERT_TRUE(PrefixState::write(source.path, kTokens, some_state(10)));
  PrefixShelf shelf({source.make()});
  auto longer = kTokens;
  longer.resize(200, 3);
  const auto chat = prompt_of(longer);
  EXPECT_FALSE(shelf.is_as_near(chat, 0, PrefixShelf::Match::kAny)) << "not fetched yet";
  shelf.fetch(chat);
  for (const std::size_t have : {0U, 60U, 100U, 131U})
    EXPECT_TRUE(shelf.is_as_near(chat, have, PrefixShelf::Match::kAny)) << have;
  for (const std::size_t have : {132U, 200U})
    EXPECT_FALSE(shelf.is_as_near(chat, have, PrefixShelf::Match::kAny)) << have;
  auto half = kTokens;
  half.resize(50);
  EXPECT_TRUE(shelf.is_as_near(prompt_of(half), 50, PrefixShelf::Match::kAny));
  EXPECT_FALSE(shelf.is_as_near(prompt_of(half), 50, PrefixShelf::Match::kWhole)) << "of no use there";
  EXPECT_FALSE(shelf.is_as_near(prompt_of({1, 2, 3}), 0, PrefixShelf::Match::kAny)) << "another prompt";
}

TEST(PrefixShelf, ADamagedStateIsDiscardedAndNeverFound) {
  const testing::TempDir folder;
  Source source(folder.path() / "state");
  ASSERT_TRUE(PrefixState::write(source.path, kTokens, some_state(10'000)));
  flip(source.path, 5'000);
  PrefixShelf shelf({source.make()});
  const auto prompt = prompt_of(kTokens);
  shelf.fetch(prompt);
  EXPECT_EQ(shelf.find(prompt, 0, PrefixShelf::Match::kAny), nullptr);
  EXPECT_FALSE(fs::exists(source.path));
  ASSERT_TRUE(PrefixState::write(source.path, kTokens, some_state(10'000)));  // made again
  shelf.fetch(prompt);
  EXPECT_NE(shelf.find(prompt, 0, PrefixShelf::Match::kAny), nullptr);
}

TEST(PrefixShelf, ALoopLooksWhileARequestReads) {
  const testing::TempDir folder;
  Source source(folder.path() / "state");
  ASSERT_TRUE(PrefixState::write(source.path, kTokens, some_state(10)));
  const auto prompt = prompt_of(kTokens);
  const PrefixShelf* shelf = nullptr;
  int looks = 0;
  PrefixSource slow = source.make();
  slow.find = [&, find = slow.find] {
    EXPECT_EQ(shelf->find(prompt, 0, PrefixShelf::Match::kAny), nullptr);
    ++looks;
    return find();
  };
  PrefixShelf made({slow});
  shelf = &made;
  made.fetch(prompt);
  EXPECT_NE(made.find(prompt, 0, PrefixShelf::Match::kAny), nullptr);
  made.fetch(prompt);
  EXPECT_EQ(looks, 1);
}

TEST(PrefixShelf, NobodyWaitsForADiscardAndWhatIsDiscardedIsNotOpenedMeanwhile) {
  const testing::TempDir folder;
  Source source(folder.path() / "state");
  ASSERT_TRUE(PrefixState::write(source.path, kTokens, some_state(10'000)));
  flip(source.path, 5'000);
  const auto prompt = prompt_of(kTokens);
  PrefixShelf* shelf = nullptr;
  int discards = 0;
  PrefixSource slow = source.make();
  slow.discard = [&, discard = slow.discard] {
    ++discards;
    shelf->fetch(prompt);  // another request's, meanwhile
    EXPECT_EQ(shelf->find(prompt, 0, PrefixShelf::Match::kAny), nullptr);
    discard();
  };
  PrefixShelf made({slow});
  shelf = &made;
  made.fetch(prompt);
  EXPECT_EQ(discards, 1);
  ASSERT_TRUE(PrefixState::write(source.path, kTokens, some_state(10'000)));
  made.fetch(prompt);
  EXPECT_NE(made.find(prompt, 0, PrefixShelf::Match::kAny), nullptr);
}

}  // namespace
}  // namespace hearth::engines::llama
