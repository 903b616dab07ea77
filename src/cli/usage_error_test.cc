#include "cli/usage_error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace hearth::cli {
namespace {

/// What `app` says of these words, which stand behind its verb.
std::string said_of(CLI::App& app, std::vector<std::string> words) {
  std::ranges::reverse(words);
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return "understood";
}

TEST(UsageError, AMistypedOptionIsNamedWithTheOneThatWasMeant) {
  std::string port;
  CLI::App app("", "hearth serve");
  app.add_option("--port,-p", port);
  EXPECT_EQ(said_of(app, {"--prt", "3"}),
            "hearth serve: there is no option --prt; did you mean --port? see hearth serve --help");
  EXPECT_EQ(said_of(app, {"--prt=3"}),
            "hearth serve: there is no option --prt; did you mean --port? see hearth serve --help");
  EXPECT_EQ(said_of(app, {"--elephant"}), "hearth serve: there is no option --elephant; see hearth serve --help");
  EXPECT_EQ(said_of(app, {"more"}), "hearth serve: 'more' is one argument too many; see hearth serve --help");
  EXPECT_EQ(said_of(app, {"--port"}), "hearth serve: --port needs a value; see hearth serve --help");
}

TEST(UsageError, AMissingSubcommandIsAnsweredWithThoseThereAre) {
  CLI::App app("", "hearth models");
  app.require_subcommand(1);
  app.add_subcommand("list");
  app.add_subcommand("pull");
  app.add_subcommand("clean");
  EXPECT_EQ(said_of(app, {}), "hearth models: say what to do: list, pull or clean; see hearth models --help");
  EXPECT_EQ(said_of(app, {"lst"}), "hearth models: there is no 'lst'; did you mean list? see hearth models --help");
  EXPECT_EQ(said_of(app, {"elephant"}),
            "hearth models: there is no 'elephant'; take list, pull or clean; see hearth models --help");
}

TEST(UsageError, AnOptionOfASubcommandIsSoughtThere) {
  bool flag = false;
  CLI::App app("", "hearth models");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_subcommand("clean")->add_flag("--dry-run", flag);
  EXPECT_EQ(said_of(app, {"clean", "--dryrun"}),
            "hearth models: there is no option --dryrun; did you mean --dry-run? see hearth models clean --help");
}

TEST(UsageError, WhatIsMissingIsSaidByName) {
  std::string text;
  CLI::App app("", "hearth ocr");
  app.add_option("FILE", text)->required();
  EXPECT_EQ(said_of(app, {}), "hearth ocr: FILE is required; see hearth ocr --help");
  EXPECT_EQ(said_of(app, {"--pags", "1"}), "hearth ocr: there is no option --pags; see hearth ocr --help");
}

TEST(UsageError, AHostileArgumentStaysInOneLine) {
  CLI::App app("", "hearth serve");
  const std::string line = said_of(app, {"--a\nb\x1b[2J" + std::string(1'000, 'x')});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_LT(line.size(), 200U);
}

}  // namespace
}  // namespace hearth::cli
