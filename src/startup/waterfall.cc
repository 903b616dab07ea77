#include "startup/waterfall.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "startup/terminal_lines.h"

namespace hearth::startup {
namespace {

constexpr std::size_t kTimeColumns = 11;
constexpr std::size_t kMaxLabelColumns = 30;
constexpr int kMinColumns = 60;
constexpr std::size_t kMaxRows = 100;

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return columns;
}

/// The first `columns` characters; never cuts one in two.
std::string_view cut(std::string_view text, std::size_t columns) {
  std::size_t end = 0, seen = 0;
  for (; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && seen++ == columns) break;
  }
  return text.substr(0, end);
}

std::string pad_left(std::string_view text, std::size_t columns) {
  const std::size_t have = columns_of(text);
  return std::string(columns > have ? columns - have : 0, ' ') + std::string(text);
}
std::string pad_right(std::string_view text, std::size_t columns) {
  const std::string_view shown = cut(text, columns);
  return std::string(shown) + std::string(columns - columns_of(shown), ' ');
}

/// "µ", "·" and "±" for a terminal that knows ASCII only.
std::string to_ascii(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> kPlain[] = {{"µ", "u"}, {"·", "|"}, {"±", "~"}};
  for (const auto& [from, to] : kPlain) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return text;
}

struct Row {
  std::string label;
  base::Duration wait{}, begin{}, end{};  // it waited for room from `wait` to `begin`
  std::string remark;                     // after the bar
  bool has_begun = true;
};

struct Style {
  std::string_view bar, wait;
  std::string_view ends[8];  // a last cell that is 1/8, 2/8 … full
};
constexpr Style kUnicodeStyle{"█", "░", {"▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}};
constexpr Style kAsciiStyle{"#", ".", {"#", "#", "#", "#", "#", "#", "#", "#"}};

/// `cells` characters for the span [0, axis): spaces, waiting, then the bar, which is never invisible.
std::string draw(const Row& row, base::Duration axis, std::size_t cells, const Style& style) {
  if (!row.has_begun) return {};
  auto at = [&](base::Duration time) {
    return std::clamp(base::to_seconds(time) / base::to_seconds(axis), 0.0, 1.0) * static_cast<double>(cells);
  };
  const auto last = static_cast<double>(cells - 1);
  const double begin = std::min(std::floor(at(row.begin)), last), wait = std::min(std::floor(at(row.wait)), begin);
  const double width = std::max(at(row.end) - begin, 0.01);
  std::string bar(static_cast<std::size_t>(wait), ' ');
  for (double cell = wait; cell < begin; ++cell) bar += style.wait;
  const auto full = static_cast<std::size_t>(width);
  for (std::size_t cell = 0; cell < full; ++cell) bar += style.bar;
  const auto eighths = static_cast<std::size_t>(std::ceil((width - static_cast<double>(full)) * 8));
  if (eighths > 0) bar += style.ends[eighths - 1];
  return bar;
}

std::vector<Row> task_rows(const Timeline& timeline) {
  std::vector<const TaskRun*> tasks;
  for (const TaskRun& run : timeline.tasks) tasks.push_back(&run);
  std::stable_sort(tasks.begin(), tasks.end(), [](const TaskRun* a, const TaskRun* b) {
    if (a->begin.has_value() != b->begin.has_value()) return a->begin.has_value();
    return a->begin.value_or(base::Duration{}) < b->begin.value_or(base::Duration{});
  });
  std::vector<Row> rows;
  if (timeline.accuracy != StartAccuracy::kUnknown) {
    rows.push_back(
        {"exec to main", {}, {}, timeline.main, timeline.accuracy == StartAccuracy::kTick ? "±10 ms" : "", true});
  }
  for (const TaskRun* run : tasks) {
    Row row;
    row.label = run->name;
    row.has_begun = run->begin.has_value();
    row.begin = run->begin.value_or(timeline.now);
    row.wait = std::min(run->runnable.value_or(row.begin), row.begin);
    row.end = run->end.value_or(timeline.now);
    if (run->state != TaskState::kDone) row.remark = task_state_name(run->state);
    if (run->is_stalled) row.remark = "stalled";
    if (run->tries > 1) row.remark += fmt::format("{}{} tries", row.remark.empty() ? "" : ", ", run->tries);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> span_rows(const Timeline& timeline, base::Duration axis, int max_spans) {
  std::vector<const Span*> spans;
  for (const Span& span : timeline.spans) {
    if (span.begin < axis) spans.push_back(&span);
  }
  std::stable_sort(spans.begin(), spans.end(),
                   [](const Span* a, const Span* b) { return a->end - a->begin > b->end - b->begin; });
  if (spans.size() > static_cast<std::size_t>(std::max(max_spans, 0)))
    spans.resize(static_cast<std::size_t>(std::max(max_spans, 0)));
  std::stable_sort(spans.begin(), spans.end(), [](const Span* a, const Span* b) { return a->begin < b->begin; });
  std::vector<Row> rows;
  for (const Span* span : spans) rows.push_back({"  " + span->name, span->begin, span->begin, span->end, {}, true});
  return rows;
}

}  // namespace

std::string waterfall(const Timeline& timeline, Glyphs glyphs, int columns, int max_spans) {
  std::vector<Row> rows = task_rows(timeline);
  base::Duration axis{1};
  for (const Row& row : rows) {
    if (row.has_begun) axis = std::max(axis, row.end);
  }
  // A first audio long after the start belongs to whoever asked late: its mark is told, but does not stretch the axis.
  const base::Duration far = axis * 2;
  for (const Mark& mark : timeline.marks) {
    if (mark.at <= far) axis = std::max(axis, mark.at);
  }
  for (Row& row : span_rows(timeline, axis, max_spans)) rows.push_back(std::move(row));
  const std::size_t left_out = rows.size() > kMaxRows ? rows.size() - kMaxRows : 0;
  rows.resize(rows.size() - left_out);

  std::size_t label = 8;
  for (const Row& row : rows) label = std::max(label, std::min(columns_of(row.label), kMaxLabelColumns));
  const std::size_t cells = static_cast<std::size_t>(std::max(columns, kMinColumns)) - label - kTimeColumns - 2;
  const Style& style = glyphs == Glyphs::kUnicode ? kUnicodeStyle : kAsciiStyle;

  std::string text = "start";
  std::vector<const Mark*> marks;
  for (const Mark& mark : timeline.marks) marks.push_back(&mark);
  std::stable_sort(marks.begin(), marks.end(), [](const Mark* a, const Mark* b) { return a->at < b->at; });
  for (const Mark* mark : marks)
    text += fmt::format("{}{} {}", mark == marks.front() ? "  " : " · ", mark->name, duration_text(mark->at));
  text += '\n';

  const std::string middle = duration_text(axis / 2), end = duration_text(axis);
  std::string scale = "0" + pad_left(middle, cells / 2 - 1 + columns_of(middle) / 2);
  scale += pad_left(end, cells - std::min(cells, columns_of(scale)));
  text += std::string(label + kTimeColumns + 2, ' ') + scale + '\n';

  for (const Row& row : rows) {
    std::string line = pad_right(row.label, label) +
                       pad_left(row.has_begun ? duration_text(row.end - row.begin) : "-", kTimeColumns) + "  " +
                       draw(row, axis, cells, style);
    if (!row.remark.empty()) {
      // Behind the bar where there is room, else it would make the page wider than asked.
      const std::size_t page = label + kTimeColumns + 2 + cells;
      if (columns_of(line) + 1 + columns_of(row.remark) <= page) {
        line += " " + row.remark;
      } else {
        line = std::string(cut(line, page - columns_of(row.remark) - 1)) + " " + row.remark;
      }
    }
    text += line + '\n';
  }
  if (left_out > 0) text += fmt::format("and {} more\n", left_out);
  return glyphs == Glyphs::kAscii ? to_ascii(std::move(text)) : text;
}

Glyphs glyphs_for(const char* lc_all, const char* lc_ctype, const char* lang) {
  for (const char* value : {lc_all, lc_ctype, lang}) {
    if (value == nullptr || *value == '\0') continue;
    std::string lower(value);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(c | 0x20); });
    return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos ? Glyphs::kUnicode
                                                                                               : Glyphs::kAscii;
  }
  return Glyphs::kAscii;
}

}  // namespace hearth::startup
