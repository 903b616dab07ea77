#pragma once

// What speaks when the lexicons cannot: unknown English words, and every other language.

#include <string>
#include <string_view>

#include "base/result.h"
#include "text/language.h"

namespace hearth::text {

/// Letters to sounds for any text. Implementations: EspeakFallback (espeak.h), and fakes in tests.
/// Threads: callable from any; an implementation over a library that is not reentrant takes its own lock.
class PhonemeFallback {
 public:
  virtual ~PhonemeFallback() = default;

  /// IPA of `text`, which has no punctuation, in espeak-ng's spelling: '^' ties the parts of one sound ("a^ɪ"), stress
  /// marks stand before the syllable, words are separated by one blank. May be empty (nothing to say). kUnsupported
  /// when the library or its voice is not installed, with the package to install.
  [[nodiscard]] virtual base::Result<std::string> transcribe(std::string_view text, Language language) const = 0;
};

}  // namespace hearth::text
