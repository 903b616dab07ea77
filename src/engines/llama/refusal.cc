#include "engines/llama/refusal.h"

#include <fmt/core.h>

#include <array>
#include <string_view>

namespace hearth::engines::llama {
namespace {

constexpr std::string_view kField = "Field '";
// Where a schema is at fault, whichever part of the library found that out.
constexpr std::array<std::string_view, 2> kSchemaFailed{"JSON schema conversion failed:", "JSON schema error at "};
constexpr std::string_view kSamplersFailed = "Failed to initialize samplers: ";
constexpr std::string_view kNoCells = "Context size has been exceeded";
constexpr std::string_view kTooManyWays = "in too many ways";  // of ours (cmake/ggml/edits.toml)

/// What llama.cpp calls fields of a request within.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kInnerNames{
    {{"penalty_repeat", "repeat_penalty"},
     {"penalty_freq", "frequency_penalty"},
     {"penalty_present", "presence_penalty"}}};

bool contains(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// Without the marks of the JSON library, the server's name for itself and line breaks.
std::string plain(std::string text) {
  constexpr std::string_view kMark = "[json.exception.";
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at)) {
    const std::size_t end = text.find("] ", at);
    text.erase(at, end == std::string::npos ? kMark.size() : end + 2 - at);
  }
  if (text.starts_with("Error: ")) text.erase(0, std::string_view("Error: ").size());
  for (const std::string_view name : {"llama.cpp", "llamacpp"}) replace_all(text, name, "this server");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  replace_all(text, "\n", "; ");
  return text;
}

json object_at(const json& document, const char* key) {
  if (!document.is_object() || !document.contains(key) || !document.at(key).is_object()) return json::object();
  return document.at(key);
}

bool is_form(const json& format) {
  const std::string type = json_value(format, "type", std::string());
  return type == "json_object" || type == "json_schema";
}

/// Where the client said what form the answer must have. Empty where it did not.
std::string form_field(const json& request) {
  if (!json_value(request, "grammar", std::string()).empty()) return "grammar";
  if (is_form(object_at(request, "response_format"))) return "response_format";
  if (is_form(object_at(object_at(request, "text"), "format"))) return "text.format";
  if (request.contains("json_schema") && !request.at("json_schema").is_null()) return "json_schema";
  const json tools = json_value(request, "tools", json::array());
  return tools.is_array() && !tools.empty() ? "tools" : "";
}

/// The first word in quotes, where it is a field of the request or one that it lacks.
std::string quoted_field(const std::string& message, const json& request) {
  const std::size_t begin = message.find_first_of("'\"");
  if (begin == std::string::npos) return {};
  const std::size_t end = message.find(message[begin], begin + 1);
  if (end == std::string::npos) return {};
  std::string word = message.substr(begin + 1, end - begin - 1);
  const bool is_known = word == "messages" || word == "input" || word == "prompt" || request.contains(word);
  return is_known ? word : std::string();
}

/// "Value must be between 1 <= value <= 2, but got 5" in fewer words.
std::string plain_range(std::string_view text) {
  constexpr std::string_view kBegin = "Value must be between ";
  constexpr std::string_view kMiddle = " <= value <= ";
  constexpr std::string_view kGot = ", but got ";
  const std::size_t middle = text.find(kMiddle);
  const std::size_t got = text.find(kGot);
  if (!text.starts_with(kBegin) || middle == std::string_view::npos || got == std::string_view::npos || got < middle)
    return {};
  const std::string_view least = text.substr(kBegin.size(), middle - kBegin.size());
  const std::string_view most = text.substr(middle + kMiddle.size(), got - middle - kMiddle.size());
  return fmt::format("must be from {} to {}, not {}", least, most, text.substr(got + kGot.size()));
}

Refusal refuse_form(const std::string& field, const std::string& why) {
  return {400, "invalid_value", fmt::format("'{}' {}", field, why), field};
}

/// "Field 'NAME': WHY", as llama.cpp's table of fields says it.
Refusal refusal_of_field(const std::string& what) {
  const std::size_t end = what.find("': ", kField.size());
  if (end == std::string::npos) return {400, "invalid_value", plain(what)};
  const std::string field = what.substr(kField.size(), end - kField.size());
  std::string why = what.substr(end + std::string_view("': ").size());
  if (const std::string range = plain_range(why); !range.empty()) return refuse_form(field, range);
  return {400, "invalid_value", fmt::format("'{}': {}", field, plain(why)), field};
}

}  // namespace

Refusal refusal_of_exception(const std::string& what, const json& request) {
  const std::string form = form_field(request);
  for (const std::string_view mark : kSchemaFailed) {
    const std::size_t at = what.find(mark);
    if (at == std::string::npos || form.empty()) continue;
    std::string why = what.substr(at + mark.size());
    why.erase(0, why.find_first_not_of(" \n"));
    return refuse_form(form, "cannot be compiled: " + plain(why));
  }
  if (what.starts_with(kField)) return refusal_of_field(what);
  for (const char* field : {"messages", "tools"}) {
    const std::string prefix = fmt::format("Failed to parse {}: ", field);
    if (!what.starts_with(prefix)) continue;
    const std::string why = what.substr(prefix.size(), what.find(fmt::format("; {} = ", field)) - prefix.size());
    return refuse_form(field, "cannot be read: " + plain(why));
  }
  const std::string message = plain(what);
  return {400, "invalid_value", message, quoted_field(message, request)};
}

Refusal refusal_of_error(const json& error, const json& request) {
  const int status = json_value(error, "code", 500);
  const std::string type = json_value(error, "type", std::string());
  std::string message = json_value(error, "message", std::string("the model failed"));
  if (type == "exceed_context_size_error") return {400, "context_length_exceeded", message};
  if (contains(message, kNoCells)) {
    return {
        400, "context_length_exceeded",
        "the model's context did not suffice for all that was asked for at once; ask for fewer tokens or choices, or "
        "give the model a larger ctx in hearth.toml"};
  }
  if (status == 503) return {503, "overloaded", message};
  const std::string form = form_field(request);
  if (!form.empty() && contains(message, "grammar")) {
    if (contains(message, "failed to parse grammar")) return refuse_form(form, "cannot be compiled");
    if (contains(message, kTooManyWays)) return refuse_form(form, "can go on in too many ways; make it simpler");
    return refuse_form(form, "leaves the model nothing to write: no token fits after what it has written");
  }
  if (status >= 500 && status != 501) return {500, "internal", message};
  if (message.starts_with(kSamplersFailed)) {
    message.erase(0, kSamplersFailed.size());
    for (const auto& [inner, field] : kInnerNames) {
      if (message.starts_with(inner)) return refuse_form(std::string(field), message.substr(inner.size() + 1));
    }
  }
  return {400, "invalid_value", plain(message)};
}

Refusal refusal_of_answer(const std::string& what) {
  return {500, "unreadable_answer", "what the model wrote cannot be read as its chat template has it: " + plain(what)};
}

json error_document(engine::LanguageCall call, const Refusal& refusal) {
  const bool is_clients = refusal.status < 500;
  if (call == engine::LanguageCall::kAnthropicMessages) {
    const std::string word = is_clients ? "invalid_request_error" : "api_error";
    return {{"type", "error"}, {"error", {{"type", word}, {"message", std::string(refusal.what())}}}};
  }
  json error = {{"message", std::string(refusal.what())},
                {"type", is_clients ? "invalid_request_error" : "server_error"}};
  error["param"] = refusal.param.empty() ? json(nullptr) : json(refusal.param);
  error["code"] = refusal.code;
  return {{"error", error}};
}

}  // namespace hearth::engines::llama
