#include "engines/llama/grammar_limits.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engines/llama/refusal.h"

namespace hearth::engines::llama {
namespace {

constexpr int kMaxFollowed = 200'000;    // steps along references and alternatives, of a request
constexpr std::size_t kMaxInARow = 256;  // references

/// What the schemas of a request have left of their bounds.
struct Left {
  int parts = kMaxSchemaParts;
  int followed = kMaxFollowed;
};

[[noreturn]] void refuse(const std::string& field, const std::string& why) {
  throw Refusal(400, "invalid_value", fmt::format("'{}' {}", field, why), field);
}

const json* find(const json& node, const std::string& key) {
  return node.is_object() && node.contains(key) ? &node.at(key) : nullptr;
}

const json* find_list(const json& node, const std::string& key) {
  const json* found = find(node, key);
  return found != nullptr && found->is_array() ? found : nullptr;
}

std::string text_in(const json* node) {
  return node != nullptr && node->is_string() ? node->get<std::string>() : std::string();
}

/// Where what begins at `begin` ends: at `closing`, or with the text.
std::size_t end_of(std::string_view text, std::size_t begin, char closing) {
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != closing) at += text[at] == '\\' ? 2 : 1;
  return at;
}

/// How deep the brackets of a GBNF grammar stand in one another. Those in texts, in sets of letters, in tokens and in
/// remarks are none.
int depth_of(std::string_view grammar) {
  int depth = 0;
  int most = 0;
  for (std::size_t i = 0; i < grammar.size(); ++i) {
    const char c = grammar[i];
    if (c == '"' || c == '[') {
      i = end_of(grammar, i, c == '"' ? '"' : ']');
    } else if (c == '#' || c == '<') {
      i = std::min(c == '#' ? grammar.find_first_of("\r\n", i) : grammar.find('>', i), grammar.size());
    } else if (c == '(') {
      most = std::max(most, ++depth);
    } else if (c == ')') {
      --depth;
    }
  }
  return most;
}

/// One schema with all that stands in it, data too: which of it is a schema is llama.cpp's to know.
class SchemaLimits {
 public:
  SchemaLimits(const json& root, const std::string& field, Left& left) : root_(root), field_(field), left_(left) {}

  /// The depth of a document is bounded already (wire/json_text.h).
  void check(const json& node);

 private:
  void spend(std::size_t parts);
  void check_properties(const json& properties) const;
  void check_range(const json& node, const char* least, const char* most) const;
  void follow(const json& node);
  [[nodiscard]] const json* find_target(const json& reference) const;

  const json& root_;
  const std::string& field_;
  Left& left_;
  std::vector<const json*> way_;  // the targets that follow() has come along
};

void SchemaLimits::check(const json& node) {
  if (node.is_array()) {
    for (const json& element : node) check(element);
  }
  if (!node.is_object()) return;
  spend(1);
  if (const json* values = find_list(node, "enum")) spend(values->size());
  if (const json* properties = find(node, "properties")) check_properties(*properties);
  check_range(node, "minLength", "maxLength");
  check_range(node, "minItems", "maxItems");
  follow(node);
  for (const auto& item : node.items()) check(item.value());
}

void SchemaLimits::spend(std::size_t parts) {
  left_.parts -= static_cast<int>(std::min<std::size_t>(parts, kMaxSchemaParts + 1));
  if (left_.parts < 0) refuse(field_, fmt::format("has more than {} objects and enum values", kMaxSchemaParts));
}

void SchemaLimits::check_properties(const json& properties) const {
  if (!properties.is_object()) return;
  if (properties.size() > kMaxProperties)
    refuse(field_,
           fmt::format("has an object with {} properties; at most {} are taken", properties.size(), kMaxProperties));
  for (const auto& item : properties.items()) {
    const std::size_t size = item.key().size();
    if (size > kMaxPropertyName)
      refuse(field_,
             fmt::format("has a property with a name of {} bytes; at most {} are taken", size, kMaxPropertyName));
  }
}

void SchemaLimits::check_range(const json& node, const char* least, const char* most) const {
  const json* low = find(node, least);
  const json* high = find(node, most);
  if (low == nullptr || high == nullptr || !low->is_number_integer() || !high->is_number_integer()) return;
  if (low->get<std::int64_t>() > high->get<std::int64_t>())
    refuse(field_, fmt::format("has a '{}' above its '{}'", least, most));
}

/// All that may stand for `node` itself. llama.cpp asks so for the types of a value, and does not remember what it has
/// asked before.
void SchemaLimits::follow(const json& node) {
  if (--left_.followed < 0) refuse(field_, "has too many references to alternatives");
  if (const json* reference = find(node, "$ref")) {
    const json* target = find_target(*reference);
    if (target == nullptr) return;
    if (std::find(way_.begin(), way_.end(), target) != way_.end())
      refuse(field_, "has a $ref that leads to nothing but itself");
    if (way_.size() == kMaxInARow) refuse(field_, fmt::format("has more than {} references in a row", kMaxInARow));
    way_.push_back(target);
    follow(*target);
    way_.pop_back();
    return;
  }
  for (const char* key : {"oneOf", "anyOf", "allOf"}) {
    const json* list = find_list(node, key);
    if (list == nullptr) continue;
    for (const json& one : *list) follow(one);
  }
}

/// Null where there is none, which llama.cpp says in its own words.
const json* SchemaLimits::find_target(const json& reference) const {
  const std::string path = text_in(&reference);
  if (path.size() > kMaxReference)
    refuse(field_, fmt::format("has a $ref of {} bytes; at most {} are taken", path.size(), kMaxReference));
  if (!path.starts_with("#/")) return nullptr;
  const json* target = &root_;
  for (std::size_t begin = 2; target != nullptr && begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string step = path.substr(begin, end - begin);
    begin = end + 1;
    if (!target->is_array()) {
      target = find(*target, step);
      continue;
    }
    try {
      const std::size_t index = std::stoull(step);  // as llama.cpp reads it: "00" and "0x" are 0 too
      target = index < target->size() ? &target->at(index) : nullptr;
    } catch (const std::logic_error&) {
      return nullptr;
    }
  }
  return target;
}

void check_schema(const json* schema, const std::string& field, Left& left) {
  if (schema != nullptr) SchemaLimits(*schema, field, left).check(*schema);
}

/// {"type": "json_object", "schema"}, {"type": "json_schema", "json_schema": {"schema"}}, or the latter's flat form.
void check_format(const json* format, const std::string& field, Left& left) {
  if (format == nullptr) return;
  check_schema(find(*format, "schema"), field, left);
  if (const json* wrapper = find(*format, "json_schema")) check_schema(find(*wrapper, "schema"), field, left);
}

/// As OpenAI's chat describes a function, and as its responses and Anthropic's messages do.
void check_tool(const json& described, Left& left) {
  const std::size_t size = text_in(find(described, "name")).size();
  if (size > kMaxToolName)
    refuse("tools", fmt::format("has a name of {} bytes; at most {} are taken", size, kMaxToolName));
  for (const char* key : {"parameters", "input_schema"}) check_schema(find(described, key), "tools", left);
}

void check_tools(const json& request, Left& left) {
  const json* tools = find_list(request, "tools");
  if (tools == nullptr) return;
  if (tools->size() > kMaxToolCount)
    refuse("tools", fmt::format("has {} entries; at most {} are taken", tools->size(), kMaxToolCount));
  for (const json& tool : *tools) {
    check_tool(tool, left);
    if (const json* function = find(tool, "function")) check_tool(*function, left);
  }
}

}  // namespace

void check_grammar_limits(const json& request) {
  const int depth = depth_of(text_in(find(request, "grammar")));
  if (depth > kMaxGrammarDepth)
    refuse("grammar",
           fmt::format("has brackets {} deep in one another; at most {} are taken", depth, kMaxGrammarDepth));
  Left left;
  check_schema(find(request, "json_schema"), "json_schema", left);
  check_format(find(request, "response_format"), "response_format", left);
  if (const json* text = find(request, "text")) check_format(find(*text, "format"), "text.format", left);
  check_tools(request, left);
}

}  // namespace hearth::engines::llama
