#pragma once

// Every bound of the HTTP server, in one place, with its reason.

#include <cstddef>

#include "base/units.h"

namespace hearth::net {

struct HttpLimits {
  /// Browsers send up to 8 KiB of cookies; nothing legitimate here needs more than twice that.
  std::size_t header_bytes = 16 << 10;
  std::size_t header_count = 100;
  std::size_t target_bytes = 4 << 10;
  /// Sockets open at once; half of the usual limit of 1024 files, which listen() raises for more (descriptors.h), and a
  /// stalled one costs at most `buffered_bytes`. Where all are taken, a client that comes gets the place of the one
  /// that has sent no request for longest, or 503 where all are served.
  std::size_t connections = 512;
  /// From a request's first byte to the end of its header.
  base::Millis header_time{10'000};
  /// For a body, plus the time that `body_bytes_per_second` allows for what has come so far.
  base::Millis body_time{15'000};
  std::size_t body_bytes_per_second = 16 << 10;
  /// A connection that sends nothing between requests.
  base::Millis idle_time{75'000};
  /// How long a client may take to accept one block of a response (32 KiB): about 1 KiB/s is the slowest reader we
  /// serve.
  base::Millis write_time{30'000};
  /// A response may run this far ahead of its reader before write() blocks: 20 s of 24 kHz PCM, so that a stalled
  /// reader of an ordinary sentence does not hold an engine thread.
  std::size_t buffered_bytes = 1 << 20;
  /// What the kernel takes beyond what is under way to the client. Without it Linux takes up to 4 MiB, 87 s of PCM,
  /// from a response that nobody reads, before `write_time` begins to count.
  std::size_t unsent_bytes = 128 << 10;
  /// After an early refusal the rest of the request is read and thrown away for this long, or the client would see a
  /// reset instead of the answer.
  base::Millis linger_time{2'000};
};

}  // namespace hearth::net
