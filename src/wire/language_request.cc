#include "wire/language_request.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "wire/json_in.h"
#include "wire/json_text.h"
#include "wire/language_values.h"
#include "wire/picture_links.h"
#include "wire/sampling_lists.h"

namespace hearth::wire {
namespace {

using Json = nlohmann::json;
using Need = ObjectReader::Need;

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxGrammar = 64 << 10;  // bytes: a grammar of a whole programming language has 10 KiB
constexpr std::size_t kMaxTools = 256 << 10;   // bytes of JSON, schemas included
constexpr std::size_t kMaxList = 2048;         // texts of one request, as OpenAI bounds it
constexpr std::size_t kMaxStops = 64;
constexpr int kMaxLogprobs = 20;    // OpenAI's bound
constexpr int kMaxCallDepth = 128;  // of the JSON in a text

/// The server's own affair, or what llama.cpp's routes tell one another.
constexpr std::string_view kNotTaken[] = {"lora",
                                          "id_slot",
                                          "slot_id",
                                          "n_cache_reuse",  // looks into other clients' conversations
                                          "chat_parser",
                                          "chat_format",
                                          "chat_template",
                                          "grammar_lazy",
                                          "grammar_triggers",
                                          "grammar_type",
                                          "preserved_tokens",
                                          "generation_prompt",
                                          "parse_tool_calls",
                                          "message_delimiters",
                                          "backend_sampling",
                                          "reasoning_budget_start_tag",
                                          "reasoning_budget_end_tag",
                                          "reasoning_budget_end_tags",
                                          "multimodal_data"};

struct Range {
  std::string_view name;
  double least, most;
};
constexpr Range kRanges[] = {{"n", 1, 16},
                             {"n_cmpl", 1, 16},
                             {"best_of", 1, 16},
                             {"n_probs", 0, kMaxLogprobs},
                             {"top_logprobs", 0, kMaxLogprobs},
                             {"repeat_last_n", 0, 65'536},
                             {"dry_penalty_last_n", 0, 65'536},
                             {"dry_allowed_length", 0, 65'536},
                             {"min_keep", 0, 65'536},
                             {"n_indent", 0, 1024},
                             {"top_n", 1, kMaxList}};

tl::unexpected<ApiError> refuse(std::string_view field, std::string message, std::string code = "invalid_value") {
  return tl::unexpected(bad_field(field, std::move(message), std::move(code)));
}

using Checked = tl::expected<void, ApiError>;

/// Sizes of what a model has to be told to write within.
Checked check_size(const Json& body, const char* field, std::size_t most) {
  const auto found = body.find(field);
  if (found == body.end()) return {};
  const std::size_t size = found->is_string() ? found->get_ref<const std::string&>().size() : found->dump().size();
  if (size <= most) return {};
  return refuse(field,
                "'" + std::string(field) + "' has " + std::to_string(size) + " bytes; at most " + std::to_string(most) +
                    " are taken",
                "string_above_max_length");
}

Checked check_count(const Json& body, const char* field, std::size_t most) {
  const auto found = body.find(field);
  if (found == body.end() || !found->is_array() || found->size() <= most) return {};
  // A list of numbers is one text, as tokens.
  if (found->front().is_number()) return {};
  return refuse(field,
                "'" + std::string(field) + "' has " + std::to_string(found->size()) + " entries; at most " +
                    std::to_string(most) + " are taken",
                "array_above_max_length");
}

Checked check_tools(const Json& body) {
  const auto tools = body.find("tools");
  if (tools == body.end() || !tools->is_array()) return {};
  for (const Json& tool : *tools) {
    const auto type = tool.is_object() ? tool.find("type") : tool.end();
    if (!tool.is_object()) return refuse("tools", "each of 'tools' must be an object", "invalid_type");
    if (type == tool.end()) continue;  // Anthropic's have none
    if (!type->is_string() || (*type != "function" && *type != "custom"))
      return refuse("tools", "only tools of type 'function' are offered: they run at the client", "unsupported_value");
  }
  return {};
}

/// true for chat, a number for completions.
Checked check_logprobs(const Json& body) {
  const auto count = body.find("logprobs");
  if (count == body.end() || !count->is_number() || (*count >= 0 && *count <= kMaxLogprobs)) return {};
  return refuse("logprobs", "'logprobs' must be from 0 to 20");
}

Checked check_prompt(const Json& body) {
  const auto prompt = body.find("prompt");
  if (prompt == body.end()) return {};
  const auto is_object = [](const Json& value) { return value.is_object(); };
  if (is_object(*prompt) || (prompt->is_array() && std::any_of(prompt->begin(), prompt->end(), is_object)))
    return refuse("prompt", "'prompt' is a text or tokens", "invalid_type");
  return {};
}

bool is_word(const Json& object, const char* member, std::string_view word) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() && found->get_ref<const std::string&>() == word;
}

/// What a function was called with and what it answered are texts with JSON in them. The library behind makes values of
/// them, and calls itself for each that is within another.
bool has_deep_call(const Json& value, bool is_call) {
  if (value.is_string()) return is_call && json_depth(value.get_ref<const std::string&>()) > kMaxCallDepth;
  if (value.is_array())
    return std::any_of(value.begin(), value.end(), [&](const Json& one) { return has_deep_call(one, is_call); });
  if (!value.is_object()) return false;
  is_call = is_call || is_word(value, "role", "tool") || is_word(value, "type", "tool_result");
  for (const auto& item : value.items()) {
    if (has_deep_call(item.value(), is_call || item.key() == "arguments" || item.key() == "output")) return true;
  }
  return false;
}

Checked check_calls(const Json& body) {
  for (const char* field : {"messages", "input"}) {
    const auto found = body.find(field);
    if (found == body.end() || !has_deep_call(*found, false)) continue;
    return refuse(field, "'" + std::string(field) + "' has a function's call or answer with JSON nested deeper than " +
                             std::to_string(kMaxCallDepth) + " levels");
  }
  return {};
}

Checked check_all(const Json& body) {
  for (const std::string_view field : kNotTaken) {
    if (body.contains(field)) return refuse(field, "'" + std::string(field) + "' is not taken", "unknown_parameter");
  }
  for (const char* field : {"grammar", "json_schema", "response_format"}) {
    if (auto ok = check_size(body, field, kMaxGrammar); !ok) return ok;
  }
  for (const auto& [field, most] : {std::pair("tools", kMaxTools), {"text", kMaxTools}}) {
    if (auto ok = check_size(body, field, most); !ok) return ok;
  }
  for (const auto& [field, most] : {std::pair("prompt", kMaxList),
                                    {"input", kMaxList},
                                    {"documents", kMaxList},
                                    {"texts", kMaxList},
                                    {"stop", kMaxStops},
                                    {"stop_sequences", kMaxStops},
                                    {"dry_sequence_breakers", kMaxStops}}) {
    if (auto ok = check_count(body, field, most); !ok) return ok;
  }
  if (auto ok = check_logprobs(body); !ok) return ok;
  if (auto ok = check_prompt(body); !ok) return ok;
  if (auto ok = check_calls(body); !ok) return ok;
  return check_tools(body);
}

}  // namespace

tl::expected<LanguageRequest, ApiError> parse_language_request(std::string_view body, LanguageShape shape,
                                                               std::span<const std::string> image_hosts) {
  auto reader = ObjectReader::open(body);
  if (!reader) return tl::unexpected(std::move(reader.error()));
  LanguageRequest request;
  request.model = reader->string("model", Need::kOptional, kMaxName).value_or("");
  request.stream = reader->boolean("stream").value_or(false);
  request.wait = reader->boolean("wait").value_or(true);
  for (const Range& range : kRanges) static_cast<void>(reader->number(range.name, range.least, range.most));
  if (auto ok = check_all(reader->object()); !ok) reader->set_error(std::move(ok.error()));
  check_language_values(*reader, shape);
  check_sampling_lists(*reader);
  request.has_media = has_media(reader->object());
  auto pictures = read_picture_links(reader->object(), image_hosts);
  if (pictures) {
    request.pictures = std::move(*pictures);
  } else {
    reader->set_error(std::move(pictures.error()));
  }
  if (reader->error()) return tl::unexpected(*reader->error());
  return request;
}

}  // namespace hearth::wire
