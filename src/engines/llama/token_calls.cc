#include "engines/llama/token_calls.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "engines/llama/refusal.h"

namespace hearth::engines::llama {
namespace {

bool is_token_of(const LoadedModel& model, const json& value) {
  const int known = llama_vocab_n_tokens(model.vocab());
  return value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() < known;
}

[[noreturn]] void refuse_tokens(const LoadedModel& model, const char* field) {
  const int known = llama_vocab_n_tokens(model.vocab());
  throw Refusal(400, "invalid_value", fmt::format("tokens in '{}' are whole numbers from 0 to {}", field, known - 1),
                field);
}

}  // namespace

json tokens_of(const LoadedModel& model, const json& request) {
  if (!request.contains("content")) throw Refusal(400, "missing_required_parameter", "'content' is missing", "content");
  const json& content = request.at("content");
  if (!content.is_string() && !content.is_array())
    throw Refusal(400, "invalid_type", "'content' must be a string, or a list of strings and tokens", "content");
  if (content.is_array() && !std::all_of(content.begin(), content.end(), [&model](const json& piece) {
        return piece.is_string() || is_token_of(model, piece);
      }))
    refuse_tokens(model, "content");
  const llama_tokens tokens = tokenize_mixed(model.vocab(), content, json_value(request, "add_special", false),
                                             json_value(request, "parse_special", true));
  if (!json_value(request, "with_pieces", false)) return json{{"tokens", tokens}};
  json list = json::array();
  for (const llama_token token : tokens) {
    const std::string piece = common_token_to_piece(model.vocab(), token);
    json shown = json::array();
    for (const char byte : piece) shown.push_back(static_cast<int>(static_cast<unsigned char>(byte)));
    if (is_valid_utf8(piece)) shown = piece;  // half a character is told as its bytes
    list.push_back({{"id", token}, {"piece", shown}});
  }
  return json{{"tokens", list}};
}

json text_of(const LoadedModel& model, const json& request) {
  if (!request.contains("tokens")) throw Refusal(400, "missing_required_parameter", "'tokens' is missing", "tokens");
  const json& given = request.at("tokens");
  if (!given.is_array()) throw Refusal(400, "invalid_type", "'tokens' must be a list of tokens", "tokens");
  if (!std::all_of(given.begin(), given.end(), [&model](const json& token) { return is_token_of(model, token); }))
    refuse_tokens(model, "tokens");
  const auto tokens = given.get<llama_tokens>();
  return json{{"content", tokens_to_str(model.vocab(), tokens)}};
}

}  // namespace hearth::engines::llama
