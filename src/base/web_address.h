#pragma once

// Web addresses that strangers write, read so strictly that no other reader can take one for another host: what is
// unusual (a user, a backslash, a blank, an escaped or empty label, 0x7f.1 for 127.0.0.1) is refused, not mended. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::base {

/// "images.example", "10.0.0.1:8080", "[::1]:8080".
struct WebHost {
  std::string name;  // in small letters; of an IPv6 address the shortest spelling, without brackets
  std::optional<std::uint16_t> port;
  friend bool operator==(const WebHost&, const WebHost&) = default;
};

/// Nothing where it is no host, or more than one.
[[nodiscard]] std::optional<WebHost> parse_web_host(std::string_view text);

enum class WebScheme { kHttp, kHttps };

struct WebAddress {
  WebScheme scheme = WebScheme::kHttps;
  std::string host;  // as WebHost::name
  std::uint16_t port = 443;
  std::string target = "/";  // path and query, as they were written
  /// The whole address again, with its port; without a fragment.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const WebAddress&, const WebAddress&) = default;
};

/// Of http:// and https:// addresses; nothing for any other.
[[nodiscard]] std::optional<WebAddress> parse_web_address(std::string_view text);

/// Whether the name is an IPv4 or IPv6 address.
[[nodiscard]] bool is_ip_address(const std::string& name);
/// Whether the name is "localhost" or an address of this machine alone. Other names may lead here too.
[[nodiscard]] bool is_loopback_name(const std::string& name);
/// Whether a file may be fetched from there: by https, or by plain http, which others could alter on its way, from this
/// machine itself.
[[nodiscard]] bool is_safe_source(std::string_view address);

}  // namespace hearth::base
