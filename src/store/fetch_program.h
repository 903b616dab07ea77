#pragma once

// Fetching is another program, hearth-fetch, because it links libcurl, libarchive and what they pull in: the server
// that never downloads should not map them at every start.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace hearth::store {

struct FetchRequest {
  std::vector<std::string> names;               // empty: the default set
  std::optional<std::filesystem::path> config;  // --config, so that both programs read the same file
  bool accept_licence = false;
};

enum class Fetched { kAll, kNotAll };

/// Where hearth-fetch is. kNotFound, with how to mend it.
[[nodiscard]] base::Result<std::filesystem::path> find_fetch_program();

/// What it would lack here: a line for each client of a package registry that is missing. kNotFound when the program is
/// missing; kInternal when it does not start, for want of a library of its own.
[[nodiscard]] base::Result<std::vector<std::string>> check_fetch_program();

/// Runs hearth-fetch, which stands beside this program, and waits. Its progress goes to standard error (bars on a
/// terminal, lines elsewhere), and so does why a model could not be had (kNotAll). kNotFound when the program is
/// missing.
[[nodiscard]] base::Result<Fetched> run_fetch(const FetchRequest& request);

}  // namespace hearth::store
