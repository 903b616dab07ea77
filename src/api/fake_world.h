#pragma once

// For tests only: an Api over a real registry, with a speech engine that does what the test says, and exchanges without
// sockets.

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "base/timer_thread.h"
#include "engine/document_reader.h"
#include "engine/language_model.h"
#include "engine/speech_synthesizer.h"
#include "engine/transcriber.h"

namespace hearth::api {

/// Says one block of sound a character; "!" in a text is an error of the engine, "?" waits for the listener to leave.
class FakeSpeech final : public engine::Engine, public engine::SpeechSynthesizer {
 public:
  class Words final : public engine::Utterance {
   public:
    explicit Words(std::string text) : text_(std::move(text)) {}
    base::Result<void> speak(const engine::PcmSink& sink, std::stop_token stop) override {
      const std::vector<float> block(600, 0.25F);
      for (const char c : text_) {
        if (c == '!') return base::fail(base::Code::kInternal, "the engine broke");
        if (c == '?') {
          std::latch left(1);
          const std::stop_callback leave(stop, [&] { left.count_down(); });
          left.wait();
        }
        if (stop.stop_requested()) return base::fail(base::Code::kCancelled, "stopped");
        if (sink(block) == engine::Flow::kStop) return base::fail(base::Code::kCancelled, "nobody listens");
      }
      return {};
    }

   private:
    const std::string text_;
  };
  engine::SpeechSynthesizer* speech_synthesizer() override { return this; }
  base::Result<std::unique_ptr<engine::Utterance>> prepare(const engine::SpeechRequest& request) override {
    if (!request.voice.empty() && request.voice != "af_heart")
      return base::fail(base::Code::kInvalidArgument, "no such voice");
    if (request.language == "xx") return base::fail(base::Code::kUnsupported, "no such language");
    if (request.text == "#") return base::fail(base::Code::kInvalidArgument, "nothing to say");
    return std::make_unique<Words>(request.text);
  }
  std::vector<engine::Voice> voices() const override { return {{"af_heart", "en-us"}, {"am_echo", "en-us"}}; }
  base::SampleRate sample_rate() const override { return {24000}; }
};

/// Writes one segment for each second of sound. "!" in a prompt is an error of the engine after the first segment, "?"
/// waits for the client to leave.
class FakeTranscriber final : public engine::Engine, public engine::Transcriber {
 public:
  engine::Transcriber* transcriber() override { return this; }
  base::Result<engine::Transcription> transcribe(std::span<const float> samples,
                                                 const engine::TranscriptionRequest& request,
                                                 const engine::SegmentSink& on_segment, std::stop_token stop) override {
    if (request.prompt.find('?') != std::string::npos) {
      std::latch left(1);
      const std::stop_callback leave(stop, [&] { left.count_down(); });
      left.wait();
    }
    engine::Transcription out{.language = request.languages.empty() ? "de" : request.languages.back(), .segments = {}};
    const auto seconds = static_cast<int>(samples.size()) / kSampleRate.hz;
    for (int i = 0; i < seconds; ++i) {
      if (stop.stop_requested()) return base::fail(base::Code::kCancelled, "stopped");
      if (i == 1 && request.prompt == "!") return base::fail(base::Code::kInternal, "the engine broke");
      engine::TranscribedSegment segment;
      segment.text = " second " + std::to_string(i) + ".";
      segment.start = base::Millis{1000 * i};
      segment.end = base::Millis{1000 * (i + 1)};
      segment.tokens = {1, 2, 3};
      segment.temperature = request.temperature;
      if (request.words == engine::TranscriptionRequest::Words::kYes) {
        segment.words = {{"second", segment.start, segment.end, 0.5}};
      }
      out.segments.push_back(segment);
      if (on_segment(segment) == engine::Flow::kStop) return base::fail(base::Code::kCancelled, "nobody listens");
    }
    return out;
  }
  base::Result<void> validate(const engine::TranscriptionRequest& request) const override {
    if (!request.languages.empty() && request.languages.back() == "ja")
      return base::fail(base::Code::kUnsupported, "this model knows English only");
    if (request.task == engine::TranscriptionRequest::Task::kTranslate && request.prompt == "en")
      return base::fail(base::Code::kUnsupported, "an English-only model does not translate");
    return {};
  }
};

/// Reads the size of a picture. A picture one pixel wide is an error of the engine; a least score of 1 waits for the
/// client to leave. `on_read` is called with every page, on the thread that reads it.
class FakeReader final : public engine::Engine, public engine::DocumentReader {
 public:
  using OnRead = std::function<void(const image::Picture&)>;
  explicit FakeReader(OnRead on_read) : on_read_(std::move(on_read)) {}
  engine::DocumentReader* document_reader() override { return this; }
  base::Result<engine::ReadPage> read(const image::Picture& page, const engine::ReadOptions& options,
                                      std::stop_token stop) override {
    if (on_read_) on_read_(page);
    if (page.width == 1) return base::fail(base::Code::kInternal, "the engine broke");
    if (options.least_score == 1) {
      std::latch left(1);
      const std::stop_callback leave(stop, [&] { left.count_down(); });
      left.wait();
    }
    if (stop.stop_requested()) return base::fail(base::Code::kCancelled, "stopped");
    engine::ReadPage out{page.width, page.height, {}};
    out.lines.push_back({std::to_string(page.width) + " by " + std::to_string(page.height), 1.0, {}});
    return out;
  }

 private:
  const OnRead on_read_;
};

/// Says what it was asked. "?" as the message waits for the client to leave, "no" is refused; a body with "!" is an
/// error of the engine.
class FakeLanguage final : public engine::Engine, public engine::LanguageModel {
 public:
  engine::LanguageModel* language_model() override { return this; }
  base::Result<void> answer(engine::LanguageCall, const std::string& body, engine::LanguageSink& sink,
                            std::stop_token stop) override {
    if (body.find('!') != std::string::npos) return base::fail(base::Code::kInternal, "the engine broke");
    const std::size_t begin = body.find(R"("content":")") + 11;
    const std::string said = body.substr(begin, body.find('"', begin) - begin);
    if (said == "?") {
      std::latch left(1);
      const std::stop_callback leave(stop, [&] { left.count_down(); });
      left.wait();
      return base::fail(base::Code::kCancelled, "stopped");
    }
    sink.begin(said == "no" ? 400 : 200, "application/json");
    sink.write(R"({"said":")" + said + "\"}");
    return {};
  }
};

class MuteEngine final : public engine::Engine {};

/// Keeps what a handler answers.
class FakeExchange final : public net::Exchange {
 public:
  explicit FakeExchange(net::HttpRequest request) : request_(std::move(request)) {}
  const net::HttpRequest& request() const override { return request_; }
  std::stop_token stop_token() const override { return stop.get_token(); }
  void send(net::HttpResponse whole) override {
    response = std::move(whole);
    has_ended = true;
  }
  net::Flow begin(int status, const net::Headers& headers) override {
    response.status = status;
    response.headers = headers;
    return flow();
  }
  net::Flow write(std::string_view bytes) override {
    ++writes;
    if (on_write) on_write();
    response.body.append(bytes);
    return flow();
  }
  void end() override { has_ended = true; }
  net::Flow flow() const { return stop.stop_requested() ? net::Flow::kStop : net::Flow::kContinue; }

  std::stop_source stop;
  net::HttpResponse response{0, {}, {}};
  bool has_ended = false;
  int writes = 0;
  std::function<void()> on_write;

 private:
  const net::HttpRequest request_;
};

class ApiTest : public testing::Test {
 protected:
  void TearDown() override {
    if (may_load_ && !may_load_->try_wait()) may_load_->count_down();  // a test that failed before it did
    if (registry_) registry_->shutdown();
  }

  void start(ApiOptions options = {}) {
    std::vector<model::ModelSpec> specs(5);
    specs[0].name = "kokoro";
    specs[0].aliases = {"tts-1"};
    specs[0].kind = "speech";
    specs[0].key = model::ModelKey::make("speech", {{"model", "1"}}, {});
    specs[0].load = [this](const engine::LoadProgress&,
                           const std::stop_token&) -> base::Result<std::unique_ptr<engine::Engine>> {
      if (may_load_) may_load_->wait();
      if (load_error_) return base::fail(*load_error_);
      return std::make_unique<FakeSpeech>();
    };
    specs[1].name = "mute";
    specs[1].kind = "other";
    specs[1].key = model::ModelKey::make("other", {{"model", "2"}}, {});
    specs[1].load = [](const engine::LoadProgress&,
                       const std::stop_token&) -> base::Result<std::unique_ptr<engine::Engine>> {
      return std::make_unique<MuteEngine>();
    };
    specs[2].name = "whisper";
    specs[2].aliases = {"whisper-1"};
    specs[2].kind = "transcription";
    specs[2].key = model::ModelKey::make("transcription", {{"model", "3"}}, {});
    specs[2].load = [this](const engine::LoadProgress&,
                           const std::stop_token&) -> base::Result<std::unique_ptr<engine::Engine>> {
      if (may_load_) may_load_->wait();
      if (load_error_) return base::fail(*load_error_);
      return std::make_unique<FakeTranscriber>();
    };
    specs[3].name = "pp-ocr-v6";
    specs[3].kind = "document";
    specs[3].key = model::ModelKey::make("document", {{"model", "4"}}, {});
    specs[3].load = [this](const engine::LoadProgress&,
                           const std::stop_token&) -> base::Result<std::unique_ptr<engine::Engine>> {
      if (may_load_) may_load_->wait();
      if (load_error_) return base::fail(*load_error_);
      return std::make_unique<FakeReader>(on_read_page_);
    };
    specs[4].name = "smollm2-135m";
    specs[4].aliases = {"llama"};
    specs[4].kind = "language";
    specs[4].key = model::ModelKey::make("language", {{"model", "5"}}, {});
    specs[4].load = [this](const engine::LoadProgress&,
                           const std::stop_token&) -> base::Result<std::unique_ptr<engine::Engine>> {
      if (may_load_) may_load_->wait();
      if (load_error_) return base::fail(*load_error_);
      return std::make_unique<FakeLanguage>();
    };
    for (model::ModelSpec& spec : specs) spec.expected_load = expected_load_;
    auto catalog = model::Catalog::make(std::move(specs));
    ASSERT_TRUE(catalog) << catalog.error().line();
    const model::RegistryParts parts{.clock = clock_,
                                     .timers = timers_,
                                     .strand = strand_pool_,
                                     .loads = load_pool_,
                                     .background = background_pool_};
    registry_ = std::make_unique<model::Registry>(parts, model::RegistryOptions{}, std::move(*catalog));
    options.version = "test";
    api_ = std::make_unique<Api>(
        Services{*registry_, readiness_, recorder_, metrics_, clock_, executor_, language_executor_, listen_executor_,
                 read_executor_, file_executor_, page_executor_, open_sound_, open_pages_, fetch_picture_},
        std::move(options));
  }

  static net::HttpRequest make_request(const std::string& method, const std::string& target,
                                       const std::string& body = {}) {
    net::HttpRequest request;
    request.method = method;
    EXPECT_TRUE(net::set_target(request, target));
    request.headers.add("Host", "localhost:8000");
    if (method == "POST") request.headers.add("Content-Type", "application/json");
    request.body = body;
    return request;
  }

  /// Runs the request's handler, which may answer later.
  void run(const net::Plan& plan, const std::shared_ptr<FakeExchange>& exchange, std::latch& gone) {
    // As in the server: whoever lets go last has answered or given up.
    std::shared_ptr<net::Exchange> handle(exchange.get(), [&gone, exchange](net::Exchange*) { gone.count_down(); });
    plan.run(std::move(handle));
  }

  /// Asks and waits until the handler let go.
  std::shared_ptr<FakeExchange> ask(net::HttpRequest request, const std::function<void(FakeExchange&)>& prepare = {}) {
    net::Plan plan = api_->plan(request);
    auto exchange = std::make_shared<FakeExchange>(std::move(request));
    if (prepare) prepare(*exchange);
    if (plan.refusal) {
      exchange->send(*plan.refusal);
      return exchange;
    }
    EXPECT_LE(exchange->request().body.size(), plan.body_limit);
    std::latch gone(1);
    run(plan, exchange, gone);
    plan.run = nullptr;
    gone.wait();
    return exchange;
  }
  std::shared_ptr<FakeExchange> get(const std::string& target) { return ask(make_request("GET", target)); }
  std::shared_ptr<FakeExchange> post(const std::string& target, const std::string& body) {
    return ask(make_request("POST", target, body));
  }
  std::shared_ptr<FakeExchange> speak(const std::string& text, const std::string& fields = {}) {
    return post("/v1/audio/speech",
                R"({"model":"tts-1","response_format":"pcm","input":")" + text + "\"" + fields + "}");
  }

  /// Runs a request without waiting for its end, which counts `gone` down. Its plan, and so its connection, is no more.
  std::shared_ptr<FakeExchange> begin(net::HttpRequest request, std::latch& gone) {
    const net::Plan plan = api_->plan(request);
    auto exchange = std::make_shared<FakeExchange>(std::move(request));
    run(plan, exchange, gone);
    return exchange;
  }
  /// Until the threads for requests have ended what they have begun.
  void settle() {
    auto all = std::make_shared<std::barrier<>>(kRequestThreads + 1);
    for (int i = 0; i < kRequestThreads; ++i) {
      executor_.post([all] { all->arrive_and_wait(); });
    }
    all->arrive_and_wait();
  }

  /// What the registry knows of a model when everything that was given back has reached it.
  model::ModelSnapshot look(const std::string& name) {
    std::latch settled(1);  // its steps are taken in order
    registry_->acquire_async("nobody", model::Wait::none(), [&](auto) { settled.count_down(); });
    settled.wait();
    return *registry_->snapshot()->find(name);
  }

  audio::OpenOtherSound open_sound_;  // before start()
  image::OpenOther open_pages_;
  store::FetchPicture fetch_picture_;
  FakeReader::OnRead on_read_page_;
  std::unique_ptr<std::latch> may_load_;
  std::optional<base::Error> load_error_;
  std::optional<base::Duration> expected_load_;
  base::SteadyClock clock_;
  base::TimerThread timers_;
  startup::Readiness readiness_{{"kokoro"}};
  startup::Recorder recorder_{clock_,
                              startup::ProcessStart{clock_.now(), clock_.now(), startup::StartAccuracy::kUnknown}};
  observe::Metrics metrics_;
  base::ThreadPool strand_pool_{"test-strand", 1};
  base::ThreadPool load_pool_{"test-load", 5};
  base::ThreadPool background_pool_{"test-back", 1};
  std::unique_ptr<Api> api_;
  std::unique_ptr<model::Registry> registry_;
  base::ThreadPool language_executor_{"test-language", 2};
  base::ThreadPool listen_executor_{"test-listen", 2};
  base::ThreadPool read_executor_{"test-read", 2};
  base::ThreadPool file_executor_{"test-file", 1};
  base::ThreadPool page_executor_{"test-pages", 1};
  static constexpr int kRequestThreads = 4;
  base::ThreadPool executor_{"test-engine",
                             kRequestThreads};  // ends first, so that no handler outlives what it works with
};

}  // namespace hearth::api
