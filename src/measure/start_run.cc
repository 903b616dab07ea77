#include "measure/start_run.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "measure/capability.h"
#include "measure/model_watch.h"
#include "measure/process.h"
#include "net/http_client.h"

namespace hearth::measure {
namespace {

using base::Code;
using base::fail;
using base::Result;
using Clock = Process::Clock;

void drop_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}

Result<std::uint16_t> port_in(const std::string& line) {
  const auto colon = line.rfind(':');
  const long port = colon == std::string::npos ? 0 : std::strtol(line.c_str() + colon + 1, nullptr, 10);
  if (port <= 0 || port > 65'535) return fail(Code::kInternal, "the server's first line was: " + line);
  return static_cast<std::uint16_t>(port);
}

nlohmann::json ask(std::uint16_t port, std::string target, const std::string& api_key) {
  net::ClientRequest request;
  request.port = port;
  request.target = std::move(target);
  add_key(request, api_key);
  const auto answer = net::fetch(request);
  if (!answer || answer->status != 200) return nullptr;
  return nlohmann::json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
}

base::Error not_in_time(std::uint16_t port, const std::string& api_key) {
  std::string message = "not ready in time";
  const char* joint = ": ";
  for (const ModelLoad& model : ask_models(port, api_key)) {
    if (model.state == ModelLoad::State::kReady) continue;
    message += std::exchange(joint, ", ") + model.name;
    message += model.state == ModelLoad::State::kFailed ? " failed" : " still loads";
  }
  return {Code::kTimedOut, std::move(message), "raise --max-ready, or see hearth doctor"};
}

Result<void> wait_until_ready(const Process& server, std::uint16_t port, const std::string& api_key,
                              Clock::time_point deadline) {
  net::ClientRequest probe;
  probe.port = port;
  probe.target = "/readyz";
  for (;;) {
    const auto left = std::chrono::ceil<base::Millis>(deadline - Clock::now());
    probe.silence_time = std::max(left, base::Millis{1});
    const auto answer = net::fetch(probe);
    if (answer && answer->status == 200) return {};
    if (!server.is_running()) return fail(Code::kInternal, "the server ended before it was ready");
    if (Clock::now() > deadline) return fail(not_in_time(port, api_key));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Step step_of(const ModelLoad& model) {
  return {model.state == ModelLoad::State::kReady ? model.name + " ready" : model.name + " failed: " + model.cause,
          model.ms};
}

/// When each model became ready, as the server's own timeline has it.
void add_models(const std::vector<ModelLoad>& models, Start& start) {
  for (const ModelLoad& model : models) {
    if (model.state != ModelLoad::State::kReady) continue;
    start.models.push_back(model.name);
    start.moments.push_back({model.name, model.ms});
  }
}

/// From the question to the first byte of its answer.
Result<double> time_answer(Question question, std::uint16_t port, const StartPlan& plan) {
  question.request.port = port;
  question.request.silence_time = plan.most;
  add_key(question.request, plan.api_key);
  const Clock::time_point asked = Clock::now();
  std::optional<double> ms;
  const auto answer = net::fetch(question.request, [&](std::string_view) {
    ms = std::chrono::duration<double, std::milli>(Clock::now() - asked).count();
    return net::Flow::kStop;
  });
  if (ms) return *ms;
  return fail(Code::kInternal, question.moment + " did not come: " + (answer ? answer->body : answer.error().line()));
}

}  // namespace

void drop_from_page_cache(const std::vector<std::filesystem::path>& paths) {
  std::error_code ec;
  for (const std::filesystem::path& path : paths) {
    if (std::filesystem::is_regular_file(path, ec)) drop_file(path);
    for (auto entry = std::filesystem::recursive_directory_iterator(path, ec);
         !ec && entry != std::filesystem::recursive_directory_iterator(); entry.increment(ec)) {
      if (entry->is_regular_file(ec)) drop_file(entry->path());
    }
  }
}

Result<Start> run_start(const StartPlan& plan, Cache cache) {
  auto server = Process::start(plan.command, Process::Errors::kOurs);
  if (!server) return fail(server.error());
  const Clock::time_point deadline = Clock::now() + plan.most;
  Start start{cache, {}};
  const auto line = server->read_line_with("listening on ", deadline);
  if (!line) return fail(line.error());
  start.moments.push_back({"listening", server->ms_since_exec()});
  if (plan.on_step) plan.on_step({"listening", start.moments.back().ms});
  const auto port = port_in(*line);
  if (!port) return fail(port.error());
  std::optional<ModelWatch> watch;
  if (plan.on_step)
    watch.emplace(
        *port, [&plan](const ModelLoad& model) { plan.on_step(step_of(model)); }, plan.api_key);
  if (auto ready = wait_until_ready(*server, *port, plan.api_key, deadline); !ready) return fail(ready.error());
  const Moment ready{"ready", server->ms_since_exec()};
  start.at_ready = server->usage();
  add_models(watch ? watch->finish() : ask_models(*port, plan.api_key), start);
  start.moments.push_back(ready);

  if (plan.questions == StartPlan::Questions::kLeaveOut) return start;

  const nlohmann::json models = ask(*port, "/v1/models", plan.api_key);
  std::vector<std::string> asked;  // one model of each kind
  for (const auto& model :
       models.is_object() ? models.value("data", nlohmann::json::array()) : nlohmann::json::array()) {
    const std::string kind = model.value("kind", "");
    if (model.value("state", "") != "ready" && model.value("state", "") != "idle") continue;
    if (std::ranges::find(asked, kind) != asked.end()) continue;
    auto question = question_for(kind, model.value("id", ""));
    if (!question) continue;
    asked.push_back(kind);
    const std::string moment = question->moment;
    const auto took = time_answer(std::move(*question), *port, plan);
    if (!took) return fail(took.error());
    start.moments.push_back({moment, ready.ms + *took});
  }
  start.at_end = server->usage();
  return start;
}

}  // namespace hearth::measure
