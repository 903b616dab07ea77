#pragma once

// One run of hearth-media, and what it says, frame by frame. Whatever the program does (it crashes, hangs, lies about a
// length, fills its memory), the reader gets an error that says so, within a bounded time. Threads: one at a time; a
// stop comes from any.

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "media/frames.h"
#include "media/memory_file.h"
#include "media/places.h"

namespace hearth::media {

struct ChildPlan {
  std::filesystem::path program;
  std::vector<std::string> words;  // its arguments
  /// A head that has to be waited for longer than this hangs, and so does what follows one, all of it together. It is
  /// also given 30 s of processor time a step, by itself.
  base::Millis silence{120'000};
};

class Child {
 public:
  /// Waits for a place, and starts it with `file` as its input. kNotFound: there is no such program. kCancelled.
  [[nodiscard]] static base::Result<std::unique_ptr<Child>> start(const ChildPlan& plan, const MemoryFile& file,
                                                                  Places& places, const std::stop_token& stop);
  /// Ends it if it still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The head of the next frame, whose payload read() must then take whole. An error frame comes back as its error:
  /// kInvalidArgument (the file), kUnsupported. Also kInvalidArgument where the file made it crash, spin, hang or want
  /// too much memory; kExhausted where the system ended it; kCancelled soon after `stop`.
  [[nodiscard]] base::Result<FrameHead> next(const std::stop_token& stop);
  /// Fills all of `to`, which may be a part of the payload. Errors as next().
  [[nodiscard]] base::Result<void> read(std::span<std::byte> to, const std::stop_token& stop);
  /// A payload of exactly a T's size.
  template <typename T>
  [[nodiscard]] base::Result<T> read_as(const FrameHead& head, const std::stop_token& stop) {
    if (head.bytes != sizeof(T)) return nonsense();
    T value;
    if (auto got = read(std::as_writable_bytes(std::span(&value, 1)), stop); !got) return base::fail(got.error());
    return value;
  }
  /// What is said of a program whose numbers cannot be true.
  [[nodiscard]] static tl::unexpected<base::Error> nonsense();

 private:
  Child(pid_t process, int from, base::Millis silence, Places::Place place);
  [[nodiscard]] base::Result<base::Error> read_error(const FrameHead& head, const std::stop_token& stop);
  /// Whether a byte came, or its end, in what is left of the time. Only waiting counts: a slow reader takes none of it.
  [[nodiscard]] bool wait_for_byte();
  /// After its output has ended. Waits for it.
  [[nodiscard]] base::Error why_it_ended(const std::stop_token& stop);
  int reap();
  const pid_t process_;
  const int from_;  // its standard output
  const base::Millis silence_;
  base::Duration left_;  // that this head, or what follows it, may still be waited for
  const Places::Place place_;
  bool was_silent_ = false;
  bool is_reaped_ = false;
};

}  // namespace hearth::media
