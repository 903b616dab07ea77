#pragma once

// What was seen of several starts, and how it is shown: a table, JSON that a later run can be compared with, a picture.
// Pure. Measuring is start_run.h; nothing here knows a server.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "measure/process.h"
#include "measure/rules.h"

namespace hearth::measure {

enum class Cache { kWarm, kCold };                       // the page cache: as it was, or without our files
[[nodiscard]] std::string_view cache_name(Cache cache);  // "warm", "cold"

/// Something that a start reached, in milliseconds from exec.
struct Moment {
  std::string name;  // "listening", "kokoro", "ready", "first audio"
  double ms = 0;
};

/// A model, or what models need, that did not come: it failed, or something else that failed has blocked it. Or the
/// whole start ("start", or a peer's name), which was not ready in time.
struct Failure {
  std::string task;
  std::string cause;
  friend bool operator==(const Failure&, const Failure&) = default;
};

struct Start {
  Cache cache = Cache::kWarm;
  std::vector<Moment> moments;        // in the order in which they are to be shown
  std::vector<std::string> models{};  // of the moments, those that are models
  std::vector<Failure> failures{};    // each task once; a start that has some may have no "ready"
  Usage at_ready{};                   // of our own server; zeros for peers
  Usage at_end{};                     // after the first results
};

/// One row of the table: a moment over all starts with one state of the cache.
struct Row {
  Cache cache = Cache::kWarm;
  std::string name;
  double median = 0;
  double best = 0;
  double worst = 0;
  std::size_t starts = 0;
};

/// The middle one of `values`, or the mean of the two in the middle. There is at least one.
[[nodiscard]] double median(std::vector<double> values);

/// Rows in the order in which their moments first appear, warm ones first.
[[nodiscard]] std::vector<Row> summarise(const std::vector<Start>& starts);

/// Medians of an earlier run: "warm ready" to milliseconds.
using Baseline = std::map<std::string, double, std::less<>>;

/// Fixed-width lines with a heading; with a baseline each row's change in percent.
[[nodiscard]] std::string table(const std::vector<Row>& rows, const std::optional<Baseline>& baseline);
/// Why these starts are no success, a line each: what failed, and a ready that came later than `limit`. None: they are.
[[nodiscard]] std::vector<std::string> faults_of(const std::vector<Start>& starts, base::Millis limit);
/// {"unit", "version", "passed", "faults": [...], "rows": [...], "starts": [...], "rules": {...}}; read_baseline()
/// understands it.
[[nodiscard]] std::string json(const std::vector<Row>& rows, const std::vector<Start>& starts, const Rules& rules = {},
                               const std::vector<std::string>& faults = {});
/// kCorrupt for what json() did not write.
[[nodiscard]] base::Result<Baseline> read_baseline(std::string_view text);
/// A bar a row up to its median, a line from best to worst.
[[nodiscard]] std::string svg(const std::vector<Row>& rows, std::string_view title);

}  // namespace hearth::measure
