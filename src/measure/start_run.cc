#include "measure/start_run.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "measure/capability.h"
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

nlohmann::json ask(std::uint16_t port, std::string target) {
  net::ClientRequest request;
  request.port = port;
  request.target = std::move(target);
  const auto answer = net::fetch(request);
  if (!answer || answer->status != 200) return nullptr;
  return nlohmann::json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
}

Result<void> wait_until_ready(const Process& server, std::uint16_t port, Clock::time_point deadline) {
  net::ClientRequest probe;
  probe.port = port;
  probe.target = "/readyz";
  for (;;) {
    const auto answer = net::fetch(probe);
    if (answer && answer->status == 200) return {};
    if (!server.is_running()) return fail(Code::kInternal, "the server ended before it was ready");
    if (Clock::now() > deadline) {
      return fail(Code::kTimedOut, "not ready in time", "raise --max-ready, or see hearth doctor");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// When each model became ready, as the server's own timeline has it.
void add_models(std::uint16_t port, Start& start) {
  const nlohmann::json timeline = ask(port, "/startup");
  if (!timeline.is_object()) return;
  for (const auto& task : timeline.value("tasks", nlohmann::json::array())) {
    if (task.contains("title") && task.value("state", "") == "done") {
      start.models.push_back(task["title"].get<std::string>());
      start.moments.push_back({start.models.back(), task.value("end_ms", 0.0)});
    }
  }
}

/// From the question to the first byte of its answer.
Result<double> time_answer(Question question, std::uint16_t port, std::chrono::milliseconds most) {
  question.request.port = port;
  question.request.silence_time = most;
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
  const auto port = port_in(*line);
  if (!port) return fail(port.error());
  if (auto ready = wait_until_ready(*server, *port, deadline); !ready) return fail(ready.error());
  const Moment ready{"ready", server->ms_since_exec()};
  start.at_ready = server->usage();
  add_models(*port, start);
  start.moments.push_back(ready);

  if (plan.questions == StartPlan::Questions::kLeaveOut) return start;

  const nlohmann::json models = ask(*port, "/v1/models");
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
    const auto took = time_answer(std::move(*question), *port, plan.most);
    if (!took) return fail(took.error());
    start.moments.push_back({moment, ready.ms + *took});
  }
  start.at_end = server->usage();
  return start;
}

}  // namespace hearth::measure
