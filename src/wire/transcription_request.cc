#include "wire/transcription_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "wire/json_in.h"
#include "wire/json_text.h"
#include "wire/multipart.h"
#include "wire/transcription_languages.h"

namespace hearth::wire {
namespace {

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxPrompt = 16 << 10;  // the model sees its last 224 tokens, about 1 KiB
constexpr std::array kFormats = {TranscriptFormat::kJson, TranscriptFormat::kText, TranscriptFormat::kSrt,
                                 TranscriptFormat::kVerboseJson, TranscriptFormat::kVtt};

bool is_utf8_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  std::string quoted = "\"";  // inside a string brackets are no depth
  std::copy_if(text.begin(), text.end(), std::back_inserter(quoted), [](char c) { return c != '"' && c != '\\'; });
  return check_json_text(quoted).has_value();
}

/// Typed fields of a form; keeps the first thing that was wrong.
class FormReader {
 public:
  explicit FormReader(std::vector<FormPart> parts) : parts_(std::move(parts)) {}

  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t max_bytes) {
    const FormPart* found = nullptr;
    for (const FormPart& part : parts_) {
      if (part.name != name) continue;
      if (found != nullptr) return complain(name, "'" + std::string(name) + "' is given more than once");
      found = &part;
    }
    if (found == nullptr) return std::nullopt;
    return checked(*found, name, max_bytes);
  }
  /// "name[]" and "name", as often as they come.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) {
    std::vector<std::string> out;
    const std::string bracketed = std::string(name) + "[]";
    for (const FormPart& part : parts_) {
      if (part.name != name && part.name != bracketed) continue;
      if (auto item = checked(part, name, kMaxName)) out.push_back(std::move(*item));
    }
    return out;
  }
  [[nodiscard]] std::optional<bool> boolean(std::string_view name) {
    const auto word = text(name, kMaxName);
    if (!word || word->empty()) return std::nullopt;
    for (const std::string_view yes : {"true", "True", "1"}) {
      if (*word == yes) return true;
    }
    for (const std::string_view no : {"false", "False", "0"}) {
      if (*word == no) return false;
    }
    complain(name, "'" + std::string(name) + "' must be true or false", "invalid_type");
    return std::nullopt;
  }
  [[nodiscard]] std::optional<double> number(std::string_view name, double least, double most) {
    const auto word = text(name, kMaxName);
    if (!word || word->empty()) return std::nullopt;
    double value = 0;
    const char* end = word->data() + word->size();
    const auto [stop, error] = std::from_chars(word->data(), end, value);
    if (error != std::errc() || stop != end) {
      complain(name, "'" + std::string(name) + "' must be a number", "invalid_type");
    } else if (!(value >= least && value <= most)) {
      complain(name, "'" + std::string(name) + "' must be from 0 to 1, not " + *word);
    } else {
      return value;
    }
    return std::nullopt;
  }
  [[nodiscard]] const FormPart* file() {
    const FormPart* found = nullptr;
    for (const FormPart& part : parts_) {
      if (part.name != "file") continue;
      if (found != nullptr) complain("file", "only one 'file' is taken");
      found = &part;
    }
    if (found == nullptr) {
      complain("file", "the form has no 'file'", "missing_required_parameter");
    } else if (found->kind != FormPart::Kind::kFile) {
      complain("file", "'file' must be a file, with a filename (curl: -F file=@NAME)", "invalid_type");
    }
    return found;
  }
  std::nullopt_t complain(std::string_view param, std::string message, std::string code = "invalid_value") {
    if (!error_) error_ = bad_field(param, std::move(message), std::move(code));
    return std::nullopt;
  }
  [[nodiscard]] const std::optional<ApiError>& error() const { return error_; }

 private:
  std::optional<std::string> checked(const FormPart& part, std::string_view name, std::size_t max_bytes) {
    if (part.bytes.size() > max_bytes) {
      return complain(name,
                      "'" + std::string(name) + "' has " + std::to_string(part.bytes.size()) + " bytes; at most " +
                          std::to_string(max_bytes) + " are taken",
                      "string_above_max_length");
    }
    if (!is_utf8_text(part.bytes)) return complain(name, "'" + std::string(name) + "' is not valid UTF-8 text");
    return std::string(part.bytes);
  }
  const std::vector<FormPart> parts_;
  std::optional<ApiError> error_;
};

void read_format(FormReader& reader, TranscriptionRequest& request) {
  const auto name = reader.text("response_format", kMaxName);
  if (!name || name->empty()) return;
  const std::string known(kTranscriptFormatList);
  if (const auto format = find_transcript_format(*name)) {
    request.format = *format;
  } else if (*name == "diarized_json") {
    reader.complain("response_format", "speakers are not told apart; use " + known, "unsupported_value");
  } else {
    reader.complain("response_format", "'" + *name + "' is not a known format; use " + known);
  }
}

void read_language(FormReader& reader, TranscriptionRequest& request) {
  const auto name = reader.text("language", kMaxName);
  if (!name || name->empty()) return;
  const auto code = find_language(*name);
  if (code) {
    request.language = *code;
  } else {
    reader.complain("language",
                    "'" + *name + "' is no language that Whisper knows; use a code such as en, or leave it out");
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
  auto parts = parse_form(content_type, body);
  if (!parts) return tl::unexpected(std::move(parts.error()));
  FormReader reader(std::move(*parts));
  TranscriptionRequest request;
  request.model = reader.text("model", kMaxName).value_or("");
  if (request.model.empty()) reader.complain("model", "the form has no 'model'", "missing_required_parameter");
  if (const FormPart* file = reader.file()) {
    request.file = file->bytes;
    request.file_name = file->file_name;
    if (file->bytes.empty()) reader.complain("file", "the file is empty", "empty_file");
  }
  read_format(reader, request);
  if (task == TranscriptTask::kTranscribe) read_language(reader, request);
  request.prompt = reader.text("prompt", kMaxPrompt).value_or("");
  request.temperature = reader.number("temperature", 0, 1).value_or(0);
  if (task == TranscriptTask::kTranscribe) read_granularities(reader, request);
  read_stream(reader, request);
  request.wait = reader.boolean("wait").value_or(true);
  if (reader.error()) return tl::unexpected(*reader.error());
  return request;
}

}  // namespace hearth::wire
