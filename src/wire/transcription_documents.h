#pragma once

// What a transcription answers with: OpenAI's five formats, and the events of a streamed one. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "wire/transcription_request.h"

namespace hearth::wire {

struct TranscriptWord {
  std::string text;  // without the space before it
  base::Millis start{};
  base::Millis end{};
};

struct TranscriptToken {
  std::string text;  // bytes: a character may be spread over several
  double logprob = 0;
};

struct TranscriptSegment {
  std::string text;  // as the model wrote it; usually begins with a space
  base::Millis start{};
  base::Millis end{};
  std::vector<std::int32_t> tokens;
  double average_logprob = 0;
  double no_speech_probability = 0;
  double temperature = 0;
  std::vector<TranscriptWord> words;
  std::vector<TranscriptToken> logprobs;  // where they were asked for
};

struct Transcript {
  TranscriptTask task = TranscriptTask::kTranscribe;
  std::string language;     // code; "en" for a translation
  base::Millis duration{};  // of the sound
  std::vector<TranscriptSegment> segments;
};

/// Joins segments to one text without blanks at its ends; what the appends return, joined, is text() exactly.
class TranscriptText {
 public:
  /// What the segment adds; empty where that is only blanks.
  std::string append(std::string_view segment);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string blanks_;  // at the end so far: they count only when more text follows
};

[[nodiscard]] std::string transcript_text(const Transcript& transcript);

/// The body in one format, and its Content-Type.
[[nodiscard]] std::string transcript_body(const Transcript& transcript, const TranscriptionRequest& request);
[[nodiscard]] std::string_view transcript_content_type(TranscriptFormat format);

/// {"text","logprobs":[{"token","logprob","bytes"}],"usage":{"type":"duration","seconds"}}; logprobs where asked for.
[[nodiscard]] std::string transcript_json(const Transcript& transcript, const TranscriptionRequest& request);
/// task, language (its English name), duration, text, words and segments where asked for, usage. `seek` counts
/// hundredths of a second to the segment's start; `compression_ratio` is that of zlib, as Whisper measures it.
[[nodiscard]] std::string transcript_verbose_json(const Transcript& transcript, const TranscriptionRequest& request);
[[nodiscard]] std::string transcript_srt(const Transcript& transcript);
[[nodiscard]] std::string transcript_vtt(const Transcript& transcript);

/// {"type":"transcript.text.delta","delta"} as an event, with the tokens' logprobs where there are any.
[[nodiscard]] std::string transcript_delta_event(std::string_view delta, std::span<const TranscriptToken> tokens);
/// {"type":"transcript.text.done","text","usage"} as an event, with logprobs where asked for. Input counts the
/// encoder's frames, 50 a second of sound; output the tokens written.
[[nodiscard]] std::string transcript_done_event(std::string_view text, const Transcript& transcript,
                                                const TranscriptionRequest& request);

}  // namespace hearth::wire
