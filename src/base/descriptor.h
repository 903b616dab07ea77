#pragma once

#include <unistd.h>

#include <utility>

namespace hearth::base {

/// A file descriptor that is closed on every way out. A negative number is none.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }
  /// The caller closes it.
  int release() { return std::exchange(number_, -1); }
  /// What the system says of it: not 0 where what was written is lost.
  int close() { return number_ >= 0 ? ::close(std::exchange(number_, -1)) : 0; }

 private:
  int number_;
};

}  // namespace hearth::base
