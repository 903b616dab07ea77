#pragma once

// Errors are values. Every call that can fail returns Result<T>; exceptions stop where a foreign library is called.

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace hearth::base {

/// The whole list: what a caller may want to do differently. The HTTP edge maps each to a status (wire/openai_error.h).
enum class Code {
  kInvalidArgument,  // the caller's input is wrong; repeating it will not help
  kNotFound,         // a name, file or model that does not exist
  kPermission,       // not allowed: key, file mode, policy
  kConflict,         // something else holds it: a port, a lock
  kExhausted,        // a limit was reached: memory, queue, disk, size
  kUnavailable,      // not now, later perhaps: still loading, draining
  kCancelled,        // the one who asked has gone
  kTimedOut,         // a deadline passed
  kCorrupt,          // bytes are not what they should be
  kIo,               // the system failed a read, write or socket call
  kUnsupported,      // this build or machine cannot do it
  kInternal,         // our own bug
};

/// A short stable word for logs, metrics and JSON, e.g. "invalid_argument".
[[nodiscard]] std::string_view code_name(Code code);

/// Errors that a second try will not mend: a missing file, a wrong argument, damaged bytes, a build that cannot do it,
/// our own bug, a caller who has gone. The others (I/O, time-outs, limits, things that are busy) may pass.
[[nodiscard]] bool is_permanent(Code code);

struct Error {
  Code code = Code::kInternal;
  std::string message;  // for a person: what happened, to what
  std::string remedy;   // what to do about it; may be empty
  /// "message; remedy" on one line.
  [[nodiscard]] std::string line() const { return remedy.empty() ? message : message + "; " + remedy; }
  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Code code, std::string message, std::string remedy = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(remedy)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// "reading FILE: No such file or directory" from errno, with the code that errno means.
[[nodiscard]] Error error_from_errno(int errno_value, std::string_view doing);

}  // namespace hearth::base
