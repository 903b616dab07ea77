#pragma once

// A request's text as a list of segments to synthesise, in order: markup for pauses is taken out, the rest is turned to
// phonemes and cut where prosody suffers least. This is the room's door for a synthesizer.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "text/chunks.h"
#include "text/language.h"
#include "text/phonemizer.h"

namespace hearth::text {

struct Segment {
  std::string phonemes;          // speakable, at most ChunkPolicy::max_ids ids of tokens.h
  base::Millis pause_before{0};  // silence that markup asks for in front of this segment; the voice's own is part of it
  /// Behind it; only the last segment of a request has one (a pause between two is the later's).
  base::Millis pause_after{0};
};

struct ScriptPolicy {
  ChunkPolicy chunks{};
  base::Millis longest_pause{30'000};      // of one mark; a longer one is an error
  base::Millis longest_silence{600'000};   // of all marks together
  std::size_t longest_text = 1024 * 1024;  // bytes
};

/// `[pause:1.5s]` and `[pause:300ms]` (any case, blanks allowed) become silence; a mark that is not well formed is an
/// error, not text. kInvalidArgument: invalid UTF-8 (with the byte's offset), too long, a bad or too long pause,
/// phonemes in markup that the model does not have, or nothing speakable. Other errors are the phonemizer's. Linear in
/// the length of the text; pure apart from the fallback's lock.
[[nodiscard]] base::Result<std::vector<Segment>> make_script(std::string_view text, Language language,
                                                             const Phonemizer& phonemizer,
                                                             const ScriptPolicy& policy = {});

}  // namespace hearth::text
