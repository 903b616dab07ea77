#include "model/policy/first_use.h"

namespace hearth::model {

UseVerdict judge_use(const UseResult& result, bool is_validated) {
  if (!result) return UseVerdict::kUnknown;
  if (*result) return UseVerdict::kServed;
  const base::Code code = result->error().code;
  const bool is_the_engines = code == base::Code::kInternal || code == base::Code::kCorrupt;
  return is_the_engines && !is_validated ? UseVerdict::kBroken : UseVerdict::kUnknown;
}

}  // namespace hearth::model
