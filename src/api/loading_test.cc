// What every route says of a model that is still on its way, and what becomes of one that fails in its first request.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/fake_world.h"
#include "api/reply.h"
#include "audio/encoder.h"

namespace hearth::api {
namespace {

using Json = nlohmann::json;

std::string wav(int seconds) {
  const std::vector<float> samples(static_cast<std::size_t>(8'000 * seconds), 0.1F);
  return audio::encode_all(audio::AudioFormat::kWav, {8'000}, samples).value_or("");
}

/// An uncompressed bitmap, `width` pixels wide and one high.
std::string bitmap(int width) {
  std::string file(54, '\0');
  file[0] = 'B';
  file[1] = 'M';
  file[10] = 54;
  file[14] = 40;
  file[18] = static_cast<char>(width);
  file[22] = file[26] = 1;
  file[28] = 24;
  return file + std::string(static_cast<std::size_t>((width * 24 + 31) / 32 * 4), '\0');
}

class LoadingTest : public ApiTest {
 protected:
  static net::HttpRequest form(const char* path, const std::string& model, const std::string& file,
                               const std::string& prompt = {}) {
    std::string body;
    const auto add = [&](const std::string& name, const std::string& content) {
      body += "--B\r\nContent-Disposition: form-data; " + name + "\r\n\r\n" + content + "\r\n";
    };
    add("name=model", model);
    if (!prompt.empty()) add("name=prompt", prompt);
    add("name=file; filename=a", file);
    net::HttpRequest request = make_request("POST", path, body + "--B--\r\n");
    request.headers.set("Content-Type", "multipart/form-data; boundary=B");
    return request;
  }
  /// One request for each capability; `good` or one that its engine breaks at.
  static std::vector<net::HttpRequest> one_of_each(bool good) {
    const std::string text = good ? "a" : "!";
    std::vector<net::HttpRequest> requests;
    requests.push_back(make_request("POST", "/v1/audio/speech", R"({"model":"kokoro","input":")" + text + R"("})"));
    requests.push_back(form("/v1/audio/transcriptions", "whisper", wav(2), good ? "" : "!"));
    requests.push_back(form("/v1/ocr", "pp-ocr-v6", bitmap(good ? 2 : 1)));
    requests.push_back(
        make_request("POST", "/v1/chat/completions",
                     R"({"model":"smollm2-135m","messages":[{"role":"user","content":")" + text + R"("}]})"));
    return requests;
  }
  static std::string header(const FakeExchange& exchange, const std::string& name) {
    const std::string* value = exchange.response.headers.find(name);
    return value == nullptr ? "" : *value;
  }
};

const char* const kModels[] = {"kokoro", "whisper", "pp-ocr-v6", "smollm2-135m"};

TEST_F(LoadingTest, EveryRouteTellsWhoDoesNotWaitHowFarTheLoadIs) {
  may_load_ = std::make_unique<std::latch>(1);
  expected_load_ = base::Millis{30'000};
  start();
  for (net::HttpRequest& request : one_of_each(true)) {
    request.headers.add("X-Hearth-Wait", "0");
    const std::string target = request.path;
    const auto exchange = ask(std::move(request));
    ASSERT_EQ(exchange->response.status, 503) << target;
    const Json error = Json::parse(exchange->response.body)["error"];
    EXPECT_EQ(error["code"], "model_not_ready") << target;
    const Json& loading = error["loading"];
    EXPECT_EQ(loading["state"], "loading") << target;
    EXPECT_TRUE(loading["stage"].is_string()) << target;
    EXPECT_EQ(loading["progress"], 0.0) << target;
    const auto wait_ms = loading["wait_ms"].get<std::int64_t>();
    EXPECT_GE(loading["elapsed_ms"].get<double>(), 0) << target;
    EXPECT_NEAR(loading["elapsed_ms"].get<double>() + static_cast<double>(wait_ms), 30'000, 1)
        << target << ": what the last start took";
    EXPECT_EQ(header(*exchange, "Retry-After"), retry_after_text(base::Millis{wait_ms})) << target;
  }
  net::HttpRequest voices = make_request("GET", "/v1/audio/voices");
  voices.headers.add("X-Hearth-Wait", "0");
  EXPECT_EQ(ask(std::move(voices))->response.status, 503);
  const auto load = post("/models/load", R"({"model":"kokoro","wait":false})");
  EXPECT_EQ(load->response.status, 202);
  const Json card = Json::parse(load->response.body)["loading"];
  EXPECT_EQ(card["state"], "loading");
  EXPECT_EQ(header(*load, "Retry-After"), retry_after_text(base::Millis{card["wait_ms"].get<std::int64_t>()}));
  may_load_->count_down();
  for (net::HttpRequest& request : one_of_each(true)) EXPECT_EQ(ask(std::move(request))->response.status, 200);
}

TEST_F(LoadingTest, AFailedLoadIsNoLoadUnderWay) {
  load_error_ = base::Error{base::Code::kCorrupt, "model.bin is truncated", {}};
  start();
  for (net::HttpRequest& request : one_of_each(true)) {
    const auto exchange = ask(std::move(request));
    EXPECT_EQ(exchange->response.status, 503);
    const Json error = Json::parse(exchange->response.body)["error"];
    EXPECT_EQ(error["code"], "model_failed");
    EXPECT_FALSE(error.contains("loading"));
  }
}

TEST_F(LoadingTest, AnEngineThatBreaksInItsFirstRequestIsLoadedAnewByTheNext) {
  start();
  for (net::HttpRequest& request : one_of_each(false)) EXPECT_EQ(ask(std::move(request))->response.status, 500);
  for (net::HttpRequest& request : one_of_each(true)) EXPECT_EQ(ask(std::move(request))->response.status, 200);
  // A later failure is that request's bad luck.
  for (net::HttpRequest& request : one_of_each(false)) EXPECT_EQ(ask(std::move(request))->response.status, 500);
  for (net::HttpRequest& request : one_of_each(true)) EXPECT_EQ(ask(std::move(request))->response.status, 200);
  for (const char* name : kModels) {
    const model::ModelSnapshot model = *registry_->snapshot()->find(name);
    EXPECT_EQ(model.loads, 2) << name;
    EXPECT_EQ(model.failures, 1) << name;
  }
}

TEST_F(LoadingTest, AClientsMistakeDoesNotMakeAnEngineLoadAgain) {
  start();
  EXPECT_EQ(speak("#")->response.status, 400);
  EXPECT_EQ(speak("a", R"(,"voice":"nobody")")->response.status, 400);
  EXPECT_EQ(speak("a")->response.status, 200);
  EXPECT_EQ(registry_->snapshot()->find("kokoro")->loads, 1);
}

}  // namespace
}  // namespace hearth::api
