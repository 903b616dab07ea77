#include "store/artefact_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <utility>

#include "base/files.h"
#include "base/mutex.h"
#include "store/digest.h"

namespace hearth::store {
namespace {

namespace fs = std::filesystem;
using base::Bytes;
using base::Code;
using base::fail;
using base::Result;
using Health = ArtefactCache::Health;

constexpr std::string_view kDescription = "artefact";  // the file in each entry that describes it; written last
constexpr std::string_view kFirstLine = "hearth-artefact 1";
constexpr Bytes kMaxDescription{64 << 10};
constexpr std::size_t kMaxFiles = 64;
constexpr std::int64_t kSample = 4096;  // bytes at each end that the cheap check reads
constexpr base::Millis kLook{50};       // between looks at a lock: nobody tells us when another process gives it back

struct FileLine {
  std::string name;
  std::int64_t size = 0;
  std::string sample;  // hash of both ends, 16 hex digits
  std::string sha256;
};

struct Description {
  ArtefactKey key;
  std::vector<FileLine> files;
  std::string text{};  // as it was read
};

bool is_file_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name != kDescription && name.size() <= 255 &&
         name.find_first_of("/\n ") == std::string_view::npos;
}

std::string hex64(std::uint64_t value) {
  std::string out(16, '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, value >>= 4) *digit = "0123456789abcdef"[value & 15];
  return out;
}

/// FNV-1a, 64 bits: tells torn and swapped files from whole ones; sha256 is for those who meant it.
std::uint64_t hash_of(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325ULL) {
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

struct Sample {
  std::int64_t size = 0;
  std::string hash;
};

/// kNotFound; kCorrupt for what is no file; other errors say nothing of the file.
Result<Sample> sample_of(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 && errno == ELOOP) return fail(Code::kCorrupt, path.string() + " is a link");
  if (fd < 0) return fail(base::error_from_errno(errno, "opening " + path.string()));
  struct stat st {};
  char block[kSample];
  std::uint64_t hash = 0;
  bool good = ::fstat(fd, &st) == 0;
  if (good && !S_ISREG(st.st_mode)) {
    ::close(fd);
    return fail(Code::kCorrupt, path.string() + " is no regular file");
  }
  if (good) {
    const ssize_t head = ::pread(fd, block, kSample, 0);
    good = head >= 0;
    if (good) hash = hash_of({block, static_cast<std::size_t>(head)});
    const ssize_t tail = good ? ::pread(fd, block, kSample, std::max<off_t>(0, st.st_size - kSample)) : -1;
    good = good && tail >= 0;
    if (good) hash = hash_of({block, static_cast<std::size_t>(tail)}, hash);
  }
  const int error = errno;
  ::close(fd);
  if (!good) return fail(base::error_from_errno(error, "reading " + path.string()));
  return Sample{st.st_size, hex64(hash)};
}

std::string text_of(const Description& description) {
  const ArtefactKey& key = description.key;
  std::string text(kFirstLine);
  text += "\nname " + key.name + "\nmodel " + key.model_digest + "\nlibrary " + key.library + "\ncpu " + key.cpu +
          "\nversion " + std::to_string(key.version) + "\n";
  for (const FileLine& file : description.files) {
    text += "file " + std::to_string(file.size) + " " + file.sample + " " + file.sha256 + " " + file.name + "\n";
  }
  return text + "end\n";
}

std::optional<Description> parse(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != kFirstLine) return std::nullopt;
  Description description;
  while (std::getline(lines, line)) {
    if (line == "end") return description;
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) return std::nullopt;
    const std::string word = line.substr(0, space);
    const std::string rest = line.substr(space + 1);
    if (word == "name") {
      description.key.name = rest;
    } else if (word == "model") {
      description.key.model_digest = rest;
    } else if (word == "library") {
      description.key.library = rest;
    } else if (word == "cpu") {
      description.key.cpu = rest;
    } else if (word == "version") {
      description.key.version = std::atoi(rest.c_str());
    } else if (word == "file") {
      std::istringstream fields(rest);
      FileLine file;
      fields >> file.size >> file.sample >> file.sha256 >> file.name;
      if (!fields || !is_file_name(file.name) || description.files.size() >= kMaxFiles) return std::nullopt;
      description.files.push_back(std::move(file));
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;  // no "end": torn
}

/// Whether an entry with this error is to be made again. What could not be read may be whole.
bool is_missing_or_damaged(const base::Error& error) {
  return error.code == Code::kNotFound || error.code == Code::kCorrupt;
}

Result<Description> read_description(const fs::path& folder) {
  auto text = base::read_file(folder / kDescription, kMaxDescription);
  // Too long, or a folder: no read that failed, but nothing that we wrote.
  const bool is_strange =
      !text && (text.error().code == Code::kExhausted || text.error().code == Code::kInvalidArgument);
  if (!text && !is_strange) return fail(text.error());
  auto description = text ? parse(*text) : std::nullopt;
  if (!description) return fail(Code::kCorrupt, folder.string() + " has a damaged description");
  description->text = std::move(*text);
  return std::move(*description);
}

/// Sizes and both ends of every file.
Result<Bytes> check(const fs::path& folder, const Description& description) {
  Bytes sum{0};
  for (const FileLine& file : description.files) {
    const auto sample = sample_of(folder / file.name);
    if (!sample && !is_missing_or_damaged(sample.error())) return fail(sample.error());
    if (!sample || sample->size != file.size || sample->hash != file.sample) {
      return fail(Code::kCorrupt, (folder / file.name).string() + " is damaged or missing");
    }
    sum += Bytes{file.size};
  }
  return sum;
}

SeenFolder see(const fs::path& folder, std::string description) {
  struct stat st {};
  if (::lstat(folder.c_str(), &st) != 0) return {0, 0, std::move(description)};
  return {static_cast<std::uint64_t>(st.st_ino),
          static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec, std::move(description)};
}

Health health_of(const base::Error& error) {
  return is_missing_or_damaged(error) ? Health::kDamaged : Health::kUnknown;
}

/// What the cheap check says of a folder; its size is left out.
ArtefactCache::Entry look_at(const fs::path& folder) {
  ArtefactCache::Entry entry;
  entry.folder = folder;
  auto description = read_description(folder);
  if (!description) {
    entry.health = health_of(description.error());
    entry.seen = see(folder, {});
    return entry;
  }
  const bool is_in_place = description->key.folder_name() == folder.filename().string();
  const auto size = check(folder, *description);
  if (size) {
    entry.health = is_in_place ? Health::kGood : Health::kDamaged;
  } else {
    entry.health = health_of(size.error());
  }
  entry.key = std::move(description->key);
  entry.seen = see(folder, std::move(description->text));
  return entry;
}

Result<void> sync_file(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(base::error_from_errno(errno, "opening " + path.string()));
  const int failed = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  if (failed != 0) return fail(base::error_from_errno(error, "writing " + path.string()));
  return {};
}

/// Describes what the builder left in `fresh` and writes the description, after everything else is on the disk. The
/// digests are of the files in `folder`, where they will be.
Result<std::vector<TakenDigest>> seal(const fs::path& fresh, const ArtefactKey& key, const fs::path& folder) {
  Description description{key, {}};
  std::vector<TakenDigest> taken;
  std::error_code ec;
  for (fs::directory_iterator it(fresh, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (!it->is_regular_file(ec) || it->is_symlink(ec) || !is_file_name(name) ||
        description.files.size() >= kMaxFiles) {
      return fail(Code::kInternal, "the builder of " + key.name + " left \"" + name + "\", which no artefact may have");
    }
    const auto identity = identify(it->path());  // before its bytes: what is written later is another file
    if (!identity) return fail(identity.error());
    auto sample = sample_of(it->path());
    if (!sample) return fail(sample.error());
    auto digest = sha256_of_file(it->path());
    if (!digest) return fail(digest.error());
    if (auto ok = sync_file(it->path()); !ok) return fail(ok.error());
    description.files.push_back({name, sample->size, sample->hash, *digest});
    taken.push_back({folder / name, *identity, std::move(*digest)});
  }
  if (ec) return fail(base::error_from_errno(ec.value(), "listing " + fresh.string()));
  if (description.files.empty()) return fail(Code::kInternal, "the builder of " + key.name + " made no file");
  std::sort(description.files.begin(), description.files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  if (auto ok = base::write_file_atomically(fresh / kDescription, text_of(description)); !ok) return fail(ok.error());
  return taken;
}

bool is_usable(const ArtefactKey& key) {
  const std::string all = key.name + key.model_digest + key.library + key.cpu;
  return is_file_name(key.name) && key.name.size() <= 64 && all.find('\n') == std::string::npos && all.size() < 4096;
}

/// Removes a folder on every way out.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  ~Temporary() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

 private:
  fs::path path_;
};

/// What of this entry builders and removers that were killed left behind. The caller holds the entry's lock, so none of
/// them still runs.
void remove_leftovers(const fs::path& root, const std::string& folder_name) {
  const std::string begun = "." + folder_name + ".tmp-";
  const std::string doomed = "." + folder_name + ".old-";
  std::error_code ec;
  std::vector<fs::path> left;
  for (fs::directory_iterator it(root, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(begun) || name.starts_with(doomed)) left.push_back(it->path());
  }
  for (const fs::path& path : left) fs::remove_all(path, ec);
}

fs::path lock_of(const fs::path& root, const std::string& folder_name) {
  return root / ".locks" / (folder_name + ".lock");
}

/// A wait that ends with `stop`, and tells that it lives.
Result<base::FileLock> wait_for_lock(const fs::path& path, const std::stop_token& stop, const base::Alive& alive) {
  base::Mutex mutex;
  base::CondVar stopped;
  // Under the lock, so that it cannot ring between the look and the sleep.
  const std::stop_callback wake(stop, [&] {
    const base::MutexLock ringing(mutex);
    stopped.notify_all();
  });
  for (;;) {
    auto lock = base::FileLock::try_acquire(path);
    if (lock || lock.error().code != Code::kConflict) return lock;
    if (alive) alive();
    const base::MutexLock looking(mutex);
    if (stop.stop_requested()) return fail(Code::kCancelled, "waiting for " + path.string() + " was stopped");
    stopped.wait_until(mutex, std::chrono::steady_clock::now() + kLook);
  }
}

/// The caller holds the entry's lock. Out of sight first, so that nobody opens an entry that is half gone.
Result<void> take_away(const fs::path& folder) {
  const fs::path doomed =
      folder.parent_path() / ("." + folder.filename().string() + ".old-" + std::to_string(::getpid()));
  std::error_code ec;
  fs::remove_all(doomed, ec);  // of a process of the same number, as in a container that was started again
  fs::rename(folder, doomed, ec);
  if (!ec) fs::remove_all(doomed, ec);
  if (ec) return fail(base::error_from_errno(ec.value(), "removing " + folder.string()));
  return {};
}

}  // namespace

std::string ArtefactKey::folder_name() const {
  const std::string fields = name + '\n' + model_digest + '\n' + library + '\n' + cpu + '\n' + std::to_string(version);
  return name + "-" + hex64(hash_of(fields));
}

Result<Artefact> ArtefactCache::find(const ArtefactKey& key) const {
  const fs::path folder = root_ / key.folder_name();
  auto description = read_description(folder);
  if (!description) return fail(description.error());
  if (!(description->key == key)) return fail(Code::kCorrupt, folder.string() + " is another artefact's");
  auto size = check(folder, *description);
  if (!size) return fail(size.error());
  return Artefact{key, folder, *size, see(folder, std::move(description->text))};
}

Result<Artefact> ArtefactCache::ensure(const ArtefactKey& key, const ArtefactBuilder& build,
                                       const std::stop_token& stop, const base::Alive& alive) const {
  if (!is_usable(key)) return fail(Code::kInvalidArgument, "no artefact can be called \"" + key.name + "\"");
  if (auto found = find(key); found || !is_missing_or_damaged(found.error())) return found;
  const std::string name = key.folder_name();
  const auto lock = wait_for_lock(lock_of(root_, name), stop, alive);
  if (!lock) return fail(lock.error());
  // Another process may have made it while this one waited.
  if (auto found = find(key); found || !is_missing_or_damaged(found.error())) return found;

  const fs::path folder = root_ / name;
  const fs::path fresh = root_ / ("." + name + ".tmp-" + std::to_string(::getpid()));
  const Temporary cleaner(fresh);
  std::error_code ec;
  remove_leftovers(root_, name);
  fs::create_directories(fresh, ec);
  if (ec) return fail(base::error_from_errno(ec.value(), "making " + fresh.string()));
  if (auto ok = build(fresh); !ok) return fail(ok.error());
  auto taken = seal(fresh, key, folder);
  if (!taken) return fail(taken.error());
  fs::remove_all(folder, ec);  // damaged: nobody who looked at it could use it
  fs::rename(fresh, folder, ec);
  if (ec) return fail(base::error_from_errno(ec.value(), "renaming to " + folder.string()));
  auto made = find(key);
  if (made) made->taken = std::move(*taken);
  return made;
}

bool ArtefactCache::is_verified(const Artefact& artefact, const VerifiedCache& known) const {
  const auto description = read_description(artefact.folder);
  if (!description) return false;
  return std::ranges::all_of(description->files, [&](const FileLine& file) {
    const fs::path path = artefact.folder / file.name;
    const auto identity = identify(path);
    return identity && known.contains(path, *identity, file.sha256);
  });
}

void ArtefactCache::remember(const Artefact& made, VerifiedCache& known) {
  for (const TakenDigest& one : made.taken) known.remember(one.path, one.identity, one.sha256);
}

Result<void> ArtefactCache::verify(const Artefact& artefact, VerifiedCache& known, const std::stop_token& stop) const {
  auto description = read_description(artefact.folder);
  if (!description) return fail(description.error());
  for (const FileLine& file : description->files) {
    const fs::path path = artefact.folder / file.name;
    const auto identity = identify(path);
    if (!identity) return fail(identity.error());
    if (known.contains(path, *identity, file.sha256)) continue;
    const auto digest = sha256_of_file(path, {}, stop);
    if (!digest) return fail(digest.error());
    if (*digest != file.sha256) {
      known.forget(path);
      return fail(Code::kCorrupt, path.string() + " is damaged", "it will be made again when it is next needed");
    }
    known.remember(path, *identity, file.sha256);
  }
  return {};
}

std::vector<ArtefactCache::Entry> ArtefactCache::list() const {
  std::vector<Entry> entries;
  std::error_code ec;
  for (fs::directory_iterator it(root_, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.') || it->is_symlink(ec) || !it->is_directory(ec)) continue;
    Entry entry = look_at(it->path());
    std::error_code ignored;
    for (fs::directory_iterator file(it->path(), ignored), last; !ignored && file != last; file.increment(ignored)) {
      std::error_code unread;
      const auto size = file->file_size(unread);
      if (!unread) entry.size += Bytes{static_cast<std::int64_t>(size)};
    }
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.folder < b.folder; });
  return entries;
}

Result<void> ArtefactCache::remove(const Entry& entry) const {
  const std::string name = entry.folder.filename().string();
  if (entry.folder.parent_path() != root_ || name.empty() || name.starts_with('.')) {
    return fail(Code::kInvalidArgument, entry.folder.string() + " is no entry of this cache");
  }
  const auto lock = base::FileLock::try_acquire(lock_of(root_, name));
  if (!lock) return fail(lock.error());
  std::error_code ec;
  if (fs::symlink_status(entry.folder, ec).type() == fs::file_type::not_found) return {};
  const Entry now = look_at(entry.folder);
  const bool is_mended = entry.health == Health::kDamaged && now.health != Health::kDamaged;
  if (now.seen != entry.seen || is_mended) {
    return fail(Code::kConflict, entry.folder.string() + " is not what it was when it was looked at; it stays");
  }
  return take_away(entry.folder);
}

Result<void> ArtefactCache::discard(const Artefact& artefact, const std::stop_token& stop) const {
  const auto lock = wait_for_lock(lock_of(root_, artefact.key.folder_name()), stop, {});
  if (!lock) return fail(lock.error());
  if (look_at(artefact.folder).seen != artefact.seen) return {};  // gone, or made again
  return take_away(artefact.folder);
}

}  // namespace hearth::store
