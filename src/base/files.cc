#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include "base/descriptor.h"

namespace hearth::base {
namespace {

std::string doing(std::string_view verb, const std::filesystem::path& path) {
  return std::string(verb) + " " + path.string();
}

Result<Descriptor*> opened(Descriptor& fd, const std::filesystem::path& path) {
  if (fd.number() < 0) return fail(error_from_errno(errno, doing("opening", path)));
  return &fd;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, Bytes limit) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (auto ok = opened(fd, path); !ok) return fail(ok.error());
  struct stat st {};
  if (::fstat(fd.number(), &st) != 0) return fail(error_from_errno(errno, doing("reading", path)));
  if (S_ISDIR(st.st_mode)) return fail(Code::kInvalidArgument, doing("reading", path) + ": it is a folder");
  if (st.st_size > limit.count) {
    return fail(Code::kExhausted, path.string() + " is larger than " + std::to_string(limit.count) + " bytes");
  }
  std::string bytes;
  char block[65536];
  for (;;) {
    const ssize_t n = ::read(fd.number(), block, sizeof block);
    if (n == 0) return bytes;
    if (n < 0) {
      if (errno == EINTR) continue;
      return fail(error_from_errno(errno, doing("reading", path)));
    }
    bytes.append(block, static_cast<std::size_t>(n));
    if (static_cast<std::int64_t>(bytes.size()) > limit.count) {
      return fail(Code::kExhausted, path.string() + " is larger than " + std::to_string(limit.count) + " bytes");
    }
  }
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code ec;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ec);
  if (ec) return fail(error_from_errno(ec.value(), doing("making the folder of", path)));
  static std::atomic<unsigned> writes{0};  // two threads may write the same file
  const std::string temporary = path.string() + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(writes++);
  Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (auto ok = opened(fd, temporary); !ok) return fail(ok.error());
  auto give_up = [&](int error) {
    ::unlink(temporary.c_str());
    return fail(error_from_errno(error, doing("writing", path)));
  };
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.number(), bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return give_up(errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd.number()) != 0 || fd.close() != 0) return give_up(errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up(errno);
  return {};
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path, Prefetch prefetch) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (auto ok = opened(fd, path); !ok) return fail(ok.error());
  struct stat st {};
  if (::fstat(fd.number(), &st) != 0) return fail(error_from_errno(errno, doing("mapping", path)));
  if (!S_ISREG(st.st_mode)) return fail(Code::kInvalidArgument, doing("mapping", path) + ": it is not a regular file");
  if (st.st_size == 0) return fail(Code::kCorrupt, path.string() + " is empty");
  const auto size = static_cast<std::size_t>(st.st_size);
  const int populate = prefetch == Prefetch::kYes ? MAP_POPULATE : 0;
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | populate, fd.number(), 0);
  if (data == MAP_FAILED) return fail(error_from_errno(errno, doing("mapping", path)));
  return MappedFile(static_cast<const std::byte*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

Result<void> prefetch_file(const std::filesystem::path& path, const ReadProgress& on_read) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (auto ok = opened(fd, path); !ok) return fail(ok.error());
  struct stat st {};
  const off_t whole = ::fstat(fd.number(), &st) == 0 ? st.st_size : 0;
  ::posix_fadvise(fd.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<char> block(1 << 20);
  for (off_t done = 0;;) {
    const ssize_t n = ::read(fd.number(), block.data(), block.size());
    if (n == 0) return {};
    if (n < 0) {
      if (errno == EINTR) continue;
      return fail(error_from_errno(errno, doing("reading", path)));
    }
    done += n;
    if (on_read) on_read(done < whole ? static_cast<double>(done) / static_cast<double>(whole) : 1.0);
  }
}

Result<void> prefetch_if_cold(const std::filesystem::path& path, const ReadProgress& on_read) {
  const auto mapped = MappedFile::open(path);
  if (!mapped) return fail(mapped.error());
  const std::span<const std::byte> bytes = mapped->bytes();
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((bytes.size() + page - 1) / page);
  if (::mincore(const_cast<std::byte*>(bytes.data()), bytes.size(), pages.data()) != 0) {
    return prefetch_file(path, on_read);
  }
  const auto present = std::count_if(pages.begin(), pages.end(), [](unsigned char state) { return (state & 1) != 0; });
  if (static_cast<std::size_t>(present) * 20 >= pages.size() * 19) return {};
  return prefetch_file(path, on_read);
}

namespace {
Result<int> lock_file(const std::filesystem::path& path, int operation) {
  std::error_code ec;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ec);
  if (ec) return fail(error_from_errno(ec.value(), doing("making the folder of", path)));
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (auto ok = opened(fd, path); !ok) return fail(ok.error());
  while (::flock(fd.number(), operation) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return fail(Code::kConflict, path.string() + " is locked by another process");
    return fail(error_from_errno(errno, doing("locking", path)));
  }
  return fd.release();
}
}  // namespace

Result<FileLock> FileLock::acquire(const std::filesystem::path& path) {
  return lock_file(path, LOCK_EX).map([](int fd) { return FileLock(fd); });
}

Result<FileLock> FileLock::try_acquire(const std::filesystem::path& path) {
  return lock_file(path, LOCK_EX | LOCK_NB).map([](int fd) { return FileLock(fd); });
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<TempFolder> TempFolder::make(std::string_view prefix) {
  std::error_code ec;
  std::filesystem::path place = std::filesystem::temp_directory_path(ec);
  if (ec) place = "/tmp";
  std::string name = (place / prefix).string() + "-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return fail(error_from_errno(errno, doing("making", name)));
  return TempFolder(std::move(name));
}

TempFolder::TempFolder(TempFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
TempFolder& TempFolder::operator=(TempFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}
TempFolder::~TempFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace hearth::base
