#pragma once

// Who may ask: the rules that keep a web page from driving a server on the visitor's own machine, and the API key.
// Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_message.h"
#include "wire/openai_error.h"

namespace hearth::api {

struct GuardPolicy {
  std::string bound_host = "127.0.0.1";      // as it was told to listen
  std::vector<std::string> allowed_hosts;    // further names by which clients may call this server
  std::vector<std::string> allowed_origins;  // "https://desk.example": web pages that may call it
  std::vector<std::string> api_keys;         // any of these opens; empty: open without
};

enum class Access {
  kOpen,  // probes: no key, because orchestrators have none
  kKey,
};

/// Host: a loopback name or address, what the server is bound to, or a configured name; where it is bound to every
/// address, any address too (a rebinding page needs a name). Nothing to object to where there is no Host header
/// (HTTP/1.0).
[[nodiscard]] bool is_known_host(const GuardPolicy& policy, std::string_view host_header);

/// Origin: absent, configured, or the very host that the request was sent to. "null" is foreign.
[[nodiscard]] bool is_allowed_origin(const GuardPolicy& policy, const net::HttpRequest& request);

/// Compares in a time that tells nothing about where the first difference is; all keys are always compared.
[[nodiscard]] bool has_key(const GuardPolicy& policy, const net::HttpRequest& request);

/// "application/json", with or without parameters.
[[nodiscard]] bool is_json(const net::HttpRequest& request);

/// Host (403) and Origin (403), for every request.
[[nodiscard]] std::optional<wire::ApiError> check_source(const GuardPolicy& policy, const net::HttpRequest& request);
/// The key (401), where the route asks for one.
[[nodiscard]] std::optional<wire::ApiError> check_key(const GuardPolicy& policy, const net::HttpRequest& request,
                                                      Access access);
/// A body's content type (415). Any page may send a form without asking first, so for a form it is check_source that
/// keeps foreign pages out: browsers put their Origin on every POST.
[[nodiscard]] std::optional<wire::ApiError> check_json_type(const net::HttpRequest& request);
[[nodiscard]] std::optional<wire::ApiError> check_form_type(const net::HttpRequest& request);

}  // namespace hearth::api
