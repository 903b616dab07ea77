#include "measure/start_run.h"

#include <fcntl.h>
#include <fmt/format.h>
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

/// That `what` was not in time, as a failure of the whole start, and which models were missing.
Failure not_in_time(std::string_view what, std::chrono::milliseconds most, const std::vector<ModelLoad>& models) {
  std::string cause = fmt::format("not {} within {} ms", what, most.count());
  const char* joint = ": ";
  for (const ModelLoad& model : models) {
    if (model.state == ModelLoad::State::kReady) continue;
    cause += std::exchange(joint, ", ") + model.name;
    cause += model.state == ModelLoad::State::kFailed ? " failed" : " still loads";
  }
  return {"start", cause + "; raise --max-ready, or see hearth doctor"};
}

/// Until the server is ready, or says that it will not be: what it answered then. kTimedOut at the deadline.
Result<ReadyAnswer> wait_until_settled(const Process& server, std::uint16_t port, Clock::time_point deadline) {
  net::ClientRequest probe;
  probe.port = port;
  probe.target = "/readyz";
  for (;;) {
    const auto left = std::chrono::ceil<base::Millis>(deadline - Clock::now());
    probe.silence_time = std::max(left, base::Millis{1});
    const auto answer = net::fetch(probe);
    if (answer && (answer->status == 200 || answer->status == 503)) {
      ReadyAnswer said = parse_ready_answer(answer->body);
      if (answer->status == 200 || said.has_failed) return said;
    }
    if (!server.is_running()) return fail(Code::kInternal, "the server ended before it was ready");
    if (Clock::now() > deadline) return fail(Code::kTimedOut, "not ready in time");
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

void add_failures(const std::vector<Failure>& failures, Start& start) {
  for (const Failure& failure : failures) {
    const auto is_known = [&](const Failure& known) { return known.task == failure.task; };
    if (std::ranges::none_of(start.failures, is_known)) start.failures.push_back(failure);
  }
}

struct Refused {
  bool is_of_other_sort = false;  // the model is not for such questions
  base::Error error;
};

/// From the question to the first byte of its answer.
tl::expected<double, Refused> time_answer(Question question, std::uint16_t port, const StartPlan& plan) {
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
  std::string why = question.moment + " did not come: " + (answer ? answer->body : answer.error().line());
  return tl::make_unexpected(
      Refused{answer && is_of_other_sort(answer->body), {Code::kInternal, std::move(why), std::string()}});
}

/// One first result of each sort, of the first model that gives it. Of a sort that none gives there is none.
Result<std::vector<Moment>> ask_for_first_results(std::uint16_t port, const StartPlan& plan, double ready_ms) {
  const nlohmann::json models = ask(port, "/v1/models", plan.api_key);
  std::vector<Moment> given;
  for (const auto& model :
       models.is_object() ? models.value("data", nlohmann::json::array()) : nlohmann::json::array()) {
    if (model.value("state", "") != "ready" && model.value("state", "") != "idle") continue;
    for (Question& question : questions_for(model.value("kind", ""), model.value("id", ""))) {
      const std::string moment = question.moment;
      if (std::ranges::find(given, moment, &Moment::name) != given.end()) continue;
      const auto took = time_answer(std::move(question), port, plan);
      if (!took && took.error().is_of_other_sort) continue;
      if (!took) return fail(took.error().error);
      given.push_back({moment, ready_ms + *took});
      break;
    }
  }
  return given;
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
  if (!line && line.error().code == Code::kTimedOut) {
    start.failures.push_back(not_in_time("listening", plan.most, {}));
    return start;
  }
  if (!line) return fail(line.error());
  start.moments.push_back({"listening", server->ms_since_exec()});
  if (plan.on_step) plan.on_step({"listening", start.moments.back().ms});
  const auto port = port_in(*line);
  if (!port) return fail(port.error());
  ModelWatch::OnModel on_model;
  if (plan.on_step) on_model = [&plan](const ModelLoad& model) { plan.on_step(step_of(model)); };
  ModelWatch watch(*port, std::move(on_model), plan.api_key);
  const auto settled = wait_until_settled(*server, *port, deadline);
  const Moment ready{"ready", server->ms_since_exec()};
  const bool is_late = !settled && settled.error().code == Code::kTimedOut;
  if (!settled && !is_late) return fail(settled.error());
  const bool is_ready = settled && !settled->has_failed;
  if (is_ready) start.at_ready = server->usage();
  watch.end();
  std::vector<Moment> results;
  if (is_ready && plan.questions == StartPlan::Questions::kAsk) {
    auto first = ask_for_first_results(*port, plan, ready.ms);
    if (!first) return fail(first.error());
    results = *std::move(first);
    start.at_end = server->usage();
  }

  const auto rest = is_ready ? ModelWatch::Rest::kAwaited : ModelWatch::Rest::kLeft;
  const std::vector<ModelLoad> models = watch.finish(rest);
  add_models(models, start);
  if (is_late) start.failures.push_back(not_in_time("ready", plan.most, models));
  if (is_ready) start.moments.push_back(ready);
  start.moments.insert(start.moments.end(), results.begin(), results.end());
  // As late as can be: what ready did not wait for may have failed meanwhile.
  add_failures(ask_failures(*port, plan.api_key), start);
  if (settled) add_failures(settled->failures, start);
  return start;
}

}  // namespace hearth::measure
