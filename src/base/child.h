#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace hearth::base {

/// The folder of the running program.
[[nodiscard]] std::filesystem::path program_folder();

/// Runs a program without a shell and waits for it. Its standard error is ours, its standard output is thrown away, its
/// standard input is empty. kNotFound when it does not exist; kInternal with its exit code when it failed (it explained
/// itself on standard error); kCancelled soon after `stop`, with the program ended.
enum class Urgency {
  kForeground,  // somebody waits for it
  kBackground,  // it leaves the cores to others
};
[[nodiscard]] Result<void> run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                                       Urgency urgency = Urgency::kForeground, const std::stop_token& stop = {});

}  // namespace hearth::base
