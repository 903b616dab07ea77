#include "net/outbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace hearth::net {
namespace {

std::string drain(Outbox& outbox) {
  std::string all;
  for (auto block = outbox.take(7); !block.bytes.empty(); block = outbox.take(7)) all += block.bytes;
  return all;
}

std::string body_of(const std::string& message) { return message.substr(message.find("\r\n\r\n") + 4); }

TEST(Outbox, AWholeResponseHasItsLength) {
  Outbox outbox(HttpRequest{}, {}, nullptr);
  outbox.send({200, {{"Content-Type", "text/plain"}}, "hello"});
  const std::string message = drain(outbox);
  EXPECT_TRUE(message.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(message.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(body_of(message), "hello");
  EXPECT_EQ(outbox.take(1).state, Outbox::State::kEnded);
  EXPECT_EQ(outbox.body_bytes(), 5U);
}

TEST(Outbox, AStreamIsChunkedAndEndsWithTheEmptyChunk) {
  Outbox outbox(HttpRequest{}, {}, nullptr);
  EXPECT_EQ(outbox.begin(200, {}), Flow::kContinue);
  EXPECT_EQ(outbox.write("hello"), Flow::kContinue);
  EXPECT_EQ(outbox.write(""), Flow::kContinue);
  EXPECT_EQ(outbox.write(std::string(17, 'x')), Flow::kContinue);
  outbox.end();
  EXPECT_EQ(body_of(drain(outbox)), "5\r\nhello\r\n11\r\n" + std::string(17, 'x') + "\r\n0\r\n\r\n");
}

TEST(Outbox, AnOldClientsStreamEndsWithTheConnection) {
  Outbox outbox(HttpRequest{}, {.http_1_0 = true, .head_only = false, .keep_alive = true, .high_water = 100}, nullptr);
  outbox.begin(200, {});
  outbox.write("raw");
  outbox.end();
  EXPECT_FALSE(outbox.keep_alive());
  const std::string message = drain(outbox);
  EXPECT_EQ(body_of(message), "raw");
  EXPECT_NE(message.find("Connection: close"), std::string::npos);
}

TEST(Outbox, HeadHasTheLengthButNoBody) {
  Outbox outbox(HttpRequest{}, {.http_1_0 = false, .head_only = true, .keep_alive = true, .high_water = 100}, nullptr);
  outbox.send({200, {}, "hello"});
  const std::string message = drain(outbox);
  EXPECT_EQ(body_of(message), "");
  EXPECT_NE(message.find("Content-Length: 5\r\n"), std::string::npos);
}

TEST(Outbox, AHeaderCannotBeginANewLine) {
  Outbox outbox(HttpRequest{}, {}, nullptr);
  outbox.send({200, {{"X", "a\r\nSet-Cookie: b"}}, ""});
  EXPECT_EQ(drain(outbox).find("\r\nSet-Cookie"), std::string::npos);
}

TEST(Outbox, AWriterWaitsForItsReader) {
  Outbox outbox(HttpRequest{}, {.http_1_0 = true, .head_only = false, .keep_alive = false, .high_water = 10}, nullptr);
  outbox.begin(200, {});
  static_cast<void>(drain(outbox));
  std::atomic<int> written{0};
  std::thread writer([&] {
    for (int i = 0; i < 5; ++i) {
      if (outbox.write("0123456789") == Flow::kContinue) ++written;
    }
    outbox.end();
  });
  std::string all;
  for (;;) {
    const auto block = outbox.take(1000);
    EXPECT_LE(block.bytes.size(), 20U);
    all += block.bytes;
    if (block.state == Outbox::State::kEnded) break;
    std::this_thread::yield();
  }
  writer.join();
  EXPECT_EQ(written, 5);
  EXPECT_EQ(all.size(), 50U);
}

TEST(Outbox, ALeavingClientFreesABlockedWriterAndFiresTheStopToken) {
  Outbox outbox(HttpRequest{}, {.http_1_0 = false, .head_only = false, .keep_alive = true, .high_water = 1}, nullptr);
  outbox.begin(200, {});
  std::atomic<bool> stopped{false};
  std::stop_callback note(outbox.stop_token(), [&] { stopped = true; });
  std::thread writer([&] { EXPECT_EQ(outbox.write("blocks, for the head already fills the mark"), Flow::kStop); });
  outbox.mark_gone();
  writer.join();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(outbox.write("x"), Flow::kStop);
  EXPECT_EQ(outbox.begin(200, {}), Flow::kStop);
}

TEST(Outbox, AHandlerThatGivesUpLeavesAnAnswerOrABrokenBody) {
  Outbox silent(HttpRequest{}, {}, nullptr);
  silent.mark_abandoned({500, {}, "sorry"});
  EXPECT_EQ(silent.status(), 500);
  EXPECT_EQ(body_of(drain(silent)), "sorry");

  Outbox begun(HttpRequest{}, {}, nullptr);
  begun.begin(200, {});
  begun.write("half");
  begun.mark_abandoned({500, {}, "sorry"});
  const std::string message = drain(begun);
  EXPECT_EQ(message.find("0\r\n\r\n"), std::string::npos);
  EXPECT_EQ(begun.take(1).state, Outbox::State::kBroken);

  Outbox ended(HttpRequest{}, {}, nullptr);
  ended.send({200, {}, "done"});
  ended.mark_abandoned({500, {}, "sorry"});
  EXPECT_EQ(ended.status(), 200);
}

TEST(Outbox, WakesOnlyAReaderThatCameBackEmpty) {
  int wakes = 0;
  Outbox outbox(HttpRequest{}, {}, [&] { ++wakes; });
  outbox.begin(200, {});
  EXPECT_EQ(wakes, 0);
  static_cast<void>(drain(outbox));
  outbox.write("a");
  outbox.write("b");
  EXPECT_EQ(wakes, 1);
  outbox.detach();
  EXPECT_EQ(outbox.write("c"), Flow::kStop);
  EXPECT_EQ(wakes, 1);
}

TEST(Outbox, OnlyTheFirstResponseCounts) {
  Outbox outbox(HttpRequest{}, {}, nullptr);
  outbox.send({404, {}, "no"});
  outbox.send({200, {}, "yes"});
  EXPECT_EQ(outbox.write("more"), Flow::kStop);
  EXPECT_EQ(outbox.status(), 404);
  EXPECT_EQ(body_of(drain(outbox)), "no");
}

}  // namespace
}  // namespace hearth::net
