#pragma once

// The five encoders, for encoder.cc only. Each hides its library in its own .cc.

#include <memory>

#include "audio/encoder.h"

namespace hearth::audio {

using MadeEncoder = base::Result<std::unique_ptr<Encoder>>;

[[nodiscard]] MadeEncoder make_pcm_encoder(const EncoderOptions& options);
[[nodiscard]] MadeEncoder make_wav_encoder(base::SampleRate rate, const EncoderOptions& options);
[[nodiscard]] MadeEncoder make_mp3_encoder(base::SampleRate rate, const EncoderOptions& options);
[[nodiscard]] MadeEncoder make_flac_encoder(base::SampleRate rate, const EncoderOptions& options);
[[nodiscard]] MadeEncoder make_opus_encoder(base::SampleRate rate, const EncoderOptions& options);

}  // namespace hearth::audio
