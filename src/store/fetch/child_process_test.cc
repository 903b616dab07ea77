#include "store/fetch/child_process.h"

#include <gtest/gtest.h>

#include "store/fetch/registry_client.h"
#include "testing/temp_dir.h"

namespace hearth::store {
namespace {

using base::Code;

TEST(ChildProcess, SaysWhatItSaidAndHowItEnded) {
  const auto result = run_child({{"sh", "-c", "echo out; echo err >&2; exit 3"}, {}}, {}).value();
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.last_output, "out\nerr\n");
}

TEST(ChildProcess, WordsAreNotReadByAShell) {
  EXPECT_EQ(run_child({{"echo", "$HOME; false && `id`"}, {}}, {})->last_output, "$HOME; false && `id`\n");
}

TEST(ChildProcess, OnlyTheEndOfALongOutputIsKept) {
  const auto result = run_child({{"sh", "-c", "yes line | head -n 100000; echo last"}, {}}, {}).value();
  EXPECT_LE(result.last_output.size(), kMaxChildOutput);
  EXPECT_TRUE(result.last_output.ends_with("last\n"));
}

TEST(ChildProcess, VariablesAreAddedToOurs) {
  const auto result =
      run_child({{"sh", "-c", "echo $TMPDIR; test -n \"$PATH\""}, {{"TMPDIR", "/some where"}}}, {}).value();
  EXPECT_EQ(result.last_output, "/some where\n");
  EXPECT_EQ(result.exit_code, 0);
}

TEST(ChildProcess, ASignalIsAnExitCodeToo) {
  EXPECT_EQ(run_child({{"sh", "-c", "kill -9 $$"}, {}}, {})->exit_code, 137);
}

TEST(ChildProcess, AProgramThatIsNotThereIsNotFound) {
  EXPECT_EQ(run_child({{"hearth-no-such-program"}, {}}, {}).error().code, Code::kNotFound);
  EXPECT_FALSE(is_in_path("hearth-no-such-program"));
  EXPECT_TRUE(is_in_path("sh"));
}

TEST(RegistryClient, ANameThatCouldPassForAnOptionOrAPathIsRefused) {
  testing::TempDir dir;
  const std::string digest(64, 'a');
  using enum Archive::Registry;
  for (const char* name :
       {"--index-url=http://evil.example", "../x", "a b", "", "a;b", "@scope", "@/x", "git+https://x"}) {
    for (const auto registry : {kPypi, kNpm}) {
      const Archive archive{registry, name, "1.0", "a.whl", base::Bytes{1}, digest};
      EXPECT_EQ(fetch_from_registry(archive, dir.path(), {}).error().code, Code::kInvalidArgument) << name;
    }
  }
  const Archive bad_version{kPypi, "a", "1.0 --pre", "a.whl", base::Bytes{1}, digest};
  EXPECT_EQ(fetch_from_registry(bad_version, dir.path(), {}).error().code, Code::kInvalidArgument);
  const Archive bad_file{kPypi, "a", "1.0", "../../a.whl", base::Bytes{1}, digest};
  EXPECT_EQ(fetch_from_registry(bad_file, dir.path(), {}).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace hearth::store
