#include "measure/whole_stack.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::measure {
namespace {

const double* find_moment(const Start& start, std::string_view name) {
  for (const Moment& moment : start.moments) {
    if (moment.name == name) return &moment.ms;
  }
  return nullptr;
}

/// From listening to ready.
std::optional<double> median_load(const std::vector<Start>& starts) {
  std::vector<double> loads;
  for (const Start& start : starts) {
    const double* listening = find_moment(start, "listening");
    const double* ready = find_moment(start, "ready");
    if (start.cache == Cache::kWarm && listening != nullptr && ready != nullptr) loads.push_back(*ready - *listening);
  }
  if (loads.empty()) return std::nullopt;
  return median(std::move(loads));
}

const char* verdict(bool is_kept) { return is_kept ? "kept" : "NOT KEPT"; }

}  // namespace

std::vector<std::string> models_of(const std::vector<Start>& starts) {
  std::vector<std::string> models;
  for (const Start& start : starts) {
    for (const std::string& model : start.models) {
      if (std::ranges::find(models, model) == models.end()) models.push_back(model);
    }
  }
  return models;
}

double WallRule::allowed() const {
  return std::max({0.6 * sum_of_singles, 1.15 * cpu_ms / cores, 1.15 * slowest_single});
}

std::optional<WallRule> judge_wall(const std::vector<Start>& whole,
                                   const std::map<std::string, std::vector<Start>>& singles, int cores) {
  const auto load = median_load(whole);
  if (!load || singles.empty()) return std::nullopt;
  WallRule rule;
  rule.whole = *load;
  rule.cores = std::max(cores, 1);
  for (const auto& [model, starts] : singles) {
    const auto alone = median_load(starts);
    if (!alone) return std::nullopt;
    rule.sum_of_singles += *alone;
    rule.slowest_single = std::max(rule.slowest_single, *alone);
  }
  std::vector<double> cpu;
  for (const Start& start : whole) {
    const bool is_ours = start.at_ready.resident.count > 0;
    if (start.cache == Cache::kWarm && is_ours) cpu.push_back(start.at_ready.cpu_ms);
  }
  if (cpu.empty()) return std::nullopt;
  rule.cpu_ms = median(std::move(cpu));
  return rule;
}

double MemoryRule::ratio() const {
  return at_ready.count > 0 ? static_cast<double>(peak.count) / static_cast<double>(at_ready.count) : 0;
}

std::optional<MemoryRule> judge_memory(const std::vector<Start>& starts) {
  std::optional<MemoryRule> worst;
  for (const Start& start : starts) {
    if (start.cache != Cache::kWarm || start.at_ready.resident.count == 0) continue;
    const MemoryRule rule{start.at_ready.peak, start.at_ready.resident, start.at_end.resident};
    if (!worst || rule.ratio() > worst->ratio()) worst = rule;
  }
  return worst;
}

std::string line(const WallRule& rule) {
  return fmt::format(
      "side by side: {:.0f} ms from listening to ready; allowed {:.0f}, the largest of 0.6 x {:.0f} (each alone, "
      "summed), 1.15 x {:.0f} (processor time) / {} cores, 1.15 x {:.0f} (the slowest alone): {}",
      rule.whole, rule.allowed(), rule.sum_of_singles, rule.cpu_ms, rule.cores, rule.slowest_single,
      verdict(rule.is_kept()));
}

std::string line(const MemoryRule& rule) {
  return fmt::format(
      "memory: {:.0f} MiB at most while loading, {:.0f} when ready: {:.2f} times, at most 1.15: {}; {:.0f} after the "
      "first results",
      rule.peak.mib(), rule.at_ready.mib(), rule.ratio(), verdict(rule.is_kept()), rule.in_use.mib());
}

}  // namespace hearth::measure
