#pragma once

// The nine languages that Kokoro's voices speak, and the names people give them.

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace hearth::text {

enum class Language : std::uint8_t {
  kEnglishUs,
  kEnglishUk,
  kSpanish,
  kFrench,
  kHindi,
  kItalian,
  kJapanese,
  kPortuguese,  // of Brazil
  kMandarin,
};

[[nodiscard]] constexpr bool is_english(Language language) {
  return language == Language::kEnglishUs || language == Language::kEnglishUk;
}

/// "en-us", "en-gb", "es", "fr-fr", "hi", "it", "ja", "pt-br", "zh".
[[nodiscard]] std::string_view language_code(Language language);

/// Takes Kokoro's letters (a b e f h i j p z), BCP 47 tags in any case with '-' or '_' ("en-US", "pt_BR", "fr"), and
/// "cmn". kInvalidArgument lists what is known.
[[nodiscard]] base::Result<Language> parse_language(std::string_view name);

/// A voice's name starts with its language's letter and its sex: af_heart, bm_george, jf_alpha.
[[nodiscard]] base::Result<Language> language_of_voice(std::string_view voice);

}  // namespace hearth::text
