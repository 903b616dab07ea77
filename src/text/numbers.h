#pragma once

// Numbers in English words, as num2words spells them (misaki reads numbers through it): "twenty-one", "one hundred and
// five", "one thousand, two hundred". PURE; any thread.

#include <string>
#include <string_view>

namespace hearth::text {

/// At most this many digits are read as one number; longer ones are read digit by digit.
inline constexpr std::size_t kMostCardinalDigits = 36;

/// `digits` is [0-9]+ of at most kMostCardinalDigits.
[[nodiscard]] std::string cardinal(std::string_view digits);
/// "twenty-first", "one hundred and fifth".
[[nodiscard]] std::string ordinal(std::string_view digits);
/// Up to four digits: "nineteen eighty-four", "nineteen oh-five", "twenty hundred"; 2005 and 0099 as cardinals.
[[nodiscard]] std::string year(std::string_view digits);
/// "3.14" as "three point one four"; trailing zeros are not read, "2.0" is "two". Digits with one point.
[[nodiscard]] std::string decimal(std::string_view digits_and_point);

}  // namespace hearth::text
