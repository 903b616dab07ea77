#pragma once

// What a command line that cannot be understood is told, in one line. Pure: parse() in options.h prints it.

#include <CLI/CLI.hpp>
#include <string>

namespace hearth::cli {

/// "hearth serve: there is no option --prt; did you mean --port? see hearth serve --help". `error` is what `app` threw
/// while it parsed.
[[nodiscard]] std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace hearth::cli
