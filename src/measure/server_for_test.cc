// A server as it looks to those who measure one: what it does its first word says, where it listens its second.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_server.h"

namespace {

using namespace hearth::net;

constexpr std::string_view kReady = R"({"status": "ready", "pending": [], "failed": []})";
constexpr std::string_view kNotReady =
    R"({"status": "failed", "pending": [], "failed": [{"model": "bad", "error": "it is damaged; pull it again"}]})";
constexpr std::string_view kPending = R"({"status": "starting", "pending": ["bad"], "failed": []})";
constexpr std::string_view kOneLoads = R"({"version": 1, "tasks": [
  {"name": "good", "title": "good", "phase": "critical", "state": "done", "end_ms": 5.0},
  {"name": "bad", "title": "bad", "phase": "critical", "state": "running"}]})";
constexpr std::string_view kOneFailed = R"({"version": 1, "tasks": [
  {"name": "good", "title": "good", "phase": "critical", "state": "done", "end_ms": 5.0},
  {"name": "bad", "title": "bad", "phase": "critical", "state": "failed", "end_ms": 6.0,
   "error": {"code": "corrupt", "message": "it is damaged"}},
  {"name": "good.prepare", "phase": "background", "state": "failed", "error": {"message": "no room"}}]})";
constexpr std::string_view kModels = R"({"object": "list", "data": [
  {"id": "first", "kind": "language", "state": "ready"}, {"id": "second", "kind": "language", "state": "ready"},
  {"id": "away", "kind": "speech", "state": "absent"}]})";
constexpr std::string_view kOtherKind = R"({"error": {"message": "it cannot", "code": "unsupported_model"}})";

HttpResponse response(int status, std::string_view body) { return {status, {}, std::string(body)}; }

/// Which questions about language are answered.
bool answers(std::string_view what, std::string_view path) {
  if (what == "embedder") return path == "/v1/embeddings";
  if (what == "ranker") return path == "/v1/rerank" || path == "/v1/embeddings";
  return what == "writer" && path == "/v1/chat/completions";
}

HttpResponse answer(std::string_view what, std::string_view path) {
  if (path == "/readyz" && what == "late") return response(503, kPending);
  if (path == "/startup" && what == "late") return response(200, kOneLoads);
  if (path == "/readyz") return what == "never ready" ? response(503, kNotReady) : response(200, kReady);
  if (path == "/startup") return response(200, what == "half" ? kOneFailed : R"({"tasks": []})");
  if (path == "/v1/models") return response(200, what == "half" ? R"({"data": []})" : kModels);
  if (what == "chatty") return response(200, "here");
  if (what == "broken") return response(500, R"({"error": {"message": "a bug", "code": "internal"}})");
  return answers(what, path) ? response(200, "{}") : response(400, kOtherKind);
}

/// A MiB: far more than a pipe holds.
void chat() {
  const std::string line = std::string(1023, 'x') + "\n";
  for (int i = 0; i < 1024; ++i) std::fputs(line.c_str(), stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string what = argv[1];
  if (what == "chatty") chat();
  if (what == "silent") ::pause();
  HttpServerOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  options.plan = [&what](const HttpRequest& head) {
    Plan plan;
    plan.route = "test";
    plan.body_limit = 1 << 20;
    plan.run = [said = answer(what, head.path)](const std::shared_ptr<Exchange>& exchange) { exchange->send(said); };
    return plan;
  };
  const auto server = HttpServer::listen(std::move(options));
  if (!server) return 1;
  std::printf("listening on %s\n", (*server)->url().c_str());
  std::fflush(stdout);
  ::pause();
  return 0;
}
