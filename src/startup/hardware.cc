#include "startup/hardware.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <initializer_list>

#include "observe/json_writer.h"
#include "startup/cgroup.h"
#include "startup/small_files.h"

namespace hearth::startup {
namespace {

namespace fs = std::filesystem;

SimdLevel read_simd() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool v2 =
      __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("ssse3");
  const bool v3 =
      v2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  if (v4 && __builtin_cpu_supports("avx512vnni")) return SimdLevel::kX86V4Vnni;
  return v4 ? SimdLevel::kX86V4 : v3 ? SimdLevel::kX86V3 : v2 ? SimdLevel::kX86V2 : SimdLevel::kBaseline;
#elif defined(__aarch64__) && defined(__linux__)
  constexpr unsigned long kDotProduct = 1ul << 20, kI8mm = 1ul << 13;  // HWCAP_ASIMDDP, HWCAP2_I8MM
  if ((::getauxval(AT_HWCAP2) & kI8mm) != 0) return SimdLevel::kNeonI8mm;
  return (::getauxval(AT_HWCAP) & kDotProduct) != 0 ? SimdLevel::kNeonDot : SimdLevel::kNeon;
#elif defined(__aarch64__)
  return SimdLevel::kNeonDot;  // every Apple processor that runs a supported system has it
#else
  return SimdLevel::kBaseline;
#endif
}

std::string read_cpu_name() {
#if defined(__x86_64__)
  // The brand string by the cpuid instruction: /proc/cpuinfo is written anew for every core, which takes milliseconds
  // on large ones.
  constexpr unsigned kBrand = 0x80000002;
  if (__get_cpuid_max(0x80000000, nullptr) < kBrand + 2) return {};
  std::array<unsigned, 12> words{};
  for (unsigned i = 0; i < 3; ++i)
    __get_cpuid(kBrand + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2], &words[4 * i + 3]);
  std::array<char, sizeof words + 1> text{};
  std::memcpy(text.data(), words.data(), sizeof words);
  std::string name = text.data();
  name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
  name.resize(name.find_last_not_of(' ') + 1);
  return name;
#else
  return {};
#endif
}

bool exists_any(const fs::path& root, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return ::access((root / name).c_str(), F_OK) == 0; });
}

void say_what_is_missing(Accelerator& it, const char* device, const char* driver) {
  if (!it.has_driver) it.detail = std::string(driver) + " is not installed";
  if (!it.has_device) it.detail = std::string("no device: ") + device + " is not there";
}

std::vector<Accelerator> read_accelerators(const fs::path& root) {
  std::vector<Accelerator> found;
  Accelerator cuda{.name = "cuda", .detail = {}};
  cuda.has_device = exists_any(root, {"dev/nvidia0", "dev/nvidiactl", "dev/dxg"});
  cuda.has_driver = exists_any(root, {"usr/lib/x86_64-linux-gnu/libcuda.so.1", "usr/lib/aarch64-linux-gnu/libcuda.so.1",
                                      "usr/lib64/libcuda.so.1", "usr/lib/libcuda.so.1", "usr/lib/wsl/lib/libcuda.so.1",
                                      "usr/local/nvidia/lib64/libcuda.so.1", "usr/local/cuda/compat/libcuda.so.1"});
  if (cuda.has_device || cuda.has_driver) {
    cuda.detail = parse_nvidia_version(read_small_file(root / "proc/driver/nvidia/version"));
    say_what_is_missing(cuda, "/dev/nvidia0", "libcuda.so.1");
    found.push_back(std::move(cuda));
  }
  Accelerator rocm{.name = "rocm", .detail = {}};
  rocm.has_device = exists_any(root, {"dev/kfd"});
  rocm.has_driver = exists_any(root, {"opt/rocm/lib/libamdhip64.so", "usr/lib/x86_64-linux-gnu/libamdhip64.so.5",
                                      "usr/lib/x86_64-linux-gnu/libamdhip64.so.6", "usr/lib64/libamdhip64.so"});
  if (rocm.has_device || rocm.has_driver) {
    say_what_is_missing(rocm, "/dev/kfd", "libamdhip64");
    found.push_back(std::move(rocm));
  }
  Accelerator npu{.name = "npu", .detail = {}};
  npu.has_device = exists_any(root, {"dev/accel/accel0"});
  npu.has_driver = exists_any(root, {"usr/lib/x86_64-linux-gnu/libze_loader.so.1", "usr/lib64/libze_loader.so.1"});
  if (npu.has_device) {
    say_what_is_missing(npu, "/dev/accel/accel0", "libze_loader.so.1");
    found.push_back(std::move(npu));
  }
#if defined(__APPLE__)
  found.push_back({.name = "coreml", .has_device = true, .has_driver = true, .detail = "part of the system"});
#endif
  return found;
}

double gib(base::Bytes bytes) { return bytes.mib() / 1024; }

}  // namespace

std::string_view simd_name(SimdLevel level) {
  switch (level) {
    case SimdLevel::kBaseline:
      return "baseline";
    case SimdLevel::kX86V2:
      return "x86-64-v2";
    case SimdLevel::kX86V3:
      return "x86-64-v3";
    case SimdLevel::kX86V4:
      return "x86-64-v4";
    case SimdLevel::kX86V4Vnni:
      return "x86-64-v4+vnni";
    case SimdLevel::kNeon:
      return "neon";
    case SimdLevel::kNeonDot:
      return "neon+dotprod";
    case SimdLevel::kNeonI8mm:
      return "neon+i8mm";
  }
  return "baseline";
}

std::string parse_nvidia_version(std::string_view text) {
  const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size()));
  // "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.54.03  Tue Jun …": the first word made of digits and dots.
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = line.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    const std::string_view word = line.substr(begin, end - begin);
    if (word.find('.') != std::string_view::npos && word.find_first_not_of("0123456789.") == std::string_view::npos) {
      return std::string(word);
    }
    at = end;
  }
  return {};
}

Hardware read_hardware(const fs::path& root, int online, int allowed) {
  Hardware hardware;
  hardware.cores_online = std::max(online, 1);
  hardware.cores_allowed = std::clamp(allowed, 1, hardware.cores_online);
  const CgroupLimits limits = read_cgroup_limits(root);
  hardware.cpu_quota = limits.cores;
  hardware.cores = hardware.cores_allowed;
  if (limits.cores)
    hardware.cores = std::clamp(static_cast<int>(std::ceil(std::min(*limits.cores, 65536.0))), 1, hardware.cores);

  const std::string meminfo = read_small_file(root / "proc/meminfo");
  hardware.memory_total = base::Bytes{number_after(meminfo, "MemTotal:").value_or(0) * 1024};
  hardware.memory_available = base::Bytes{number_after(meminfo, "MemAvailable:").value_or(0) * 1024};
  // A limit above what the machine has is none.
  if (limits.memory && (hardware.memory_total.count == 0 || *limits.memory < hardware.memory_total)) {
    hardware.memory_limit = limits.memory;
    hardware.memory_limit_used = limits.memory_used;
    const base::Bytes left{std::max<std::int64_t>((*limits.memory - limits.memory_used).count, 0)};
    if (hardware.memory_available.count == 0 || left < hardware.memory_available) hardware.memory_available = left;
  }
  hardware.is_container =
      hardware.memory_limit || hardware.cpu_quota || exists_any(root, {".dockerenv", "run/.containerenv"});
  hardware.accelerators = read_accelerators(root);
  return hardware;
}

Hardware probe_hardware() {
  const int online = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  int allowed = online;
#if defined(__linux__)
  // Room for 8,192 processors: the fixed cpu_set_t fails on machines with more than 1,024.
  std::array<cpu_set_t, 8> set{};
  if (::sched_getaffinity(0, sizeof set, set.data()) == 0) allowed = CPU_COUNT_S(sizeof set, set.data());
#endif
  Hardware hardware = read_hardware("/", online, allowed);
  hardware.simd = read_simd();
  hardware.cpu = read_cpu_name();
  return hardware;
}

Machine Hardware::machine() const { return {.cores = cores, .disk = 100, .memory = memory_available}; }

std::string hardware_json(const Hardware& hardware) {
  observe::JsonWriter json;
  json.begin_object().member("cores", hardware.cores).member("cores_online", hardware.cores_online);
  json.member("cores_allowed", hardware.cores_allowed).key("cpu_quota");
  hardware.cpu_quota ? json.fixed(*hardware.cpu_quota, 2) : json.null();
  json.member("simd", simd_name(hardware.simd)).member("cpu", hardware.cpu);
  json.member("memory_total", hardware.memory_total.count).member("memory_available", hardware.memory_available.count);
  json.key("memory_limit");
  hardware.memory_limit ? json.value(hardware.memory_limit->count) : json.null();
  json.member("memory_limit_used", hardware.memory_limit_used.count).member("container", hardware.is_container);
  json.key("execution_providers").begin_array().begin_object().member("name", "cpu").member("present", true);
  json.member("detail", simd_name(hardware.simd)).end_object();
  for (const Accelerator& it : hardware.accelerators) {
    json.begin_object().member("name", it.name).member("present", it.is_present()).member("device", it.has_device);
    json.member("driver", it.has_driver).member("detail", it.detail).end_object();
  }
  return json.end_array().end_object().take();
}

std::string hardware_line(const Hardware& hardware) {
  std::string line =
      fmt::format("{} core{} ({})", hardware.cores, hardware.cores == 1 ? "" : "s", simd_name(hardware.simd));
  line +=
      fmt::format(", {:.1f} GiB memory, {:.1f} available", gib(hardware.memory_total), gib(hardware.memory_available));
  if (hardware.memory_limit) line += fmt::format(", limited to {:.1f}", gib(*hardware.memory_limit));
  std::string accelerators;
  for (const Accelerator& it : hardware.accelerators) {
    if (it.is_present())
      accelerators += (accelerators.empty() ? "" : ", ") + it.name + (it.detail.empty() ? "" : " " + it.detail);
  }
  return line + ", " + (accelerators.empty() ? "no accelerator" : accelerators);
}

}  // namespace hearth::startup
