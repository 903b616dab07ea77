#include "startup/cgroup.h"

#include <algorithm>

#include "startup/small_files.h"

namespace hearth::startup {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 32;
constexpr std::int64_t kHuge = std::int64_t{1} << 60;  // version 1 writes "no limit" as 2^63 rounded to pages

bool has_controller(std::string_view list, std::string_view controller) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == controller) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

/// Calls `look` for the group's folder and each above it, up to the mount itself. Inside a container the path may not
/// exist below its own mount; then only the mount answers, which is the container's group.
template <typename Look>
void for_each_level(const fs::path& mount, std::string group, Look look) {
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    while (!group.empty() && group.back() == '/') group.pop_back();
    look(group.empty() ? mount : fs::path(mount.string() + group));
    if (group.empty()) return;
    group.resize(std::min(group.rfind('/'), group.size()));
  }
}

void tighten(std::optional<double>& limit, std::optional<double> other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

void look_at_memory(CgroupLimits& limits, const fs::path& folder, const char* limit_file, const char* usage_file,
                    const char* cache_key) {
  const auto limit = parse_memory_limit(read_small_file(folder / limit_file));
  if (!limit || (limits.memory && *limits.memory <= *limit)) return;
  const std::int64_t used = leading_number(read_small_file(folder / usage_file)).value_or(0);
  const std::int64_t cache = number_after(read_small_file(folder / "memory.stat"), cache_key).value_or(0);
  limits.memory = limit;
  limits.memory_used = base::Bytes{std::max<std::int64_t>(used - cache, 0)};
}

std::optional<double> parse_cfs_quota(std::string_view quota, std::string_view period) {
  const auto micros = leading_number(quota), per = leading_number(period);
  if (!micros || !per || *micros <= 0 || *per <= 0) return std::nullopt;
  return static_cast<double>(*micros) / static_cast<double>(*per);
}

}  // namespace

std::optional<std::string> parse_cgroup_path(std::string_view text, std::string_view controller) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    const bool is_ours = controller.empty() ? line.starts_with("0::") : has_controller(controllers, controller);
    if (!is_ours || !path.starts_with('/')) continue;
    if (path.find("/..") != std::string_view::npos) return std::nullopt;
    return std::string(path);
  }
  return std::nullopt;
}

std::optional<double> parse_cpu_max(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  return parse_cfs_quota(text.substr(0, space), text.substr(space + 1));
}

std::optional<base::Bytes> parse_memory_limit(std::string_view text) {
  const auto bytes = leading_number(text);
  if (!bytes || *bytes <= 0 || *bytes >= kHuge) return std::nullopt;
  return base::Bytes{*bytes};
}

CgroupLimits read_cgroup_limits(const fs::path& root) {
  CgroupLimits limits;
  const std::string groups = read_small_file(root / "proc/self/cgroup");
  const fs::path mount = root / "sys/fs/cgroup";
  if (const auto group = parse_cgroup_path(groups, "")) {
    // Where both versions are mounted, version 2 is a folder beside the version 1 controllers.
    const fs::path unified = mount / "unified";
    std::error_code ignored;
    for_each_level(fs::is_directory(unified, ignored) ? unified : mount, *group, [&](const fs::path& folder) {
      tighten(limits.cores, parse_cpu_max(read_small_file(folder / "cpu.max")));
      look_at_memory(limits, folder, "memory.max", "memory.current", "inactive_file ");
    });
  }
  if (const auto group = parse_cgroup_path(groups, "memory")) {
    for_each_level(mount / "memory", *group, [&](const fs::path& folder) {
      look_at_memory(limits, folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");
    });
  }
  if (const auto group = parse_cgroup_path(groups, "cpu")) {
    std::error_code ignored;
    const fs::path joined = mount / "cpu,cpuacct";
    for_each_level(fs::is_directory(joined, ignored) ? joined : mount / "cpu", *group, [&](const fs::path& folder) {
      tighten(limits.cores, parse_cfs_quota(read_small_file(folder / "cpu.cfs_quota_us"),
                                            read_small_file(folder / "cpu.cfs_period_us")));
    });
  }
  return limits;
}

}  // namespace hearth::startup
