#pragma once

#include <sys/socket.h>

namespace hearth::store {

/// Whether an address is anybody's on the internet: not this machine's, a private network's, a neighbour's, a group's,
/// nor one that another address is packed into (6to4, Teredo; what is packed into IPv4-mapped and NAT64 addresses
/// counts itself). After IANA's registries of special-purpose addresses. Pure.
[[nodiscard]] bool is_public_address(const sockaddr& address);
/// 127.0.0.0/8 and ::1.
[[nodiscard]] bool is_loopback_address(const sockaddr& address);

}  // namespace hearth::store
