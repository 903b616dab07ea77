#include "config/folders.h"

#include <gtest/gtest.h>

namespace hearth::config {
namespace {

TEST(Folders, HomeIsEnough) {
  const Folders folders = folders_from({{"HOME", "/home/ann"}}).value();
  EXPECT_EQ(folders.config_file(), "/home/ann/.config/hearth/hearth.toml");
  EXPECT_EQ(folders.models(), "/home/ann/.cache/hearth/models");
  EXPECT_EQ(folders.artefacts(), "/home/ann/.cache/hearth/artefacts");
  EXPECT_EQ(folders.state, "/home/ann/.local/state/hearth");
}

TEST(Folders, TheXdgVariablesComeFirst) {
  const Folders folders = folders_from({{"HOME", "/home/ann"}, {"XDG_CACHE_HOME", "/big/cache"}}).value();
  EXPECT_EQ(folders.models(), "/big/cache/hearth/models");
}

TEST(Folders, APathThatIsNotAbsoluteIsIgnored) {
  const Folders folders = folders_from({{"HOME", "/home/ann"}, {"XDG_CACHE_HOME", "cache"}}).value();
  EXPECT_EQ(folders.cache, "/home/ann/.cache/hearth");
}

TEST(Folders, WithoutAHomeTheErrorSaysWhatToSet) {
  const auto folders = folders_from({});
  ASSERT_FALSE(folders);
  EXPECT_EQ(folders.error().code, base::Code::kNotFound);
  EXPECT_NE(folders.error().message.find("HOME"), std::string::npos);
}

}  // namespace
}  // namespace hearth::config
