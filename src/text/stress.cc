#include "text/stress.h"

#include <algorithm>

namespace hearth::text {
namespace {

constexpr PhonesView kLongSymbols = U"AIOQWYʤʧ";

bool has_vowel(PhonesView phones) {
  return std::any_of(phones.begin(), phones.end(), [](char32_t c) { return holds(kVowels, c); });
}

Phones with_mark_before_vowel(char32_t mark, Phones phones) {
  const auto vowel = std::find_if(phones.begin(), phones.end(), [](char32_t c) { return holds(kVowels, c); });
  phones.insert(vowel, mark);
  return phones;
}

}  // namespace

Phones apply_stress(Phones phones, std::optional<float> stress) {
  if (!stress) return phones;
  const float level = *stress;
  const bool primary = holds(phones, kPrimaryStress), secondary = holds(phones, kSecondaryStress);
  if (level < -1) {
    std::erase_if(phones, [](char32_t c) { return c == kPrimaryStress || c == kSecondaryStress; });
  } else if (level == -1 || ((level == 0 || level == -0.5F) && primary)) {
    std::erase(phones, kSecondaryStress);
    std::replace(phones.begin(), phones.end(), kPrimaryStress, kSecondaryStress);
  } else if ((level == 0 || level == 0.5F || level == 1) && !primary && !secondary) {
    if (has_vowel(phones)) return with_mark_before_vowel(kSecondaryStress, std::move(phones));
  } else if (level >= 1 && !primary && secondary) {
    std::replace(phones.begin(), phones.end(), kSecondaryStress, kPrimaryStress);
  } else if (level > 1 && !primary && !secondary) {
    if (has_vowel(phones)) return with_mark_before_vowel(kPrimaryStress, std::move(phones));
  }
  return phones;
}

int stress_weight(PhonesView phones) {
  int weight = 0;
  for (const char32_t c : phones) weight += holds(kLongSymbols, c) ? 2 : 1;
  return weight;
}

}  // namespace hearth::text
