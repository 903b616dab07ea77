#include "api/guard.h"

#include <gtest/gtest.h>

namespace hearth::api {
namespace {

net::HttpRequest request(net::Headers headers) {
  net::HttpRequest out;
  out.headers = std::move(headers);
  return out;
}

TEST(KnownHost, IsLoopbackTheBoundOneOrAConfiguredOne) {
  GuardPolicy policy;
  policy.bound_host = "192.168.1.5";
  policy.allowed_hosts = {"voice.example", "other.example:8000"};
  for (const char* known :
       {"localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1", "127.0.0.1:1", "127.8.9.1", "[::1]", "[::1]:8000",
        "192.168.1.5:8000", "voice.example", "Voice.Example:99", "other.example"}) {
    EXPECT_TRUE(is_known_host(policy, known)) << known;
  }
  for (const char* foreign :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.evil.example", "10.0.0.1", "[::2]",
        "[::1", "localhost:8000:1", "localhost:x", "localhost:123456", "[::1]evil", ":8000", "localhost@evil.example",
        "evil.example#localhost", "voice.example.evil"}) {
    EXPECT_FALSE(is_known_host(policy, foreign)) << foreign;
  }
}

TEST(KnownHost, AnIpv6AddressNeedsNoBracketsInTheConfiguration) {
  GuardPolicy policy;
  policy.bound_host = "fd00::2";
  policy.allowed_hosts = {"fd00::3"};
  EXPECT_TRUE(is_known_host(policy, "[fd00::2]:8000"));
  EXPECT_TRUE(is_known_host(policy, "[fd00::3]"));
  EXPECT_FALSE(is_known_host(policy, "[fd00::4]"));
}

TEST(KnownHost, AnyAddressWillDoForAServerBoundToAllButNoName) {
  GuardPolicy policy;
  policy.bound_host = "0.0.0.0";
  EXPECT_TRUE(is_known_host(policy, "10.1.2.3:8000"));
  EXPECT_TRUE(is_known_host(policy, "[fd00::1]:8000"));
  EXPECT_FALSE(is_known_host(policy, "rebound.example:8000"));
}

TEST(AllowedOrigin, IsNoneTheServersOwnOrAConfiguredOne) {
  GuardPolicy policy;
  policy.allowed_origins = {"https://desk.example"};
  EXPECT_TRUE(is_allowed_origin(policy, request({{"Host", "localhost:8000"}})));
  EXPECT_TRUE(is_allowed_origin(policy, request({{"Host", "localhost:8000"}, {"Origin", "http://localhost:8000"}})));
  EXPECT_TRUE(is_allowed_origin(policy, request({{"Host", "localhost:8000"}, {"Origin", "https://desk.example"}})));
  for (const char* foreign : {"null", "", "http://localhost:3000", "http://localhost", "https://desk.example.evil",
                              "http://desk.example", "file://localhost:8000", "localhost:8000"}) {
    EXPECT_FALSE(is_allowed_origin(policy, request({{"Host", "localhost:8000"}, {"Origin", foreign}}))) << foreign;
  }
}

TEST(Key, IsOneOfTheConfiguredOnes) {
  GuardPolicy policy;
  EXPECT_TRUE(has_key(policy, request({}))) << "no key is asked for where none is configured";
  policy.api_keys = {"alpha", "betabeta"};
  EXPECT_TRUE(has_key(policy, request({{"Authorization", "Bearer alpha"}})));
  EXPECT_TRUE(has_key(policy, request({{"authorization", "bearer  betabeta "}})));
  EXPECT_TRUE(has_key(policy, request({{"x-api-key", "alpha"}}))) << "as Anthropic's clients send it";
  EXPECT_FALSE(has_key(policy, request({{"x-api-key", "Bearer alpha"}})));
  EXPECT_FALSE(has_key(policy, request({{"Authorization", "Bearer wrong"}, {"x-api-key", "alpha"}})));
  for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer alph", "Bearer alphaa", "Bearer alphaalpha", "Bearer beta",
                            "Basic alpha", "alpha", "Bearer Alpha", "Bearer alpha,betabeta"}) {
    EXPECT_FALSE(has_key(policy, request({{"Authorization", wrong}}))) << wrong;
  }
}

TEST(Key, ProbesNeedNone) {
  GuardPolicy policy;
  policy.api_keys = {"alpha"};
  EXPECT_FALSE(check_key(policy, request({}), Access::kOpen));
  const auto error = check_key(policy, request({}), Access::kKey);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->status, 401);
  EXPECT_EQ(error->type, "authentication_error");
  EXPECT_EQ(error->code, "invalid_api_key");
}

TEST(Key, AnEmptyConfiguredKeyOpensNothing) {
  GuardPolicy policy;
  policy.api_keys = {""};
  EXPECT_FALSE(has_key(policy, request({{"Authorization", "Bearer "}})));
  EXPECT_FALSE(has_key(policy, request({{"Authorization", "Bearer x"}})));
}

TEST(Source, ForeignHostsAndOriginsGet403) {
  const GuardPolicy policy;
  EXPECT_FALSE(check_source(policy, request({})));
  EXPECT_EQ(check_source(policy, request({{"Host", "evil.example"}}))->status, 403);
  EXPECT_EQ(check_source(policy, request({{"Host", "evil.example"}}))->code, "host_not_allowed");
  EXPECT_EQ(check_source(policy, request({{"Host", "localhost"}, {"Origin", "https://evil.example"}}))->code,
            "origin_not_allowed");
}

TEST(JsonType, IsApplicationJsonWithOrWithoutParameters) {
  EXPECT_FALSE(check_json_type(request({{"Content-Type", "application/json"}})));
  EXPECT_FALSE(check_json_type(request({{"content-type", "Application/JSON; charset=utf-8"}})));
  for (const char* other :
       {"", "text/plain", "application/jsonx", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    EXPECT_EQ(check_json_type(request({{"Content-Type", other}}))->status, 415) << other;
  }
  EXPECT_EQ(check_json_type(request({}))->status, 415);
}

TEST(FormType, IsMultipartFormData) {
  EXPECT_FALSE(check_form_type(request({{"Content-Type", "multipart/form-data; boundary=x"}})));
  EXPECT_FALSE(check_form_type(request({{"content-type", "Multipart/Form-Data;boundary=x"}})));
  for (const char* other :
       {"", "text/plain", "application/json", "multipart/mixed", "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(check_form_type(request({{"Content-Type", other}}))->status, 415) << other;
  }
  EXPECT_EQ(check_form_type(request({}))->status, 415);
}

}  // namespace
}  // namespace hearth::api
