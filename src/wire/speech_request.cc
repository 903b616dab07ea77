#include "wire/speech_request.h"

#include <utility>

#include "wire/json_in.h"
#include "wire/json_text.h"
#include "wire/openai_names.h"

namespace hearth::wire {
namespace {

constexpr std::size_t kMaxName = 256;  // of models, voices (a mix of eight too), languages and formats
constexpr std::size_t kMaxInstructions = 16 << 10;
using Need = ObjectReader::Need;

void read_format(ObjectReader& reader, SpeechRequest& request) {
  const auto name = reader.string("response_format", Need::kOptional, kMaxName);
  if (!name) return;
  if (const auto format = audio::find_format(*name)) {
    request.format = *format;
    return;
  }
  const std::string known(audio::kFormatList);
  reader.set_error(*name == "aac"
                       ? bad_field("response_format", "aac is not offered; use " + known, "unsupported_value")
                       : bad_field("response_format", "'" + *name + "' is not a known format; use " + known));
}

void read_stream_format(ObjectReader& reader, SpeechRequest& request) {
  const auto name = reader.string("stream_format", Need::kOptional, kMaxName);
  if (!name || *name == "audio") return;
  if (*name != "sse") {
    return reader.set_error(
        bad_field("stream_format", "'" + *name + "' is not a known stream format; use audio or sse"));
  }
  request.stream = StreamFormat::kSse;
}

}  // namespace

tl::expected<SpeechRequest, ApiError> parse_speech_request(std::string_view body, const SpeechDefaults& defaults) {
  auto reader = ObjectReader::open(body);
  if (!reader) return tl::unexpected(std::move(reader.error()));
  SpeechRequest request;
  request.format = defaults.format;
  request.model = reader->string("model", Need::kRequired, kMaxName).value_or("");
  request.input = reader->string("input", Need::kRequired, defaults.max_text).value_or("");
  if (is_blank(request.input)) reader->set_error(bad_field("input", "'input' has nothing to say", "empty_string"));
  request.voice = resolve_voices(reader->string_or_id("voice", kMaxName).value_or(defaults.voice));
  read_format(*reader, request);
  request.speed = reader->number("speed", 0.25, 4.0).value_or(defaults.speed);
  read_stream_format(*reader, request);
  static_cast<void>(reader->string("instructions", Need::kOptional, kMaxInstructions));
  const auto lang = reader->string("lang", Need::kOptional, kMaxName);
  request.language = reader->string("language", Need::kOptional, kMaxName).value_or(lang.value_or(defaults.language));
  request.wait = reader->boolean("wait").value_or(true);
  if (reader->error()) return tl::unexpected(*reader->error());
  return request;
}

}  // namespace hearth::wire
