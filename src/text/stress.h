#pragma once

// The alphabet of English phonemes as misaki writes it, and how stress is put on, moved and taken off. PURE; any
// thread.

#include <optional>
#include <string>
#include <string_view>

namespace hearth::text {

/// Phonemes while the rules work on them: one symbol a character.
using Phones = std::u32string;
using PhonesView = std::u32string_view;

inline constexpr char32_t kPrimaryStress = U'ˈ';
inline constexpr char32_t kSecondaryStress = U'ˌ';
inline constexpr PhonesView kVowels = U"AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ";
inline constexpr PhonesView kConsonants = U"bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ";
inline constexpr PhonesView kSpokenMarks = U";:,.!?—…";  // marks that stop the voice; quotes do not

[[nodiscard]] constexpr bool holds(PhonesView set, char32_t c) { return set.find(c) != PhonesView::npos; }

/// How strongly a word is said, from -2 to 2 in halves: below -1 all stress goes; -1 primary becomes secondary; 0 and
/// -0.5 the same, and 0 gives an unstressed word a secondary; 0.5 only that; 1 makes secondary primary; 2 gives an
/// unstressed word a primary one. None leaves the word alone. A mark is put before the first vowel.
[[nodiscard]] Phones apply_stress(Phones phones, std::optional<float> stress);

/// The number of symbols, diphthongs and affricates counting twice.
[[nodiscard]] int stress_weight(PhonesView phones);

}  // namespace hearth::text
