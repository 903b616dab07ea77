#pragma once

// What a program that we start is told of our environment, where keys are: lines "NAME=value" for SpawnPlan
// (spawn.h) and RunOptions (child.h). Any thread, as long as nobody changes the environment.

#include <string>
#include <vector>

namespace hearth::base {

/// What a program needs to find its libraries: for one that is to know nothing else of us.
[[nodiscard]] std::vector<std::string> library_environment();

/// That, and where programs, folders and temporary files are, which language is spoken, what foreign libraries are not
/// to do: for a program that opens what strangers made, and for one that is not ours. No key, nothing of HEARTH_*.
[[nodiscard]] std::vector<std::string> short_environment();

/// All but the keys that open our API: for a program of ours that uses the network, with its proxies and certificates.
[[nodiscard]] std::vector<std::string> environment_without_keys();

/// All of it.
[[nodiscard]] std::vector<std::string> whole_environment();

}  // namespace hearth::base
