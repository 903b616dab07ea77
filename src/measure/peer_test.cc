#include "measure/peer.h"

#include <gtest/gtest.h>

#include "base/child.h"

namespace hearth::measure {
namespace {

constexpr std::string_view kScript = R"({
  "name": "script", "command": ["sh", "-c", "echo {word} at {port}; echo made; exec sleep 600"],
  "ready": {"line": "loaded"}, "first": {"moment": "first audio", "line": "made"}})";

TEST(Peer, IsStartedAndWatchedByWhatItPrints) {
  const auto peer = parse_peer(kScript, {{"word", "loaded"}});
  ASSERT_TRUE(peer) << peer.error().line();
  const auto start = run_peer(*peer, Cache::kWarm, std::chrono::seconds(30));
  ASSERT_TRUE(start) << start.error().line();
  ASSERT_EQ(start->moments.size(), 2U);
  EXPECT_EQ(start->moments[0].name, "script ready");
  EXPECT_EQ(start->moments[1].name, "script first audio");
  EXPECT_LE(start->moments[0].ms, start->moments[1].ms);
}

/// It prints a MiB before it listens, and nobody waits for a line of it.
TEST(Peer, ThatTalksMuchIsNotHeldUp) {
  const auto peer = parse_peer(R"({"name": "talker", "command": ["{here}/measure_server_for_test", "chatty", "{port}"],
                                   "ready": {"get": "/"}, "first": {"moment": "first word", "post": "/word"}})",
                               {{"here", base::program_folder().string()}});
  ASSERT_TRUE(peer) << peer.error().line();
  const auto start = run_peer(*peer, Cache::kWarm, std::chrono::seconds(30));
  ASSERT_TRUE(start) << start.error().line();
  EXPECT_EQ(start->moments.size(), 2U);
}

TEST(Peer, ThatEndsIsAnError) {
  const auto peer = parse_peer(R"({"name": "x", "command": ["true"], "ready": {"line": "loaded"}})", {});
  EXPECT_EQ(run_peer(*peer, Cache::kWarm, std::chrono::seconds(30)).error().code, base::Code::kInternal);
  const auto server = parse_peer(R"({"name": "x", "command": ["true"], "ready": {"get": "/health"}})", {});
  EXPECT_EQ(run_peer(*server, Cache::kWarm, std::chrono::seconds(30)).error().code, base::Code::kInternal);
}

TEST(Peer, DescriptionsThatLackSomethingSayWhat) {
  for (const char* text :
       {"", "[]", "{}", R"({"name": "x"})", R"({"name": "x", "command": ["a"]})",
        R"({"name": "x", "command": [1], "ready": {"line": "a"}})", R"({"name": "x", "command": ["a"], "ready": {}})",
        R"({"name": "x", "command": [], "ready": {"line": "a"}})",
        R"({"name": "x", "command": ["a"], "ready": {"line": "a", "get": "/b"}})"}) {
    EXPECT_EQ(parse_peer(text, {}).error().code, base::Code::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace hearth::measure
