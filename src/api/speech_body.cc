#include "api/speech_body.h"

#include <utility>

#include "api/reply.h"
#include "wire/json_text.h"
#include "wire/sse.h"

namespace hearth::api {
namespace {
constexpr std::int64_t kFramesPerSecond = 40;  // the 25 ms frames that usage counts
}

SpeechBody::SpeechBody(net::Exchange& exchange, std::unique_ptr<audio::Encoder> encoder, wire::StreamFormat stream,
                       base::SampleRate rate)
    : exchange_(exchange), encoder_(std::move(encoder)), stream_(stream), rate_(rate) {}

net::Flow SpeechBody::write(std::span<const float> samples) {
  auto bytes = encoder_->encode(samples);
  if (!bytes) {
    error_ = std::move(bytes.error());
    return net::Flow::kStop;
  }
  return send(*bytes);
}

net::Flow SpeechBody::begin() {
  if (has_begun_) return net::Flow::kContinue;
  has_begun_ = true;
  net::Headers headers{{"Cache-Control", "no-store"}};
  headers.add("Content-Type",
              std::string(stream_ == wire::StreamFormat::kSse ? wire::kSseContentType
                                                              : audio::content_type(encoder_->format())));
  headers.add("X-Accel-Buffering", "no");  // or nginx would hold the stream back
  if (encoder_->format() == audio::AudioFormat::kPcm) headers.add("X-Sample-Rate", std::to_string(rate_.hz));
  return exchange_.begin(200, headers);
}

net::Flow SpeechBody::send(const std::string& bytes) {
  if (bytes.empty()) return net::Flow::kContinue;
  if (begin() == net::Flow::kStop) return net::Flow::kStop;
  if (stream_ == wire::StreamFormat::kSse) return exchange_.write(wire::speech_delta_event(bytes));
  return exchange_.write(bytes);
}

void SpeechBody::finish(const std::string& input) {
  auto rest = encoder_->finish();
  if (!rest) return give_up(rest.error());
  if (send(*rest) == net::Flow::kStop || begin() == net::Flow::kStop) return;
  if (stream_ == wire::StreamFormat::kSse) {
    wire::SpeechUsage usage;
    usage.input_tokens = static_cast<std::int64_t>(wire::count_characters(input));
    usage.output_tokens = encoder_->samples() * kFramesPerSecond / rate_.hz;
    exchange_.write(wire::speech_done_event(usage));
    exchange_.write(wire::kSseDone);
  }
  exchange_.end();
}

void SpeechBody::give_up(const base::Error& error) {
  if (exchange_.stop_token().stop_requested()) return;
  const wire::ApiError api_error = wire::make_api_error(error);
  if (!has_begun_) return exchange_.send(error_response(api_error));
  if (stream_ != wire::StreamFormat::kSse)
    return;  // dropping the exchange cuts the body short, which the client notices
  exchange_.write(wire::sse_event(wire::to_json(api_error)));
  exchange_.end();
}

}  // namespace hearth::api
