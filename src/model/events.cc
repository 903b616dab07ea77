#include "model/events.h"

namespace hearth::model {

std::string_view unload_reason_name(UnloadReason reason) {
  switch (reason) {
    case UnloadReason::kAsked:
      return "asked";
    case UnloadReason::kEvicted:
      return "evicted";
    case UnloadReason::kIdle:
      return "idle";
    case UnloadReason::kPressure:
      return "pressure";
    case UnloadReason::kShutdown:
      return "shutdown";
    case UnloadReason::kBroken:
      return "broken";
  }
  return "unknown";
}

}  // namespace hearth::model
