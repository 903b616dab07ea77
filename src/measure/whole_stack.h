#pragma once

// Judges starts of several models by the rules of rules.h. Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "measure/report.h"
#include "measure/rules.h"

namespace hearth::measure {

/// Nothing where one of them was never ready.
[[nodiscard]] std::optional<WallRule> judge_wall(const std::vector<Start>& whole,
                                                 const std::map<std::string, std::vector<Start>>& singles, int cores);

/// Nothing where the starts have no such figures.
[[nodiscard]] std::optional<MemoryRule> judge_memory(const std::vector<Start>& starts);

/// All models that any of the starts loaded, in order.
[[nodiscard]] std::vector<std::string> models_of(const std::vector<Start>& starts);

/// One line each.
[[nodiscard]] std::string line(const WallRule& rule);
[[nodiscard]] std::string line(const MemoryRule& rule);

}  // namespace hearth::measure
