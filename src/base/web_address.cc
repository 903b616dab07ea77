#include "base/web_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace hearth::base {
namespace {

constexpr std::size_t kMaxAddress = 8192;  // signed addresses of object stores have some 1,500
constexpr std::size_t kMaxName = 253;      // RFC 1035
constexpr std::size_t kMaxLabel = 63;
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLabelLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_";

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_ipv4(const std::string& name) {
  in_addr address{};
  return ::inet_pton(AF_INET, name.c_str(), &address) == 1;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.find_first_not_of(kLabelLetters) == label.npos &&
         label.front() != '-' && label.back() != '-';
}

/// What some readers would take for an IPv4 address, in whatever spelling.
bool looks_like_ipv4(std::string_view last_label) {
  return last_label.starts_with("0x") || last_label.find_first_not_of(kDigits) == last_label.npos;
}

std::optional<std::string> read_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxName) return std::nullopt;
  std::string name = lowered(text);
  std::string_view rest = name;
  for (;;) {
    const std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) return std::nullopt;
    if (dot == rest.npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (looks_like_ipv4(rest) && !is_ipv4(name)) return std::nullopt;
  return name;
}

std::optional<std::string> read_ipv6(std::string_view text) {
  in6_addr address{};
  if (text.size() > INET6_ADDRSTRLEN || ::inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1)
    return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> shortest{};
  if (::inet_ntop(AF_INET6, &address, shortest.data(), shortest.size()) == nullptr) return std::nullopt;
  return std::string(shortest.data());
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  if (text.empty() || text.front() == '0' || text.find_first_not_of(kDigits) != text.npos) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

bool is_clean(std::string_view address) {
  return std::all_of(address.begin(), address.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
}

}  // namespace

std::optional<WebHost> parse_web_host(std::string_view text) {
  const bool is_bracketed = text.starts_with('[');
  const std::size_t end = is_bracketed ? text.find(']') : text.find(':');
  if (is_bracketed && end == text.npos) return std::nullopt;
  auto name = is_bracketed ? read_ipv6(text.substr(1, end - 1)) : read_name(text.substr(0, end));
  if (!name) return std::nullopt;
  std::string_view rest = end == text.npos ? std::string_view() : text.substr(is_bracketed ? end + 1 : end);
  WebHost host{std::move(*name), std::nullopt};
  if (rest.empty()) return host;
  if (rest.front() != ':') return std::nullopt;
  host.port = read_port(rest.substr(1));
  if (!host.port) return std::nullopt;
  return host;
}

std::optional<WebAddress> parse_web_address(std::string_view text) {
  if (text.size() > kMaxAddress || !is_clean(text)) return std::nullopt;
  const std::size_t colon = text.find("://");
  if (colon == text.npos) return std::nullopt;
  const std::string scheme = lowered(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  WebAddress address;
  address.scheme = scheme == "http" ? WebScheme::kHttp : WebScheme::kHttps;
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t target = std::min(rest.find_first_of("/?"), rest.size());
  auto host = parse_web_host(rest.substr(0, target));
  if (!host) return std::nullopt;
  address.host = std::move(host->name);
  address.port = host->port.value_or(address.scheme == WebScheme::kHttp ? 80 : 443);
  address.target = rest.substr(target);
  if (!address.target.starts_with('/')) address.target.insert(0, "/");
  return address;
}

std::string WebAddress::text() const {
  const bool is_ipv6 = host.find(':') != host.npos;
  return std::string(scheme == WebScheme::kHttp ? "http://" : "https://") + (is_ipv6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port) + target;
}

bool is_ip_address(const std::string& name) {
  in6_addr address{};
  return is_ipv4(name) || ::inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

bool is_loopback_name(const std::string& name) {
  return name == "localhost" || name == "::1" || (name.starts_with("127.") && is_ipv4(name));
}

bool is_safe_source(std::string_view text) {
  if (text.starts_with("https://")) return true;
  const auto address = parse_web_address(text);
  return address && address->scheme == WebScheme::kHttp && is_loopback_name(address->host);
}

}  // namespace hearth::base
