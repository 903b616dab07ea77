#include "startup/task.h"

namespace hearth::startup {

bool is_permanent(base::Code code) {
  switch (code) {
    case base::Code::kInvalidArgument:
    case base::Code::kNotFound:
    case base::Code::kPermission:
    case base::Code::kCancelled:
    case base::Code::kCorrupt:
    case base::Code::kUnsupported:
    case base::Code::kInternal:
      return true;
    case base::Code::kConflict:
    case base::Code::kExhausted:
    case base::Code::kUnavailable:
    case base::Code::kTimedOut:
    case base::Code::kIo:
      return false;
  }
  return true;
}

}  // namespace hearth::startup
