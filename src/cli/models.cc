// hearth models list | pull | path | verify | rm | clean.

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "app/engine_table.h"
#include "base/files.h"
#include "cli/completion_words.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "config/load.h"
#include "store/cleaning.h"
#include "store/fetch_program.h"
#include "store/local_model.h"
#include "store/manifest.h"
#include "store/verified_cache.h"
#include "store/verify.h"

namespace hearth::cli {
namespace {

using base::Bytes;
using base::Code;
using base::Error;
using config::Loaded;

int complain(const Error& error) { return cli::complain("models", error); }

/// One model of the list: what is known of it and what of it is here.
struct Row {
  store::ModelSpec spec;
  std::string state;  // "here", "absent", "damaged", "incomplete"
  std::string note;
  Bytes size{0};
};

std::vector<Row> rows_of(const Loaded& loaded) {
  std::vector<Row> rows;
  for (const std::string& name : store::known_names(loaded.config())) {
    auto spec = store::find_model(loaded.config(), name);
    if (!spec) {
      rows.push_back({store::ModelSpec{}, "unusable", spec.error().line(), Bytes{0}});
      rows.back().spec.name = name;
      continue;
    }
    Row row{*spec, "here", "", spec->size()};
    if (const auto local = store::find_local(*spec, loaded.folders)) {
      row.size = local->size();
    } else if (local.error().code == Code::kNotFound) {
      std::error_code ec;
      const bool begun = spec->path.empty() && std::filesystem::exists(loaded.folders.models() / spec->entry, ec);
      row.state = begun ? "incomplete" : "absent";
    } else {
      row.state = "damaged";
      row.note = local.error().message;
    }
    if (app::find_engine(spec->engine) == nullptr) row.note = "its engine is not in this build";
    if (spec->needs_acceptance && row.state != "here") row.note = "has its own terms: " + spec->licence_url;
    rows.push_back(std::move(row));
  }
  return rows;
}

int list(const Loaded& loaded, bool json) {
  const std::vector<Row> rows = rows_of(loaded);
  if (!json) {
    for (const Row& row : rows) {
      std::printf("%-16s %-5s %8.1f MiB  %-10s %-12s %s%s%s\n", row.spec.name.c_str(),
                  std::string(config::name_of(row.spec.kind)).c_str(), row.size.mib(), row.state.c_str(),
                  row.spec.licence.c_str(), row.spec.about.c_str(), row.note.empty() ? "" : "; ", row.note.c_str());
    }
    return 0;
  }
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const store::FileSpec& file : row.spec.files) {
      files.push_back(
          {{"name", file.name}, {"size", file.size.count}, {"sha256", file.sha256}, {"licence", file.licence}});
    }
    out.push_back(
        {{"name", row.spec.name},
         {"kind", config::name_of(row.spec.kind)},
         {"engine", row.spec.engine},
         {"engine_built", app::find_engine(row.spec.engine) != nullptr},
         {"about", row.spec.about},
         {"licence", row.spec.licence},
         {"needs_acceptance", row.spec.needs_acceptance},
         {"default_set", row.spec.in_default_set},
         {"state", row.state},
         {"note", row.note},
         {"size", row.size.count},
         {"path", row.spec.path.empty() ? (loaded.folders.models() / row.spec.entry).string() : row.spec.path},
         {"files", std::move(files)}});
  }
  std::printf("%s\n", out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
  return 0;
}

/// Makes what lets the first start be as fast as the later ones. False: something could not be made; the models are
/// there and can be served all the same.
bool prepare(const Loaded& loaded, const std::vector<std::string>& names) {
  app::Workshop workshop(loaded);
  bool is_whole = true;
  for (const std::string& name : names) {
    const auto spec = store::find_model(loaded.config(), name);
    if (!spec) continue;
    const app::EngineEntry* engine = app::find_engine(spec->engine);
    const auto local = store::find_local(*spec, loaded.folders);
    if (engine == nullptr || engine->prepare == nullptr || !local) continue;
    if (engine->is_prepared != nullptr && engine->is_prepared(*local, workshop)) continue;
    std::fprintf(stderr, "%s: preparing for a fast start\n", name.c_str());
    if (const auto ok = engine->prepare(*local, workshop, {}); !ok) {
      std::fprintf(stderr, "hearth models: %s: %s; the server will try again in the background\n", name.c_str(),
                   ok.error().line().c_str());
      is_whole = false;
    }
  }
  return is_whole;
}

/// Takes the models that are paths of the user's own out of `names`: nothing is fetched for them. False: one is not
/// there.
bool set_own_apart(const Loaded& loaded, std::vector<std::string>& names) {
  bool all_here = true;
  std::erase_if(names, [&](const std::string& name) {
    const auto spec = store::find_model(loaded.config(), name);
    if (!spec || spec->path.empty()) return false;
    if (const auto local = store::find_local(*spec, loaded.folders); local) {
      std::fprintf(stderr, "%s: your own, nothing to fetch: %s\n", name.c_str(), spec->path.c_str());
    } else {
      complain(local.error());
      all_here = false;
    }
    return true;
  });
  return all_here;
}

int pull(const Loaded& loaded, store::FetchRequest request) {
  const std::vector<std::string> names = request.names.empty() ? store::default_set() : request.names;
  request.names = names;
  bool is_whole = set_own_apart(loaded, request.names);
  if (!request.names.empty()) {  // hearth-fetch would take none for the default set
    const auto fetched = store::run_fetch(request);
    if (!fetched) return complain(fetched.error());
    is_whole = is_whole && *fetched == store::Fetched::kAll;
  }
  is_whole = prepare(loaded, names) && is_whole;
  return is_whole ? 0 : 1;  // why has been said
}

int path(const Loaded& loaded, const std::string& name) {
  const auto spec = store::find_model(loaded.config(), name);
  if (!spec) return complain(spec.error());
  const auto local = store::find_local(*spec, loaded.folders);
  if (!local) return complain(local.error());
  std::printf("%s\n", (spec->path.empty() ? local->folder : std::filesystem::path(spec->path)).c_str());
  return 0;
}

/// Digests of the models that are here, or of the one that is named; read again whatever was verified before.
int verify(const Loaded& loaded, const std::string& only) {
  std::vector<std::string> names = store::known_names(loaded.config());
  if (!only.empty()) names = {only};
  store::VerifiedCache cache = store::VerifiedCache::load(loaded.folders);
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  int code = 0;
  for (const std::string& name : names) {
    const auto spec = store::find_model(loaded.config(), name);
    if (!spec) {
      code = complain(spec.error());
      continue;
    }
    const auto local = store::find_local(*spec, loaded.folders);
    if (!local) {
      if (local.error().code != Code::kNotFound || !only.empty()) code = complain(local.error());
      continue;
    }
    const char* plural = local->files.size() == 1 ? "" : "s";
    if (!store::has_digests(*local)) {
      std::printf("%s: nothing to compare with: your own file%s\n", name.c_str(), plural);
      continue;
    }
    const auto show = [&](const store::LocalFile& file, Bytes done) {
      if (terminal) std::fprintf(stderr, "\r\033[K%s: %s %.0f MiB", name.c_str(), file.name.c_str(), done.mib());
    };
    const auto right = store::verify(*local, cache, store::Trust::kNothing, show);
    if (terminal) std::fputs("\r\033[K", stderr);
    if (!right) {
      code = complain(right.error());
      continue;
    }
    std::printf("%s: %zu file%s, %.1f MiB, all as the manifest says\n", name.c_str(), local->files.size(), plural,
                local->size().mib());
  }
  if (const auto saved = cache.save(); !saved) code = complain(saved.error());
  return code;
}

int remove(const Loaded& loaded, const std::string& name) {
  const auto spec = store::find_model(loaded.config(), name);
  if (!spec) return complain(spec.error());
  if (!spec->path.empty()) {
    return complain(
        {Code::kInvalidArgument, name + " is your own: " + spec->path, "remove it yourself if it is not wanted"});
  }
  const std::filesystem::path folder = loaded.folders.models() / spec->entry;
  std::error_code ec;
  if (!std::filesystem::exists(folder, ec)) return complain({Code::kNotFound, name + " is not here", ""});
  // An entry of the configuration may be another name for a model of the manifest, and one of several.
  if (const auto others = store::sharing_files(loaded.config(), *spec); !others.empty()) {
    std::string names;
    for (const std::string& other : others) names += (names.empty() ? "" : ", ") + other;
    return complain({Code::kConflict, "the files of " + spec->entry + " are used by " + names + " too",
                     "take " + names + " out of the configuration first"});
  }
  // Not while somebody fetches it. A server that has it open keeps its mappings until it unloads.
  const auto lock = base::FileLock::try_acquire(loaded.folders.models() / ".locks" / (spec->entry + ".lock"));
  if (!lock) return complain(lock.error());
  const Bytes size = store::size_of_folder(folder);
  store::VerifiedCache cache = store::VerifiedCache::load(loaded.folders);
  for (const store::FileSpec& file : spec->files) cache.forget(folder / file.name);
  std::filesystem::remove_all(folder, ec);
  if (ec) return complain(base::error_from_errno(ec.value(), "removing " + folder.string()));
  if (const auto saved = cache.save(); !saved) return complain(saved.error());
  std::printf("%s: removed %s, %.1f MiB freed\n", name.c_str(), folder.c_str(), size.mib());
  return 0;
}

enum class Apply { kYes, kDryRun };

int clean(const Loaded& loaded, store::Cleaning cleaning, Apply mode) {
  const auto plan =
      store::plan_cleaning(loaded.config(), loaded.folders, cleaning, std::filesystem::file_time_type::clock::now());
  Bytes freed{0};
  int code = 0;
  for (const store::Removal& removal : plan) {
    if (mode == Apply::kYes) {
      if (const auto ok = store::apply(removal, loaded.folders); !ok) {
        code = complain(ok.error());
        continue;
      }
    }
    freed += removal.size;
    std::printf("%s %s, %.1f MiB: %s\n", mode == Apply::kYes ? "removed" : "would remove", removal.path.c_str(),
                removal.size.mib(), removal.why.c_str());
  }
  if (plan.empty()) {
    std::printf("nothing to clean\n");
  } else {
    std::printf("%.1f MiB %s\n", freed.mib(), mode == Apply::kYes ? "freed" : "would be freed");
  }
  return code;
}

}  // namespace

int run_models(int argc, char** argv) {
  CLI::App app("The models of this machine.", "hearth models");
  app.require_subcommand(1);
  ConfigFlags flags(app);
  app.fallthrough();

  bool json = false;
  bool only_names = false;
  CLI::App* list_verb = app.add_subcommand("list", "what there is, and what of it is here");
  list_verb->add_flag("--json", json, "print JSON");
  list_verb->add_flag("--names", only_names, "print the names alone, for scripts and completions");

  store::FetchRequest request;
  CLI::App* pull_verb =
      app.add_subcommand("pull", "fetch models and prepare them for a fast start; without names, the default set");
  pull_verb->add_option(kModelValue, request.names, "models");
  pull_verb->add_flag("--accept-licence,--accept-license", request.accept_licence,
                      "accept the terms of models that have their own");

  std::string name;
  CLI::App* path_verb = app.add_subcommand("path", "print where a model is");
  path_verb->add_option(kModelValue, name, "a model")->required();
  CLI::App* verify_verb = app.add_subcommand("verify", "read every byte and compare with the manifest");
  verify_verb->add_option(kModelValue, name, "a model; without it, all that are here");
  CLI::App* rm_verb = app.add_subcommand("rm", "remove a model's files");
  rm_verb->add_option(kModelValue, name, "a model")->required();

  bool dry_run = false;
  bool aggressive = false;
  CLI::App* clean_verb = app.add_subcommand("clean", "remove artefacts and beginnings of downloads that nobody needs");
  clean_verb->add_flag("--dry-run", dry_run, "only say what would go");
  clean_verb->add_flag("--aggressive", aggressive,
                       "every artefact (the next start makes them again) and every begun download");

  if (const auto code = parse(app, argc, argv)) return *code;
  const auto loaded = flags.load();
  if (!loaded) return complain(loaded.error());

  if (list_verb->parsed() && only_names) {
    for (const std::string& known : store::known_names(loaded->config())) std::printf("%s\n", known.c_str());
    return 0;
  }
  if (list_verb->parsed()) return list(*loaded, json);
  if (path_verb->parsed()) return path(*loaded, name);
  if (verify_verb->parsed()) return verify(*loaded, name);
  if (rm_verb->parsed()) return remove(*loaded, name);
  if (clean_verb->parsed()) {
    return clean(*loaded, aggressive ? store::Cleaning::kAggressive : store::Cleaning::kGentle,
                 dry_run ? Apply::kDryRun : Apply::kYes);
  }
  request.config = flags.file();
  return pull(*loaded, std::move(request));
}

}  // namespace hearth::cli
