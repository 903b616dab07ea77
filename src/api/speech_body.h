#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "audio/encoder.h"
#include "net/http_exchange.h"
#include "wire/speech_request.h"

namespace hearth::api {

/// Turns PCM into the body of a speech response: the encoder's bytes, or events that carry them. The head leaves with
/// the first bytes. One thread.
class SpeechBody {
 public:
  SpeechBody(net::Exchange& exchange, std::unique_ptr<audio::Encoder> encoder, wire::StreamFormat stream,
             base::SampleRate rate);
  /// kStop: the client is gone or the encoder failed (error()). Blocks while the client is slow.
  [[nodiscard]] net::Flow write(std::span<const float> samples);
  /// Ends the sound; `input` is counted for the usage that the last event tells.
  void finish(const std::string& input);
  /// An error with its status where nothing was sent; an error event, or a cut connection, where something was.
  void give_up(const base::Error& error);
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] const std::optional<base::Error>& error() const { return error_; }

 private:
  net::Flow send(const std::string& bytes);
  net::Flow begin();
  net::Exchange& exchange_;
  const std::unique_ptr<audio::Encoder> encoder_;
  const wire::StreamFormat stream_;
  const base::SampleRate rate_;
  bool has_begun_ = false;
  std::optional<base::Error> error_;
};

}  // namespace hearth::api
