#include "measure/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace hearth::measure {
namespace {

std::string key_of(const Row& row) { return std::string(cache_name(row.cache)) + " " + row.name; }

std::string change(const Row& row, const Baseline& baseline) {
  const auto before = baseline.find(key_of(row));
  if (before == baseline.end() || before->second <= 0) return "      new";
  return fmt::format("{:+8.1f}%", 100.0 * (row.median / before->second - 1.0));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

/// A round step that gives four to nine marks up to `most`.
double step_for(double most) {
  const double power = std::pow(10.0, std::floor(std::log10(std::max(most, 1.0))));
  for (const double part : {0.1, 0.2, 0.25, 0.5}) {
    if (most / (power * part) <= 9) return power * part;
  }
  return power;
}

bool has_failed(const Start& start, const Failure& failure) {
  return std::ranges::any_of(start.failures, [&](const Failure& one) { return one.task == failure.task; });
}

}  // namespace

std::string_view cache_name(Cache cache) { return cache == Cache::kCold ? "cold" : "warm"; }

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<Row> summarise(const std::vector<Start>& starts) {
  std::vector<Row> rows;
  for (const Cache cache : {Cache::kWarm, Cache::kCold}) {
    std::vector<std::string> names;
    std::map<std::string, std::vector<double>> values;
    for (const Start& start : starts) {
      if (start.cache != cache) continue;
      for (const Moment& moment : start.moments) {
        if (values[moment.name].empty()) names.push_back(moment.name);
        values[moment.name].push_back(moment.ms);
      }
    }
    for (const std::string& name : names) {
      const auto& all = values[name];
      const auto [best, worst] = std::ranges::minmax(all);
      rows.push_back({cache, name, median(all), best, worst, all.size()});
    }
  }
  return rows;
}

std::string table(const std::vector<Row>& rows, const std::optional<Baseline>& baseline) {
  std::size_t width = 8;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  std::string out = fmt::format("{:{}}  cache    median      best     worst  starts{}\n", "ms from exec", width + 4,
                                baseline ? "  against baseline" : "");
  for (const Row& row : rows) {
    out += fmt::format("{:{}}  {:5} {:9.1f} {:9.1f} {:9.1f}  {:6}", row.name, width + 4, cache_name(row.cache),
                       row.median, row.best, row.worst, row.starts);
    if (baseline) out += "         " + change(row, *baseline);
    out += '\n';
  }
  return out;
}

std::vector<std::string> faults_of(const std::vector<Start>& starts, base::Millis limit) {
  std::vector<std::string> faults;
  std::vector<std::string> told;
  double worst = 0;
  for (const Start& start : starts) {
    for (const Moment& moment : start.moments) {
      if (moment.name == "ready") worst = std::max(worst, moment.ms);
    }
    for (const Failure& failure : start.failures) {
      if (std::ranges::find(told, failure.task) != told.end()) continue;
      told.push_back(failure.task);
      const auto times = std::ranges::count_if(starts, [&](const Start& other) { return has_failed(other, failure); });
      faults.push_back(times == 1 ? fmt::format("{} failed: {}", failure.task, failure.cause)
                                  : fmt::format("{} failed {} times: {}", failure.task, times, failure.cause));
    }
  }
  const auto most = static_cast<double>(limit.count());
  if (worst > most) faults.push_back(fmt::format("ready after {:.0f} ms, later than {:.0f} ms", worst, most));
  return faults;
}

std::string json(const std::vector<Row>& rows, const std::vector<Start>& starts, const Rules& rules,
                 const std::vector<std::string>& faults) {
  nlohmann::ordered_json document = {
      {"version", 1}, {"unit", "ms from exec"}, {"passed", faults.empty()}, {"faults", faults}};
  const auto rounded = [](double ms) { return std::round(ms * 1000) / 1000; };
  auto& listed = document["rows"] = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    listed.push_back({{"name", row.name},
                      {"cache", cache_name(row.cache)},
                      {"median", rounded(row.median)},
                      {"best", rounded(row.best)},
                      {"worst", rounded(row.worst)},
                      {"starts", row.starts}});
  }
  auto& each = document["starts"] = nlohmann::ordered_json::array();
  for (const Start& start : starts) {
    nlohmann::ordered_json moments = nlohmann::ordered_json::object();
    for (const Moment& moment : start.moments) moments[moment.name] = rounded(moment.ms);
    nlohmann::ordered_json told = {{"cache", cache_name(start.cache)}, {"moments", std::move(moments)}};
    if (start.at_ready.resident.count > 0) {
      told["at_ready"] = {{"cpu_ms", rounded(start.at_ready.cpu_ms)},
                          {"resident_bytes", start.at_ready.resident.count},
                          {"peak_bytes", start.at_ready.peak.count}};
    }
    for (const Failure& failure : start.failures) {
      told["failures"].push_back({{"task", failure.task}, {"cause", failure.cause}});
    }
    each.push_back(std::move(told));
  }
  if (rules.wall || rules.memory) document["rules"] = nlohmann::ordered_json::object();
  if (const auto& wall = rules.wall) {
    document["rules"]["wall"] = {{"whole_ms", rounded(wall->whole)},
                                 {"allowed_ms", rounded(wall->allowed())},
                                 {"sum_of_singles_ms", rounded(wall->sum_of_singles)},
                                 {"slowest_single_ms", rounded(wall->slowest_single)},
                                 {"cpu_ms", rounded(wall->cpu_ms)},
                                 {"cores", wall->cores},
                                 {"kept", wall->is_kept()}};
  }
  if (const auto& memory = rules.memory) {
    document["rules"]["memory"] = {{"peak_bytes", memory->peak.count},
                                   {"at_ready_bytes", memory->at_ready.count},
                                   {"in_use_bytes", memory->in_use.count},
                                   {"ratio", rounded(memory->ratio())},
                                   {"kept", memory->is_kept()}};
  }
  return document.dump(2);
}

base::Result<Baseline> read_baseline(std::string_view text) {
  const auto no_baseline = [] {
    return base::fail(base::Code::kCorrupt, "it is not what hearth bench startup --save writes");
  };
  const auto document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("rows") || !document["rows"].is_array()) return no_baseline();
  Baseline baseline;
  for (const auto& row : document["rows"]) {
    if (!row.is_object() || !row.contains("name") || !row["name"].is_string() || !row.contains("cache") ||
        !row["cache"].is_string() || !row.contains("median") || !row["median"].is_number()) {
      return no_baseline();
    }
    baseline[row["cache"].get<std::string>() + " " + row["name"].get<std::string>()] = row["median"].get<double>();
  }
  return baseline;
}

std::string svg(const std::vector<Row>& rows, std::string_view title) {
  constexpr int kLeft = 190;
  constexpr int kWidth = 560;
  constexpr int kTop = 48;
  constexpr int kLine = 22;
  double most = 1;
  for (const Row& row : rows) most = std::max(most, row.worst);
  const auto x = [&](double ms) { return kLeft + ms / most * kWidth; };
  const int height = kTop + kLine * static_cast<int>(rows.size()) + 34;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n"
      "<text x=\"12\" y=\"24\" font-size=\"15\">{2}</text>\n",
      kLeft + kWidth + 90, height, escaped(title));
  const double step = step_for(most);
  for (double ms = 0; ms <= most; ms += step) {
    out += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#ddd\"/>"
        "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\" fill=\"#666\">{4:g}</text>\n",
        x(ms), kTop - 8, height - 26, height - 10, ms);
  }
  int y = kTop;
  for (const Row& row : rows) {
    const char* colour = row.cache == Cache::kCold ? "#7a9cc6" : "#d9822b";
    out += fmt::format(
        "<text x=\"{0}\" y=\"{1}\" text-anchor=\"end\">{2} ({3})</text>"
        "<rect x=\"{4}\" y=\"{5}\" width=\"{6:.1f}\" height=\"12\" fill=\"{7}\"/>"
        "<line x1=\"{8:.1f}\" y1=\"{9}\" x2=\"{10:.1f}\" y2=\"{9}\" stroke=\"#333\" stroke-width=\"2\"/>"
        "<text x=\"{11:.1f}\" y=\"{1}\" fill=\"#333\">{12:.0f}</text>\n",
        kLeft - 8, y + 10, escaped(row.name), cache_name(row.cache), kLeft, y, row.median / most * kWidth, colour,
        x(row.best), y + 6, x(row.worst), x(row.worst) + 6, row.median);
    y += kLine;
  }
  return out + "</svg>\n";
}

}  // namespace hearth::measure
