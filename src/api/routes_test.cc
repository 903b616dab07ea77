#include "api/routes.h"

#include <gtest/gtest.h>

#include <set>

namespace hearth::api {
namespace {

TEST(Routes, EveryRouteIsFoundByItsOwnPattern) {
  std::set<std::string_view> labels;
  for (const Route& route : routes()) {
    std::string path(route.pattern);
    if (const auto hole = path.find("{}"); hole != std::string::npos) path.replace(hole, 2, "kokoro");
    EXPECT_EQ(find_route(routes(), route.method, path).route, &route) << path;
    EXPECT_TRUE(labels.insert(route.label).second) << route.label;
    EXPECT_NE(route.handler, nullptr);
  }
}

TEST(Routes, APathsParameterIsOneDecodedSegment) {
  EXPECT_EQ(find_route(routes(), "GET", "/v1/models/tts-1").parameter, "tts-1");
  EXPECT_EQ(find_route(routes(), "GET", "/v1/models/a%2Fb%20c").parameter, "a/b c");
  EXPECT_EQ(find_route(routes(), "GET", "/v2/models/kokoro/ready").parameter, "kokoro");
  EXPECT_EQ(find_route(routes(), "GET", "/v1/models/a/b").route, nullptr);
  EXPECT_EQ(find_route(routes(), "GET", "/v2/models//ready").route, nullptr);
}

TEST(Routes, HeadIsGetAndASlashAtTheEndIsForgiven) {
  EXPECT_EQ(find_route(routes(), "HEAD", "/livez").route->label, "livez");
  EXPECT_EQ(find_route(routes(), "GET", "/livez/").route->label, "livez");
  EXPECT_EQ(find_route(routes(), "GET", "/v1/models/").route->label, "models");
}

TEST(Routes, AnotherMethodIsToldWhichOnesThereAre) {
  const Match post = find_route(routes(), "GET", "/v1/audio/speech");
  EXPECT_EQ(post.route, nullptr);
  EXPECT_EQ(post.allow, "POST, OPTIONS");
  EXPECT_EQ(find_route(routes(), "DELETE", "/v1/models/x").allow, "GET, HEAD, OPTIONS");
}

TEST(Routes, WhatIsNotThereIsNotThere) {
  for (const char* path : {"", "*", "/nothing", "/v1", "//livez", "/livez/x", "/LIVEZ", "/v1/models/x/../y"}) {
    const Match match = find_route(routes(), "GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_TRUE(match.allow.empty()) << path;
  }
}

TEST(Routes, TheseAndNoOthers) {
  const std::set<std::string_view> ours = {"/v1/audio/speech",
                                           "/v1/audio/voices",
                                           "/v1/audio/transcriptions",
                                           "/v1/audio/translations",
                                           "/v1/ocr",
                                           "/v1/chat/completions",
                                           "/v1/completions",
                                           "/v1/responses",
                                           "/v1/messages",
                                           "/v1/embeddings",
                                           "/v1/rerank",
                                           "/rerank",
                                           "/tokenize",
                                           "/detokenize",
                                           "/infill",
                                           "/v1/models",
                                           "/v1/models/{}",
                                           "/models/load",
                                           "/models/unload",
                                           "/livez",
                                           "/readyz",
                                           "/health",
                                           "/v2/health/live",
                                           "/v2/health/ready",
                                           "/v2/models/{}/ready",
                                           "/status",
                                           "/startup",
                                           "/metrics"};
  std::set<std::string_view> there;
  for (const Route& route : routes()) there.insert(route.pattern);
  EXPECT_EQ(there, ours);
  for (const char* of_llama_server : {"/slots", "/slots/0", "/props", "/lora-adapters", "/apply-template", "/tools",
                                      "/cors-proxy", "/mcp", "/models", "/completion", "/embedding", "/"}) {
    for (const char* method : {"GET", "POST"}) {
      EXPECT_EQ(find_route(routes(), method, of_llama_server).route, nullptr) << method << " " << of_llama_server;
    }
  }
}

TEST(Routes, OnlyProbesAreOpen) {
  std::set<std::string_view> open;
  for (const Route& route : routes()) {
    if (route.access == Access::kOpen) open.insert(route.pattern);
  }
  EXPECT_EQ(open, (std::set<std::string_view>{"/livez", "/readyz", "/health", "/v2/health/live", "/v2/health/ready"}));
}

}  // namespace
}  // namespace hearth::api
