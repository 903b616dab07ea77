#include "api/routes.h"

#include <array>

#include "api/language.h"
#include "api/models.h"
#include "api/ocr.h"
#include "api/speech.h"
#include "api/status.h"
#include "api/transcription.h"

namespace hearth::api {
namespace {

constexpr auto kOpen = Access::kOpen;
constexpr auto kKey = Access::kKey;

constexpr std::array kRoutes = {
    Route{"POST", "/v1/audio/speech", "speech", kKey, Body::kJson, &post_speech},
    Route{"GET", "/v1/audio/voices", "voices", kKey, Body::kNone, &get_voices},
    Route{"POST", "/v1/audio/transcriptions", "transcriptions", kKey, Body::kForm, &post_transcription},
    Route{"POST", "/v1/audio/translations", "translations", kKey, Body::kForm, &post_translation},
    Route{"POST", "/v1/ocr", "ocr", kKey, Body::kFile, &post_ocr},

    Route{"POST", "/v1/chat/completions", "chat", kKey, Body::kMediaJson, &post_chat_completions},
    Route{"POST", "/v1/completions", "completions", kKey, Body::kMediaJson, &post_completions},
    Route{"POST", "/v1/responses", "responses", kKey, Body::kMediaJson, &post_responses},
    Route{"POST", "/v1/messages", "messages", kKey, Body::kMediaJson, &post_messages, wire::ErrorShape::kAnthropic},
    Route{"POST", "/v1/embeddings", "embeddings", kKey, Body::kMediaJson, &post_embeddings},
    Route{"POST", "/v1/rerank", "rerank", kKey, Body::kJson, &post_rerank},
    Route{"POST", "/rerank", "rerank_plain", kKey, Body::kJson, &post_rerank},
    Route{"POST", "/tokenize", "tokenize", kKey, Body::kJson, &post_tokenize},
    Route{"POST", "/detokenize", "detokenize", kKey, Body::kJson, &post_detokenize},
    Route{"POST", "/infill", "infill", kKey, Body::kJson, &post_infill},

    Route{"GET", "/v1/models", "models", kKey, Body::kNone, &get_models},
    Route{"GET", "/v1/models/{}", "model", kKey, Body::kNone, &get_model},
    Route{"POST", "/models/load", "models_load", kKey, Body::kCommand, &post_load},
    Route{"POST", "/models/unload", "models_unload", kKey, Body::kCommand, &post_unload},

    Route{"GET", "/livez", "livez", kOpen, Body::kNone, &get_livez},
    Route{"GET", "/readyz", "readyz", kOpen, Body::kNone, &get_readyz},
    Route{"GET", "/health", "health", kOpen, Body::kNone, &get_health},
    Route{"GET", "/v2/health/live", "oip_live", kOpen, Body::kNone, &get_oip_live},
    Route{"GET", "/v2/health/ready", "oip_ready", kOpen, Body::kNone, &get_oip_ready},
    Route{"GET", "/v2/models/{}/ready", "oip_model_ready", kKey, Body::kNone, &get_oip_model_ready},
    Route{"GET", "/status", "status", kKey, Body::kNone, &get_status},
    Route{"GET", "/startup", "startup", kKey, Body::kNone, &get_startup},
    Route{"GET", "/metrics", "metrics", kKey, Body::kNone, &get_metrics},
};

/// The segment under {}, still encoded, in `parameter`.
bool fits(std::string_view pattern, std::string_view path, std::string_view& parameter) {
  const std::size_t hole = pattern.find("{}");
  if (hole == std::string_view::npos) return pattern == path;
  const std::string_view after = pattern.substr(hole + 2);
  if (!path.starts_with(pattern.substr(0, hole)) || path.size() <= hole + after.size() || !path.ends_with(after))
    return false;
  parameter = path.substr(hole, path.size() - hole - after.size());
  return parameter.find('/') == std::string_view::npos;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

Match find_route(std::span<const Route> table, std::string_view method, std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
  Match match;
  for (const Route& route : table) {
    std::string_view parameter;
    if (!fits(route.pattern, path, parameter)) continue;
    if (route.method == wanted) {
      const auto decoded = net::percent_decode(parameter);
      if (!decoded) continue;
      return Match{&route, *decoded, {}};
    }
    match.allow += std::string(route.method) + (route.method == "GET" ? ", HEAD, " : ", ");
  }
  if (!match.allow.empty()) match.allow += "OPTIONS";
  return match;
}

}  // namespace hearth::api
