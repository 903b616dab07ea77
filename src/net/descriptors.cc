#include "net/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

#include "base/log.h"

namespace hearth::net {

DescriptorPlan plan_descriptors(std::uint64_t soft, std::uint64_t hard, std::size_t connections) {
  const std::uint64_t need = connections + kOtherDescriptors;
  if (need <= hard) return {std::max(soft, need), connections};
  const std::uint64_t fit = hard > 2 * kOtherDescriptors ? hard - kOtherDescriptors : hard / 2;
  return {std::max(soft, hard), std::max<std::size_t>(1, std::min<std::uint64_t>(fit, connections))};
}

std::size_t ensure_descriptors(std::size_t connections) {
  rlimit limits{};
  if (::getrlimit(RLIMIT_NOFILE, &limits) != 0) return connections;
  DescriptorPlan plan = plan_descriptors(limits.rlim_cur, limits.rlim_max, connections);
  if (plan.soft > limits.rlim_cur) {
    const rlimit raised{plan.soft, limits.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) != 0) {
      plan = plan_descriptors(limits.rlim_cur, limits.rlim_cur, connections);
    }
  }
  if (plan.connections < connections) {
    base::log_warning(
        "at most {} connections at once, not {}: this process may have no more than {} files open; raise its limit "
        "(ulimit -n, LimitNOFILE)",
        plan.connections, connections, plan.soft);
  }
  return plan.connections;
}

}  // namespace hearth::net
