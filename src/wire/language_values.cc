#include "wire/language_values.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::wire {
namespace {

using Json = nlohmann::json;
using Words = std::span<const std::string_view>;

constexpr std::size_t kMaxStops = 16;          // OpenAI takes 4; clients for local models send some more
constexpr std::size_t kMaxStopSequences = 64;  // Anthropic names no limit

struct Range {
  const char* name;
  double least, most;
};
constexpr Range kSamplingRanges[] = {
    {"temperature", 0, 5},  // OpenAI's end at 2; `hearth chat` offers what makes a small model babble
    {"top_p", 0, 1},
    {"presence_penalty", -2, 2},
    {"frequency_penalty", -2, 2},
};

/// Where a value is wrong, and how.
using Wrong = std::optional<ApiError>;

ApiError bad_type(const char* field, const std::string& wanted) {
  return bad_field(field, "'" + std::string(field) + "' must be " + wanted, "invalid_type");
}

ApiError bad_value(const char* field, std::string message) { return bad_field(field, std::move(message)); }

const Json* find(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

bool is_one_of(const Json& value, Words words) {
  return value.is_string() && std::find(words.begin(), words.end(), value.get_ref<const std::string&>()) != words.end();
}

std::string listed(Words words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

Wrong check_stop(const Json& body, const char* field, std::size_t most) {
  const Json* stop = find(body, field);
  if (stop == nullptr) return std::nullopt;
  const auto is_word = [](const Json& word) { return word.is_string(); };
  const bool is_list = stop->is_array() && std::all_of(stop->begin(), stop->end(), is_word);
  if (!is_list && !stop->is_string()) return bad_type(field, "a string or a list of strings");
  const auto is_empty = [](const Json& word) { return word.get_ref<const std::string&>().empty(); };
  if (is_list ? std::any_of(stop->begin(), stop->end(), is_empty) : is_empty(*stop))
    return bad_value(field, "'" + std::string(field) + "' has an empty text");
  if (!is_list || stop->size() <= most) return std::nullopt;
  return bad_field(field,
                   "'" + std::string(field) + "' has " + std::to_string(stop->size()) + " texts; at most " +
                       std::to_string(most) + " are taken",
                   "array_above_max_length");
}

/// {"type": "text"} and its kind. `field` is what an error names.
Wrong check_format(const Json& format, const char* field) {
  static constexpr std::string_view kTypes[] = {"text", "json_object", "json_schema"};
  if (!format.is_object()) return bad_type(field, "an object with a 'type'");
  const Json* type = find(format, "type");
  if (type != nullptr && is_one_of(*type, kTypes)) return std::nullopt;
  return bad_value(field, "the 'type' of '" + std::string(field) + "' must be one of " + listed(kTypes));
}

Wrong check_response_format(const Json& body) {
  const Json* format = find(body, "response_format");
  return format == nullptr ? std::nullopt : check_format(*format, "response_format");
}

/// The same in the words of OpenAI's responses.
Wrong check_text(const Json& body) {
  const Json* text = find(body, "text");
  if (text == nullptr) return std::nullopt;
  if (!text->is_object()) return bad_type("text", "an object");
  const Json* format = find(*text, "format");
  return format == nullptr ? std::nullopt : check_format(*format, "text.format");
}

Wrong check_has_tools(const Json& body) {
  const Json* tools = find(body, "tools");
  if (tools != nullptr && tools->is_array() && !tools->empty()) return std::nullopt;
  return bad_value("tool_choice", "'tool_choice' wants a tool to be called, but 'tools' has none");
}

Wrong check_tool_choice(const Json& body) {
  static constexpr std::string_view kChoices[] = {"none", "auto", "required"};
  const Json* choice = find(body, "tool_choice");
  if (choice == nullptr) return std::nullopt;
  if (!choice->is_string() && !choice->is_object()) return bad_type("tool_choice", "a string or an object");
  if (choice->is_string() && !is_one_of(*choice, kChoices))
    return bad_value("tool_choice", "'tool_choice' must be one of " + listed(kChoices) + ", or name a function");
  return choice->is_object() || *choice == "required" ? check_has_tools(body) : std::nullopt;
}

Wrong check_anthropic_tool_choice(const Json& body) {
  static constexpr std::string_view kTypes[] = {"auto", "any", "tool", "none"};
  const Json* choice = find(body, "tool_choice");
  if (choice == nullptr) return std::nullopt;
  if (!choice->is_object()) return bad_type("tool_choice", "an object with a 'type'");
  const Json* type = find(*choice, "type");
  if (type == nullptr || !is_one_of(*type, kTypes))
    return bad_value("tool_choice", "the 'type' of 'tool_choice' must be one of " + listed(kTypes));
  return *type == "any" || *type == "tool" ? check_has_tools(body) : std::nullopt;
}

Wrong check_roles(const Json& body, const char* field) {
  static constexpr std::string_view kRoles[] = {"system", "developer", "user", "assistant", "tool", "function"};
  const Json* list = find(body, field);
  if (list == nullptr || !list->is_array()) return std::nullopt;
  for (const Json& message : *list) {
    const Json* role = message.is_object() ? find(message, "role") : nullptr;
    if (role != nullptr && !is_one_of(*role, kRoles))
      return bad_value(field, "the 'role' of each of '" + std::string(field) + "' must be one of " + listed(kRoles));
  }
  return std::nullopt;
}

}  // namespace

void check_language_values(ObjectReader& reader, LanguageShape shape) {
  if (shape == LanguageShape::kOther) return;
  for (const Range& range : kSamplingRanges) static_cast<void>(reader.number(range.name, range.least, range.most));
  const Json& body = reader.object();
  const auto keep = [&reader](Wrong wrong) {
    if (wrong) reader.set_error(std::move(*wrong));
  };
  switch (shape) {
    case LanguageShape::kChat:
      keep(check_stop(body, "stop", kMaxStops));
      keep(check_response_format(body));
      keep(check_tool_choice(body));
      return keep(check_roles(body, "messages"));
    case LanguageShape::kCompletion:
      keep(check_stop(body, "stop", kMaxStops));
      return keep(check_response_format(body));
    case LanguageShape::kResponse:
      keep(check_text(body));
      keep(check_tool_choice(body));
      return keep(check_roles(body, "input"));
    case LanguageShape::kMessage:
      keep(check_stop(body, "stop_sequences", kMaxStopSequences));
      keep(check_anthropic_tool_choice(body));
      return keep(check_roles(body, "messages"));
    case LanguageShape::kOther:
      return;
  }
}

}  // namespace hearth::wire
