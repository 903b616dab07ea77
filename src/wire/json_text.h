#pragma once

// What every JSON body from outside passes before it is parsed. Pure.

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace hearth::wire {

inline constexpr int kMaxJsonDepth = 32;                // the deepest request of the API has 4 levels
inline constexpr std::size_t kMaxJsonValues = 1 << 20;  // parsed, each takes some 60 bytes

/// Valid UTF-8 (overlong forms and surrogates are not), no deeper than kMaxJsonDepth, of at most kMaxJsonValues values.
/// kInvalidArgument says what is wrong. Does not say whether it is JSON.
[[nodiscard]] base::Result<void> check_json_text(std::string_view text);

/// How deep a text nests that is JSON itself, or means to be. 0 where it begins as neither a list nor an object.
[[nodiscard]] int json_depth(std::string_view text);

/// The last string that the object `text` itself has under `name`, as it stands there: what is between the quotes, its
/// escapes and all. For one that is too large to be parsed; the name is not looked for in escapes. Nothing where there
/// is none. Does not say whether `text` is JSON: that is asked of what is left without the string.
[[nodiscard]] std::optional<std::string_view> find_json_string(std::string_view text, std::string_view name);

/// The number of characters, of valid UTF-8.
[[nodiscard]] std::size_t count_characters(std::string_view utf8);

/// Nothing but blanks, of ASCII or Unicode, and characters that have no width.
[[nodiscard]] bool is_blank(std::string_view utf8);

}  // namespace hearth::wire
