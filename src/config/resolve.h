#pragma once

// From what was said to what holds. Pure: the text of the file, the variables and the flags come in as values, so that
// every precedence and every complaint is a unit test. load.h is the thin layer that reads the file and the
// environment.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/environment.h"

namespace hearth::config {

/// A flag as `key=value`: {"server.port", "8001", "--port"}. Lists are separated by commas.
struct Override {
  std::string key;
  std::string value;
  std::string flag;  // for messages and `config show`; empty: "--" and the key
};

/// Where a value came from.
struct Origin {
  enum class Kind { kDefault, kFile, kVariable, kFlag };
  Kind kind = Kind::kDefault;
  std::string detail;  // "hearth.toml:12", "HEARTH_PORT", "--port"; empty for a default
  /// "default", or the detail.
  [[nodiscard]] std::string text() const { return kind == Kind::kDefault ? "default" : detail; }
  friend bool operator==(const Origin&, const Origin&) = default;
};

struct Resolved {
  Config config;
  std::map<std::string, Origin, std::less<>>
      origins;                        // by key: "server.port", "models.kokoro.load"; defaults are absent
  std::vector<std::string> warnings;  // e.g. a HEARTH_* variable that nobody knows
  [[nodiscard]] Origin origin(std::string_view key) const;
};

/// kInvalidArgument, one line that names the value, its source and what is accepted, for the first thing that is wrong.
/// `toml` is the text of `file_name`, empty when there is none. Costs well under a millisecond for a small file.
[[nodiscard]] base::Result<Resolved> resolve(std::span<const Override> overrides, const Environment& environment,
                                             std::string_view toml = {}, std::string_view file_name = "hearth.toml");

/// kPermission when the server would be reachable from other machines without a key. `serve` asks; other verbs need
/// not.
[[nodiscard]] base::Result<void> check_exposure(const Resolved& resolved);

}  // namespace hearth::config
