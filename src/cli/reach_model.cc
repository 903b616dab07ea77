#include "cli/reach_model.h"

#include <random>
#include <string_view>
#include <utility>

namespace hearth::cli {
namespace {

/// A line that the file does not have.
std::string make_boundary(const std::string& file) {
  std::random_device random;
  for (;;) {
    std::string boundary = "hearth-" + std::to_string(random()) + "-" + std::to_string(random());
    if (file.find(boundary) == std::string::npos) return boundary;
  }
}

}  // namespace

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

net::ClientRequest make_upload(const config::Server& server, std::string target, const std::vector<FormField>& fields,
                               const std::string& file) {
  const std::string boundary = make_boundary(file);
  std::string body;
  body.reserve(file.size() + 2048);
  const auto add = [&](std::string_view name, std::string_view attributes, std::string_view content) {
    body.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=\"").append(name);
    body.append("\"").append(attributes).append("\r\n\r\n").append(content).append("\r\n");
  };
  for (const FormField& field : fields) add(field.name, "", field.value);
  add("file", "; filename=\"file\"", file);
  body.append("--").append(boundary).append("--\r\n");
  return make_post(server, std::move(target), "multipart/form-data; boundary=" + boundary, std::move(body));
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
