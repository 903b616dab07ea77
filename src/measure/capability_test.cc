#include "measure/capability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace hearth::measure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> moments_for(std::string_view kind) {
  std::vector<std::string> moments;
  for (const Question& question : questions_for(kind, "one")) {
    EXPECT_EQ(question.request.method, "POST");
    EXPECT_THAT(question.request.body, HasSubstr("one"));
    moments.push_back(question.moment);
  }
  return moments;
}

TEST(Capability, EachKindHasItsQuestions) {
  EXPECT_THAT(moments_for("speech"), ElementsAre("first audio"));
  EXPECT_THAT(moments_for("transcription"), ElementsAre("first transcript"));
  EXPECT_THAT(moments_for("document"), ElementsAre("first page"));
  EXPECT_THAT(moments_for("language"), ElementsAre("first token", "first ranking", "first embedding"));
  EXPECT_THAT(moments_for("voice"), IsEmpty());
}

TEST(Capability, ARefusalTellsThatTheModelIsOfAnotherSort) {
  EXPECT_TRUE(is_of_other_sort(R"({"error": {"message": "it embeds", "code": "unsupported_model"}})"));
  for (const char* text : {"", "{", "[]", "null", "{}", R"({"error": 1})", R"({"error": {"code": null}})",
                           R"({"error": {"code": "invalid_value"}})"}) {
    EXPECT_FALSE(is_of_other_sort(text)) << text;
  }
}

}  // namespace
}  // namespace hearth::measure
