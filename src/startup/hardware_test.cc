#include "startup/hardware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "startup/cgroup.h"
#include "startup/small_files.h"
#include "testing/temp_dir.h"

namespace hearth::startup {
namespace {

using namespace base::literals;
using ::testing::HasSubstr;

/// A machine made of files.
class HardwareTest : public ::testing::Test {
 protected:
  HardwareTest() {
    put("proc/meminfo", "MemTotal:       25165824 kB\nMemFree:         1 kB\nMemAvailable:   20971520 kB\n");
  }
  void put(const std::string& path, std::string_view text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  Hardware read(int online = 16, int allowed = 16) { return read_hardware(root_.path(), online, allowed); }
  testing::TempDir root_;
};

TEST_F(HardwareTest, ABareMachineHasAllItsCoresAndMemory) {
  const Hardware hardware = read();
  EXPECT_EQ(hardware.cores, 16);
  EXPECT_FALSE(hardware.cpu_quota.has_value());
  EXPECT_EQ(hardware.memory_total, 24_GiB);
  EXPECT_EQ(hardware.memory_available, 20_GiB);
  EXPECT_FALSE(hardware.memory_limit.has_value());
  EXPECT_FALSE(hardware.is_container);
  EXPECT_TRUE(hardware.accelerators.empty());
  EXPECT_EQ(hardware.machine().cores, 16);
  EXPECT_EQ(hardware.machine().memory, 20_GiB);
}

TEST_F(HardwareTest, AnEmptyMachineStillHasOneCore) {
  testing::TempDir nothing;
  const Hardware hardware = read_hardware(nothing.path(), 0, -3);
  EXPECT_EQ(hardware.cores, 1);
  EXPECT_EQ(hardware.memory_total, 0_B);
}

TEST_F(HardwareTest, AffinityBoundsTheCores) { EXPECT_EQ(read(16, 3).cores, 3); }

TEST_F(HardwareTest, ReadsVersionTwoLimitsFromTheTightestLevel) {
  put("proc/self/cgroup", "0::/system.slice/hearth.service\n");
  put("sys/fs/cgroup/system.slice/hearth.service/cpu.max", "max 100000\n");
  put("sys/fs/cgroup/system.slice/cpu.max", "250000 100000\n");
  put("sys/fs/cgroup/system.slice/hearth.service/memory.max", "2147483648\n");
  put("sys/fs/cgroup/system.slice/hearth.service/memory.current", "1073741824\n");
  put("sys/fs/cgroup/system.slice/hearth.service/memory.stat", "anon 1\nfile 9\ninactive_file 536870912\n");
  put("sys/fs/cgroup/system.slice/memory.max", "4294967296\n");
  const Hardware hardware = read();
  EXPECT_EQ(hardware.cpu_quota, 2.5);
  EXPECT_EQ(hardware.cores, 3) << "half a core is a core for half the time";
  EXPECT_EQ(hardware.memory_limit, 2_GiB);
  EXPECT_EQ(hardware.memory_limit_used, 512_MiB) << "page cache that can be dropped is free";
  EXPECT_EQ(hardware.memory_available, 1536_MiB);
  EXPECT_TRUE(hardware.is_container);
}

TEST_F(HardwareTest, ReadsVersionOneLimits) {
  put("proc/self/cgroup", "4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/\n");
  put("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "150000\n");
  put("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
  put("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  put("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "1073741824\n");
  put("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "268435456\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  const Hardware hardware = read();
  EXPECT_EQ(hardware.cores, 2);
  EXPECT_EQ(hardware.memory_limit, 1_GiB);
  EXPECT_EQ(hardware.memory_available, 768_MiB);
}

TEST_F(HardwareTest, InsideAContainerTheMountItselfAnswers) {
  put("proc/self/cgroup", "4:memory:/docker/abc\n3:cpu:/docker/abc\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(read().memory_limit, 1_GiB);
  EXPECT_EQ(read().cores, 1);
}

TEST_F(HardwareTest, ALimitAboveTheMachineIsNone) {
  put("proc/self/cgroup", "0::/\n");
  put("sys/fs/cgroup/memory.max", "1099511627776\n");
  put("sys/fs/cgroup/cpu.max", "12800000 100000\n");
  EXPECT_FALSE(read().memory_limit.has_value());
  EXPECT_EQ(read().cores, 16);
}

TEST_F(HardwareTest, CudaNeedsADeviceAndADriver) {
  put("usr/lib/x86_64-linux-gnu/libcuda.so.1", "");
  ASSERT_EQ(read().accelerators.size(), 1u);
  EXPECT_FALSE(read().accelerators[0].is_present());
  EXPECT_THAT(read().accelerators[0].detail, HasSubstr("/dev/nvidia0"));
  put("dev/nvidia0", "");
  put("proc/driver/nvidia/version",
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.54.03  Tue Jun  6 22:20:39 UTC 2023\nGCC version: 12.2\n");
  EXPECT_TRUE(read().accelerators[0].is_present());
  EXPECT_EQ(read().accelerators[0].detail, "535.54.03");
  EXPECT_THAT(hardware_line(read()), HasSubstr(", cuda 535.54.03"));
  EXPECT_THAT(hardware_json(read()),
              HasSubstr(R"({"name":"cuda","present":true,"device":true,"driver":true,"detail":"535.54.03"})"));
}

TEST_F(HardwareTest, RecognisesOtherAccelerators) {
  put("dev/kfd", "");
  put("dev/accel/accel0", "");
  const auto accelerators = read().accelerators;
  ASSERT_EQ(accelerators.size(), 2u);
  EXPECT_EQ(accelerators[0].name, "rocm");
  EXPECT_THAT(accelerators[0].detail, HasSubstr("libamdhip64"));
  EXPECT_EQ(accelerators[1].name, "npu");
}

TEST_F(HardwareTest, SaysItInOneLineAndInJson) {
  Hardware hardware = read(2, 2);
  hardware.simd = SimdLevel::kX86V4Vnni;
  EXPECT_EQ(hardware_line(hardware), "2 cores (x86-64-v4+vnni), 24.0 GiB memory, 20.0 available, no accelerator");
  EXPECT_THAT(hardware_json(hardware),
              HasSubstr(R"("cores":2,"cores_online":2,"cores_allowed":2,"cpu_quota":null,"simd":"x86-64-v4+vnni")"));
}

TEST(Cgroup, FindsItsPathByController) {
  const char* text = "12:cpu,cpuacct:/a\n4:memory:/b\n1:name=systemd:/c\n0::/d\n";
  EXPECT_EQ(parse_cgroup_path(text, "cpu"), "/a");
  EXPECT_EQ(parse_cgroup_path(text, "cpuacct"), "/a");
  EXPECT_EQ(parse_cgroup_path(text, "memory"), "/b");
  EXPECT_EQ(parse_cgroup_path(text, ""), "/d");
  EXPECT_EQ(parse_cgroup_path(text, "pids"), std::nullopt);
  EXPECT_EQ(parse_cgroup_path("0::/../../etc", ""), std::nullopt) << "outside its own namespace";
  EXPECT_EQ(parse_cgroup_path("damage\n:\n0:\n", ""), std::nullopt);
}

TEST(Cgroup, DamagedLimitsAreNone) {
  for (const char* text : {"", "max 100000", "100000", "0 100000", "-1 100000", "100000 0", "x y"})
    EXPECT_EQ(parse_cpu_max(text), std::nullopt) << text;
  EXPECT_EQ(parse_cpu_max("200000 100000\n"), 2.0);
  for (const char* text : {"", "max", "-1", "0", "9223372036854771712", "99999999999999999999"})
    EXPECT_EQ(parse_memory_limit(text), std::nullopt) << text;
}

TEST(SmallFiles, FindsAKeyAtTheBeginOfALineOnly) {
  EXPECT_EQ(number_after("total_inactive_file 1\ninactive_file 2\n", "inactive_file "), 2);
  EXPECT_EQ(number_after("a 1\n", "b "), std::nullopt);
}

TEST(Hardware, ProbesThisMachine) {
  const Hardware hardware = probe_hardware();
  EXPECT_GE(hardware.cores, 1);
  EXPECT_LE(hardware.cores, hardware.cores_online);
  EXPECT_GT(hardware.memory_total, 64_MiB);
  EXPECT_GT(hardware.memory_available, 1_MiB);
#if defined(__x86_64__)
  EXPECT_FALSE(hardware.cpu.empty());
#endif
}

TEST(Hardware, EverySimdLevelHasAName) {
  for (int level = 0; level <= static_cast<int>(SimdLevel::kNeonI8mm); ++level)
    EXPECT_FALSE(simd_name(static_cast<SimdLevel>(level)).empty());
}

}  // namespace
}  // namespace hearth::startup
