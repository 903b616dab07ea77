#include "net/resolve.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "base/child.h"
#include "base/environment.h"
#include "net/http_message.h"

namespace hearth::net {
namespace {

using base::Code;
using base::fail;
using base::Result;
using Addresses = std::vector<std::string>;

constexpr base::Bytes kMostAnswer{64 << 10};
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

std::string_view without_brackets(std::string_view host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

Result<Addresses> unknown(const std::string& host, std::string_view why) {
  return fail(Code::kNotFound, "the host " + host + " is not known: " + std::string(why));
}

/// Lines "ADDRESS KIND NAME", one for each kind of socket that an address may be used with.
Addresses read_addresses(std::string_view lines) {
  constexpr std::string_view kBlanks = " \t";
  Addresses addresses;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view rest = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const std::string word(rest.substr(0, rest.find_first_of(kBlanks)));
    rest.remove_prefix(word.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
    if (rest.substr(0, rest.find_first_of(kBlanks)) != "STREAM") continue;
    boost::system::error_code ec;
    std::string address = boost::asio::ip::make_address(word, ec).to_string();
    if (!ec && std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(std::move(address));
  }
  return addresses;
}

Result<Addresses> look_up(const std::string& host, base::Millis limit, const std::string& program) {
  const auto said = base::read_program(program, {"ahosts", host}, kMostAnswer,
                                       {.limit = limit, .environment = base::short_environment()});
  if (!said) {
    switch (said.error().code) {
      case Code::kTimedOut:
        return unknown(host, "nobody answered within " + std::to_string(limit.count()) + " ms");
      case Code::kInternal:
        return unknown(host, "no name service has it");
      default:
        return unknown(host, said.error().line());
    }
  }
  Addresses addresses = read_addresses(*said);
  if (addresses.empty()) return unknown(host, "it has no address");
  return addresses;
}

}  // namespace

Result<std::vector<std::string>> resolve(const std::string& host, base::Millis limit, const std::string& program) {
  const std::string name(without_brackets(host));
  boost::system::error_code ec;
  if (const auto address = boost::asio::ip::make_address(name, ec); !ec) return Addresses{address.to_string()};
  if (equal_ignoring_case(name, "localhost")) return Addresses{"127.0.0.1"};
  const bool is_name = !name.empty() && !name.starts_with('-');  // which would be an option
  if (!is_name || name.find_first_not_of(kNameCharacters) != std::string::npos) {
    return unknown(host, "it is neither an address nor a name");
  }
  return look_up(name, limit, program);
}

std::string reachable_host(std::string_view host) {
  std::string name(without_brackets(host));
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(name, ec);
  if (ec || !address.is_unspecified()) return name;
  return address.is_v6() ? "::1" : "127.0.0.1";
}

std::string authority(std::string_view host, std::uint16_t port) {
  const std::string name(without_brackets(host));
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + std::to_string(port);
}

}  // namespace hearth::net
