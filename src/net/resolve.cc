#include "net/resolve.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "net/http_message.h"

namespace hearth::net {
namespace {

using base::Code;
using base::fail;
using base::Result;
using Addresses = std::vector<std::string>;

constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

std::string_view without_brackets(std::string_view host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

Result<Addresses> unknown(const std::string& host, std::string_view why) {
  return fail(Code::kNotFound, "the host " + host + " is not known: " + std::string(why));
}

/// Blocks for as long as the system's name servers let it.
Result<Addresses> look_up(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); error != 0) {
    return unknown(host, ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  if (addresses.empty()) return unknown(host, "it has no address");
  return addresses;
}

/// Shared because who asks may leave before the system has answered.
struct Answer {
  base::Mutex mutex;
  base::CondVar came;
  std::optional<Result<Addresses>> found GUARDED_BY(mutex);
};

Result<Addresses> look_up_within(const std::string& host, base::Millis limit) {
  const base::Instant deadline = std::chrono::steady_clock::now() + limit;
  const auto answer = std::make_shared<Answer>();
  try {
    // Detached, for the system has no look-up that can be called off; it owns all that it touches.
    std::thread([answer, host] {
      auto found = look_up(host);
      const base::MutexLock lock(answer->mutex);
      answer->found = std::move(found);
      answer->came.notify_all();
    }).detach();
  } catch (const std::system_error& error) {
    return unknown(host, error.what());
  }
  const base::MutexLock lock(answer->mutex);
  while (!answer->found) {
    if (answer->came.wait_until(answer->mutex, deadline) == std::cv_status::timeout && !answer->found) {
      return unknown(host, "nobody answered within " + std::to_string(limit.count()) + " ms");
    }
  }
  return *answer->found;
}

}  // namespace

Result<std::vector<std::string>> resolve(const std::string& host, base::Millis limit) {
  const std::string name(without_brackets(host));
  boost::system::error_code ec;
  if (const auto address = boost::asio::ip::make_address(name, ec); !ec) return Addresses{address.to_string()};
  if (equal_ignoring_case(name, "localhost")) return Addresses{"127.0.0.1"};
  if (name.empty() || name.find_first_not_of(kNameCharacters) != std::string::npos) {
    return unknown(host, "it is neither an address nor a name");
  }
  return look_up_within(name, limit);
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
