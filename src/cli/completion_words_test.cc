#include "cli/completion_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// As `hearth models` is built.
class CompletionWords : public testing::Test {
 protected:
  CompletionWords() {
    app_.add_option("--config", text_)->type_name("FILE");
    app_.fallthrough();
    app_.add_subcommand("list")->add_flag("--json", flag_);
    CLI::App* pull = app_.add_subcommand("pull");
    pull->add_option("MODEL", names_);
    pull->add_flag("--accept-licence,--accept-license", flag_);
    serve_.add_option("--models", text_)->type_name(kModelsValue);
    serve_.add_flag("--quiet", flag_);
    serve_.add_option("--port,-p", text_);
  }
  static std::vector<std::string> complete(const CLI::App& app, const std::vector<std::string>& words) {
    return complete_words(app, words, [] { return std::vector<std::string>{"kokoro", "whisper-base"}; });
  }
  CLI::App app_{"", "hearth models"};
  CLI::App serve_{"", "hearth serve"};
  std::string text_;
  std::vector<std::string> names_;
  bool flag_ = false;
};

TEST_F(CompletionWords, SubcommandsComeFirst) {
  EXPECT_THAT(complete(app_, {""}), ElementsAre("list", "pull"));
  EXPECT_THAT(complete(app_, {"p"}), ElementsAre("pull"));
}

TEST_F(CompletionWords, ASubcommandHasItsOwnOptionsAndThoseThatItsVerbTakes) {
  EXPECT_THAT(complete(app_, {"pull", "--"}),
              ElementsAre("--accept-licence", "--accept-license", "--config", "--help"));
  EXPECT_THAT(complete(app_, {"list", "--j"}), ElementsAre("--json"));
}

TEST_F(CompletionWords, ModelsAreNamedWhereModelsAreMeant) {
  EXPECT_THAT(complete(app_, {"pull", ""}), ElementsAre("kokoro", "whisper-base"));
  EXPECT_THAT(complete(serve_, {"--models", "kokoro,w"}), ElementsAre("kokoro,whisper-base"));
  EXPECT_THAT(complete(serve_, {"--quiet", ""}), IsEmpty());
}

TEST_F(CompletionWords, AnotherValueIsLeftToTheShell) {
  EXPECT_THAT(complete(serve_, {"--port", ""}), IsEmpty());
  EXPECT_THAT(complete(app_, {"pull", "--config", ""}), IsEmpty());
  EXPECT_THAT(complete(app_, {}), IsEmpty());
}

}  // namespace
}  // namespace hearth::cli
