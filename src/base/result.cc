#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace hearth::base {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kNotFound:
      return "not_found";
    case Code::kPermission:
      return "permission";
    case Code::kConflict:
      return "conflict";
    case Code::kExhausted:
      return "exhausted";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kCancelled:
      return "cancelled";
    case Code::kTimedOut:
      return "timed_out";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kIo:
      return "io";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

bool is_permanent(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
    case Code::kPermission:
    case Code::kCancelled:
    case Code::kCorrupt:
    case Code::kUnsupported:
    case Code::kInternal:
      return true;
    case Code::kConflict:
    case Code::kExhausted:
    case Code::kUnavailable:
    case Code::kTimedOut:
    case Code::kIo:
      return false;
  }
  return true;
}

Error error_from_errno(int errno_value, std::string_view doing) {
  Code code = Code::kIo;
  std::string remedy;
  switch (errno_value) {
    case ENOENT:
    case ENOTDIR:
      code = Code::kNotFound;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = Code::kPermission;
      remedy = "check its owner and mode";
      break;
    case ENOSPC:
    case EDQUOT:
      code = Code::kExhausted;
      remedy = "free some disk space and try again";
      break;
    case EADDRINUSE:
      code = Code::kConflict;
      break;
    default:
      break;
  }
  return Error{code, std::string(doing) + ": " + std::generic_category().message(errno_value), remedy};
}

}  // namespace hearth::base
