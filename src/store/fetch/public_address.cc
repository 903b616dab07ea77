#include "store/fetch/public_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace hearth::store {
namespace {

using Ipv6 = std::array<std::uint8_t, 16>;

struct Ipv4Net {
  std::uint32_t begin;
  int bits;
};
constexpr Ipv4Net kNotPublic4[] = {
    {0x00000000, 8},   // this network
    {0x0a000000, 8},   // private
    {0x64400000, 10},  // shared by a provider's customers
    {0x7f000000, 8},   // loopback
    {0xa9fe0000, 16},  // link-local, where clouds keep their keys
    {0xac100000, 12},  // private
    {0xc0000000, 24},  // protocol assignments
    {0xc0000200, 24},  // documentation
    {0xc0586300, 24},  // 6to4 relays
    {0xc0a80000, 16},  // private
    {0xc6120000, 15},  // benchmarks
    {0xc6336400, 24},  // documentation
    {0xcb007100, 24},  // documentation
    {0xe0000000, 3},   // groups, reserved, broadcast
};

struct Ipv6Net {
  std::array<std::uint8_t, 4> begin;
  int bits;
};
constexpr Ipv6Net kGlobal6{{0x20, 0, 0, 0}, 3};
constexpr Ipv6Net kNotPublic6[] = {
    {{0x20, 0x01, 0, 0}, 23},        // protocol assignments, Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02, 0, 0}, 16},        // 6to4
    {{0x3f, 0xff, 0, 0}, 20},        // documentation
};

bool is_public_ipv4(std::uint32_t address) {
  for (const Ipv4Net& net : kNotPublic4) {
    if ((address ^ net.begin) >> (32 - net.bits) == 0) return false;
  }
  return true;
}

std::uint32_t big_endian(std::span<const std::uint8_t, 4> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

bool is_in(const Ipv6& address, const Ipv6Net& net) {
  const std::uint32_t front = big_endian(std::span(address).first<4>());
  return (front ^ big_endian(net.begin)) >> (32 - net.bits) == 0;
}

/// The IPv4 address that the kernel or a NAT64 gateway would connect to instead.
std::optional<std::uint32_t> find_ipv4_in(const Ipv6& address) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::array<std::uint8_t, 12> kNat64{0, 0x64, 0xff, 0x9b};
  for (const auto& prefix : {kMapped, kNat64}) {
    if (std::memcmp(address.data(), prefix.data(), prefix.size()) == 0) return big_endian(std::span(address).last<4>());
  }
  return std::nullopt;
}

bool is_public_ipv6(const Ipv6& address) {
  if (const auto ipv4 = find_ipv4_in(address)) return is_public_ipv4(*ipv4);
  if (!is_in(address, kGlobal6)) return false;
  for (const Ipv6Net& net : kNotPublic6) {
    if (is_in(address, net)) return false;
  }
  return true;
}

std::uint32_t ipv4_of(const sockaddr& address) {
  sockaddr_in whole{};
  std::memcpy(&whole, &address, sizeof whole);
  return ntohl(whole.sin_addr.s_addr);
}

Ipv6 ipv6_of(const sockaddr& address) {
  sockaddr_in6 whole{};
  std::memcpy(&whole, &address, sizeof whole);
  Ipv6 bytes;
  std::memcpy(bytes.data(), &whole.sin6_addr, bytes.size());
  return bytes;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) return is_public_ipv4(ipv4_of(address));
  return address.sa_family == AF_INET6 && is_public_ipv6(ipv6_of(address));
}

bool is_loopback_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) return ipv4_of(address) >> 24 == 127;
  constexpr Ipv6 kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address.sa_family == AF_INET6 && ipv6_of(address) == kLoopback;
}

}  // namespace hearth::store
