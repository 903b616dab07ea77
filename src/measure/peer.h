#pragma once

// Another program that is measured as we measure ourselves: what to start, how it says that it is ready, what to ask it
// first. Described by a small JSON file (bench/peers/*.json):
//
//   {"name": "llama-server",
//    "command": ["{peers}/llama-server", "--port", "{port}", "-m", "{models}/smollm2-135m/smollm2-135m.gguf"],
//    "ready": {"get": "/health"},                     or {"line": "READY"}, what it prints
//    "first": {"moment": "first token", "post": "/v1/chat/completions", "body": {…}}}      or {"moment": …, "line": …}

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "measure/report.h"

namespace hearth::measure {

struct Sign {
  std::string line;  // printed by the peer; empty: asked over HTTP
  std::string target;
  std::string body;  // not empty: POST
};

struct Peer {
  std::string name;
  std::vector<std::string> command;
  Sign ready;
  std::optional<Sign> first;
  std::string first_moment;  // "first token"
};

/// `places` replaces {NAME} in the command's words; {port} stays. kInvalidArgument says what is wrong. Pure.
[[nodiscard]] base::Result<Peer> parse_peer(std::string_view text, const std::map<std::string, std::string>& places);

/// One start of it: "ready" and its first moment.
[[nodiscard]] base::Result<Start> run_peer(const Peer& peer, Cache cache, std::chrono::milliseconds most);

}  // namespace hearth::measure
