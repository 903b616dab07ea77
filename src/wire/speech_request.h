#pragma once

// The body of POST /v1/audio/speech. Pure.

#include <cstddef>
#include <string>
#include <string_view>

#include "audio/format.h"
#include "base/units.h"
#include "wire/openai_error.h"

namespace hearth::wire {

enum class StreamFormat {
  kAudio,  // the body is the sound
  kSse,    // speech.audio.delta events with base64, then speech.audio.done
};

/// What is taken where the client says nothing, and the bounds.
struct SpeechDefaults {
  std::string voice;     // empty: the model's
  std::string language;  // empty: the voice's
  double speed = 1.0;
  audio::AudioFormat format = audio::AudioFormat::kMp3;
  std::size_t max_text = 64 << 10;  // bytes of UTF-8
};

struct SpeechRequest {
  std::string model;     // as the client named it
  std::string input;     // UTF-8, not blank, at most SpeechDefaults::max_text bytes
  std::string voice;     // OpenAI's names are resolved already; a mix is left as it is
  std::string language;  // of `language` or `lang`
  double speed = 1.0;    // 0.25 … 4
  audio::AudioFormat format = audio::AudioFormat::kMp3;
  StreamFormat stream = StreamFormat::kAudio;
  bool wait = true;  // false: 503 at once where the model is not loaded
};

/// Fields: model, input, voice ("name" or {"id": "name"}), response_format, speed, stream_format, instructions
/// (accepted and ignored: Kokoro takes none), and ours: language or lang, wait. Unknown fields are ignored, as OpenAI's
/// own additions must not break clients. The error names the field.
[[nodiscard]] tl::expected<SpeechRequest, ApiError> parse_speech_request(std::string_view body,
                                                                         const SpeechDefaults& defaults);

}  // namespace hearth::wire
