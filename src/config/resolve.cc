#include "config/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/web_address.h"
#include "config/prefixes.h"
#include "config/settings.h"
#include "config/suggest.h"
#include "config/toml_source.h"

namespace hearth::config {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kShownValue = 80;  // letters of a refused value that a message repeats

template <typename Target>
std::vector<std::string_view> names_of(std::span<const Key<Target>> keys) {
  std::vector<std::string_view> names;
  for (const Key<Target>& key : keys) names.push_back(key.name);
  return names;
}

/// "server.port = "80x" (from HEARTH_PORT) is not accepted; use a whole number from 0 to 65535".
template <typename Target>
tl::unexpected<base::Error> refused(const Key<Target>& key, std::string_view full_name, const Value& value,
                                    const Origin& origin) {
  std::string shown = key.secret ? "(hidden)" : value.text();
  if (shown.size() > kShownValue) shown = shown.substr(0, kShownValue) + "…";
  return fail(Code::kInvalidArgument,
              fmt::format("{} = \"{}\" (from {}) is not accepted", full_name, shown, origin.text()),
              "use " + std::string(key.accepts));
}

template <typename Target>
Result<void> apply(const Key<Target>& key, std::string_view full_name, Target& target, const Value& value,
                   Origin origin, Resolved& resolved) {
  const bool shape_fits = !value.is_list || key.shape == Shape::kList;
  if (!shape_fits || !key.set(target, value)) return refused(key, full_name, value, origin);
  resolved.origins.insert_or_assign(std::string(full_name), std::move(origin));
  return {};
}

template <typename Target>
const Key<Target>* find_key(std::span<const Key<Target>> keys, std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key<Target>& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

tl::unexpected<base::Error> unknown(std::string_view what, std::string_view name, std::string_view where,
                                    std::span<const std::string_view> known, std::string_view list_them) {
  const std::string guess = did_you_mean(name, known);
  return fail(Code::kInvalidArgument,
              fmt::format("{} \"{}\" (from {}) is not known", what, name.substr(0, kShownValue), where),
              guess.empty() ? std::string(list_them) : guess);
}

constexpr std::string_view kListSettings = "`hearth config show` lists every key";

class Resolver {
 public:
  Resolver(std::span<const Override> overrides, const Environment& environment, std::string_view file_name)
      : overrides_(overrides), environment_(environment), file_name_(file_name) {}

  Result<Resolved> run(const TomlDocument& document) {
    for (const auto step : {&Resolver::from_file, &Resolver::models_from_file}) {
      if (auto ok = (this->*step)(document); !ok) return fail(ok.error());
    }
    for (const auto step : {&Resolver::from_variables, &Resolver::from_flags, &Resolver::check_models}) {
      if (auto ok = (this->*step)(); !ok) return fail(ok.error());
    }
    if (auto ok = check_prefixes(resolved_.config); !ok) return fail(ok.error());
    warn_of_unread_variables();
    return std::move(resolved_);
  }

 private:
  [[nodiscard]] Origin in_file(int line) const { return {Origin::Kind::kFile, fmt::format("{}:{}", file_name_, line)}; }

  Result<void> from_file(const TomlDocument& document) {
    for (const TomlEntry& entry : document.entries) {
      const Setting* setting = find_key(settings(), entry.key);
      if (setting == nullptr) {
        return unknown("the key", entry.key, in_file(entry.line).detail, names_of(settings()), kListSettings);
      }
      if (auto ok = apply(*setting, setting->name, resolved_.config, entry.value, in_file(entry.line), resolved_);
          !ok) {
        return ok;
      }
    }
    return {};
  }

  /// One [[table]]: `prefix` is how its keys are called in origins, e.g. "models.kokoro.".
  template <typename Target>
  Result<void> fill(const TomlTable& table, const std::string& prefix, std::span<const Key<Target>> keys,
                    Target& target) {
    for (const TomlEntry& entry : table.entries) {
      const Key<Target>* key = find_key(keys, entry.key);
      const std::string name = prefix + entry.key;
      if (key == nullptr) {
        return unknown("the key", entry.key, in_file(entry.line).detail, names_of(keys),
                       fmt::format("docs/configuration.md lists what [[{}]] takes", table.name));
      }
      if (auto ok = apply(*key, name, target, entry.value, in_file(entry.line), resolved_); !ok) return ok;
    }
    return {};
  }

  static std::string name_in(const TomlTable& table, std::string_view key) {
    for (const TomlEntry& entry : table.entries) {
      if (entry.key == key && !entry.value.is_list) return entry.value.text();
    }
    return {};
  }

  Result<void> models_from_file(const TomlDocument& document) {
    static constexpr std::array<std::string_view, 2> kTables{"models", "prefix"};
    for (const TomlTable& table : document.tables) {
      if (table.name == "models") {
        if (auto ok = model_from(table); !ok) return ok;
      } else if (table.name == "prefix") {
        if (resolved_.config.prefixes.size() >= kMaxPrefixes) return too_many(table, kMaxPrefixes);
        Prefix& prefix = resolved_.config.prefixes.emplace_back();
        const std::string name = "prefix." + name_in(table, "id") + ".";
        if (auto ok = fill(table, name, prefix_keys(), prefix); !ok) return ok;
        if (prefix.id.empty()) return missing(table, "id");
      } else {
        return unknown("the table", table.name, in_file(table.line).detail, kTables, "use [[models]] or [[prefix]]");
      }
    }
    return {};
  }

  Result<void> model_from(const TomlTable& table) {
    if (resolved_.config.models.size() >= kMaxModels) return too_many(table, kMaxModels);
    const std::string name = name_in(table, "name");
    if (name.empty()) return missing(table, "name");
    if (model_called(name) != nullptr) {
      return fail(Code::kInvalidArgument,
                  fmt::format("{}: a second model called \"{}\"", in_file(table.line).detail, name),
                  "give each [[models]] entry its own name");
    }
    Model& model = resolved_.config.models.emplace_back();
    if (auto ok = fill(table, "models." + name + ".", model_keys(), model); !ok) return ok;
    for (const TomlTable& inner : table.tables) {
      static constexpr std::array<std::string_view, 1> kInner{"files"};
      if (inner.name != "files") {
        return unknown("the table", "models." + inner.name, in_file(inner.line).detail, kInner, "use [[models.files]]");
      }
      if (model.files.size() >= kMaxOwnFiles) return too_many(inner, kMaxOwnFiles);
      OwnFile& file = model.files.emplace_back();
      const std::string prefix = "models." + name + ".files." + name_in(inner, "name") + ".";
      if (auto ok = fill(inner, prefix, file_keys(), file); !ok) return ok;
      if (auto ok = check_file(file, inner); !ok) return ok;
    }
    return {};
  }

  [[nodiscard]] Result<void> check_file(const OwnFile& file, const TomlTable& table) const {
    const std::string where = in_file(table.line).detail;
    if (!is_plain_name(file.name)) {
      return fail(Code::kInvalidArgument,
                  fmt::format("{}: \"{}\" is no file name", where, file.name.substr(0, kShownValue)),
                  "use letters, digits, '.', '_' and '-', at most 64");
    }
    const bool hex = file.sha256.size() == 64 && file.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex) {
      return fail(Code::kInvalidArgument, fmt::format("{}: {} has no sha256 that could be checked", where, file.name),
                  "give the 64 lower-case hex digits that `sha256sum` prints");
    }
    if (file.urls.empty()) {
      return fail(Code::kInvalidArgument, fmt::format("{}: {} has no urls", where, file.name),
                  "give at least one https:// address");
    }
    for (const std::string& url : file.urls) {
      if (base::is_safe_source(url)) continue;
      return fail(Code::kInvalidArgument,
                  fmt::format("{}: \"{}\" is not an https:// address", where, url.substr(0, kShownValue)),
                  "use https://");
    }
    return {};
  }

  [[nodiscard]] tl::unexpected<base::Error> too_many(const TomlTable& table, int limit) const {
    return fail(Code::kExhausted,
                fmt::format("{}: more than {} [[{}]] tables", in_file(table.line).detail, limit, table.name));
  }
  [[nodiscard]] tl::unexpected<base::Error> missing(const TomlTable& table, std::string_view key) const {
    return fail(Code::kInvalidArgument,
                fmt::format("{}: this [[{}]] has no {}", in_file(table.line).detail, table.name, key),
                fmt::format("give it one: {} = \"…\"", key));
  }

  Model* model_called(std::string_view name) {
    for (Model& model : resolved_.config.models) {
      if (model.name == name) return &model;
    }
    return nullptr;
  }

  /// An orchestrator that runs a service called "hearth" puts its address into HEARTH_PORT, as in
  /// "tcp://10.0.0.7:8000".
  static bool is_service_link(std::string_view variable, std::string_view text) {
    return variable == "HEARTH_PORT" && text.find("://") != std::string_view::npos;
  }

  Result<void> from_variables() {
    for (const Setting& setting : settings()) {
      for (const std::string& spelled : variables_of(setting)) {
        const bool inverted = spelled.front() == '!';
        const bool megabytes = spelled.front() == '#';
        const std::string variable = spelled.substr(inverted || megabytes ? 1 : 0);
        const auto found = environment_.find(variable);
        if (found == environment_.end() || trimmed(found->second).empty()) continue;
        if (is_service_link(variable, found->second)) {
          resolved_.warnings.push_back("HEARTH_PORT is a service address (" + found->second +
                                       ") and is not used; set --port");
          continue;
        }
        Value value{{found->second}, false};
        if (megabytes) value.items.front() += " MB";
        if (inverted) {
          const auto flag = read_bool(found->second);
          if (flag) value.items.front() = *flag ? "false" : "true";
        }
        if (auto ok = apply(setting, setting.name, resolved_.config, value, Origin{Origin::Kind::kVariable, variable},
                            resolved_);
            !ok) {
          // Complain in the reader's words: the variable as it was set, not as it was turned round.
          return refused(setting, setting.name, Value{{found->second}, false},
                         Origin{Origin::Kind::kVariable, variable});
        }
        break;
      }
    }
    return {};
  }

  static std::vector<std::string> variables_of(const Setting& setting) {
    std::vector<std::string> out;
    std::string_view rest = setting.variables;
    while (!rest.empty()) {
      const std::size_t space = std::min(rest.find(' '), rest.size());
      out.emplace_back(rest.substr(0, space));
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
    return out;
  }

  Result<void> from_flags() {
    for (const Override& flag : overrides_) {
      const Origin origin{Origin::Kind::kFlag, flag.flag.empty() ? "--" + flag.key : flag.flag};
      const Value value{{flag.value}, false};
      if (const Setting* setting = find_key(settings(), flag.key)) {
        if (auto ok = apply(*setting, setting->name, resolved_.config, value, origin, resolved_); !ok) return ok;
      } else if (flag.key.starts_with("models.")) {
        if (auto ok = model_from_flag(flag.key, value, origin); !ok) return ok;
      } else {
        return unknown("the key", flag.key, origin.detail, names_of(settings()), kListSettings);
      }
    }
    return {};
  }

  /// models.NAME.KEY; the name may have dots in it. A model that the file does not have is added.
  Result<void> model_from_flag(std::string_view key, const Value& value, const Origin& origin) {
    const std::size_t dot = key.rfind('.');
    const std::string_view prefix = "models.";
    const Key<Model>* field = find_key(model_keys(), key.substr(dot + 1));
    if (field == nullptr || dot <= prefix.size()) {
      return unknown("the key", key, origin.detail, names_of(model_keys()), "use models.NAME.KEY");
    }
    const std::string name(key.substr(prefix.size(), dot - prefix.size()));
    Model* model = model_called(name);
    if (model == nullptr) {
      if (resolved_.config.models.size() >= kMaxModels) return fail(Code::kExhausted, "too many models");
      model = &resolved_.config.models.emplace_back();
      model->name = name;
    }
    return apply(*field, key, *model, value, origin, resolved_);
  }

  Result<void> check_models() {
    for (const Model& model : resolved_.config.models) {
      if (!is_plain_name(model.name)) {
        return fail(Code::kInvalidArgument,
                    fmt::format("\"{}\" (in [[models]]) is no model name", model.name.substr(0, kShownValue)),
                    "use letters, digits, '.', '_' and '-', at most 64");
      }
      const int ways = (model.path.empty() ? 0 : 1) + (model.manifest.empty() ? 0 : 1) + (model.files.empty() ? 0 : 1);
      if (ways > 1) {
        return fail(Code::kInvalidArgument,
                    fmt::format("the model \"{}\" has more than one of path, manifest and files", model.name),
                    "keep the one that says where it is");
      }
      if (!model.path.empty() && model.path.front() != '/') {
        return fail(Code::kInvalidArgument,
                    fmt::format("the path of the model \"{}\" is \"{}\", which depends on where Hearth is started",
                                model.name, model.path.substr(0, kShownValue)),
                    "give it from the root, beginning with /");
      }
      for (const std::string& id : model.prefixes) {
        const auto& all = resolved_.config.prefixes;
        if (std::any_of(all.begin(), all.end(), [&](const Prefix& prefix) { return prefix.id == id; })) continue;
        return fail(Code::kInvalidArgument,
                    fmt::format("the model \"{}\" names the prefix \"{}\", which is not there", model.name, id),
                    "add a [[prefix]] with that id");
      }
    }
    return {};
  }

  void warn_of_unread_variables() {
    std::vector<std::string> names{"HEARTH_CONFIG", "HEARTH_DEPS"};
    for (const Setting& setting : settings()) {
      for (const std::string& spelled : variables_of(setting)) {
        names.push_back(spelled.front() == '!' || spelled.front() == '#' ? spelled.substr(1) : spelled);
      }
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    for (const auto& [name, value] : environment_) {
      if (!name.starts_with("HEARTH_") || name.starts_with("HEARTH_SERVICE_") || name.starts_with("HEARTH_PORT_"))
        continue;
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const std::string guess = did_you_mean(name, known);
      resolved_.warnings.push_back("nothing reads the variable " + name + (guess.empty() ? "" : "; " + guess));
    }
  }

  std::span<const Override> overrides_;
  const Environment& environment_;
  std::string_view file_name_;
  Resolved resolved_;
};

}  // namespace

Origin Resolved::origin(std::string_view key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? Origin{} : found->second;
}

Result<Resolved> resolve(std::span<const Override> overrides, const Environment& environment, std::string_view toml,
                         std::string_view file_name) {
  TomlDocument document;
  if (!trimmed(toml).empty()) {
    auto read = read_toml(toml, file_name);
    if (!read) return fail(read.error());
    document = std::move(*read);
  }
  return Resolver(overrides, environment, file_name).run(document);
}

Result<void> check_exposure(const Resolved& resolved) {
  const Server& server = resolved.config.server;
  const bool is_ipv6 = base::is_ip_address(server.host) && server.host.find(':') != std::string::npos;
  const auto host = base::parse_web_host(is_ipv6 ? "[" + server.host + "]" : server.host);
  if ((host && base::is_loopback_name(host->name)) || !server.api_keys.empty() || server.insecure) return {};
  return fail(Code::kPermission,
              fmt::format("server.host = {} (from {}) would let anyone who can reach this machine use it", server.host,
                          resolved.origin("server.host").text()),
              "set HEARTH_API_KEY, or say --insecure if that is meant");
}

}  // namespace hearth::config
