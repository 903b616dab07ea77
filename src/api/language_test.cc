#include "api/language.h"

#include <gtest/gtest.h>

#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "api/fake_world.h"

namespace hearth::api {
namespace {

class LanguageTest : public ApiTest {
 protected:
  std::shared_ptr<FakeExchange> chat(const std::string& text, const std::function<void(FakeExchange&)>& prepare = {}) {
    return ask(make_request("POST", "/v1/chat/completions", body_of(text)), prepare);
  }
  static std::string body_of(const std::string& text) {
    return R"({"model":"llama","messages":[{"role":"user","content":")" + text + "\"}]}";
  }

  /// Chats that end when their clients leave, at the end of its scope. The constructor returns when all are inside.
  class LongChats {
   public:
    LongChats(LanguageTest& test, int count) : gone_(count) {
      for (int i = 0; i < count; ++i) {
        auto& chat = chats_.emplace_back(
            std::make_shared<FakeExchange>(make_request("POST", "/v1/chat/completions", body_of("?"))));
        test.run(test.api_->plan(chat->request()), chat, gone_);
      }
    }
    ~LongChats() {
      for (const auto& chat : chats_) chat->stop.request_stop();
      gone_.wait();
    }
    LongChats(const LongChats&) = delete;
    LongChats& operator=(const LongChats&) = delete;

   private:
    std::latch gone_;
    std::vector<std::shared_ptr<FakeExchange>> chats_;
  };
};

TEST_F(LanguageTest, AChatIsAnsweredByTheModelThatItNames) {
  start();
  const auto exchange = chat("hello");
  EXPECT_EQ(exchange->response.status, 200);
  EXPECT_NE(exchange->response.body.find(R"("said":"hello")"), std::string::npos) << exchange->response.body;
  EXPECT_EQ(post("/v1/chat/completions", R"({"model":"kokoro","messages":[]})")->response.status, 400);
  EXPECT_EQ(post("/v1/chat/completions", R"({"model":"none","messages":[]})")->response.status, 404);
}

TEST_F(LanguageTest, OnlyAnInferenceShowsThatTheModelWorks) {
  start();
  EXPECT_EQ(post("/tokenize", R"({"model":"llama","content":"a"})")->response.status, 200);
  EXPECT_EQ(chat("no")->response.status, 400);
  EXPECT_EQ(look("smollm2-135m").warmth, model::Warmth::kCold);
  EXPECT_EQ(chat("hello")->response.status, 200);
  EXPECT_EQ(look("smollm2-135m").warmth, model::Warmth::kWarm);
}

TEST_F(LanguageTest, AnEngineThatFailsAtFirstIsTakenOut) {
  start();
  EXPECT_EQ(post("/tokenize", R"({"model":"llama","content":"a"})")->response.status, 200);
  EXPECT_EQ(chat("!")->response.status, 500);
  ASSERT_TRUE(look("smollm2-135m").cause);
  EXPECT_EQ(look("smollm2-135m").cause->message, "the engine broke");
}

TEST_F(LanguageTest, AModelOfAnotherKindIsRefusedBeforeItIsLoaded) {
  start();
  EXPECT_EQ(post("/v1/chat/completions", R"({"model":"kokoro","messages":[]})")->response.status, 400);
  EXPECT_EQ(look("kokoro").loads, 0);
}

TEST_F(LanguageTest, LongChatsKeepNobodyElseFromAThread) {
  ApiOptions options;
  options.max_requests = 2;
  options.max_queue = 3;
  start(options);
  const LongChats all(*this, 5);  // both threads of language, and its whole queue
  EXPECT_EQ(speak("a")->response.status, 200);
  const auto refused = chat("hello");
  EXPECT_EQ(refused->response.status, 503);
  EXPECT_EQ(*refused->response.headers.find("Retry-After"), "1");
}

TEST_F(LanguageTest, AChatIsServedBesideAFullQueueOfSpeech) {
  ApiOptions options;
  options.max_requests = 1;
  options.max_queue = 0;
  start(options);
  const auto waiting = std::make_shared<FakeExchange>(
      make_request("POST", "/v1/audio/speech", R"({"model":"tts-1","response_format":"pcm","input":"?"})"));
  std::latch gone(1);
  run(api_->plan(waiting->request()), waiting, gone);
  EXPECT_EQ(speak("a")->response.status, 503);
  EXPECT_EQ(chat("hello")->response.status, 200);
  waiting->stop.request_stop();
  gone.wait();
}

TEST_F(LanguageTest, AClientThatLeavesEndsItsChat) {
  start();
  { const LongChats two(*this, 2); }
  EXPECT_EQ(chat("hello")->response.status, 200);
}

net::HttpRequest with_length(net::HttpRequest request, const std::string& length) {
  request.headers.set("Content-Length", length);
  return request;
}

TEST_F(LanguageTest, ABodyWithPicturesMayBeLargerThanOthers) {
  ApiOptions options;
  options.max_body = 1'000;
  options.max_media_body = 50'000;
  start(options);
  const auto chat = [](const std::string& length) {
    return with_length(make_request("POST", "/v1/chat/completions"), length);
  };
  EXPECT_EQ(api_->plan(chat("900")).body_limit, 1'000U);
  EXPECT_EQ(api_->plan(chat("40000")).body_limit, 50'000U);
  EXPECT_EQ(api_->plan(chat("99999999999999999999999999")).body_limit, 50'000U);
  EXPECT_EQ(api_->plan(with_length(make_request("POST", "/v1/audio/speech"), "40000")).body_limit, 1'000U);
  EXPECT_EQ(api_->plan(with_length(make_request("POST", "/tokenize"), "40000")).body_limit, 1'000U);
  net::HttpRequest chunked = make_request("POST", "/v1/chat/completions");
  chunked.headers.set("Transfer-Encoding", "chunked");
  EXPECT_EQ(api_->plan(chunked).body_limit, 50'000U);
}

TEST_F(LanguageTest, OnlyPicturesMakeABodyLarge) {
  ApiOptions options;
  options.max_body = 1'000;
  options.max_media_body = 50'000;
  start(options);
  const auto send = [this](const std::string& path, const std::string& body) {
    return ask(with_length(make_request("POST", path, body), "40000"))->response;
  };
  const std::string words = body_of(std::string(2'000, 'a'));
  const net::HttpResponse refused = send("/v1/chat/completions", words);
  EXPECT_EQ(refused.status, 413);
  EXPECT_NE(refused.body.find("larger than 1000 bytes"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find(R"("type":"invalid_request_error")"), std::string::npos) << refused.body;
  EXPECT_NE(send("/v1/messages", words).body.find("request_too_large"), std::string::npos);
  const std::string url = "data:image/png;base64," + std::string(2'000, 'A');
  const std::string part = R"({"type":"image_url","image_url":{"url":")" + url + "\"}}";
  const std::string picture = R"({"model":"llama","messages":[{"role":"user","content":[)" + part + "]}]}";
  EXPECT_EQ(send("/v1/chat/completions", picture).status, 200);
}

TEST_F(LanguageTest, LargeBodiesThatAreReceivedAtOnceAreCounted) {
  ApiOptions options;
  options.max_concurrent_uploads = 1;
  start(options);
  const auto large = with_length(make_request("POST", "/v1/chat/completions"), "20000000");
  const net::Plan receiving = api_->plan(large);
  EXPECT_FALSE(receiving.refusal);
  const auto second = api_->plan(large).refusal;
  ASSERT_TRUE(second);
  EXPECT_EQ(second->status, 503);
  EXPECT_EQ(chat("hello")->response.status, 200);  // small ones go on
}

}  // namespace
}  // namespace hearth::api
