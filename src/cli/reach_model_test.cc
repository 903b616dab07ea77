#include "cli/reach_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::cli {
namespace {

using testing::HasSubstr;

net::HttpResponse answer_of(int status, std::string body) {
  net::HttpResponse answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

TEST(ReachModel, ARefusalIsSaidInItsOwnWords) {
  EXPECT_EQ(
      refusal_of(answer_of(400, R"({"error":{"message":"there is no voice 'x'; take af_heart","type":"t"}})")).line(),
      "there is no voice 'x'; take af_heart");
}

TEST(ReachModel, AMissingKeyComesWithWhatToDo) {
  EXPECT_EQ(refusal_of(answer_of(401, R"({"error":{"message":"the API key is missing or wrong"}})")).line(),
            "the API key is missing or wrong; set HEARTH_API_KEY to the server's key, or use --in-process");
}

TEST(ReachModel, AnAnswerThatIsNoErrorOfOursIsShownCut) {
  for (const char* body :
       {"<html>bad gateway", "{\"error\":", "{\"error\":\"text\"}", "{\"error\":{\"message\":7}}", "[]", ""}) {
    EXPECT_THAT(refusal_of(answer_of(502, body)).line(), HasSubstr("the server answered 502"));
  }
  EXPECT_LT(refusal_of(answer_of(500, std::string(10'000, 'x'))).line().size(), 600U);
}

TEST(ReachModel, NoServerIsAskedWhereThatIsForbiddenOrNoneCanBe) {
  CLI::App cli("", "hearth say");
  ConfigFlags flags(cli);
  ServerFlags server_flags(cli, flags);
  config::Server server;
  server.port = 0;
  EXPECT_FALSE(server_flags.finds_server(server));
  cli.parse(std::vector<std::string>{"--in-process"});
  EXPECT_FALSE(server_flags.finds_server(config::Server{}));
}

TEST(ReachModel, EachRequestHasTheFirstKeyOfTheConfiguration) {
  config::Server server;
  server.api_keys = {"first", "second"};
  for (const net::ClientRequest& request :
       {make_get(server, "/v1/models"), make_post(server, "/v1/x", "application/json", "{}")}) {
    const std::string* key = request.headers.find("Authorization");
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(*key, "Bearer first");
  }
}

}  // namespace
}  // namespace hearth::cli
