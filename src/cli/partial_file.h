#pragma once

// A file that appears under its name when it is whole, however long it takes to come: until then it is NAME.part-PID
// beside it, and is removed when it is given up or when SIGINT, SIGTERM or SIGHUP ends the program.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace hearth::cli {

/// One at a time in a process: a signal's handler knows of one name. One thread.
class PartialFile {
 public:
  /// Symbolic links are followed: the file that they lead to is made or replaced, and they stay.
  [[nodiscard]] static base::Result<PartialFile> open(const std::filesystem::path& path);
  PartialFile(PartialFile&&) noexcept = default;
  PartialFile& operator=(PartialFile&&) = delete;
  /// Without publish() nothing is left behind.
  ~PartialFile();
  [[nodiscard]] base::Result<void> write(std::string_view bytes);
  /// Over the first bytes that were written. What follows goes there too: publish() next.
  [[nodiscard]] base::Result<void> write_at_begin(std::string_view bytes);
  /// Syncs and renames.
  [[nodiscard]] base::Result<void> publish();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  PartialFile(std::FILE* file, std::filesystem::path path, std::filesystem::path partial)
      : file_(file), path_(std::move(path)), partial_(std::move(partial)) {}
  [[nodiscard]] base::Result<void> complaint() const;
  std::unique_ptr<std::FILE, Close> file_;  // null: published, or moved away
  std::filesystem::path path_, partial_;
};

}  // namespace hearth::cli
