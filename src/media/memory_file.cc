#include "media/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace hearth::media {

using base::Code;
using base::fail;

base::Result<MemoryFile> MemoryFile::make(std::string_view bytes) {
  MemoryFile file(::memfd_create("hearth-media-input", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.fd_ < 0) return fail(base::error_from_errno(errno, "making a file in memory"));
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(Code::kExhausted, "there is not enough memory for a copy of the file");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fcntl(file.fd_, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
    return fail(base::error_from_errno(errno, "sealing a file in memory"));
  }
  return file;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
MemoryFile::~MemoryFile() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace hearth::media
