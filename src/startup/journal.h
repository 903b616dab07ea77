#pragma once

// How long each task took in the last starts, so that the next start begins with what takes longest. A small text file,
// one task a line; it is a hint only: missing, damaged or of another version, it reads as empty and the start goes on.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "startup/plan.h"

namespace hearth::startup {

/// PURE. "hearth-journal 1\n", then "<microseconds> <name>\n" sorted by name, then "end <lines>\n".
[[nodiscard]] std::string format_journal(const Durations& durations);
/// PURE. Empty on any damage: a truncated file must not give half the weights. At most 1,000 lines.
[[nodiscard]] Durations parse_journal(std::string_view text);
/// PURE. Half old, half new, so that one odd start does not turn the order over; tasks that did not run this time keep
/// theirs, at most 1,000 in all.
[[nodiscard]] Durations merge_durations(const Durations& last, const Durations& now);

/// `<state folder>/startup.journal`.
[[nodiscard]] std::filesystem::path journal_path(const std::filesystem::path& state_folder);
/// Reads some 50 µs; never fails.
[[nodiscard]] Durations load_journal(const std::filesystem::path& path);
/// Writes atomically and syncs: in the background.
[[nodiscard]] base::Result<void> save_journal(const std::filesystem::path& path, const Durations& durations);

}  // namespace hearth::startup
