#include <gtest/gtest.h>

#include "base/files.h"
#include "config/settings.h"

namespace hearth::config {
namespace {

TEST(ConfigurationPage, HasEverySettingWithItsVariablesAndItsDefault) {
  const std::string page = base::read_file(HEARTH_DOCS "/configuration.md").value_or("");
  ASSERT_FALSE(page.empty());
  for (const Setting& setting : settings()) {
    const std::size_t at = page.find("| `" + std::string(setting.name) + "` |");
    ASSERT_NE(at, std::string::npos) << setting.name;
    const std::string row = page.substr(at, page.find('\n', at) - at);
    std::string variables(setting.variables);
    for (std::size_t begin = 0; begin < variables.size();) {
      const std::size_t end = std::min(variables.find(' ', begin), variables.size());
      const std::size_t first = variables.find_first_not_of("!#", begin);
      EXPECT_NE(row.find("`" + variables.substr(first, end - first) + "`"), std::string::npos) << row;
      begin = end + 1;
    }
    const std::string value = setting.show(Config{});
    EXPECT_TRUE(value.empty() || row.find("| `" + value + "` |") != std::string::npos) << row;
  }
}

template <typename Target>
void expect_rows(const std::string& page, std::span<const Key<Target>> keys) {
  for (const Key<Target>& key : keys) {
    EXPECT_NE(page.find("\n| `" + std::string(key.name) + "` |"), std::string::npos) << key.name;
  }
}

TEST(ConfigurationPage, HasEveryKeyOfTheTables) {
  const std::string page = base::read_file(HEARTH_DOCS "/configuration.md").value_or("");
  expect_rows(page, model_keys());
  expect_rows(page, file_keys());
  expect_rows(page, prefix_keys());
}

}  // namespace
}  // namespace hearth::config
