#include "wire/openai_error.h"

#include <gtest/gtest.h>

namespace hearth::wire {
namespace {

TEST(ApiError, HasOpenAisShape) {
  const ApiError error =
      make_api_error({base::Code::kNotFound, "no model 'x'", "GET /v1/models lists them"}, "model", "model_not_found");
  EXPECT_EQ(error.status, 404);
  EXPECT_EQ(
      to_json(error),
      R"({"error":{"message":"no model 'x'; GET /v1/models lists them","type":"invalid_request_error","param":"model","code":"model_not_found"}})");
}

TEST(ApiError, WithoutAFieldItsParamIsNull) {
  EXPECT_EQ(to_json(make_api_error({base::Code::kInternal, "oops", {}})),
            R"({"error":{"message":"oops","type":"server_error","param":null,"code":"internal"}})");
}

TEST(ApiError, EveryCodeHasAStatusAndAType) {
  const std::pair<base::Code, int> statuses[] = {{base::Code::kInvalidArgument, 400}, {base::Code::kNotFound, 404},
                                                 {base::Code::kPermission, 403},      {base::Code::kConflict, 409},
                                                 {base::Code::kExhausted, 503},       {base::Code::kUnavailable, 503},
                                                 {base::Code::kCancelled, 499},       {base::Code::kTimedOut, 504},
                                                 {base::Code::kCorrupt, 500},         {base::Code::kIo, 500},
                                                 {base::Code::kUnsupported, 400},     {base::Code::kInternal, 500}};
  for (const auto& [code, status] : statuses) {
    EXPECT_EQ(status_of(code), status);
    EXPECT_EQ(error_type(status), status >= 500   ? "server_error"
                                  : status == 403 ? "permission_error"
                                                  : "invalid_request_error");
  }
  EXPECT_EQ(error_type(401), "authentication_error");
  EXPECT_EQ(error_type(429), "rate_limit_error");
}

TEST(ApiError, TextThatIsNotUtf8IsMended) {
  EXPECT_NE(to_json(make_api_error({base::Code::kIo, "bad \xff byte", {}})).find("\ufffd"), std::string::npos);
}

TEST(ApiError, AnthropicsClientsGetTheirOwnShape) {
  const ApiError error = make_api_error(base::Error{base::Code::kNotFound, "there is no model 'x'", {}}, "model");
  EXPECT_EQ(to_json(error, ErrorShape::kAnthropic),
            R"({"type":"error","error":{"type":"not_found_error","message":"there is no model 'x'"}})");
  const ApiError busy = make_api_error(503, base::Error{base::Code::kUnavailable, "loading", {}});
  EXPECT_NE(to_json(busy, ErrorShape::kAnthropic).find("overloaded_error"), std::string::npos);
}

}  // namespace
}  // namespace hearth::wire
