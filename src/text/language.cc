#include "text/language.h"

#include <fmt/format.h>

#include <array>

namespace hearth::text {
namespace {

struct Name {
  std::string_view name;
  Language language;
};

constexpr std::array<std::string_view, 9> kCodes = {"en-us", "en-gb", "es", "fr-fr", "hi", "it", "ja", "pt-br", "zh"};
constexpr std::string_view kLetters = "abefhijpz";

// Longer tags than these ("es-mx", "zh-hans-cn") are looked up by their first part.
constexpr Name kNames[] = {
    {"en", Language::kEnglishUs},    {"en-us", Language::kEnglishUs}, {"en-gb", Language::kEnglishUk},
    {"en-uk", Language::kEnglishUk}, {"es", Language::kSpanish},      {"fr", Language::kFrench},
    {"hi", Language::kHindi},        {"it", Language::kItalian},      {"ja", Language::kJapanese},
    {"pt", Language::kPortuguese},   {"zh", Language::kMandarin},     {"cmn", Language::kMandarin},
};

const Name* find_name(std::string_view name) {
  for (const Name& known : kNames) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

}  // namespace

std::string_view language_code(Language language) { return kCodes[static_cast<std::size_t>(language)]; }

base::Result<Language> parse_language(std::string_view name) {
  constexpr std::size_t kLongestTag = 35;  // BCP 47's own recommendation
  std::string tag;
  for (const char c : name.substr(0, kLongestTag + 1)) {
    tag += c == '_' ? '-' : (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (tag.size() == 1) {
    if (const auto at = kLetters.find(tag.front()); at != std::string_view::npos) return static_cast<Language>(at);
  }
  if (tag.size() <= kLongestTag) {
    if (const Name* known = find_name(tag)) return known->language;
    if (const Name* known = find_name(std::string_view{tag}.substr(0, tag.find('-')))) return known->language;
  }
  return base::fail(base::Code::kInvalidArgument, "the language is not one that Kokoro speaks",
                    fmt::format("use one of: {}", fmt::join(kCodes, ", ")));
}

base::Result<Language> language_of_voice(std::string_view voice) {
  if (voice.size() > 2 && voice[2] == '_' && (voice[1] == 'f' || voice[1] == 'm')) {
    if (const auto at = kLetters.find(voice.front()); at != std::string_view::npos) return static_cast<Language>(at);
  }
  return base::fail(base::Code::kInvalidArgument, "the voice's name does not tell its language",
                    "say the language too, such as en-us");
}

}  // namespace hearth::text
