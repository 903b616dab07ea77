#pragma once

// espeak-ng's IPA in Kokoro's symbols, as misaki maps it. PURE; any thread.

#include "text/english_words.h"
#include "text/language.h"
#include "text/stress.h"

namespace hearth::text {

/// `ipa` has '^' between the parts of one sound (PhonemeFallback::transcribe).
[[nodiscard]] Phones english_from_espeak(Phones ipa, Accent accent);

/// The other languages: diphthongs and affricates become one symbol, ties and hyphens go, all else stays. Mandarin's
/// tones become Kokoro's arrows.
[[nodiscard]] Phones foreign_from_espeak(Phones ipa, Language language);

}  // namespace hearth::text
