#include "measure/model_watch.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

namespace hearth::measure {
namespace {

constexpr base::Millis kInterval{25};
constexpr base::Millis kPatience{1'000};

ModelLoad parse_model(const nlohmann::json& task) {
  ModelLoad model;
  model.name = task.at("title").get<std::string>();
  model.ms = task.value("end_ms", 0.0);
  const std::string state = task.value("state", "");
  if (state == "done") {
    model.state = ModelLoad::State::kReady;
  } else if (state == "failed" || state == "blocked" || state == "cancelled") {
    model.state = ModelLoad::State::kFailed;
    model.cause = state;
    if (task.contains("error")) model.cause = task["error"].value("message", state);
  }
  return model;
}

}  // namespace

std::vector<ModelLoad> parse_models(std::string_view startup) {
  std::vector<ModelLoad> models;
  try {
    const nlohmann::json document = nlohmann::json::parse(startup);
    for (const auto& task : document.at("tasks")) {
      if (task.contains("title")) models.push_back(parse_model(task));
    }
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return models;
}

std::vector<ModelLoad> ask_models(std::uint16_t port, const std::string& api_key) {
  net::ClientRequest request;
  request.port = port;
  request.target = "/startup";
  add_key(request, api_key);
  request.connect_time = kPatience;
  request.silence_time = kPatience;
  const auto answer = net::fetch(request);
  if (!answer || answer->status != 200) return {};
  return parse_models(answer->body);
}

void add_key(net::ClientRequest& request, const std::string& api_key) {
  if (!api_key.empty()) request.headers.add("Authorization", "Bearer " + api_key);
}

ModelWatch::ModelWatch(std::uint16_t port, OnModel on_model, std::string api_key)
    : port_(port), on_model_(std::move(on_model)), api_key_(std::move(api_key)), thread_([this] { run(); }) {}

ModelWatch::~ModelWatch() { end(); }

void ModelWatch::end() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
    ending_changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

std::vector<ModelLoad> ModelWatch::finish() {
  end();
  return look();
}

void ModelWatch::run() {
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      const base::Instant next = std::chrono::steady_clock::now() + kInterval;
      while (!ending_ && std::chrono::steady_clock::now() < next) ending_changed_.wait_until(mutex_, next);
      if (ending_) return;
    }
    look();
  }
}

std::vector<ModelLoad> ModelWatch::look() {
  std::vector<ModelLoad> models = ask_models(port_, api_key_);
  for (const ModelLoad& model : models) {
    if (model.state != ModelLoad::State::kPending && told_.insert(model.name).second) on_model_(model);
  }
  return models;
}

}  // namespace hearth::measure
