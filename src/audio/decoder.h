#pragma once

// Sound files from outside to what a speech model hears: mono f32 at one rate. wav, aiff, flac, ogg (Opus, Vorbis,
// FLAC) and mp3 by libsndfile, any rate by libsoxr; both are opened when a file first needs them, never at a start.
// What only FFmpeg reads (m4a, webm, …) is given to whoever the caller names, which is a program of its own (media/).
//
// Everything about a file is doubted: its kind is told by its bytes and not by its name, its lengths reserve no memory
// beyond the limit, and it is decoded block by block, so that a stop token and the limit both end it early. Start
// reading at decoder.cc. Pure but for the libraries; any thread.

#include <cstdint>
#include <stop_token>
#include <string_view>
#include <vector>

#include "audio/decoder_container.h"
#include "audio/decoder_reader.h"
#include "audio/sample_budget.h"
#include "base/result.h"
#include "base/units.h"

namespace hearth::audio {

struct DecodeOptions {
  base::SampleRate rate{16'000};
  /// What is longer is refused. An hour costs 230 MB at 16 kHz.
  base::Millis longest{4 * 3'600'000};
  /// Who reads what libsndfile does not. Empty: nobody, and such files are kUnsupported.
  OpenOtherSound other = nullptr;
  /// What this sound and all others may keep together. Null: no bound. Outlives what is decoded.
  SampleBudget* budget = nullptr;
};

struct Decoded {
  std::vector<float> samples;  // mono, in [-1, 1]; never empty
  base::SampleRate rate;
  SampleHold hold;  // the samples' part of the budget
  [[nodiscard]] base::Millis length() const {
    return base::Millis{static_cast<std::int64_t>(samples.size()) * 1000 / rate.hz};
  }
};

/// Errors: kInvalidArgument (no sound file, a damaged one, one that breaks off, one without samples or with samples
/// that are no numbers, one that is too long), kUnsupported (a kind for hearth-media; a library that is missing),
/// kExhausted (memory, the budget), kCancelled (`stop`, within one block: some milliseconds).
[[nodiscard]] base::Result<Decoded> decode(std::string_view bytes, const DecodeOptions& options = {},
                                           std::stop_token stop = {});

/// The same for a file that is open already. `name` is the kind, for messages.
[[nodiscard]] base::Result<Decoded> decode(SoundReader& reader, std::string_view name, const DecodeOptions& options,
                                           const std::stop_token& stop);

/// Decodes a moment of silence, which takes both libraries: what is wrong with them before a file comes. For `hearth
/// doctor`.
[[nodiscard]] base::Result<void> check_decoder();

}  // namespace hearth::audio
