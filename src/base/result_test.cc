#include "base/result.h"

#include <gtest/gtest.h>

#include <set>

namespace hearth::base {
namespace {

TEST(IsPermanent, EveryCodeIsDecided) {
  const std::set<Code> passing = {Code::kConflict, Code::kExhausted, Code::kUnavailable, Code::kTimedOut, Code::kIo};
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code) {
    EXPECT_EQ(is_permanent(static_cast<Code>(code)), !passing.contains(static_cast<Code>(code))) << code;
  }
}

}  // namespace
}  // namespace hearth::base
