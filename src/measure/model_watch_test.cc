#include "measure/model_watch.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/mutex.h"
#include "net/http_server.h"

namespace hearth::measure {
namespace {

constexpr std::string_view kHalfWay = R"({"version": 1, "tasks": [
  {"name": "probe", "state": "done", "end_ms": 1.5},
  {"name": "load kokoro", "title": "kokoro", "state": "done", "begin_ms": 3.0, "end_ms": 78.25, "took_ms": 75.25},
  {"name": "load bad", "title": "bad", "state": "failed", "end_ms": 9.0,
   "error": {"code": "corrupt", "message": "it is damaged", "remedy": "pull it again"}},
  {"name": "load late", "title": "late", "state": "blocked", "end_ms": 9.5},
  {"name": "load slow", "title": "slow", "state": "running", "begin_ms": 3.5}]})";

TEST(ModelWatch, ReadsEachModelAndNoOtherTask) {
  const auto models = parse_models(kHalfWay);
  ASSERT_EQ(models.size(), 4U);
  EXPECT_EQ(models[0].name, "kokoro");
  EXPECT_EQ(models[0].state, ModelLoad::State::kReady);
  EXPECT_DOUBLE_EQ(models[0].ms, 78.25);
  EXPECT_EQ(models[1].state, ModelLoad::State::kFailed);
  EXPECT_EQ(models[1].cause, "it is damaged");
  EXPECT_EQ(models[2].state, ModelLoad::State::kFailed);
  EXPECT_EQ(models[2].cause, "blocked");
  EXPECT_EQ(models[3].state, ModelLoad::State::kPending);
}

TEST(ModelWatch, NamesWhatFailedAndWhatThatHasBlocked) {
  EXPECT_EQ(parse_failures(kHalfWay), (std::vector<Failure>{{"bad", "it is damaged"}, {"late", "blocked"}}));
  constexpr std::string_view kNoLibrary = R"({"tasks": [
    {"name": "onnxruntime", "phase": "critical", "state": "failed", "error": {"message": "it is not there"}},
    {"name": "kokoro", "title": "kokoro", "phase": "critical", "state": "blocked", "needs": ["onnxruntime"]},
    {"name": "kokoro.prepare", "phase": "background", "state": "blocked", "needs": ["kokoro"]}]})";
  EXPECT_EQ(parse_failures(kNoLibrary), (std::vector<Failure>{{"onnxruntime", "it is not there"},
                                                              {"kokoro", "onnxruntime failed: it is not there"}}));
  EXPECT_EQ(parse_models(kNoLibrary).front().cause, "onnxruntime failed: it is not there");
}

TEST(ModelWatch, ReadsWhetherTheServerWillBeReady) {
  const auto failed = parse_ready_answer(
      R"({"status": "failed", "pending": ["slow"], "failed": [{"model": "bad", "error": "it is damaged"}]})");
  EXPECT_TRUE(failed.has_failed);
  EXPECT_EQ(failed.failures, (std::vector<Failure>{{"bad", "it is damaged"}}));
  const auto ready =
      parse_ready_answer(R"({"status": "ready", "pending": [], "failed": [{"model": "bad", "error": "no"}]})");
  EXPECT_FALSE(ready.has_failed);
  EXPECT_EQ(ready.failures.size(), 1U);
  for (const char* text : {"", "{", "[]", "{}", "null", R"({"status": 3})", R"({"status": "failed", "failed": [1]})"}) {
    EXPECT_FALSE(parse_ready_answer(text).has_failed) << text;
  }
}

TEST(ModelWatch, ADamagedDocumentHasNoModels) {
  for (const char* text : {"", "{", "[]", "{}", "null", R"({"tasks": 3})", R"({"tasks": [{"title": 1}]})"}) {
    EXPECT_TRUE(parse_models(text).empty()) << text;
    EXPECT_TRUE(parse_failures(text).empty()) << text;
  }
}

/// Says of one model that it is ready from the third time on that it is asked.
class SlowServer {
 public:
  SlowServer() {
    net::HttpServerOptions options;
    options.port = 0;
    options.plan = [this](const net::HttpRequest&) {
      const bool is_ready = ++asked_ >= 3;
      net::Plan plan;
      plan.route = "startup";
      plan.refusal = net::HttpResponse{200,
                                       {},
                                       R"({"tasks": [{"title": "one", "end_ms": 5, "state": ")" +
                                           std::string(is_ready ? "done" : "running") + R"("}]})"};
      return plan;
    };
    server_ = net::HttpServer::listen(std::move(options)).value();
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  std::atomic<int> asked_{0};
  std::unique_ptr<net::HttpServer> server_;
};

TEST(ModelWatch, TellsOfEachModelOnceWhileTheServerStarts) {
  SlowServer server;
  base::Mutex mutex;
  base::CondVar changed;
  std::vector<std::string> told;
  ModelWatch watch(server.port(), [&](const ModelLoad& model) {
    const base::MutexLock lock(mutex);
    told.push_back(model.name);
    changed.notify_all();
  });
  {
    const base::MutexLock lock(mutex);
    while (told.empty()) changed.wait(mutex);
  }
  EXPECT_EQ(watch.finish().size(), 1U);
  EXPECT_EQ(told, std::vector<std::string>{"one"});
}

TEST(ModelWatch, WhatCameSinceTheLastLookIsToldAtTheEnd) {
  SlowServer server;
  static_cast<void>(ask_models(server.port()));
  static_cast<void>(ask_models(server.port()));
  std::vector<std::string> told;
  ModelWatch watch(server.port(), [&](const ModelLoad& model) { told.push_back(model.name); });
  const std::vector<ModelLoad> models = watch.finish();
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models.front().state, ModelLoad::State::kReady);
  EXPECT_EQ(told, std::vector<std::string>{"one"});
}

TEST(ModelWatch, WhatIsAboutToBeThereIsAwaited) {
  SlowServer server;
  ModelWatch watch(server.port(), nullptr);
  const std::vector<ModelLoad> models = watch.finish(ModelWatch::Rest::kAwaited);
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models.front().state, ModelLoad::State::kReady) << "the third time that it was asked";
}

TEST(ModelWatch, AServerThatHasGoneHasNoModels) {
  std::uint16_t port = 0;
  {
    const SlowServer server;
    port = server.port();
  }
  ModelWatch watch(port, [](const ModelLoad&) { FAIL(); });
  EXPECT_TRUE(watch.finish().empty());
}

}  // namespace
}  // namespace hearth::measure
