#pragma once

// What `hearth doctor` has to say, one line a finding.

#include <string>
#include <vector>

namespace hearth::cli {

enum class Health { kGood, kWarning, kBad };

struct Finding {
  Health health = Health::kGood;
  std::string subject;
  std::string text;
  std::string remedy;
};

using Findings = std::vector<Finding>;

}  // namespace hearth::cli
