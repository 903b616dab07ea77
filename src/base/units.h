#pragma once

// Units as types: a number without its unit does not cross a room's door.

#include <chrono>
#include <compare>
#include <cstdint>

namespace hearth::base {

using Millis = std::chrono::milliseconds;
using Micros = std::chrono::microseconds;
using Seconds = std::chrono::duration<double>;

/// A point on the monotonic clock.
using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

/// A count of bytes; signed, so that a difference can be told from a huge size.
struct Bytes {
  std::int64_t count = 0;
  constexpr Bytes() = default;
  constexpr explicit Bytes(std::int64_t n) : count(n) {}
  friend constexpr auto operator<=>(Bytes, Bytes) = default;
  friend constexpr Bytes operator+(Bytes a, Bytes b) { return Bytes{a.count + b.count}; }
  friend constexpr Bytes operator-(Bytes a, Bytes b) { return Bytes{a.count - b.count}; }
  constexpr Bytes& operator+=(Bytes b) { return count += b.count, *this; }
  constexpr Bytes& operator-=(Bytes b) { return count -= b.count, *this; }
  [[nodiscard]] constexpr double mib() const { return static_cast<double>(count) / (1024.0 * 1024.0); }
};

/// Samples per second of one channel.
struct SampleRate {
  int hz = 0;
  friend constexpr auto operator<=>(SampleRate, SampleRate) = default;
};

[[nodiscard]] constexpr double to_millis(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }
[[nodiscard]] constexpr double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

inline namespace literals {
constexpr Bytes operator""_B(unsigned long long n) { return Bytes{static_cast<std::int64_t>(n)}; }
constexpr Bytes operator""_KiB(unsigned long long n) { return Bytes{static_cast<std::int64_t>(n) << 10}; }
constexpr Bytes operator""_MiB(unsigned long long n) { return Bytes{static_cast<std::int64_t>(n) << 20}; }
constexpr Bytes operator""_GiB(unsigned long long n) { return Bytes{static_cast<std::int64_t>(n) << 30}; }
}  // namespace literals

}  // namespace hearth::base
