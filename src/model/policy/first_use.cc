#include "model/policy/first_use.h"

namespace hearth::model {

UseVerdict judge_use(const std::optional<base::Error>& failure, bool is_validated) {
  if (!failure) return UseVerdict::kServed;
  const bool is_the_engines = failure->code == base::Code::kInternal || failure->code == base::Code::kCorrupt;
  return is_the_engines && !is_validated ? UseVerdict::kBroken : UseVerdict::kUnknown;
}

}  // namespace hearth::model
