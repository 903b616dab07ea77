#include "api/guard.h"

#include <algorithm>
#include <array>

#include "base/web_address.h"
#include "wire/multipart.h"

namespace hearth::api {
namespace {

std::string_view strip_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "[::1]:8000" to "::1", "localhost:8000" to "localhost"; empty for anything malformed.
std::string host_name(std::string_view authority) {
  authority = strip_blanks(authority);
  std::string_view rest;
  std::string_view name;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    name = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    name = authority.substr(0, colon);
    rest = authority.substr(colon);
  }
  const bool is_port =
      rest.empty() || (rest[0] == ':' && rest.size() <= 6 &&
                       std::all_of(rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; }));
  if (!is_port) return {};
  if (name.ends_with('.')) name.remove_suffix(1);
  return std::string(name);
}

/// A host as it is configured: like a header's, and an IPv6 address without brackets too.
std::string configured_name(const std::string& host) { return base::is_ip_address(host) ? host : host_name(host); }

bool is_loopback(const std::string& name) {
  return net::equal_ignoring_case(name, "localhost") || base::is_loopback_name(name);
}

bool is_any_address(std::string_view host) { return host == "0.0.0.0" || host == "::" || host == "[::]"; }

/// Time depends on the length of `given` only.
bool equal_in_constant_time(std::string_view given, std::string_view key) {
  unsigned difference = given.size() == key.size() ? 0U : 1U;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char k = key.empty() ? '\0' : key[i % key.size()];
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(k);
  }
  return difference == 0;
}

/// "Authorization: Bearer KEY", or "x-api-key: KEY" as Anthropic's clients send it. Empty: none.
std::string_view given_key(const net::HttpRequest& request) {
  if (const std::string* header = request.headers.find("Authorization")) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view value = *header;
    if (!net::equal_ignoring_case(value.substr(0, kBearer.size()), kBearer)) return {};
    return strip_blanks(value.substr(kBearer.size()));
  }
  const std::string* header = request.headers.find("x-api-key");
  return header == nullptr ? std::string_view() : strip_blanks(*header);
}

wire::ApiError refusal(int status, base::Code code, std::string message, std::string remedy, std::string word) {
  wire::ApiError error = wire::make_api_error(status, base::Error{code, std::move(message), std::move(remedy)});
  error.code = std::move(word);
  return error;
}

}  // namespace

bool is_known_host(const GuardPolicy& policy, std::string_view host_header) {
  const std::string name = host_name(host_header);
  if (name.empty()) return false;
  if (is_loopback(name) || net::equal_ignoring_case(name, configured_name(policy.bound_host))) return true;
  if (is_any_address(policy.bound_host) && base::is_ip_address(name)) return true;
  return std::any_of(policy.allowed_hosts.begin(), policy.allowed_hosts.end(), [&](const std::string& allowed) {
    return net::equal_ignoring_case(name, configured_name(allowed));
  });
}

bool is_allowed_origin(const GuardPolicy& policy, const net::HttpRequest& request) {
  const std::string* origin = request.headers.find("Origin");
  if (origin == nullptr) return true;
  const auto is_it = [&](const std::string& allowed) { return net::equal_ignoring_case(*origin, allowed); };
  if (std::any_of(policy.allowed_origins.begin(), policy.allowed_origins.end(), is_it)) return true;
  const std::string* host = request.headers.find("Host");
  constexpr std::array<std::string_view, 2> kSchemes = {"http://", "https://"};
  return host != nullptr && std::any_of(kSchemes.begin(), kSchemes.end(), [&](std::string_view scheme) {
           return origin->starts_with(scheme) &&
                  net::equal_ignoring_case(std::string_view(*origin).substr(scheme.size()), *host);
         });
}

bool has_key(const GuardPolicy& policy, const net::HttpRequest& request) {
  if (policy.api_keys.empty()) return true;
  const std::string_view given = given_key(request);
  bool is_one = false;
  for (const std::string& key : policy.api_keys) is_one = equal_in_constant_time(given, key) || is_one;
  return is_one && !given.empty();
}

bool is_json(const net::HttpRequest& request) {
  const std::string* type = request.headers.find("Content-Type");
  if (type == nullptr) return false;
  const std::string_view essence = strip_blanks(std::string_view(*type).substr(0, type->find(';')));
  return net::equal_ignoring_case(essence, "application/json");
}

std::optional<wire::ApiError> check_source(const GuardPolicy& policy, const net::HttpRequest& request) {
  const std::string* host = request.headers.find("Host");
  if (host != nullptr && !is_known_host(policy, *host)) {
    return refusal(403, base::Code::kPermission,
                   "this server does not answer to the Host '" + host->substr(0, 100) + "'",
                   "add the name to server.allowed_hosts if it is this server's", "host_not_allowed");
  }
  if (!is_allowed_origin(policy, request)) {
    return refusal(403, base::Code::kPermission,
                   "web pages of '" + request.headers.find("Origin")->substr(0, 100) + "' may not call this server",
                   "add the origin to server.allowed_origins if they should", "origin_not_allowed");
  }
  return std::nullopt;
}

std::optional<wire::ApiError> check_key(const GuardPolicy& policy, const net::HttpRequest& request, Access access) {
  if (access == Access::kOpen || has_key(policy, request)) return std::nullopt;
  return refusal(401, base::Code::kPermission, "the API key is missing or wrong",
                 "send it as 'Authorization: Bearer KEY'", "invalid_api_key");
}

std::optional<wire::ApiError> check_json_type(const net::HttpRequest& request) {
  if (is_json(request)) return std::nullopt;
  return refusal(415, base::Code::kInvalidArgument, "the body must be JSON", "send 'Content-Type: application/json'",
                 "unsupported_media_type");
}

std::optional<wire::ApiError> check_form_type(const net::HttpRequest& request) {
  const std::string* type = request.headers.find("Content-Type");
  if (type != nullptr && wire::is_form_type(*type)) return std::nullopt;
  return refusal(415, base::Code::kInvalidArgument, "the body must be a form with a file",
                 "send 'Content-Type: multipart/form-data' (curl: -F file=@NAME)", "unsupported_media_type");
}

}  // namespace hearth::api
