#include "cli/reach_model.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "store/local_model.h"
#include "store/manifest.h"

namespace hearth::cli {
namespace {

net::ClientRequest request_to(const config::Server& server, std::string target) {
  net::ClientRequest request;
  request.host = server.host;
  request.port = static_cast<std::uint16_t>(server.port);
  request.target = std::move(target);
  return request;
}

void add_key(const config::Server& server, net::ClientRequest& request) {
  if (!server.api_keys.empty()) request.headers.add("Authorization", "Bearer " + server.api_keys.front());
}

}  // namespace

ServerFlags::ServerFlags(CLI::App& cli, ConfigFlags& flags) {
  cli.add_flag("--in-process", in_process_, "Do not use a running server");
  flags.add_value(cli, "--port,-p", "server.port", "Port of the running server (8000)");
}

bool ServerFlags::finds_server(const config::Server& server) const {
  if (in_process_ || server.port == 0) return false;
  net::ClientRequest probe = request_to(server, "/livez");
  probe.connect_time = base::Millis{500};
  probe.silence_time = base::Millis{3'000};  // of a busy machine; where nobody listens it is refused at once
  const auto answer = net::fetch(probe);
  return answer && answer->status == 200;
}

net::ClientRequest make_post(const config::Server& server, std::string target, std::string content_type,
                             std::string body) {
  net::ClientRequest request = request_to(server, std::move(target));
  request.method = "POST";
  request.headers.add("Content-Type", std::move(content_type));
  add_key(server, request);
  request.body = std::move(body);
  return request;
}

net::ClientRequest make_upload(const config::Server& server, std::string target,
                               const std::vector<net::FormField>& fields, const std::string& file) {
  net::ClientRequest request = request_to(server, std::move(target));
  net::set_form(request, fields, {"file", "", file});
  add_key(server, request);
  return request;
}

net::ClientRequest make_get(const config::Server& server, std::string target) {
  net::ClientRequest request = request_to(server, std::move(target));
  add_key(server, request);
  return request;
}

std::string message_in(const std::string& body) {
  const auto document = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("error") || !document["error"].is_object()) return {};
  const nlohmann::json& error = document["error"];
  return error.contains("message") && error["message"].is_string() ? error["message"].get<std::string>()
                                                                   : std::string();
}

base::Error refusal_of(const net::HttpResponse& answer) {
  if (answer.status == 401) {
    return {base::Code::kPermission, "the API key is missing or wrong",
            "set HEARTH_API_KEY to the server's key, or use --in-process"};
  }
  std::string message = message_in(answer.body);
  if (message.empty()) {
    message = "the server answered " + std::to_string(answer.status) + ": " + answer.body.substr(0, 500);
  }
  return {base::Code::kInvalidArgument, std::move(message), {}};
}

base::Result<std::unique_ptr<engine::Engine>> load_here(const std::string& model, app::Workshop& workshop) {
  auto served = app::served_models(workshop.loaded());
  if (!served) return base::fail(served.error());
  for (const store::ServedModel& one : *served) {
    if (one.spec.name != model) continue;
    const app::EngineEntry* entry = app::find_engine(one.spec.engine);
    if (entry == nullptr) break;
    return app::make_verified_load(*entry, one, workshop)({}, {});
  }
  const auto spec = store::find_model(workshop.loaded().config(), model);
  if (!spec) return base::fail(spec.error());
  if (app::find_engine(spec->engine) == nullptr) {
    return base::fail(base::Code::kUnsupported,
                      "the model " + model + " needs the engine \"" + spec->engine + "\", which this build has not");
  }
  if (const auto local = store::find_local(*spec, workshop.loaded().folders); !local) return base::fail(local.error());
  return base::fail(base::Code::kUnavailable, "the model " + model + " has only just come", "try again");
}

}  // namespace hearth::cli
