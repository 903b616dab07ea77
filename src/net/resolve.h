#pragma once

// What a person writes as a host, as addresses: one reading for the server that listens and for the client that
// connects, so that they meet. Any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace hearth::net {

/// The addresses of `host` as numbers ("127.0.0.1", "::1"), in the order in which to try them. An address stands for
/// itself, in brackets too, and "localhost" is 127.0.0.1: neither asks anybody. Other names are the system's to know,
/// which may ask a name server: that blocks, for `limit` at most. `getent ahosts NAME` asks it, a program of its own
/// because the look-up of the C library cannot be called off; `program` is another one in tests only. kNotFound: nobody
/// knows it, or not in time.
[[nodiscard]] base::Result<std::vector<std::string>> resolve(const std::string& host, base::Millis limit,
                                                             const std::string& program = "getent");

/// By what a client of this machine reaches a server that listens at `host`: loopback where that is every address
/// (0.0.0.0, ::), else `host`. Without brackets.
[[nodiscard]] std::string reachable_host(std::string_view host);

/// "localhost:8000", "[::1]:8000".
[[nodiscard]] std::string authority(std::string_view host, std::uint16_t port);

}  // namespace hearth::net
