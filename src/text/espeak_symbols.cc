#include "text/espeak_symbols.h"

#include <algorithm>

namespace hearth::text {
namespace {

struct Pair {
  PhonesView from, to;
};

constexpr char32_t kSyllabic = U'\u0329';

// Longest first: a pair must not eat the beginning of a longer one.
constexpr Pair kEnglish[] = {{U"ʔˌn\u0329", U"ʔn"}, {U"a^ɪ", U"I"}, {U"a^ʊ", U"W"}, {U"d^ʒ", U"ʤ"},
                             {U"e^ɪ", U"A"},        {U"t^ʃ", U"ʧ"}, {U"ɔ^ɪ", U"Y"}, {U"ə^l", U"ᵊl"},
                             {U"ʔn\u0329", U"ʔn"},  {U"ʲo", U"jo"}, {U"ʲə", U"jə"}, {U"e", U"A"},
                             {U"ʲ", U""},           {U"ɚ", U"əɹ"},  {U"r", U"ɹ"},   {U"x", U"k"},
                             {U"ç", U"k"},          {U"ɐ", U"ə"},   {U"ɬ", U"l"},   {U"\u0303", U""}};
constexpr Pair kBritishFirst[] = {{U"e^ə", U"ɛː"}};  // before the rule for a lone e takes its first half
constexpr Pair kBritish[] = {{U"iə", U"ɪə"}, {U"ə^ʊ", U"Q"}};
constexpr Pair kAmerican[] = {{U"o^ʊ", U"O"}, {U"ɜːɹ", U"ɜɹ"}, {U"ɜː", U"ɜɹ"}, {U"ɪə", U"iə"}, {U"ː", U""}};
constexpr Pair kForeign[] = {{U"a^ɪ", U"I"}, {U"a^ʊ", U"W"}, {U"d^z", U"ʣ"}, {U"d^ʒ", U"ʤ"},
                             {U"e^ɪ", U"A"}, {U"o^ʊ", U"O"}, {U"s^s", U"S"}, {U"t^s", U"ʦ"},
                             {U"t^ʃ", U"ʧ"}, {U"ɔ^ɪ", U"Y"}, {U"ə^ʊ", U"Q"}};

// espeak-ng writes retroflexes with a stop and tones with digits (ɜ is the rising one); Kokoro's Mandarin has letters
// for the first and arrows for the second. The first and the fourth tone are both written 5, so one of them is lost.
constexpr Pair kMandarin[] = {{U"ʦ.h", U"\uAB67ʰ"}, {U"tɕh", U"ʨʰ"}, {U"ʦ.", U"\uAB67"}, {U"s.", U"ʂ"},  {U"i.", U"ɨ"},
                              {U"i\u032A", U"ɨ"},   {U"tɕ", U"ʨ"},   {U"ʦh", U"ʦʰ"},     {U"th", U"tʰ"}, {U"kh", U"kʰ"},
                              {U"ph", U"pʰ"},       {U"ər", U"ɚ"},   {U"χ", U"x"},       {U"ʐ", U"ɻ"},   {U"ɜ", U"↗"},
                              {U"2", U"↓"},         {U"5", U"→"},    {U"1", U""}};

void replace_all(Phones& phones, PhonesView from, PhonesView to) {
  if (phones.find(from) == Phones::npos) return;
  Phones out;
  std::size_t done = 0;
  for (std::size_t at = phones.find(from); at != Phones::npos; at = phones.find(from, done)) {
    out.append(phones, done, at - done).append(to);
    done = at + from.size();
  }
  phones = out.append(phones, done);
}

template <std::size_t N>
void replace_each(Phones& phones, const Pair (&pairs)[N]) {
  for (const Pair& pair : pairs) replace_all(phones, pair.from, pair.to);
}

// A consonant with the syllabic mark below gets a schwa before it instead.
Phones without_syllabic_marks(const Phones& phones) {
  Phones out;
  for (const char32_t c : phones) {
    if (c != kSyllabic) {
      out += c;
    } else if (!out.empty() && out.back() != U' ') {
      out.insert(out.size() - 1, 1, U'ᵊ');
    }
  }
  return out;
}

}  // namespace

Phones english_from_espeak(Phones ipa, Accent accent) {
  if (accent == Accent::kUk) replace_each(ipa, kBritishFirst);
  replace_each(ipa, kEnglish);
  ipa = without_syllabic_marks(ipa);
  if (accent == Accent::kUk) {
    replace_each(ipa, kBritish);
  } else {
    replace_each(ipa, kAmerican);
  }
  std::replace(ipa.begin(), ipa.end(), U'o', U'ɔ');
  std::erase(ipa, U'^');
  return ipa;
}

Phones foreign_from_espeak(Phones ipa, Language language) {
  replace_each(ipa, kForeign);
  if (language == Language::kMandarin) {
    std::erase_if(ipa, [](char32_t c) { return c == U'ˈ' || c == U'ˌ' || c == U'^'; });  // it has tones, no stress
    replace_each(ipa, kMandarin);
  }
  std::erase_if(ipa, [](char32_t c) { return c == U'^' || c == U'-'; });
  return ipa;
}

}  // namespace hearth::text
