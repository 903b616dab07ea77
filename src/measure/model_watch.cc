#include "measure/model_watch.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

namespace hearth::measure {
namespace {

constexpr base::Millis kInterval{25};
constexpr base::Millis kPatience{1'000};       // while it is watched: the next look is as good
constexpr base::Millis kLastPatience{30'000};  // where there is no next one; a port without a server refuses at once
constexpr base::Millis kGrace{2'000};

bool has_failed(const nlohmann::json& task) {
  std::string state = task.value("state", "");
  return state == "failed" || state == "blocked";
}

/// Its own error, or the name and the error of the task that has blocked it.
std::string cause_of(const nlohmann::json& task, const nlohmann::json& tasks) {
  std::string state = task.value("state", "");
  if (task.contains("error")) return task["error"].value("message", state);
  const nlohmann::json needs = task.value("needs", nlohmann::json::array());
  for (const auto& other : tasks) {
    const std::string name = other.value("name", "");
    const auto is_it = [&](const nlohmann::json& need) { return need.is_string() && need.get<std::string>() == name; };
    if (!other.contains("error") || std::none_of(needs.begin(), needs.end(), is_it)) continue;
    return name + " failed: " + other["error"].value("message", "");
  }
  return state;
}

ModelLoad parse_model(const nlohmann::json& task, const nlohmann::json& tasks) {
  ModelLoad model;
  model.name = task.at("title").get<std::string>();
  model.ms = task.value("end_ms", 0.0);
  std::string state = task.value("state", "");
  if (state == "done") {
    model.state = ModelLoad::State::kReady;
  } else if (state == "failed" || state == "blocked" || state == "cancelled") {
    model.state = ModelLoad::State::kFailed;
    model.cause = cause_of(task, tasks);
  }
  return model;
}

}  // namespace

std::vector<ModelLoad> parse_models(std::string_view startup) {
  std::vector<ModelLoad> models;
  try {
    const nlohmann::json document = nlohmann::json::parse(startup);
    const nlohmann::json& tasks = document.at("tasks");
    for (const auto& task : tasks) {
      if (task.contains("title")) models.push_back(parse_model(task, tasks));
    }
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return models;
}

std::vector<Failure> parse_failures(std::string_view startup) {
  std::vector<Failure> failures;
  try {
    const nlohmann::json document = nlohmann::json::parse(startup);
    const nlohmann::json& tasks = document.at("tasks");
    for (const auto& task : tasks) {
      if (!has_failed(task) || task.value("phase", "") == "background") continue;
      failures.push_back({task.value("title", task.value("name", "")), cause_of(task, tasks)});
    }
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return failures;
}

ReadyAnswer parse_ready_answer(std::string_view readyz) {
  ReadyAnswer answer;
  try {
    const nlohmann::json document = nlohmann::json::parse(readyz);
    answer.has_failed = document.value("status", "") == "failed";
    const nlohmann::json failed = document.value("failed", nlohmann::json::array());
    for (const auto& one : failed) answer.failures.push_back({one.value("model", ""), one.value("error", "")});
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return answer;
}

namespace {

/// Empty where there is no answer.
std::string ask_startup(std::uint16_t port, const std::string& api_key, base::Millis patience) {
  net::ClientRequest request;
  request.port = port;
  request.target = "/startup";
  add_key(request, api_key);
  request.silence_time = patience;
  auto answer = net::fetch(request);
  if (!answer || answer->status != 200) return {};
  return std::move(answer->body);
}

bool has_pending(const std::vector<ModelLoad>& models) {
  return std::ranges::any_of(models, [](const ModelLoad& one) { return one.state == ModelLoad::State::kPending; });
}

}  // namespace

std::vector<ModelLoad> ask_models(std::uint16_t port, const std::string& api_key) {
  return parse_models(ask_startup(port, api_key, kLastPatience));
}

std::vector<Failure> ask_failures(std::uint16_t port, const std::string& api_key) {
  return parse_failures(ask_startup(port, api_key, kLastPatience));
}

void add_key(net::ClientRequest& request, const std::string& api_key) {
  if (!api_key.empty()) request.headers.add("Authorization", "Bearer " + api_key);
}

ModelWatch::ModelWatch(std::uint16_t port, OnModel on_model, std::string api_key)
    : port_(port), on_model_(std::move(on_model)), api_key_(std::move(api_key)) {
  if (on_model_) thread_ = std::thread([this] { run(); });
}

ModelWatch::~ModelWatch() { end(); }

void ModelWatch::end() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
    ending_changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

std::vector<ModelLoad> ModelWatch::finish(Rest rest) {
  end();
  std::vector<ModelLoad> models = look(kLastPatience);
  const base::Instant latest = std::chrono::steady_clock::now() + kGrace;
  while (rest == Rest::kAwaited && has_pending(models) && std::chrono::steady_clock::now() < latest) {
    std::this_thread::sleep_for(kInterval);
    models = look(kLastPatience);
  }
  return models;
}

void ModelWatch::run() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      const base::Instant next = std::chrono::steady_clock::now() + kInterval;
      while (!ending_ && std::chrono::steady_clock::now() < next) ending_changed_.wait_until(mutex_, next);
      if (ending_) return;
    }
    look(kPatience);
  }
}

std::vector<ModelLoad> ModelWatch::look(base::Millis patience) {
  std::vector<ModelLoad> models = parse_models(ask_startup(port_, api_key_, patience));
  for (const ModelLoad& model : models) {
    if (model.state != ModelLoad::State::kPending && told_.insert(model.name).second && on_model_) on_model_(model);
  }
  return models;
}

}  // namespace hearth::measure
