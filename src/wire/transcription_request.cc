#include "wire/transcription_request.h"

#include <array>
#include <utility>

#include "wire/form_in.h"
#include "wire/transcription_languages.h"

namespace hearth::wire {
namespace {

constexpr std::size_t kMaxPrompt = 16 << 10;  // the model sees its last 223 tokens, about 1 KiB
constexpr std::array kFormats = {TranscriptFormat::kJson, TranscriptFormat::kText, TranscriptFormat::kSrt,
                                 TranscriptFormat::kVerboseJson, TranscriptFormat::kVtt};

void read_format(FormReader& reader, TranscriptionRequest& request) {
  const auto name = reader.text("response_format");
  if (!name) return;
  const std::string known(kTranscriptFormatList);
  if (const auto format = find_transcript_format(*name)) {
    request.format = *format;
  } else if (*name == "diarized_json") {
    reader.complain("response_format", "speakers are not told apart; use " + known, "unsupported_value");
  } else {
    reader.complain("response_format", "'" + *name + "' is not a known format; use " + known);
  }
}

void read_languages(FormReader& reader, TranscriptionRequest& request) {
  const auto take = [&](std::string_view field, const std::string& name) {
    if (const auto code = find_language(name)) {
      request.languages.emplace_back(*code);
    } else {
      reader.complain(field,
                      "'" + name + "' is no language that Whisper knows; use a code such as en, or leave it out");
    }
  };
  const auto several = reader.list("languages");
  for (const std::string& name : several) take("languages", name);
  const auto one = reader.text("language");
  if (!one) return;
  if (!several.empty()) reader.complain("language", "give 'language' or 'languages', not both");
  take("language", *one);
}

/// What a model that was trained on words makes of a list of them: text that was said before.
void read_prompt(FormReader& reader, TranscriptionRequest& request, TranscriptTask task) {
  request.prompt = reader.text("prompt", kMaxPrompt).value_or("");
  if (task == TranscriptTask::kTranslate) return;
  std::string spellings;
  for (const std::string& keyword : reader.list("keywords")) spellings += (spellings.empty() ? "" : ", ") + keyword;
  if (spellings.empty()) return;
  if (spellings.size() > kMaxPrompt) reader.complain("keywords", "'keywords' are longer than 16 KiB together");
  request.prompt = spellings + (request.prompt.empty() ? "." : ". " + request.prompt);
}

void refuse_speakers(FormReader& reader) {
  for (const std::string_view field : {"known_speaker_names", "known_speaker_references"}) {
    if (reader.has(field)) reader.complain(field, "speakers are not told apart; leave it out", "unsupported_value");
  }
}

void read_granularities(FormReader& reader, TranscriptionRequest& request) {
  constexpr std::string_view kField = "timestamp_granularities";
  const auto wanted = reader.list(kField);
  if (wanted.empty()) return;
  request.segments = false;
  for (const std::string& one : wanted) {
    if (one == "word") {
      request.words = true;
    } else if (one == "segment") {
      request.segments = true;
    } else {
      reader.complain(kField, "'" + one + "' is no granularity; use word or segment");
    }
  }
  if (request.format != TranscriptFormat::kVerboseJson) {
    reader.complain(kField, "'timestamp_granularities' needs 'response_format' verbose_json");
  }
}

void read_include(FormReader& reader, TranscriptionRequest& request) {
  for (const std::string& one : reader.list("include")) {
    if (one == "logprobs") {
      request.logprobs = true;
    } else {
      reader.complain("include", "'" + one + "' cannot be included; logprobs can");
    }
  }
  if (request.logprobs && request.format != TranscriptFormat::kJson) {
    reader.complain("include", "'include' of logprobs needs 'response_format' json");
  }
}

void read_file(FormReader& reader, TranscriptionRequest& request) {
  const auto files = reader.files("file");
  if (files.empty()) return;
  if (files.size() > 1) reader.complain("file", "only one 'file' is taken");
  request.file = files.front()->bytes;
  request.file_name = files.front()->file_name;
}

void read_stream(FormReader& reader, TranscriptionRequest& request) {
  request.stream = reader.boolean("stream").value_or(false);
  if (!request.stream || request.format == TranscriptFormat::kJson || request.format == TranscriptFormat::kText) return;
  reader.complain("stream", "'stream' goes with 'response_format' json or text", "unsupported_value");
}

}  // namespace

std::string_view name_of(TranscriptFormat format) {
  switch (format) {
    case TranscriptFormat::kJson:
      return "json";
    case TranscriptFormat::kText:
      return "text";
    case TranscriptFormat::kSrt:
      return "srt";
    case TranscriptFormat::kVerboseJson:
      return "verbose_json";
    case TranscriptFormat::kVtt:
      return "vtt";
  }
  return "json";
}

std::optional<TranscriptFormat> find_transcript_format(std::string_view name) {
  for (const TranscriptFormat format : kFormats) {
    if (name_of(format) == name) return format;
  }
  return std::nullopt;
}

tl::expected<TranscriptionRequest, ApiError> parse_transcription_request(std::string_view content_type,
                                                                         std::string_view body, TranscriptTask task) {
  auto form = FormReader::open(content_type, body);
  if (!form) return tl::unexpected(std::move(form.error()));
  FormReader& reader = *form;
  TranscriptionRequest request;
  request.model = reader.text("model").value_or("");
  if (request.model.empty()) reader.complain("model", "the form has no 'model'", "missing_required_parameter");
  read_file(reader, request);
  read_format(reader, request);
  if (task == TranscriptTask::kTranscribe) read_languages(reader, request);
  read_prompt(reader, request, task);
  request.temperature = reader.number("temperature", 0, 1).value_or(0);
  read_granularities(reader, request);
  if (task == TranscriptTask::kTranscribe) read_include(reader, request);
  refuse_speakers(reader);
  read_stream(reader, request);
  request.wait = reader.boolean("wait").value_or(true);
  if (reader.error()) return tl::unexpected(*reader.error());
  return request;
}

}  // namespace hearth::wire
