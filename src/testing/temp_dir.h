#pragma once

#include <filesystem>
#include <string>

#include "base/files.h"

namespace hearth::testing {

/// A folder of its own for one test, removed with all that is in it.
class TempDir {
 public:
  TempDir() : folder_(base::TempFolder::make("hearth-test").value()) {}
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path() / name; }

 private:
  base::TempFolder folder_;
};

}  // namespace hearth::testing
