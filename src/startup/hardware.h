#pragma once

// What this process may use of the machine: cores, instructions, memory, accelerators. Read once at start, in under a
// millisecond, from /proc and /sys; a container's limits count, not the host's size.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "startup/plan.h"

namespace hearth::startup {

/// Widest instruction level that our libraries have kernels for. The x86 ones are the psABI's micro-architecture
/// levels.
enum class SimdLevel { kBaseline, kX86V2, kX86V3, kX86V4, kX86V4Vnni, kNeon, kNeonDot, kNeonI8mm };
[[nodiscard]] std::string_view simd_name(SimdLevel level);  // "x86-64-v4+vnni", "neon+dotprod", …

/// An accelerator as far as it can be told without loading anything of it.
struct Accelerator {
  std::string name;         // "cuda", "rocm", "coreml", "npu"
  bool has_device = false;  // the kernel shows one
  bool has_driver = false;  // and its user-space library is installed
  std::string detail;       // driver version, or what is missing
  [[nodiscard]] bool is_present() const { return has_device && has_driver; }
};

struct Hardware {
  int cores_online = 1;             // of the machine
  int cores_allowed = 1;            // by this process's affinity (cpuset, taskset)
  std::optional<double> cpu_quota;  // cores' worth of time by cgroup; none: unlimited
  int cores = 1;                    // to plan with: allowed, and the quota rounded up; at least 1
  SimdLevel simd = SimdLevel::kBaseline;
  std::string cpu;                          // brand string; empty where unknown
  base::Bytes memory_total;                 // of the machine
  base::Bytes memory_available;             // what the kernel could give without swapping, limits counted
  std::optional<base::Bytes> memory_limit;  // by cgroup, the tightest up the tree; none: unlimited
  base::Bytes memory_limit_used;            // of that cgroup, its droppable page cache not counted
  bool is_container = false;                // a cgroup limits cores or memory, or the usual marker files are there
  std::vector<Accelerator> accelerators;    // those with a device or a driver; the processor itself is not among them

  /// What the plan may use: cores, and `memory_available`.
  [[nodiscard]] Machine machine() const;
};

/// Reads below `root` ("/" or a test's fixture); what cannot be read keeps its default. `allowed` and `online` come
/// from the system calls in probe_hardware().
[[nodiscard]] Hardware read_hardware(const std::filesystem::path& root, int online, int allowed);
/// The machine itself. Any thread.
[[nodiscard]] Hardware probe_hardware();
/// PURE. The driver's version in /proc/driver/nvidia/version; empty where there is none.
[[nodiscard]] std::string parse_nvidia_version(std::string_view text);
/// PURE. An object, e.g. for /status and `doctor --json`.
[[nodiscard]] std::string hardware_json(const Hardware& hardware);
/// PURE. "2 cores (x86-64-v4+vnni), 24.0 GiB memory, 20.1 available, no accelerator" for the log and `doctor`.
[[nodiscard]] std::string hardware_line(const Hardware& hardware);

}  // namespace hearth::startup
