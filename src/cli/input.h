#pragma once

// What a verb is given to work on, from a file or from standard input, and how it prints what comes of it.

#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace hearth::cli {

/// The longest text on standard input: more than any model takes.
inline constexpr base::Bytes kMostText{64 << 20};

/// The whole file, or of "-" all of standard input. kExhausted beyond `most`, which is whole MiB.
[[nodiscard]] base::Result<std::string> read_input(const std::string& name, base::Bytes most);

/// The same of an open stream, to its end. `name` is for the error.
[[nodiscard]] base::Result<std::string> read_stream(std::FILE* stream, std::string_view name, base::Bytes most);

/// To standard output, at once.
[[nodiscard]] base::Result<void> print(std::string_view text);

}  // namespace hearth::cli
