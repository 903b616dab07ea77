#include "store/verified_cache.h"

#include <algorithm>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "store/digest.h"

namespace hearth::store {
namespace {

// One line a file: digest, inode, size, time, path. The path is last because it may have spaces in it.
constexpr std::string_view kFirstLine = "hearth-verified 1";
constexpr base::Bytes kMaxFile{4 << 20};

/// Certainly: what merely cannot be looked at is not gone.
bool is_gone(std::string_view entry) {
  if (entry.ends_with(kTrialEntry)) entry.remove_suffix(kTrialEntry.size());
  std::error_code ec;
  return std::filesystem::status(std::filesystem::path(entry), ec).type() == std::filesystem::file_type::not_found;
}

}  // namespace

VerifiedCache::Entries VerifiedCache::read(const std::filesystem::path& file) {
  Entries entries;
  const auto text = base::read_file(file, kMaxFile);
  if (!text) return entries;
  std::istringstream lines(*text);
  std::string line;
  if (!std::getline(lines, line) || line != kFirstLine) return entries;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    Entry entry;
    std::string path;
    fields >> entry.sha256 >> entry.identity.inode >> entry.identity.size >> entry.identity.mtime_ns;
    if (!fields || fields.get() != ' ' || !std::getline(fields, path) || !is_sha256(entry.sha256)) return {};
    entries.insert_or_assign(std::move(path), std::move(entry));
  }
  return entries;
}

VerifiedCache VerifiedCache::load(const config::Folders& folders) {
  VerifiedCache cache;
  cache.file_ = folders.models() / ".verified";
  cache.entries_ = read(cache.file_);
  return cache;
}

bool VerifiedCache::contains(const std::filesystem::path& path, const FileIdentity& identity,
                             std::string_view sha256) const {
  const auto found = entries_.find(path.native());
  return found != entries_.end() && found->second.identity == identity && found->second.sha256 == sha256;
}

bool VerifiedCache::knows(const LocalModel& model) const {
  return std::all_of(model.files.begin(), model.files.end(), [&](const LocalFile& file) {
    return file.sha256.empty() || contains(file.path, file.identity, file.sha256);
  });
}

void VerifiedCache::remember(const std::filesystem::path& path, const FileIdentity& identity, std::string_view sha256) {
  if (path.native().find('\n') != std::string::npos) return;  // would not read back
  entries_.insert_or_assign(path.native(), Entry{identity, std::string(sha256)});
  touched_.insert_or_assign(path.native(), true);
}

void VerifiedCache::forget(const std::filesystem::path& path) {
  entries_.erase(path.native());
  touched_.insert_or_assign(path.native(), false);
}

base::Result<void> VerifiedCache::save() {
  if (touched_.empty()) return {};
  const auto lock = base::FileLock::acquire(file_.parent_path() / ".locks" / "verified.lock");
  if (!lock) return base::fail(lock.error());
  Entries merged = read(file_);
  for (const auto& [path, remembered] : touched_) {
    if (remembered) {
      merged.insert_or_assign(path, entries_.at(path));
    } else {
      merged.erase(path);
    }
  }
  std::erase_if(merged, [](const auto& entry) { return is_gone(entry.first); });
  std::string text(kFirstLine);
  text += '\n';
  for (const auto& [path, entry] : merged) {
    const std::string line = entry.sha256 + ' ' + std::to_string(entry.identity.inode) + ' ' +
                             std::to_string(entry.identity.size) + ' ' + std::to_string(entry.identity.mtime_ns) + ' ' +
                             path + '\n';
    if (std::cmp_greater(text.size() + line.size(), kMaxFile.count)) break;
    text += line;
  }
  if (auto ok = base::write_file_atomically(file_, text); !ok) return ok;
  entries_ = std::move(merged);
  touched_.clear();
  return {};
}

}  // namespace hearth::store
