#include "cli/reach_model.h"

#include <utility>

namespace hearth::cli {

bool is_server_running(const config::Server& server) {
  net::ClientRequest probe;
  probe.host = server.host;
  probe.port = static_cast<std::uint16_t>(server.port);
  probe.target = "/livez";
  probe.connect_time = base::Millis{200};
  probe.silence_time = base::Millis{500};
  const auto answer = net::fetch(probe);
  return answer && answer->status == 200;
}

net::ClientRequest make_post(const config::Server& server, std::string target, std::string content_type,
                             std::string body) {
  net::ClientRequest request;
  request.host = server.host;
  request.port = static_cast<std::uint16_t>(server.port);
  request.method = "POST";
  request.target = std::move(target);
  request.headers = {{"Content-Type", std::move(content_type)}};
  if (!server.api_keys.empty()) request.headers.add("Authorization", "Bearer " + server.api_keys.front());
  request.body = std::move(body);
  return request;
}

base::Error refusal_of(const net::HttpResponse& answer) {
  return {base::Code::kInvalidArgument,
          "the server answered " + std::to_string(answer.status) + ": " + answer.body.substr(0, 500),
          {}};
}

base::Result<std::unique_ptr<engine::Engine>> load_here(const std::string& model, app::Workshop& workshop) {
  auto served = app::served_models(workshop.loaded());
  if (!served) return base::fail(served.error());
  for (const store::ServedModel& one : *served) {
    if (one.spec.name != model) continue;
    const app::EngineEntry* entry = app::find_engine(one.spec.engine);
    if (entry == nullptr) break;
    return entry->make_load(one, workshop)({}, {});
  }
  return base::fail(base::Code::kNotFound, "the model " + model + " is not here", "run: hearth models pull " + model);
}

}  // namespace hearth::cli
