#include "api/api.h"

#include <gtest/gtest.h>

#include <latch>
#include <string>

#include "api/fake_world.h"

namespace hearth::api {
namespace {

std::string header(const FakeExchange& exchange, const char* name) {
  const std::string* found = exchange.response.headers.find(name);
  return found == nullptr ? "" : *found;
}

bool mentions(const FakeExchange& exchange, const std::string& text) {
  return exchange.response.body.find(text) != std::string::npos;
}

TEST_F(ApiTest, SpeechStreamsTheSoundOfAText) {
  start();
  const auto exchange = speak("abc");
  EXPECT_EQ(exchange->response.status, 200);
  EXPECT_TRUE(exchange->has_ended);
  EXPECT_EQ(exchange->response.body.size(), 3U * 600 * 2);
  EXPECT_EQ(exchange->writes, 3);
  EXPECT_EQ(header(*exchange, "X-Sample-Rate"), "24000");
  EXPECT_TRUE(recorder_.has_mark("first_audio"));
  EXPECT_EQ(api_->gate().running(), 0);
  EXPECT_EQ(api_->gate().waiting(), 0);
}

TEST_F(ApiTest, EveryFormatHasItsContentType) {
  start();
  for (const audio::AudioFormat format : audio::kAllFormats) {
    const auto exchange = post("/v1/audio/speech", R"({"model":"kokoro","input":"abc","response_format":")" +
                                                       std::string(audio::format_name(format)) + "\"}");
    EXPECT_EQ(exchange->response.status, 200) << audio::format_name(format);
    EXPECT_EQ(header(*exchange, "Content-Type"), audio::content_type(format));
    EXPECT_TRUE(exchange->has_ended);
    EXPECT_GT(exchange->response.body.size(), 40U);
  }
}

TEST_F(ApiTest, SseSendsDeltasThenUsageThenDone) {
  start();
  const auto exchange = speak("ab", R"(,"stream_format":"sse")");
  EXPECT_EQ(header(*exchange, "Content-Type"), "text/event-stream");
  EXPECT_TRUE(exchange->response.body.starts_with(R"(data: {"type":"speech.audio.delta","audio":")"));
  EXPECT_TRUE(mentions(*exchange, R"("usage":{"input_tokens":2,"output_tokens":2,"total_tokens":4})"));
  EXPECT_TRUE(exchange->response.body.ends_with("data: [DONE]\n\n"));
}

TEST_F(ApiTest, AnEnginesObjectionIsA400ThatNamesTheField) {
  start();
  const auto text = speak("#");
  EXPECT_EQ(text->response.status, 400);
  EXPECT_TRUE(mentions(*text, R"("param":"input")"));
  const auto voice = speak("a", R"(,"voice":"nobody")");
  EXPECT_EQ(voice->response.status, 400);
  EXPECT_TRUE(mentions(*voice, R"("param":"voice")"));
  const auto language = speak("a", R"(,"language":"xx")");
  EXPECT_EQ(language->response.status, 400);
  EXPECT_TRUE(mentions(*language, R"("param":"language")"));
}

TEST_F(ApiTest, AFailureBeforeTheFirstSoundIsAStatus) {
  start();
  const auto exchange = speak("!");
  EXPECT_EQ(exchange->response.status, 500);
  EXPECT_TRUE(mentions(*exchange, "the engine broke"));
}

TEST_F(ApiTest, AFailureAfterTheFirstSoundCutsTheBodyAndIsAnEventInSse) {
  start();
  const auto cut = speak("a!");
  EXPECT_EQ(cut->response.status, 200);
  EXPECT_FALSE(cut->has_ended);
  const auto told = speak("a!", R"(,"stream_format":"sse")");
  EXPECT_TRUE(told->has_ended);
  EXPECT_TRUE(mentions(*told, R"(data: {"error":{"message":"the engine broke")"));
  EXPECT_FALSE(mentions(*told, "[DONE]"));
}

TEST_F(ApiTest, AClientThatLeavesStopsTheSynthesisWithinABlock) {
  start();
  const auto exchange =
      ask(make_request("POST", "/v1/audio/speech", R"({"model":"kokoro","input":"abcdefgh","response_format":"pcm"})"),
          [](FakeExchange& e) {
            e.on_write = [&e] {
              if (e.writes == 2) e.stop.request_stop();
            };
          });
  EXPECT_EQ(exchange->writes, 2);
  EXPECT_FALSE(exchange->has_ended);
}

TEST_F(ApiTest, AClientThatLeavesBeforeTheFirstSoundFreesItsPlace) {
  start();
  net::HttpRequest request = make_request("POST", "/v1/audio/speech", R"({"model":"kokoro","input":"?"})");
  const net::Plan plan = api_->plan(request);
  const auto exchange = std::make_shared<FakeExchange>(std::move(request));
  std::latch gone(1);
  run(plan, exchange, gone);
  exchange->stop.request_stop();
  gone.wait();
  EXPECT_EQ(exchange->response.status, 0);
  EXPECT_EQ(api_->gate().running() + api_->gate().waiting(), 0);
}

TEST_F(ApiTest, AClientThatLeavesWhileTheModelLoadsDoesNotEndTheLoad) {
  may_load_ = std::make_unique<std::latch>(1);
  start();
  net::HttpRequest request = make_request("POST", "/v1/audio/speech", R"({"model":"kokoro","input":"a"})");
  const net::Plan plan = api_->plan(request);
  const auto exchange = std::make_shared<FakeExchange>(std::move(request));
  std::latch gone(1);
  run(plan, exchange, gone);
  exchange->stop.request_stop();
  gone.wait();
  may_load_->count_down();
  EXPECT_EQ(speak("a")->response.status, 200);
  EXPECT_EQ(registry_->snapshot()->find("kokoro")->loads, 1);
}

TEST_F(ApiTest, WhoDoesNotWaitGetsA503WithRetryAfter) {
  may_load_ = std::make_unique<std::latch>(1);
  start();
  const auto by_field = speak("a", R"(,"wait":false)");
  EXPECT_EQ(by_field->response.status, 503);
  EXPECT_FALSE(header(*by_field, "Retry-After").empty());
  EXPECT_TRUE(mentions(*by_field, "model_not_ready"));
  net::HttpRequest request = make_request("POST", "/v1/audio/speech", R"({"model":"kokoro","input":"a"})");
  request.headers.add("X-Hearth-Wait", "0");
  EXPECT_EQ(ask(std::move(request))->response.status, 503);
  may_load_->count_down();
  EXPECT_EQ(speak("a")->response.status, 200);
}

TEST_F(ApiTest, AModelThatCannotLoadSaysWhy) {
  load_error_ = base::Error{base::Code::kCorrupt, "model.onnx is truncated", "run hearth models verify"};
  start();
  const auto exchange = speak("a");
  EXPECT_EQ(exchange->response.status, 503);
  EXPECT_TRUE(mentions(*exchange, "model.onnx is truncated"));
}

TEST_F(ApiTest, UnknownAndSpeechlessModelsAreTold) {
  start();
  const auto unknown = post("/v1/audio/speech", R"({"model":"gpt-9","input":"a"})");
  EXPECT_EQ(unknown->response.status, 404);
  EXPECT_TRUE(mentions(*unknown, "model_not_found"));
  EXPECT_TRUE(mentions(*unknown, R"("param":"model")"));
  EXPECT_EQ(post("/v1/audio/speech", R"({"model":"mute","input":"a"})")->response.status, 400);
}

TEST_F(ApiTest, BeyondTheQueueIsA503WithRetryAfter) {
  ApiOptions options;
  options.max_requests = 1;
  options.max_queue = 0;
  start(options);
  net::HttpRequest request = make_request("POST", "/v1/audio/speech", R"({"model":"kokoro","input":"?"})");
  const net::Plan plan = api_->plan(request);
  const auto held = std::make_shared<FakeExchange>(std::move(request));
  std::latch gone(1);
  run(plan, held, gone);
  const auto refused = speak("a");
  EXPECT_EQ(refused->response.status, 503);
  EXPECT_EQ(header(*refused, "Retry-After"), "1");
  EXPECT_TRUE(mentions(*refused, "overloaded"));
  held->stop.request_stop();
  gone.wait();
  EXPECT_EQ(speak("a")->response.status, 200);
}

TEST_F(ApiTest, VoicesAreListedWithoutCountingAsUse) {
  start();
  const auto exchange = get("/v1/audio/voices");
  EXPECT_EQ(exchange->response.status, 200);
  EXPECT_TRUE(mentions(*exchange, R"("voices":["af_heart","am_echo"])"));
  EXPECT_EQ(get("/v1/audio/voices?model=mute")->response.status, 400);
  EXPECT_EQ(get("/v1/audio/voices?model=none")->response.status, 404);
}

TEST_F(ApiTest, ModelsAreListedAndFoundByAlias) {
  start();
  EXPECT_TRUE(mentions(*get("/v1/models"), R"("id":"mute")"));
  EXPECT_TRUE(mentions(*get("/v1/models/tts-1"), R"("id":"kokoro")"));
  EXPECT_TRUE(mentions(*get("/v1/models/tts-1"), R"("state":"absent")"));
  const auto missing = get("/v1/models/none");
  EXPECT_EQ(missing->response.status, 404);
  EXPECT_TRUE(mentions(*missing, "model_not_found"));
}

TEST_F(ApiTest, ModelsAreLoadedAndUnloadedByName) {
  start();
  const auto loaded = post("/models/load", R"({"model":"tts-1"})");
  EXPECT_EQ(loaded->response.status, 200);
  EXPECT_TRUE(mentions(*loaded, R"("model":"kokoro")"));
  const auto unloaded = post("/models/unload", R"({"model":"kokoro"})");
  EXPECT_EQ(unloaded->response.status, 200);
  EXPECT_TRUE(mentions(*unloaded, "returned_bytes"));
  EXPECT_EQ(post("/models/load", R"({"model":"none"})")->response.status, 404);
  EXPECT_EQ(post("/models/unload", R"({"model":"none"})")->response.status, 404);
  EXPECT_EQ(post("/models/load", R"({"model":"/etc/passwd"})")->response.status, 400);
  EXPECT_EQ(post("/models/load", "{}")->response.status, 400);
}

TEST_F(ApiTest, WhoLeavesALoadOrAnUnloadIsLetGoAtOnce) {
  may_load_ = std::make_unique<std::latch>(1);
  start();
  for (const char* path : {"/models/load", "/models/unload"}) {
    std::latch gone(1);
    const auto leaving = begin(make_request("POST", path, R"({"model":"kokoro"})"), gone);
    look("kokoro");  // it waits
    EXPECT_EQ(api_->gate().waiting(), 1) << path;
    leaving->stop.request_stop();
    gone.wait();
    EXPECT_EQ(api_->gate().waiting(), 0) << path;
    EXPECT_EQ(leaving->response.status, 0) << path;
  }
  EXPECT_EQ(look("kokoro").waiting, 0);
  may_load_->count_down();
  EXPECT_EQ(post("/models/load", R"({"model":"kokoro"})")->response.status, 200);
}

TEST_F(ApiTest, LoadsAndUnloadsBeyondTheQueueAreA503) {
  ApiOptions options;
  options.max_requests = 1;
  options.max_queue = 0;
  may_load_ = std::make_unique<std::latch>(1);
  start(options);
  std::latch gone(1);
  begin(make_request("POST", "/models/load", R"({"model":"kokoro"})"), gone);
  for (const char* path : {"/models/load", "/models/unload"}) {
    const auto refused = post(path, R"({"model":"kokoro"})");
    EXPECT_EQ(refused->response.status, 503) << path;
    EXPECT_TRUE(mentions(*refused, "overloaded")) << path;
  }
  may_load_->count_down();
  gone.wait();
  EXPECT_EQ(post("/models/unload", R"({"model":"kokoro"})")->response.status, 200);
}

TEST_F(ApiTest, LoadingWithoutWaitingIsAccepted) {
  may_load_ = std::make_unique<std::latch>(1);
  start();
  EXPECT_EQ(post("/models/load", R"({"model":"kokoro","wait":false})")->response.status, 202);
  may_load_->count_down();
  EXPECT_EQ(post("/models/load", R"({"model":"kokoro"})")->response.status, 200);
}

TEST_F(ApiTest, ProbesTellLifeAndReadinessAndWakeNothing) {
  start();
  EXPECT_EQ(get("/livez")->response.status, 200);
  EXPECT_EQ(get("/v2/health/live")->response.status, 200);
  for (const char* probe : {"/readyz", "/health", "/v2/health/ready", "/v2/models/kokoro/ready"}) {
    EXPECT_EQ(get(probe)->response.status, 503) << probe;
  }
  EXPECT_EQ(get("/v2/models/none/ready")->response.status, 404);
  EXPECT_EQ(registry_->snapshot()->find("kokoro")->loads, 0);
  EXPECT_EQ(speak("a")->response.status, 200);
  readiness_.on_ready("kokoro");
  for (const char* probe : {"/readyz", "/health", "/v2/health/ready", "/v2/models/kokoro/ready"}) {
    EXPECT_EQ(get(probe)->response.status, 200) << probe;
  }
  readiness_.start_draining();
  EXPECT_EQ(get("/readyz")->response.status, 503);
}

TEST_F(ApiTest, StatusStartupAndMetricsAnswer) {
  start();
  EXPECT_TRUE(mentions(*get("/status"), R"("version":"test")"));
  for (const char* target : {"/startup", "/startup?format=json", "/startup?format=trace", "/startup?format=text"}) {
    EXPECT_EQ(get(target)->response.status, 200) << target;
  }
  EXPECT_EQ(get("/startup?format=xml")->response.status, 400);
  net::Outcome outcome;
  outcome.route = "speech";
  outcome.status = 200;
  outcome.complete = true;
  outcome.first_byte = base::Millis{5};
  api_->on_done(outcome);
  const auto metrics = get("/metrics");
  EXPECT_TRUE(mentions(*metrics, "hearth_http_requests_total{route=\"speech\",status=\"200\"} 1"));
  EXPECT_TRUE(mentions(*metrics, "hearth_speech_first_audio_seconds_count 1"));
  EXPECT_TRUE(mentions(*metrics, "hearth_requests_running 0"));
}

TEST_F(ApiTest, JsonThatCarriesAFileMayHaveHalfOfWhatAFormMay) {
  ApiOptions options;
  options.max_upload = 10 << 20;
  start(options);
  net::HttpRequest request = make_request("POST", "/v1/ocr");
  EXPECT_EQ(api_->plan(request).body_limit, 5U << 20);
  request.headers.set("Content-Type", "multipart/form-data; boundary=B");
  EXPECT_GE(api_->plan(request).body_limit, 10U << 20);
}

TEST_F(ApiTest, RequestsAreRefusedByTheirHeadAlone) {
  ApiOptions options;
  options.guard.api_keys = {"secret"};
  start(options);
  EXPECT_EQ(get("/v1/models")->response.status, 401);
  EXPECT_EQ(header(*get("/v1/models"), "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(get("/livez")->response.status, 200);
  EXPECT_EQ(get("/nothing")->response.status, 404);
  const auto wrong_method = get("/v1/audio/speech");
  EXPECT_EQ(wrong_method->response.status, 405);
  EXPECT_EQ(header(*wrong_method, "Allow"), "POST, OPTIONS");
  const auto options_reply = ask(make_request("OPTIONS", "/v1/models"));
  EXPECT_EQ(options_reply->response.status, 204);
  EXPECT_EQ(header(*options_reply, "Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(options_reply->response.headers.find("Access-Control-Allow-Origin"), nullptr);

  net::HttpRequest typed = make_request("POST", "/v1/audio/speech", "{}");
  typed.headers.set("Authorization", "Bearer secret");
  typed.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(ask(std::move(typed))->response.status, 415);
  net::HttpRequest foreign = make_request("GET", "/livez");
  foreign.headers.set("Host", "evil.example");
  EXPECT_EQ(ask(std::move(foreign))->response.status, 403);
  net::HttpRequest page = make_request("GET", "/livez");
  page.headers.set("Origin", "https://evil.example");
  EXPECT_EQ(ask(std::move(page))->response.status, 403);
}

}  // namespace
}  // namespace hearth::api
