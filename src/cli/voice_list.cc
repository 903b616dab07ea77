#include "cli/voice_list.h"

#include <cctype>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/reach_model.h"
#include "net/http_client.h"

namespace hearth::cli {
namespace {

using base::Code;
using base::fail;
using base::Result;
using Voices = std::vector<engine::Voice>;

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.') {
      out += c;
      continue;
    }
    char hex[4];
    std::snprintf(hex, sizeof hex, "%%%02X", byte);
    out += hex;
  }
  return out;
}

}  // namespace

Result<Voices> parse_voices(std::string_view document) {
  Voices voices;
  try {
    const nlohmann::json list = nlohmann::json::parse(document);
    for (const auto& voice : list.at("data"))
      voices.push_back({voice.at("id").get<std::string>(), voice.at("language").get<std::string>()});
  } catch (const nlohmann::json::exception&) {
    return fail(Code::kInternal, "the server's list of voices is damaged");
  }
  return voices;
}

Result<Voices> ask_voices(const config::Server& server, const std::string& model) {
  const auto answer = net::fetch(make_get(server, "/v1/audio/voices?model=" + percent_encoded(model)));
  if (!answer) return fail(answer.error());
  if (answer->status != 200) return fail(refusal_of(*answer));
  return parse_voices(answer->body);
}

Result<Voices> find_voices(const config::Loaded& loaded, const std::string& model) {
  app::Workshop workshop(loaded);
  const auto engine = load_here(model, workshop);
  if (!engine) return fail(engine.error());
  const engine::SpeechSynthesizer* speech = (*engine)->speech_synthesizer();
  if (speech == nullptr) return fail(Code::kInvalidArgument, model + " does not speak");
  return speech->voices();
}

}  // namespace hearth::cli
