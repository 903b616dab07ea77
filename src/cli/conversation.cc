#include "cli/conversation.h"

#include <istream>
#include <nlohmann/json.hpp>

#include "cli/input.h"
#include "cli/options.h"

namespace hearth::cli {
namespace {

using base::fail;
using base::Result;
using Json = nlohmann::ordered_json;

enum class Turn { kAnswered, kRefused };

/// Asks with all that was said before, prints the answer and adds both; a refusal adds nothing.
Result<Turn> take_turn(const ChatOptions& options, Partner& partner, Json& messages, const std::string& text) {
  messages.push_back({{"role", "user"}, {"content", text}});
  Json request = {{"model", options.model}, {"stream", true}, {"messages", messages}};
  if (options.max_tokens > 0) request["max_tokens"] = options.max_tokens;
  if (options.temperature >= 0) request["temperature"] = options.temperature;
  std::string said;
  Result<void> printed;
  DeltaReader reader([&](const std::string& piece) {
    said += piece;
    printed = print(piece);
    return printed.has_value();
  });
  const auto done = partner.answer(request.dump(-1, ' ', false, Json::error_handler_t::replace), reader);
  if (!printed) return fail(printed.error());
  if (done || !said.empty()) {
    if (auto ended = print("\n"); !ended) return fail(ended.error());
  }
  if (!done) {
    messages.erase(messages.size() - 1);
    complain("chat", done.error());
    return Turn::kRefused;
  }
  messages.push_back({{"role", "assistant"}, {"content", said}});
  return Turn::kAnswered;
}

}  // namespace

bool DeltaReader::take(std::string_view bytes) {
  pending_ += bytes;
  std::size_t end = 0;
  while ((end = pending_.find('\n')) != std::string::npos) {
    const std::string line = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    if (line.starts_with("data: {") && !take_event(line.substr(6))) return false;
  }
  return true;
}

bool DeltaReader::take_event(const std::string& text) {
  const Json event = Json::parse(text, nullptr, false);
  if (event.is_discarded()) return true;
  if (event.contains("error")) {
    error_ = event["error"].value("message", "the model failed");
    return false;
  }
  const auto content = event.value("/choices/0/delta/content"_json_pointer, Json());
  return !content.is_string() || on_text_(content.get<std::string>());
}

Result<int> converse(const ChatOptions& options, Partner& partner, std::istream& lines, Prompt prompt) {
  Json messages = Json::array();
  if (!options.system.empty()) messages.push_back({{"role", "system"}, {"content", options.system}});
  int refused = 0;
  const auto say = [&](const std::string& text) -> Result<void> {
    const auto turn = take_turn(options, partner, messages, text);
    if (!turn) return fail(turn.error());
    refused += *turn == Turn::kRefused ? 1 : 0;
    return {};
  };
  if (!options.text.empty()) {
    if (auto ok = say(options.text); !ok) return fail(ok.error());
    return refused;
  }
  std::string line;
  for (;;) {
    if (prompt == Prompt::kShown) {
      if (auto asked = print("> "); !asked) return fail(asked.error());
    }
    if (!std::getline(lines, line)) return refused;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (auto ok = say(line); !ok) return fail(ok.error());
  }
}

}  // namespace hearth::cli
