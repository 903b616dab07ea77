#pragma once

// From the published word lists to our table: misaki's four JSON lexicons and textblob's Brill tables. Runs once, when
// the model is fetched; the server itself never reads JSON lexicons.

#include <filesystem>

#include "base/result.h"

namespace hearth::text {

struct LexiconSources {
  std::filesystem::path us_gold, us_silver, gb_gold, gb_silver;                  // misaki 0.9.4: data/*.json
  std::filesystem::path tag_lexicon, tag_context, tag_morphology, tag_entities;  // textblob 0.20: en/en-*.txt
};

/// The files by their published names in two folders.
[[nodiscard]] LexiconSources lexicon_sources_in(const std::filesystem::path& misaki_data,
                                                const std::filesystem::path& textblob_en);

/// Writes `table` atomically (21 MB, under a second). kCorrupt names a source that is not what it should be.
[[nodiscard]] base::Result<void> compile_lexicon(const LexiconSources& sources, const std::filesystem::path& table);

}  // namespace hearth::text
