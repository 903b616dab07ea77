#include "config/prefixes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/resolve.h"

namespace hearth::config {
namespace {

using testing::HasSubstr;

std::string complaint(std::string_view toml) {
  const auto resolved = resolve({}, {}, toml);
  return resolved ? "" : resolved.error().line();
}

TEST(Prefixes, BelongToTheModelTheyNameAndToTheOneThatNamesThem) {
  const auto resolved = resolve({}, {}, R"(
[[models]]
name = "mine"
prefixes = ["desk"]

[[prefix]]
id = "desk"
system = "You answer the desk."

[[prefix]]
id = "line"
model = "smollm2-135m"
file = "/etc/line.txt"
)");
  ASSERT_TRUE(resolved) << resolved.error().line();
  const auto mine = prefixes_of(resolved->config, "mine");
  ASSERT_EQ(mine.size(), 1U);
  EXPECT_EQ(mine[0]->system, "You answer the desk.");
  const auto known = prefixes_of(resolved->config, "smollm2-135m");  // no [[models]] entry is needed
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0]->id, "line");
  EXPECT_TRUE(prefixes_of(resolved->config, "other").empty());
}

TEST(Prefixes, WhatCannotBeIsRefused) {
  const std::string good = "[[prefix]]\nid = 'a'\nmodel = 'm'\nsystem = 'x'\n";
  EXPECT_EQ(complaint(good), "");
  EXPECT_THAT(complaint("[[prefix]]\nid = '../a'\nmodel = 'm'\nsystem = 'x'"), HasSubstr("no proper id"));
  EXPECT_THAT(complaint(good + good), HasSubstr("is there twice"));
  EXPECT_THAT(complaint("[[prefix]]\nid = 'a'\nmodel = 'm'"), HasSubstr("either a text or a file"));
  EXPECT_THAT(complaint(good + "file = '/x'"), HasSubstr("either a text or a file"));
  EXPECT_THAT(complaint("[[prefix]]\nid = 'a'\nmodel = 'm'\nfile = 'x.txt'"), HasSubstr("beginning with /"));
  EXPECT_THAT(complaint("[[prefix]]\nid = 'a'\nsystem = 'x'"), HasSubstr("belongs to no model"));
}

}  // namespace
}  // namespace hearth::config
