#include "store/fetch/public_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace hearth::store {
namespace {

sockaddr_storage make_address(const char* text) {
  sockaddr_storage storage{};
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  if (::inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    std::memcpy(&storage, &ipv4, sizeof ipv4);
  } else if (::inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    std::memcpy(&storage, &ipv6, sizeof ipv6);
  } else {
    ADD_FAILURE() << text << " is no address";
  }
  return storage;
}

bool is_public(const char* text) {
  const sockaddr_storage address = make_address(text);
  return is_public_address(reinterpret_cast<const sockaddr&>(address));
}
bool is_loopback(const char* text) {
  const sockaddr_storage address = make_address(text);
  return is_loopback_address(reinterpret_cast<const sockaddr&>(address));
}

TEST(PublicAddress, AddressesOfTheInternetArePublic) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "93.184.216.34", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255", "2606:4700:4700::1111",
        "2a00:1450:4001::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"})
    EXPECT_TRUE(is_public(text)) << text;
}

TEST(PublicAddress, WhatLeadsInwardsIsNot) {
  for (const char* text : {"0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254",
                           "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
                           "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255"})
    EXPECT_FALSE(is_public(text)) << text;
  for (const char* text :
       {"::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "fec0::1", "2001:db8::1", "2002:7f00:1::1", "2001::1",
        "3fff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "::127.0.0.1"})
    EXPECT_FALSE(is_public(text)) << text;
  sockaddr_storage other{};
  other.ss_family = AF_UNIX;
  EXPECT_FALSE(is_public_address(reinterpret_cast<const sockaddr&>(other)));
}

TEST(PublicAddress, LoopbackIsThisMachineAlone) {
  for (const char* text : {"127.0.0.1", "127.1.2.3", "::1"}) EXPECT_TRUE(is_loopback(text)) << text;
  for (const char* text : {"10.0.0.1", "0.0.0.0", "::", "fe80::1", "1.1.1.1"}) EXPECT_FALSE(is_loopback(text)) << text;
}

}  // namespace
}  // namespace hearth::store
