#pragma once

// The one list of all settings: key, variables, what is accepted, how it is set and shown. resolve.cc reads by it,
// `config show` prints by it, docs/configuration.md is checked against it. A new setting is one line in settings.cc and
// its field in config.h.

#include <span>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/values.h"

namespace hearth::config {

enum class Shape { kText, kNumber, kBool, kList };

/// One key of `Target`. Constant tables of these; nothing is registered at run time.
template <typename Target>
struct Key {
  std::string_view name;  // "server.port"; within [[models]] and the like, "load"
  std::string_view
      variables;             // separated by spaces, the first that is set counts; "!" before one: it says the opposite;
                             // "#" before one: its number is in megabytes
  std::string_view accepts;  // completes "use …"
  std::string_view about;
  Shape shape = Shape::kText;
  bool secret = false;                           // never printed
  bool (*set)(Target&, const Value&) = nullptr;  // false: not accepted, and the target is unchanged
  std::string (*show)(const Target&) = nullptr;  // reads back as the same value; lists are separated by commas
};

using Setting = Key<Config>;

/// In the order of `config show`.
[[nodiscard]] std::span<const Setting> settings();
[[nodiscard]] std::span<const Key<Model>> model_keys();
[[nodiscard]] std::span<const Key<OwnFile>> file_keys();
[[nodiscard]] std::span<const Key<Prefix>> prefix_keys();

/// Names that become folders and file names: a letter or digit, then at most 63 letters, digits, '.', '_' or '-'.
[[nodiscard]] bool is_plain_name(std::string_view name);

}  // namespace hearth::config
