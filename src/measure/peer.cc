#include "measure/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "measure/process.h"
#include "net/http_client.h"

namespace hearth::measure {
namespace {

using base::Code;
using base::fail;
using base::Result;
using Clock = Process::Clock;

std::string replaced(std::string word, const std::string& name, const std::string& value) {
  const std::string hole = "{" + name + "}";
  for (std::size_t at = word.find(hole); at != std::string::npos; at = word.find(hole, at + value.size())) {
    word.replace(at, hole.size(), value);
  }
  return word;
}

Result<Sign> parse_sign(const nlohmann::json& given, const char* key) {
  Sign sign;
  if (given.is_object()) {
    sign.line = given.value("line", "");
    sign.target = given.value("get", given.value("post", ""));
    if (given.contains("post")) sign.body = given.value("body", nlohmann::json::object()).dump();
  }
  if (sign.line.empty() == sign.target.empty()) {
    return fail(Code::kInvalidArgument, std::string("\"") + key + "\" needs one of \"line\", \"get\", \"post\"");
  }
  return sign;
}

/// A port that nobody listens on just now.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool known = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  return known ? ntohs(address.sin_port) : 0;
}

/// Waits for the sign; milliseconds from exec.
Result<double> wait_for(const Sign& sign, Process& process, std::uint16_t port, Clock::time_point deadline) {
  if (!sign.line.empty()) {
    const auto line = process.read_line_with(sign.line, deadline);
    if (!line) return fail(line.error());
    return process.ms_since_exec();
  }
  net::ClientRequest request;
  request.port = port;
  request.target = sign.target;
  if (!sign.body.empty()) {
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = sign.body;
  }
  for (;;) {
    std::optional<double> ms;
    const auto answer = net::fetch(request, [&](std::string_view) {
      ms = process.ms_since_exec();
      return net::Flow::kStop;
    });
    if (ms) return *ms;
    if (answer && answer->status == 200) return process.ms_since_exec();  // an empty body
    if (!process.is_running()) return fail(Code::kInternal, "it ended before " + sign.target + " answered");
    if (Clock::now() > deadline) return fail(Code::kTimedOut, sign.target + " did not answer in time");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

Result<Peer> parse_peer(std::string_view text, const std::map<std::string, std::string>& places) {
  const auto document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (!document.is_object()) return fail(Code::kInvalidArgument, "it is no JSON object");
  Peer peer;
  try {
    peer.name = document.value("name", "");
    for (const auto& word : document.value("command", nlohmann::json::array())) {
      std::string filled = word.get<std::string>();
      for (const auto& [name, value] : places) filled = replaced(std::move(filled), name, value);
      peer.command.push_back(std::move(filled));
    }
    auto ready = parse_sign(document.value("ready", nlohmann::json()), "ready");
    if (!ready) return fail(ready.error());
    peer.ready = std::move(*ready);
    if (document.contains("first")) {
      auto first = parse_sign(document["first"], "first");
      if (!first) return fail(first.error());
      peer.first = std::move(*first);
      peer.first_moment = document["first"].value("moment", "first result");
    }
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::kInvalidArgument, error.what());
  }
  if (peer.name.empty() || peer.command.empty()) {
    return fail(Code::kInvalidArgument, "\"name\" and \"command\" are wanted");
  }
  return peer;
}

Result<Start> run_peer(const Peer& peer, Cache cache, std::chrono::milliseconds most) {
  const std::uint16_t port = free_port();
  std::vector<std::string> command;
  for (const std::string& word : peer.command) command.push_back(replaced(word, "port", std::to_string(port)));
  auto process = Process::start(command, Process::Errors::kDropped);
  if (!process) return fail(process.error());
  const Clock::time_point deadline = Clock::now() + most;
  Start start{cache, {}};
  const auto ready = wait_for(peer.ready, *process, port, deadline);
  if (!ready) return fail(ready.error());
  start.moments.push_back({peer.name + " ready", *ready});
  if (peer.first) {
    const auto first = wait_for(*peer.first, *process, port, deadline + most);
    if (!first) return fail(first.error());
    start.moments.push_back({peer.name + " " + peer.first_moment, *first});
  }
  return start;
}

}  // namespace hearth::measure
