#include "cli/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

namespace hearth::cli {
namespace {

using base::Code;
using base::fail;
using base::Result;
using testing::ElementsAre;
using testing::HasSubstr;

/// Answers by a script, and keeps what it was asked.
class ScriptedPartner final : public Partner {
 public:
  struct Line {
    std::string said;          // in one event; empty: none
    Result<void> result = {};  // afterwards
  };
  explicit ScriptedPartner(std::deque<Line> script) : script_(std::move(script)) {}
  Result<void> answer(const std::string& request, DeltaReader& reader) override {
    std::vector<std::string> messages;
    const auto document = nlohmann::json::parse(request);
    for (const auto& message : document["messages"]) messages.push_back(message["content"]);
    asked.push_back(std::move(messages));
    Line line = std::move(script_.front());
    script_.pop_front();
    const nlohmann::json event = {{"choices", {{{"delta", {{"content", line.said}}}}}}};
    if (!line.said.empty()) reader.take("data: " + event.dump() + "\n\n");
    return line.result;
  }
  std::vector<std::vector<std::string>> asked;

 private:
  std::deque<Line> script_;
};

struct Heard {
  Result<int> refused;
  std::string out, err;
};

Heard hear(ScriptedPartner& partner, const std::string& lines, const ChatOptions& options = {}) {
  std::istringstream in(lines);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  auto refused = converse(options, partner, in, Prompt::kNone);
  return {std::move(refused), testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

const Result<void> kFull = fail(Code::kInvalidArgument, "the context is full");

TEST(Conversation, EachTurnKnowsWhatWasSaidBefore) {
  ScriptedPartner partner({{"Hello."}, {"Blue."}});
  const Heard heard = hear(partner, "Hi\n  \nWhich colour?\n", {.text = {}, .system = "Be brief.", .model = "m"});
  EXPECT_EQ(heard.refused, 0);
  EXPECT_EQ(heard.out, "Hello.\nBlue.\n");
  EXPECT_THAT(partner.asked,
              ElementsAre(ElementsAre("Be brief.", "Hi"), ElementsAre("Be brief.", "Hi", "Hello.", "Which colour?")));
}

TEST(Conversation, ARefusedTurnIsToldAndForgottenAndTheNextIsAnswered) {
  ScriptedPartner partner({{"Hello."}, {"", kFull}, {"Blue."}});
  const Heard heard = hear(partner, "Hi\na book\nWhich colour?\n");
  EXPECT_EQ(heard.refused, 1);
  EXPECT_EQ(heard.out, "Hello.\nBlue.\n");
  EXPECT_THAT(heard.err, HasSubstr("hearth chat: the context is full"));
  EXPECT_THAT(partner.asked.back(), ElementsAre("Hi", "Hello.", "Which colour?"));
}

TEST(Conversation, AnAnswerThatBreaksOffEndsItsLineAndIsForgottenToo) {
  ScriptedPartner partner({{"Once upon", kFull}, {"Blue."}});
  const Heard heard = hear(partner, "A story\nWhich colour?\n");
  EXPECT_EQ(heard.refused, 1);
  EXPECT_EQ(heard.out, "Once upon\nBlue.\n");
  EXPECT_THAT(partner.asked.back(), ElementsAre("Which colour?"));
}

TEST(Conversation, OneQuestionThatIsRefusedIsCounted) {
  ScriptedPartner partner({{"", kFull}});
  const Heard heard = hear(partner, "", {.text = "a book", .system = {}, .model = "m"});
  EXPECT_EQ(heard.refused, 1);
  EXPECT_EQ(heard.out, "");
}

}  // namespace
}  // namespace hearth::cli
