#pragma once

// Languages other than English: espeak-ng's pronunciation in Kokoro's symbols, marks kept. After misaki's EspeakG2P.

#include <string>
#include <string_view>

#include "base/result.h"
#include "text/fallback.h"

namespace hearth::text {

/// One sentence. kUnsupported when there is no fallback or it lacks the language.
[[nodiscard]] base::Result<std::string> read_foreign(std::u32string_view sentence, Language language,
                                                     const PhonemeFallback* fallback);

}  // namespace hearth::text
