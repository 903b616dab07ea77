#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace hearth::base {

/// The folder of the running program.
[[nodiscard]] std::filesystem::path program_folder();

/// Runs a program without a shell and waits for it. Its standard error is ours, its standard output is thrown away, its
/// standard input is empty. kNotFound when it does not exist; kInternal with its exit code when it failed (it explained
/// itself on standard error); `nice` raises its niceness, so that it leaves the cores to others.
enum class Niceness { kNormal, kBackground };
[[nodiscard]] Result<void> run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                                       Niceness niceness = Niceness::kNormal);

}  // namespace hearth::base
