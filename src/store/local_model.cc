#include "store/local_model.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace hearth::store {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr int kMaxFolderFiles = 256;  // of a user's own folder; a model has a handful

Result<struct stat> stat_of(const std::filesystem::path& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return fail(base::error_from_errno(errno, "looking at " + path.string()));
  return st;
}

FileIdentity identity_of(const struct stat& st) {
  return {static_cast<std::uint64_t>(st.st_ino), static_cast<std::int64_t>(st.st_size),
          static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec};
}

std::string pull_command(const std::string& name) { return "run `hearth models pull " + name + "`"; }

/// A file or folder that the user points to: nothing is known of it but that it must be there.
Result<LocalModel> find_own(const ModelSpec& spec, LocalModel model) {
  const std::filesystem::path path(spec.path);
  const auto st = stat_of(path);
  if (!st) {
    return fail(st.error().code, "the model " + spec.name + ": " + st.error().message,
                "mend `path` in its [[models]] entry");
  }
  if (!S_ISDIR(st->st_mode)) {
    auto identity = identify(path);
    if (!identity) return fail(identity.error());
    model.folder = path.parent_path();
    model.files.push_back({path.filename().string(), path, *identity, {}, {}});
    return model;
  }
  model.folder = path;
  std::error_code ec;
  for (std::filesystem::directory_iterator it(path, ec), end; !ec && it != end; it.increment(ec)) {
    auto identity = identify(it->path());
    if (!identity) continue;
    if (model.files.size() >= kMaxFolderFiles) {
      return fail(Code::kInvalidArgument, path.string() + " has too many files to be a model",
                  "point `path` at the model's own folder");
    }
    model.files.push_back({it->path().filename().string(), it->path(), *identity, {}, {}});
  }
  if (ec) return fail(base::error_from_errno(ec.value(), "listing " + path.string()));
  if (model.files.empty())
    return fail(Code::kNotFound, path.string() + " has no files in it", "mend `path` in its [[models]] entry");
  std::sort(model.files.begin(), model.files.end(),
            [](const LocalFile& a, const LocalFile& b) { return a.name < b.name; });
  return model;
}

}  // namespace

Result<FileIdentity> identify(const std::filesystem::path& path) {
  const auto st = stat_of(path);
  if (!st) return fail(st.error());
  if (!S_ISREG(st->st_mode)) return fail(Code::kInvalidArgument, path.string() + " is not a regular file");
  return identity_of(*st);
}

std::string FileIdentity::text() const {
  return std::to_string(inode) + "-" + std::to_string(size) + "-" + std::to_string(mtime_ns);
}

std::string joined_digests(std::span<const LocalFile* const> files) {
  std::string joined;
  for (const LocalFile* file : files) {
    if (!joined.empty()) joined += kDigestJoint;
    joined += file->digest_or_identity();
  }
  return joined;
}

const LocalFile* LocalModel::file(std::string_view file_name) const {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const LocalFile& one) { return one.name == file_name; });
  return found == files.end() ? nullptr : &*found;
}

Bytes LocalModel::size() const {
  Bytes sum{0};
  for (const LocalFile& one : files) sum += Bytes{one.identity.size};
  return sum;
}

Result<LocalModel> find_local(const ModelSpec& spec, const config::Folders& folders) {
  LocalModel model{spec.name, spec.kind, spec.engine, {}, {}};
  if (!spec.path.empty()) return find_own(spec, std::move(model));
  model.folder = folders.models() / spec.entry;
  model.files.reserve(spec.files.size());
  for (const FileSpec& file : spec.files) {
    std::filesystem::path path = model.folder / file.name;
    auto identity = identify(path);
    if (!identity) {
      if (identity.error().code != Code::kNotFound) return fail(identity.error());
      const std::string what =
          model.files.empty() ? spec.name + " is not here" : spec.name + " is not whole: " + file.name + " is missing";
      return fail(Code::kNotFound, what, pull_command(spec.name));
    }
    if (file.size.count != 0 && identity->size != file.size.count) {
      return fail(Code::kCorrupt,
                  path.string() + " has " + std::to_string(identity->size) + " bytes instead of " +
                      std::to_string(file.size.count),
                  pull_command(spec.name));
    }
    model.files.push_back({file.name, std::move(path), *identity, file.sha256, file.pieces});
  }
  return model;
}

}  // namespace hearth::store
