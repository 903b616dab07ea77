#include "wire/transcription_documents.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "wire/json_out.h"
#include "wire/sse.h"
#include "wire/transcription_languages.h"

namespace hearth::wire {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::int64_t kFrameMillis = 20;  // of sound, to Whisper's encoder

double seconds(base::Millis time) { return static_cast<double>(time.count()) / 1000.0; }
double rounded(double number) { return std::round(number * 1e6) / 1e6; }

/// Length over zlib's length at its default level: text that repeats itself is far above 2.
double compression_ratio(const std::string& text) {
  if (text.empty()) return 0;
  uLongf size = ::compressBound(static_cast<uLong>(text.size()));
  std::vector<Bytef> packed(size);
  if (::compress(packed.data(), &size, reinterpret_cast<const Bytef*>(text.data()), static_cast<uLong>(text.size())) !=
      Z_OK) {
    return 0;
  }
  return static_cast<double>(text.size()) / static_cast<double>(size);
}

/// "01:02:03,004" with ',' and "01:02:03.004" with '.'.
std::string clock_time(base::Millis time, char point) {
  const std::int64_t ms = std::max<std::int64_t>(0, time.count());
  char text[48];
  std::snprintf(text, sizeof text, "%02lld:%02d:%02d%c%03d", static_cast<long long>(ms / 3'600'000),
                static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1000 % 60), point,
                static_cast<int>(ms % 1000));
  return text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// One line, because an empty line ends a cue.
std::string cue_text(const TranscriptSegment& segment) {
  TranscriptText joined;
  joined.append(segment.text);
  std::string text = joined.text();
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

Json usage_by_duration(const Transcript& transcript) {
  return {{"type", "duration"}, {"seconds", seconds(transcript.duration)}};
}

Json segment_tree(const TranscriptSegment& segment, std::size_t id) {
  return {{"id", id},
          {"seek", segment.start.count() / 10},
          {"start", seconds(segment.start)},
          {"end", seconds(segment.end)},
          {"text", segment.text},
          {"tokens", segment.tokens},
          {"temperature", rounded(segment.temperature)},
          {"avg_logprob", rounded(segment.average_logprob)},
          {"compression_ratio", rounded(compression_ratio(segment.text))},
          {"no_speech_prob", rounded(segment.no_speech_probability)}};
}

void append_logprobs(Json& list, std::span<const TranscriptToken> tokens) {
  for (const TranscriptToken& token : tokens) {
    Json bytes = Json::array();
    for (const char c : token.text) bytes.push_back(static_cast<unsigned char>(c));
    list.push_back({{"token", token.text}, {"logprob", rounded(token.logprob)}, {"bytes", std::move(bytes)}});
  }
}

Json all_logprobs(const Transcript& transcript) {
  Json list = Json::array();
  for (const TranscriptSegment& segment : transcript.segments) append_logprobs(list, segment.logprobs);
  return list;
}

}  // namespace

std::string TranscriptText::append(std::string_view segment) {
  const std::size_t first = text_.empty() ? std::min(segment.find_first_not_of(kBlanks), segment.size()) : 0;
  segment.remove_prefix(first);
  const std::size_t last = segment.find_last_not_of(kBlanks);
  if (last == std::string_view::npos) {
    blanks_ += segment;
    return {};
  }
  std::string added = std::move(blanks_);
  added += segment.substr(0, last + 1);
  blanks_ = segment.substr(last + 1);
  text_ += added;
  return added;
}

std::string transcript_text(const Transcript& transcript) {
  TranscriptText text;
  for (const TranscriptSegment& segment : transcript.segments) text.append(segment.text);
  return text.text();
}

std::string transcript_body(const Transcript& transcript, const TranscriptionRequest& request) {
  switch (request.format) {
    case TranscriptFormat::kJson:
      return transcript_json(transcript, request);
    case TranscriptFormat::kText:
      return transcript_text(transcript) + "\n";
    case TranscriptFormat::kSrt:
      return transcript_srt(transcript);
    case TranscriptFormat::kVerboseJson:
      return transcript_verbose_json(transcript, request);
    case TranscriptFormat::kVtt:
      return transcript_vtt(transcript);
  }
  return {};
}

std::string_view transcript_content_type(TranscriptFormat format) {
  switch (format) {
    case TranscriptFormat::kJson:
    case TranscriptFormat::kVerboseJson:
      return "application/json";
    case TranscriptFormat::kText:
      return "text/plain; charset=utf-8";
    case TranscriptFormat::kSrt:
      return "application/x-subrip; charset=utf-8";
    case TranscriptFormat::kVtt:
      return "text/vtt; charset=utf-8";
  }
  return "application/json";
}

std::string transcript_json(const Transcript& transcript, const TranscriptionRequest& request) {
  Json tree = {{"text", transcript_text(transcript)}};
  if (request.logprobs) tree["logprobs"] = all_logprobs(transcript);
  tree["usage"] = usage_by_duration(transcript);
  return dump(tree);
}

std::string transcript_verbose_json(const Transcript& transcript, const TranscriptionRequest& request) {
  Json tree = {{"task", transcript.task == TranscriptTask::kTranslate ? "translate" : "transcribe"},
               {"language", language_name(transcript.language)},
               {"duration", seconds(transcript.duration)},
               {"text", transcript_text(transcript)}};
  if (request.words) {
    Json words = Json::array();
    for (const TranscriptSegment& segment : transcript.segments) {
      for (const TranscriptWord& word : segment.words) {
        words.push_back({{"word", word.text}, {"start", seconds(word.start)}, {"end", seconds(word.end)}});
      }
    }
    tree["words"] = std::move(words);
  }
  if (request.segments) {
    Json segments = Json::array();
    for (const TranscriptSegment& segment : transcript.segments)
      segments.push_back(segment_tree(segment, segments.size()));
    tree["segments"] = std::move(segments);
  }
  tree["usage"] = usage_by_duration(transcript);
  return dump(tree);
}

std::string transcript_srt(const Transcript& transcript) {
  std::string out;
  std::size_t number = 0;
  for (const TranscriptSegment& segment : transcript.segments) {
    std::string text = cue_text(segment);
    if (text.empty()) continue;
    replace_all(text, "-->", "->");  // the mark of a time line; srt has no escapes
    out += std::to_string(++number) + "\n" + clock_time(segment.start, ',') + " --> " + clock_time(segment.end, ',') +
           "\n" + text + "\n\n";
  }
  return out;
}

std::string transcript_vtt(const Transcript& transcript) {
  std::string out = "WEBVTT\n\n";
  for (const TranscriptSegment& segment : transcript.segments) {
    std::string text = cue_text(segment);
    if (text.empty()) continue;
    replace_all(text, "&", "&amp;");
    replace_all(text, "<", "&lt;");
    replace_all(text, ">", "&gt;");
    out += clock_time(segment.start, '.') + " --> " + clock_time(segment.end, '.') + "\n" + text + "\n\n";
  }
  return out;
}

std::string transcript_delta_event(std::string_view delta, std::span<const TranscriptToken> tokens) {
  Json tree = {{"type", "transcript.text.delta"}, {"delta", delta}};
  if (!tokens.empty()) append_logprobs(tree["logprobs"] = Json::array(), tokens);
  return sse_event(dump(tree));
}

std::string transcript_done_event(std::string_view text, const Transcript& transcript,
                                  const TranscriptionRequest& request) {
  std::int64_t written = 0;
  for (const TranscriptSegment& segment : transcript.segments)
    written += static_cast<std::int64_t>(segment.tokens.size());
  const std::int64_t heard = transcript.duration.count() / kFrameMillis;
  Json tree = {{"type", "transcript.text.done"}, {"text", text}};
  if (request.logprobs) tree["logprobs"] = all_logprobs(transcript);
  tree["usage"] = {
      {"type", "tokens"}, {"input_tokens", heard}, {"output_tokens", written}, {"total_tokens", heard + written}};
  return sse_event(dump(tree));
}

}  // namespace hearth::wire
