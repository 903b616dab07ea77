#pragma once

#include <string_view>

#include "base/result.h"

namespace hearth::media {

/// Bytes as a file without a name, sealed: nobody can change or shorten it any more, so whoever maps it is safe. Costs
/// the memory of a copy. Move-only; any thread.
class MemoryFile {
 public:
  /// kExhausted: no memory for it.
  [[nodiscard]] static base::Result<MemoryFile> make(std::string_view bytes);
  MemoryFile() = default;
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&& other) noexcept;
  ~MemoryFile();
  [[nodiscard]] int descriptor() const { return fd_; }

 private:
  explicit MemoryFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace hearth::media
