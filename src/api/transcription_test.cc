#include "api/transcription.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/fake_world.h"
#include "audio/encoder.h"

namespace hearth::api {
namespace {

constexpr const char* kPath = "/v1/audio/transcriptions";
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string wav(int seconds) {
  const std::vector<float> samples(static_cast<std::size_t>(8'000 * seconds), 0.1F);
  return audio::encode_all(audio::AudioFormat::kWav, {8'000}, samples).value_or("");
}

class TranscriptionTest : public ApiTest {
 protected:
  static net::HttpRequest form(const std::string& file, const Fields& fields = {}, const char* path = kPath,
                               const std::string& model = "whisper-1") {
    std::string body;
    const auto add = [&](const std::string& name, const std::string& content) {
      body += "--B\r\nContent-Disposition: form-data; " + name + "\r\n\r\n" + content + "\r\n";
    };
    add("name=file; filename=a.wav", file);
    add("name=model", model);
    for (const auto& [name, content] : fields) add("name=\"" + name + "\"", content);
    net::HttpRequest request = make_request("POST", path, body + "--B--\r\n");
    request.headers.set("Content-Type", "multipart/form-data; boundary=B");
    return request;
  }
  static std::string type(const FakeExchange& exchange) {
    const std::string* found = exchange.response.headers.find("Content-Type");
    return found == nullptr ? "" : *found;
  }
  static bool mentions(const FakeExchange& exchange, const std::string& text) {
    return exchange.response.body.find(text) != std::string::npos;
  }
  /// Until `count` sounds are decoded and have their model: they are transcribed, or wait for their turn.
  void wait_until_ready(int count) {
    while (look("whisper").leases < count) std::this_thread::yield();
    look("whisper");  // a count is published before who gets the lease hears of it
    settle();
  }
};

TEST_F(TranscriptionTest, WritesDownAFile) {
  start();
  const auto exchange = ask(form(wav(2)));
  EXPECT_EQ(exchange->response.status, 200) << exchange->response.body;
  EXPECT_EQ(type(*exchange), "application/json");
  EXPECT_EQ(exchange->response.body, R"({"text":"second 0. second 1.","usage":{"type":"duration","seconds":2.0}})");
  EXPECT_TRUE(recorder_.has_mark("first_transcript"));
  EXPECT_EQ(api_->gate().running() + api_->gate().waiting(), 0);
  EXPECT_TRUE(mentions(*get("/metrics"), "hearth_transcription_audio_seconds_total 2"));
}

TEST_F(TranscriptionTest, EveryFormatHasItsContentType) {
  start();
  const std::pair<const char*, const char*> cases[] = {{"json", "application/json"},
                                                       {"verbose_json", "application/json"},
                                                       {"text", "text/plain; charset=utf-8"},
                                                       {"srt", "application/x-subrip; charset=utf-8"},
                                                       {"vtt", "text/vtt; charset=utf-8"}};
  for (const auto& [format, content_type] : cases) {
    const auto exchange = ask(form(wav(1), {{"response_format", format}}));
    EXPECT_EQ(exchange->response.status, 200) << format;
    EXPECT_EQ(type(*exchange), content_type);
    EXPECT_TRUE(mentions(*exchange, "second 0."));
  }
}

TEST_F(TranscriptionTest, VerboseJsonHasWordsWhereTheyAreAskedFor) {
  start();
  const auto exchange = ask(
      form(wav(1), {{"response_format", "verbose_json"}, {"timestamp_granularities[]", "word"}, {"language", "fr"}}));
  EXPECT_TRUE(mentions(*exchange, R"("words":[{"word":"second","start":0.0,"end":1.0}])"));
  EXPECT_TRUE(mentions(*exchange, R"("language":"french")"));
}

TEST_F(TranscriptionTest, TheTemperatureIsTheOneThatWasAskedFor) {
  start();
  const auto exchange = ask(form(wav(1), {{"response_format", "verbose_json"}, {"temperature", "0.75"}}));
  EXPECT_TRUE(mentions(*exchange, R"("temperature":0.75)"));
}

TEST_F(TranscriptionTest, ATranslationIsEnglish) {
  start();
  const auto exchange = ask(form(wav(1), {{"response_format", "verbose_json"}}, "/v1/audio/translations"));
  EXPECT_TRUE(mentions(*exchange, R"("task":"translate","language":"english")"));
  EXPECT_FALSE(mentions(*exchange, R"("words")"));
}

TEST_F(TranscriptionTest, ATranslationHasWordsWhereTheyAreAskedFor) {
  start();
  const auto exchange = ask(form(wav(1), {{"response_format", "verbose_json"}, {"timestamp_granularities[]", "word"}},
                                 "/v1/audio/translations"));
  EXPECT_TRUE(mentions(*exchange, R"("words":[{"word":"second","start":0.0,"end":1.0}])")) << exchange->response.body;
}

TEST_F(TranscriptionTest, AStreamIsDeltasThenTheWholeThenDone) {
  start();
  const auto exchange = ask(form(wav(2), {{"stream", "true"}}));
  EXPECT_EQ(type(*exchange), "text/event-stream");
  EXPECT_TRUE(exchange->has_ended);
  EXPECT_EQ(exchange->response.body,
            "data: {\"type\":\"transcript.text.delta\",\"delta\":\"second 0.\"}\n\n"
            "data: {\"type\":\"transcript.text.delta\",\"delta\":\" second 1.\"}\n\n"
            "data: {\"type\":\"transcript.text.done\",\"text\":\"second 0. second 1.\",\"usage\":{\"type\":\"tokens\","
            "\"input_tokens\":100,\"output_tokens\":6,\"total_tokens\":106}}\n\n"
            "data: [DONE]\n\n");
}

TEST_F(TranscriptionTest, AStreamOfNothingStillEndsAsOne) {
  start();
  const std::vector<float> short_sound(800, 0.1F);
  const auto exchange =
      ask(form(*audio::encode_all(audio::AudioFormat::kWav, {8'000}, short_sound), {{"stream", "true"}}));
  EXPECT_TRUE(exchange->response.body.starts_with("data: {\"type\":\"transcript.text.done\",\"text\":\"\""));
}

TEST_F(TranscriptionTest, AFailureIsAStatusOrAnEvent) {
  start();
  const auto whole = ask(form(wav(2), {{"prompt", "!"}}));
  EXPECT_EQ(whole->response.status, 500);
  EXPECT_TRUE(mentions(*whole, "the engine broke"));
  const auto streamed = ask(form(wav(2), {{"prompt", "!"}, {"stream", "true"}}));
  EXPECT_EQ(streamed->response.status, 200);
  EXPECT_TRUE(streamed->has_ended);
  EXPECT_TRUE(mentions(*streamed, R"(data: {"error":{"message":"the engine broke")"));
  EXPECT_FALSE(mentions(*streamed, "[DONE]"));
}

TEST_F(TranscriptionTest, ABadFileIsA400ThatNamesIt) {
  start();
  for (const std::string& bad :
       {std::string("a letter"), wav(0), wav(2).substr(0, 9'000), std::string("\0\0\0\0ftypM4A ", 12)}) {
    const auto exchange = ask(form(bad));
    EXPECT_EQ(exchange->response.status, 400);
    EXPECT_TRUE(mentions(*exchange, R"("param":"file")")) << exchange->response.body;
  }
}

TEST_F(TranscriptionTest, ABadFileIsToldWhileTheModelStillLoads) {
  may_load_ = std::make_unique<std::latch>(1);
  start();
  EXPECT_EQ(ask(form("a letter"))->response.status, 400);
  EXPECT_EQ(api_->gate().running() + api_->gate().waiting(), 0);
  may_load_->count_down();
  EXPECT_EQ(ask(form(wav(1)))->response.status, 200);
  EXPECT_EQ(registry_->snapshot()->find("whisper")->loads, 1);
}

TEST_F(TranscriptionTest, WhatIsLongerThanTheLimitIsA400) {
  ApiOptions options;
  options.max_audio = base::Millis{1'500};
  start(options);
  EXPECT_EQ(ask(form(wav(1)))->response.status, 200);
  EXPECT_EQ(ask(form(wav(2)))->response.status, 400);
}

TEST_F(TranscriptionTest, AnUploadHasALimitOfItsOwn) {
  ApiOptions options;
  options.max_body = 1'000;
  options.max_upload = 50'000'000;
  start(options);
  EXPECT_GT(api_->plan(form("x")).body_limit, 50'000'000U);
  EXPECT_EQ(api_->plan(make_request("POST", "/v1/audio/speech")).body_limit, 1'000U);
}

TEST_F(TranscriptionTest, TheFormsThatAreReceivedAtOnceAreCounted) {
  ApiOptions options;
  options.max_concurrent_uploads = 1;
  start(options);
  {
    const net::Plan receiving = api_->plan(form(wav(1)));
    EXPECT_FALSE(receiving.refusal);
    EXPECT_EQ(ask(form(wav(1)))->response.status, 503);
    EXPECT_EQ(speak("a")->response.status, 200);
  }
  EXPECT_EQ(ask(form(wav(1)))->response.status, 200);
}

TEST_F(TranscriptionTest, AnUploadKeepsItsPlaceAsLongAsItIsWorkedOn) {
  ApiOptions options;
  options.max_concurrent_uploads = 1;
  start(options);
  std::latch gone(1);
  const auto held = begin(form(wav(1), {{"prompt", "?"}}), gone);  // its plan, and so its connection, is no more
  EXPECT_EQ(ask(form(wav(1)))->response.status, 503);
  held->stop.request_stop();
  gone.wait();
  EXPECT_EQ(ask(form(wav(1)))->response.status, 200);
}

TEST_F(TranscriptionTest, SoundsThatWaitForTheirTurnKeepNobodyElseFromAThread) {
  start();
  constexpr int kMany = 6;  // more than there are threads for requests
  std::latch gone(kMany);
  std::vector<std::shared_ptr<FakeExchange>> waiting;
  for (int i = 0; i < kMany; ++i) waiting.push_back(begin(form(wav(1), {{"prompt", "?"}}), gone));
  EXPECT_EQ(speak("Hi.")->response.status, 200);
  for (const auto& one : waiting) one->stop.request_stop();
  gone.wait();
}

TEST_F(TranscriptionTest, AClientThatLeavesWhileItWaitsForItsTurnGivesEverythingBackAtOnce) {
  ApiOptions options;
  options.max_concurrent_uploads = 3;
  start(options);
  std::latch both_gone(2);
  const auto first = begin(form(wav(1), {{"prompt", "?"}}), both_gone);
  const auto second = begin(form(wav(1), {{"prompt", "?"}}), both_gone);
  wait_until_ready(2);  // as many as there are threads that listen
  std::latch gone(1);
  const auto third = begin(form(wav(1)), gone);
  wait_until_ready(3);
  EXPECT_EQ(ask(form("a letter"))->response.status, 503);

  third->stop.request_stop();
  EXPECT_TRUE(gone.try_wait());
  EXPECT_FALSE(third->has_ended);
  EXPECT_EQ(look("whisper").leases, 2);
  EXPECT_EQ(api_->gate().running() + api_->gate().waiting(), 2);
  EXPECT_EQ(ask(form("a letter"))->response.status, 400);  // there is a place again

  for (const auto& one : {first, second}) one->stop.request_stop();
  both_gone.wait();
  gone.wait();
}

/// One file is with its program, which takes its time, on the only thread that waits for programs.
class ForeignSoundTest : public TranscriptionTest {
 protected:
  void SetUp() override {
    open_sound_ = [this](auto&&...) -> base::Result<std::unique_ptr<audio::SoundReader>> {
      if (++opened_ == 1) at_work_.count_down();
      may_end_.wait();
      return base::fail(base::Code::kInvalidArgument, "never mind");
    };
  }
  void keep_busy() {
    first_ = begin(form(foreign_), first_gone_);
    at_work_.wait();
  }
  /// How many files were given to their program.
  int release() {
    may_end_.count_down();
    first_gone_.wait();
    return opened_;
  }
  const std::string foreign_{"\0\0\0\0ftypM4A ", 12};

 private:
  std::latch at_work_{1};
  std::latch may_end_{1};
  std::latch first_gone_{1};
  std::atomic<int> opened_ = 0;
  std::shared_ptr<FakeExchange> first_;
};

TEST_F(ForeignSoundTest, WhoLeavesWaitsForNoProgram) {
  start();
  keep_busy();
  std::latch gone(1);
  const auto leaving = begin(form(foreign_), gone);
  wait_until_ready(2);
  leaving->stop.request_stop();
  EXPECT_TRUE(gone.try_wait());
  EXPECT_EQ(release(), 1);
  gone.wait();
}

TEST_F(ForeignSoundTest, WhoIsAnsweredThatItsModelCannotLoadWaitsForNoProgram) {
  load_error_ = base::Error{base::Code::kCorrupt, "model.bin is truncated", {}};
  may_load_ = std::make_unique<std::latch>(1);
  start();
  keep_busy();  // before the load fails: nobody would open its file after
  may_load_->count_down();
  EXPECT_EQ(ask(form(foreign_))->response.status, 503);
  EXPECT_EQ(release(), 1);
}

TEST_F(TranscriptionTest, AnEnginesObjectionNamesTheField) {
  start();
  const auto language = ask(form(wav(1), {{"language", "ja"}}));
  EXPECT_EQ(language->response.status, 400);
  EXPECT_TRUE(mentions(*language, R"("param":"language")"));
  const auto languages = ask(form(wav(1), {{"languages[]", "en"}, {"languages[]", "ja"}}));
  EXPECT_TRUE(mentions(*languages, R"("param":"languages")"));
  const auto translation = ask(form(wav(1), {{"prompt", "en"}}, "/v1/audio/translations"));
  EXPECT_EQ(translation->response.status, 400);
  EXPECT_TRUE(mentions(*translation, R"("param":"model")"));
}

TEST_F(TranscriptionTest, UnknownAndDeafModelsAreTold) {
  start();
  EXPECT_EQ(ask(form(wav(1), {}, kPath, "gpt-9"))->response.status, 404);
  const auto deaf = ask(form(wav(1), {}, kPath, "kokoro"));
  EXPECT_EQ(deaf->response.status, 400);
  EXPECT_TRUE(mentions(*deaf, "'kokoro' does not transcribe"));
}

TEST_F(TranscriptionTest, AModelThatCannotLoadSaysWhy) {
  load_error_ = base::Error{base::Code::kCorrupt, "model.bin is truncated", "run hearth models verify"};
  start();
  const auto exchange = ask(form(wav(1)));
  EXPECT_EQ(exchange->response.status, 503);
  EXPECT_TRUE(mentions(*exchange, "model.bin is truncated"));
}

TEST_F(TranscriptionTest, WhoDoesNotWaitGetsA503WithRetryAfter) {
  may_load_ = std::make_unique<std::latch>(1);
  start();
  const auto by_field = ask(form(wav(1), {{"wait", "false"}}));
  EXPECT_EQ(by_field->response.status, 503);
  EXPECT_NE(by_field->response.headers.find("Retry-After"), nullptr);
  net::HttpRequest by_header = form(wav(1));
  by_header.headers.add("X-Hearth-Wait", "0");
  EXPECT_EQ(ask(std::move(by_header))->response.status, 503);
  may_load_->count_down();
  EXPECT_EQ(ask(form(wav(1)))->response.status, 200);
}

TEST_F(TranscriptionTest, AClientThatLeavesStopsTheModel) {
  start();
  std::latch gone(1);
  const auto exchange = begin(form(wav(1), {{"prompt", "?"}}), gone);
  exchange->stop.request_stop();
  gone.wait();
  EXPECT_EQ(exchange->response.status, 0);
  EXPECT_EQ(api_->gate().running() + api_->gate().waiting(), 0);
}

TEST_F(TranscriptionTest, AClientThatLeavesAStreamStopsItWithinASegment) {
  start();
  const auto exchange = ask(form(wav(5), {{"stream", "true"}}), [](FakeExchange& e) {
    e.on_write = [&e] {
      if (e.writes == 2) e.stop.request_stop();
    };
  });
  EXPECT_EQ(exchange->writes, 2);
  EXPECT_FALSE(exchange->has_ended);
}

TEST_F(TranscriptionTest, AClientThatLeavesWhileTheModelLoadsDoesNotEndTheLoad) {
  may_load_ = std::make_unique<std::latch>(1);
  start();
  std::latch gone(1);
  const auto exchange = begin(form(wav(1)), gone);
  exchange->stop.request_stop();
  gone.wait();
  may_load_->count_down();
  EXPECT_EQ(ask(form(wav(1)))->response.status, 200);
  EXPECT_EQ(registry_->snapshot()->find("whisper")->loads, 1);
}

TEST_F(TranscriptionTest, BeyondTheQueueIsA503WithRetryAfter) {
  ApiOptions options;
  options.max_requests = 1;
  options.max_queue = 0;
  start(options);
  std::latch gone(1);
  const auto held = begin(form(wav(1), {{"prompt", "?"}}), gone);
  const auto refused = ask(form(wav(1)));
  EXPECT_EQ(refused->response.status, 503);
  EXPECT_TRUE(mentions(*refused, "overloaded"));
  held->stop.request_stop();
  gone.wait();
}

TEST_F(TranscriptionTest, OnlyFormsOfPagesThatMayCallAreRead) {
  start();
  net::HttpRequest json = make_request("POST", kPath, "{}");
  EXPECT_EQ(ask(std::move(json))->response.status, 415);
  net::HttpRequest foreign = form(wav(1));
  foreign.headers.add("Origin", "https://evil.example");
  EXPECT_EQ(ask(std::move(foreign))->response.status, 403);
  net::HttpRequest sandboxed = form(wav(1));
  sandboxed.headers.add("Origin", "null");
  EXPECT_EQ(ask(std::move(sandboxed))->response.status, 403);
  net::HttpRequest rebound = form(wav(1));
  rebound.headers.set("Host", "evil.example");
  EXPECT_EQ(ask(std::move(rebound))->response.status, 403);
  EXPECT_EQ(get(kPath)->response.status, 405);
}

}  // namespace
}  // namespace hearth::api
