#include "api/routes.h"

#include <array>

#include "api/models.h"
#include "api/speech.h"
#include "api/status.h"

namespace hearth::api {
namespace {

constexpr auto kOpen = Access::kOpen;
constexpr auto kKey = Access::kKey;

constexpr std::array kRoutes = {
    Route{"POST", "/v1/audio/speech", "speech", kKey, Body::kJson, &post_speech},
    Route{"GET", "/v1/audio/voices", "voices", kKey, Body::kNone, &get_voices},

    Route{"GET", "/v1/models", "models", kKey, Body::kNone, &get_models},
    Route{"GET", "/v1/models/{}", "model", kKey, Body::kNone, &get_model},
    Route{"POST", "/models/load", "models_load", kKey, Body::kJson, &post_load},
    Route{"POST", "/models/unload", "models_unload", kKey, Body::kJson, &post_unload},

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
