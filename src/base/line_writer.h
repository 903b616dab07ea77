#pragma once

// Lines to a reader who may stop reading: a terminal that is held (Ctrl-S), a pipe that nobody empties. Who writes a
// line must go on all the same, so it is dropped rather than waited for, and counted.

#include <cstddef>
#include <string_view>

#include "base/descriptor.h"
#include "base/units.h"

namespace hearth::base {

/// One thread at a time.
class LineWriter {
 public:
  /// `descriptor` is borrowed, and stays as it is. A pipe or a terminal is opened a second time, so as never to block;
  /// where that cannot be, each write is preceded by the question whether there is room, and blocks all the same where
  /// another process is quicker to fill it.
  explicit LineWriter(int descriptor, Millis patience = Millis{200});
  /// `line` ends with a newline. Returns within `patience`, and once a line was dropped at once, until one goes through
  /// again: before that one stands how many were lost. False: it was dropped, or cut for want of room (a longer one
  /// than PIPE_BUF), or the descriptor takes nothing.
  bool write(std::string_view line);

 private:
  /// How many bytes went through.
  [[nodiscard]] std::size_t put(std::string_view text, Millis patience) const;

  const Descriptor own_;
  const int descriptor_;  // own_, or the borrowed one
  const Millis patience_;
  std::size_t lost_ = 0;  // since the last line that went through: the reader is known to be stalled
  bool is_cut_ = false;   // what went through last ended amid a line
};

}  // namespace hearth::base
