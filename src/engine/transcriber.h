#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "engine/flow.h"

namespace hearth::engine {

/// What to write down and how.
struct TranscriptionRequest {
  enum class Task { kTranscribe, kTranslate };  // kTranslate: into English, whatever was spoken
  Task task = Task::kTranscribe;
  /// "en", "de", …: ISO 639-1 as Whisper knows them. One is what is spoken; several: it is detected which of them;
  /// none: of all that the model knows.
  std::vector<std::string> languages;
  std::string prompt;        // text before the sound, or spellings to prefer: 223 tokens of its end count
  double temperature = 0.0;  // 0 … 1; at 0 the model raises it by itself where a segment fails
  enum class Words { kNo, kYes };
  Words words = Words::kNo;  // kYes: each segment carries its words with their times
  enum class Logprobs { kNo, kYes };
  Logprobs logprobs = Logprobs::kNo;  // kYes: each segment carries what its text was spelled with
};

/// Times count from the first sample.
struct TranscribedWord {
  std::string text;  // without the space before it
  base::Millis start{};
  base::Millis end{};
  double probability = 0;  // 0 … 1
};

/// One of the model's tokens: a piece of text, which may be part of a character.
struct TranscribedToken {
  std::string text;
  double logprob = 0;  // natural logarithm of its probability
};

struct TranscribedSegment {
  std::string text;  // as the model wrote it; usually begins with a space
  base::Millis start{};
  base::Millis end{};
  std::vector<std::int32_t> tokens;
  double average_logprob = 0;
  double no_speech_probability = 0;  // 0 … 1
  double temperature = 0;            // the one it was written at
  std::vector<TranscribedWord> words;
  std::vector<TranscribedToken> logprobs;  // joined, their texts are the segment's
};

struct Transcription {
  std::string language;  // "en": what was asked for, or detected; none of silence whose language was not given
  std::vector<TranscribedSegment> segments;
};

/// Gets each segment as soon as it is final, in order, on the transcribing thread.
using SegmentSink = std::function<Flow(const TranscribedSegment& segment)>;

/// Speech to text. Implementation: engines/whisper.
class Transcriber {
 public:
  static constexpr base::SampleRate kSampleRate{16'000};

  virtual ~Transcriber() = default;
  /// Writes down `samples`: mono f32 in [-1, 1] at kSampleRate, any length, none too (an empty transcription). Long
  /// sound is cut where it is silent. Blocks; any thread, calls may overlap. `on_segment` may be empty. Errors:
  /// kInvalidArgument (language), kUnsupported (translation or another language by an English-only model), kCancelled
  /// (stop or sink, within one decoder step or encoder layer).
  [[nodiscard]] virtual base::Result<Transcription> transcribe(std::span<const float> samples,
                                                               const TranscriptionRequest& request,
                                                               const SegmentSink& on_segment, std::stop_token stop) = 0;
  /// Checks what can be wrong in a request without looking at any sound.
  [[nodiscard]] virtual base::Result<void> validate(const TranscriptionRequest& request) const = 0;
};

}  // namespace hearth::engine
