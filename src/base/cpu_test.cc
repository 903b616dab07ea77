#include "base/cpu.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace hearth::base {
namespace {

bool here() { return true; }
bool missing() { return false; }

TEST(Cpu, WhatIsCompiledInAndNotHereIsNamed) {
  const CpuFeature features[] = {{"old", true, here}, {"unused", false, missing}, {"new", true, missing}};
  EXPECT_STREQ(find_missing(features), "new");
}

TEST(Cpu, WhatIsNotCompiledInMayBeMissing) {
  const CpuFeature features[] = {{"old", true, here}, {"unused", false, missing}};
  EXPECT_EQ(find_missing(features), nullptr);
  EXPECT_EQ(find_missing({}), nullptr);
}

TEST(Cpu, TheFirstOfSeveralIsNamed) {
  const CpuFeature features[] = {{"avx", true, missing}, {"avx2", true, missing}};
  EXPECT_STREQ(find_missing(features), "avx");
}

TEST(Cpu, ThisMachineHasWhatItWasBuiltFor) { EXPECT_EQ(find_missing(cpu_features()), nullptr); }

#if defined(__x86_64__)
TEST(Cpu, TheTableKnowsWhatTheCompilerWasGiven) {
  std::set<std::string> names;
  std::set<std::string> compiled_in;
  for (const CpuFeature& feature : cpu_features()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name << " stands there twice";
    if (feature.is_compiled_in) compiled_in.insert(feature.name);
  }
#if defined(__SSE4_2__)
  EXPECT_TRUE(compiled_in.contains("sse4.2"));
#endif
#if defined(__AVXVNNI__)
  EXPECT_TRUE(compiled_in.contains("avxvnni"));
#else
  EXPECT_FALSE(compiled_in.contains("avxvnni"));
#endif
#if !defined(__FMA4__)
  EXPECT_FALSE(compiled_in.contains("fma4"));
#endif
}
#endif

}  // namespace
}  // namespace hearth::base
