#pragma once

// The body of POST /v1/audio/transcriptions and /v1/audio/translations: a form with a file. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "wire/openai_error.h"

namespace hearth::wire {

enum class TranscriptTask { kTranscribe, kTranslate };  // kTranslate: into English
enum class TranscriptFormat { kJson, kText, kSrt, kVerboseJson, kVtt };
/// Every format, for lists in messages.
inline constexpr std::string_view kTranscriptFormatList = "json, text, srt, verbose_json or vtt";

/// "json", "text", "srt", "verbose_json", "vtt".
[[nodiscard]] std::string_view name_of(TranscriptFormat format);
/// The inverse; nothing for any other word.
[[nodiscard]] std::optional<TranscriptFormat> find_transcript_format(std::string_view name);

struct TranscriptionRequest {
  std::string_view file;  // in the body that was parsed
  std::string file_name;  // as sent, for messages only
  std::string model;      // as the client named it
  /// ISO 639 codes that Whisper knows. One is what is spoken; several: to be detected which of them; none: of all.
  std::vector<std::string> languages;
  std::string prompt;  // with the keywords before it
  TranscriptFormat format = TranscriptFormat::kJson;
  double temperature = 0;  // 0 … 1
  bool words = false;      // verbose_json has words
  bool segments = true;    // verbose_json has segments
  bool logprobs = false;   // of each token; format is kJson
  bool stream = false;     // transcript.text.* events; format is kJson or kText
  bool wait = true;        // false: 503 at once where the model is not loaded
};

/// Fields: file, model, language (a code or an English name) or languages[], prompt, keywords[] (spellings, put before
/// the prompt), response_format, temperature, timestamp_granularities[] (with verbose_json only), include[] (logprobs,
/// with json only), stream, chunking_strategy (taken and ignored: long sound is always cut where it is silent), and
/// ours: wait. A translation takes no languages (it is always into English, the spoken one is detected), keywords or
/// include. known_speaker_names[] and known_speaker_references[] are refused. Unknown fields are ignored.
/// `content_type` is the request's, with its boundary. The error names the field.
[[nodiscard]] tl::expected<TranscriptionRequest, ApiError> parse_transcription_request(std::string_view content_type,
                                                                                       std::string_view body,
                                                                                       TranscriptTask task);

}  // namespace hearth::wire
