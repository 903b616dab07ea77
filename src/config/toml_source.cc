#include "config/toml_source.h"

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace hearth::config {
namespace {

using base::Code;
using base::fail;
using base::Result;

class Reader {
 public:
  explicit Reader(std::string_view file_name) : file_name_(file_name) {}

  Result<void> table(const toml::table& from, const std::string& prefix, std::vector<TomlEntry>& entries,
                     std::vector<TomlTable>& tables) {
    for (const auto& [toml_key, node] : from) {
      const std::string key = prefix + std::string(toml_key.str());
      const int line = static_cast<int>(node.source().begin.line);
      if (const toml::table* inner = node.as_table()) {
        if (auto ok = table(*inner, key + ".", entries, tables); !ok) return ok;
        continue;
      }
      if (node.is_array_of_tables()) {
        for (const toml::node& element : *node.as_array()) {
          TomlTable& one = tables.emplace_back();
          one.name = key;
          one.line = static_cast<int>(element.source().begin.line);
          if (auto ok = table(*element.as_table(), "", one.entries, one.tables); !ok) return ok;
        }
        continue;
      }
      TomlEntry entry{key, {}, line};
      if (const toml::array* array = node.as_array()) {
        entry.value.is_list = true;
        for (const toml::node& element : *array) {
          if (auto ok = scalar(element, key, entry.value); !ok) return ok;
        }
      } else if (auto ok = scalar(node, key, entry.value); !ok) {
        return ok;
      }
      entries.push_back(std::move(entry));
    }
    return {};
  }

 private:
  Result<void> scalar(const toml::node& node, const std::string& key, Value& into) {
    if (const auto text = node.value_exact<std::string>()) {
      into.items.push_back(*text);
    } else if (const auto flag = node.value_exact<bool>()) {
      into.items.emplace_back(*flag ? "true" : "false");
    } else if (const auto whole = node.value_exact<std::int64_t>()) {
      into.items.push_back(std::to_string(*whole));
    } else if (const auto number = node.value_exact<double>()) {
      into.items.push_back(fmt::format("{}", *number));
    } else {
      return fail(Code::kInvalidArgument,
                  fmt::format("{} at {}:{} is neither text, number, true or false, nor a list of these", key,
                              file_name_, node.source().begin.line));
    }
    return {};
  }

  std::string_view file_name_;
};

}  // namespace

Result<TomlDocument> read_toml(std::string_view text, std::string_view file_name) {
  const toml::parse_result parsed = toml::parse(text, file_name);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(Code::kInvalidArgument,
                fmt::format("{}:{}: {}", file_name, error.source().begin.line, error.description()),
                "mend the file, or leave it out with --config /dev/null");
  }
  TomlDocument document;
  if (auto ok = Reader(file_name).table(parsed.table(), "", document.entries, document.tables); !ok) {
    return fail(ok.error());
  }
  return document;
}

}  // namespace hearth::config
