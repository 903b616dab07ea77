#include "store/cleaning.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/files.h"
#include "store/local_model.h"
#include "store/manifest.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;
using base::Bytes;
using base::fail;
using base::Result;
using namespace std::chrono_literals;

constexpr auto kAbandonedAfter = 24h;  // a pull or a build that still runs touches its files more often than that

bool is_abandoned(const fs::path& path, fs::file_time_type now) {
  std::error_code ec;
  const auto written = fs::last_write_time(path, ec);
  return !ec && now - written > kAbandonedAfter;
}

using Digests = std::set<std::string, std::less<>>;

/// What an artefact may have been made from: the digest of every file of every model that is here. A file without one
/// is known by its identity.
Digests digests_here(const config::Config& config, const config::Folders& folders) {
  Digests digests;
  for (const std::string& name : known_names(config)) {
    const auto spec = find_model(config, name);
    if (!spec) continue;
    const auto local = find_local(*spec, folders);
    if (!local) continue;
    for (const LocalFile& file : local->files) {
      digests.insert(file.digest_or_identity());
    }
  }
  return digests;
}

/// Whether all is here that an artefact was made from (joined_digests).
bool is_of_models_here(std::string_view model_digest, const Digests& here) {
  for (;;) {
    const std::size_t end = model_digest.find(kDigestJoint);
    if (!here.contains(model_digest.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    model_digest.remove_prefix(end + 1);
  }
}

void plan_artefacts(const config::Config& config, const config::Folders& folders, Cleaning cleaning,
                    fs::file_time_type now, std::vector<Removal>& plan) {
  const ArtefactCache cache(folders.artefacts());
  const auto here = digests_here(config, folders);
  // The newest of each kind made from each model for each CPU is the one that is used.
  using Group = std::tuple<std::string, std::string, std::string>;
  std::map<Group, std::pair<fs::file_time_type, fs::path>> newest;
  using Health = ArtefactCache::Health;
  const auto entries = cache.list();
  for (const ArtefactCache::Entry& entry : entries) {
    std::error_code ec;
    const auto written = fs::last_write_time(entry.folder, ec);
    auto& best = newest[{entry.key.name, entry.key.model_digest, entry.key.cpu}];
    const bool is_good = entry.health == Health::kGood;
    if (is_good && (best.second.empty() || written > best.first)) best = {written, entry.folder};
  }
  for (const ArtefactCache::Entry& entry : entries) {
    const auto add = [&](const char* why) { plan.push_back({entry.folder, entry.size, why, entry}); };
    if (cleaning == Cleaning::kAggressive) {
      add("can be made again");
    } else if (entry.health == Health::kDamaged) {
      add("damaged");
    } else if (entry.health == Health::kUnknown) {
      continue;  // it may be whole
    } else if (!is_of_models_here(entry.key.model_digest, here)) {
      add("made from a model that is not here");
    } else if (newest[{entry.key.name, entry.key.model_digest, entry.key.cpu}].second != entry.folder) {
      add("replaced by a newer one");
    }
  }
  std::error_code ec;
  for (fs::directory_iterator it(folders.artefacts(), ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    const bool beginning =
        name.starts_with('.') && (name.find(".tmp-") != std::string::npos || name.find(".old-") != std::string::npos);
    if (beginning && (cleaning == Cleaning::kAggressive || is_abandoned(it->path(), now)))
      plan.push_back({it->path(), size_of_folder(it->path()), "abandoned"});
  }
}

void plan_downloads(const config::Folders& folders, Cleaning cleaning, fs::file_time_type now,
                    std::vector<Removal>& plan) {
  std::error_code ec;
  for (fs::directory_iterator it(folders.models(), ec), end; !ec && it != end; it.increment(ec)) {
    const fs::path begun = it->path() / ".partial";
    std::error_code missing;
    if (it->is_symlink(missing) || !fs::is_directory(fs::symlink_status(begun, missing))) continue;
    if (cleaning == Cleaning::kAggressive || is_abandoned(begun, now)) {
      plan.push_back({begun, size_of_folder(begun), "the beginning of a download"});
    }
  }
}

/// What a program that was killed amid write_file_atomically() left beside our own files.
void plan_state(const config::Folders& folders, fs::file_time_type now, std::vector<Removal>& plan) {
  std::error_code ec;
  for (fs::directory_iterator it(folders.state, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code gone;
    const bool is_half_written = it->path().filename().string().find(".tmp-") != std::string::npos;
    if (!is_half_written || it->is_symlink(gone) || !it->is_regular_file(gone) || !is_abandoned(it->path(), now))
      continue;
    plan.push_back({it->path(), Bytes{static_cast<std::int64_t>(it->file_size(gone))}, "half written"});
  }
}

}  // namespace

Bytes size_of_folder(const fs::path& folder) {
  Bytes sum{0};
  std::error_code ec;
  for (fs::recursive_directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code gone;
    if (it->is_symlink(gone) || !it->is_regular_file(gone)) continue;
    const auto size = it->file_size(gone);
    if (!gone) sum += Bytes{static_cast<std::int64_t>(size)};
  }
  return sum;
}

std::vector<Removal> plan_cleaning(const config::Config& config, const config::Folders& folders, Cleaning cleaning,
                                   fs::file_time_type now) {
  std::vector<Removal> plan;
  plan_artefacts(config, folders, cleaning, now, plan);
  plan_downloads(folders, cleaning, now, plan);
  plan_state(folders, now, plan);
  return plan;
}

Result<void> apply(const Removal& removal, const config::Folders& folders) {
  const fs::path parent = removal.path.parent_path();
  const std::string name = removal.path.filename().string();
  if (removal.artefact) return ArtefactCache(folders.artefacts()).remove(*removal.artefact);
  std::optional<base::FileLock> held;
  if (name == ".partial" && parent.parent_path() == folders.models()) {
    auto lock = base::FileLock::try_acquire(folders.models() / ".locks" / (parent.filename().string() + ".lock"));
    if (!lock) return fail(lock.error());
    held = std::move(*lock);
  } else if (parent == folders.artefacts() && name.starts_with('.')) {
    // ".NAME.tmp-PID": its builder, if it still runs, holds the lock of NAME.
    const std::string entry = name.substr(1, std::min(name.find(".tmp-"), name.find(".old-")) - 1);
    auto lock = base::FileLock::try_acquire(parent / ".locks" / (entry + ".lock"));
    if (!lock) return fail(lock.error());
    held = std::move(*lock);
  } else if (parent != folders.state) {
    return fail(base::Code::kInvalidArgument, removal.path.string() + " is not in a folder of ours");
  }
  std::error_code ec;
  fs::remove_all(removal.path, ec);
  if (ec) return fail(base::error_from_errno(ec.value(), "removing " + removal.path.string()));
  return {};
}

}  // namespace hearth::store
