#include "model/policy/load_caps.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace hearth::model {
namespace {

using base::Bytes;

/// What may be loading at worst: of each group its largest, and of all these the largest.
Bytes worst_case(std::span<const CapGroup> groups, const LoadCaps& caps) {
  std::vector<Bytes> largest;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::vector<Bytes> needs = groups[i].needs;
    std::ranges::sort(needs, std::greater());
    needs.resize(std::min(needs.size(), static_cast<std::size_t>(caps.groups[i])));
    largest.insert(largest.end(), needs.begin(), needs.end());
  }
  std::ranges::sort(largest, std::greater());
  largest.resize(std::min(largest.size(), static_cast<std::size_t>(caps.at_once)));
  return std::accumulate(largest.begin(), largest.end(), Bytes{});
}

}  // namespace

LoadCaps plan_load_caps(int cores, base::Bytes free, std::span<const CapGroup> groups) {
  LoadCaps caps;
  const int workers = std::max(cores, 2);
  int sum = 0;
  for (const CapGroup& group : groups) {
    const int models = static_cast<int>(std::ssize(group.needs));
    const int cap = caps.groups.emplace_back(std::clamp(std::min(models, workers), 1, std::max(group.most, 1)));
    sum += std::min(cap, models);
  }
  caps.at_once = std::clamp(sum, 1, workers);
  while (caps.at_once > 1 && worst_case(groups, caps) > free) {
    --caps.at_once;
    for (int& of_group : caps.groups) of_group = std::min(of_group, caps.at_once);
  }
  return caps;
}

}  // namespace hearth::model
