#include "base/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace hearth::base {
namespace {

// Names, or their beginnings where they end with '_'.
constexpr std::array<std::string_view, 1> kLibraries = {"LD_LIBRARY_PATH"};
constexpr std::array<std::string_view, 7> kPlaces = {"PATH", "HOME", "TMPDIR", "XDG_", "LANG", "LANGUAGE", "LC_"};
constexpr std::array<std::string_view, 2> kForeign = {"ORT_DISABLE_TELEMETRY", "GGML_NO_BACKTRACE"};
constexpr std::array<std::string_view, 4> kSanitizers = {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
                                                         "UBSAN_OPTIONS"};
constexpr std::string_view kKeys = "HEARTH_API_KEY";  // and HEARTH_API_KEYS

template <typename Predicate>
std::vector<std::string> lines_where(const Predicate& is_wanted) {
  std::vector<std::string> lines;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    if (is_wanted(line.substr(0, line.find('=')))) lines.emplace_back(line);
  }
  return lines;
}

template <std::size_t kCount>
bool is_among(std::string_view name, const std::array<std::string_view, kCount>& names) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view known) {
    return known.ends_with('_') ? name.starts_with(known) : name == known;
  });
}

}  // namespace

std::vector<std::string> library_environment() {
  return lines_where([](std::string_view name) { return is_among(name, kLibraries); });
}

std::vector<std::string> short_environment() {
  return lines_where([](std::string_view name) {
    return is_among(name, kLibraries) || is_among(name, kPlaces) || is_among(name, kForeign) ||
           is_among(name, kSanitizers);
  });
}

std::vector<std::string> environment_without_keys() {
  return lines_where([](std::string_view name) { return !name.starts_with(kKeys); });
}

std::vector<std::string> whole_environment() {
  return lines_where([](std::string_view) { return true; });
}

}  // namespace hearth::base
