// mp3 by LAME. The bit reservoir is off: every frame stands alone and leaves at once, at a few per cent of the bits.

#include <lame/lame.h>

#include <array>
#include <cstdarg>

#include "audio/encoder_kinds.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr int kKilobits = 64;  // a second: transparent for one voice

struct CloseLame {
  void operator()(lame_t lame) const { lame_close(lame); }
};
using Lame = std::unique_ptr<lame_global_flags, CloseLame>;

void stay_silent(const char*, va_list) {}

class Mp3Encoder final : public Encoder {
 public:
  Mp3Encoder(Lame lame, const EncoderOptions& options) : Encoder(AudioFormat::kMp3, options), lame_(std::move(lame)) {}

 private:
  Result<void> start(std::string&) override { return {}; }
  Result<void> append(std::span<const float> samples, std::string& out) override {
    return take(lame_encode_buffer_ieee_float(lame_.get(), samples.data(), nullptr, static_cast<int>(samples.size()),
                                              frames_.data(), static_cast<int>(frames_.size())),
                out);
  }
  Result<void> close(std::string& out) override {
    return take(lame_encode_flush(lame_.get(), frames_.data(), static_cast<int>(frames_.size())), out);
  }
  Result<void> take(int written, std::string& out) {
    if (written < 0) return fail(Code::kInternal, "the mp3 encoder failed with code " + std::to_string(written));
    out.append(reinterpret_cast<const char*>(frames_.data()), static_cast<std::size_t>(written));
    return {};
  }

  const Lame lame_;
  std::array<unsigned char, kBlock * 5 / 4 + 7200> frames_;  // the worst case by lame.h
};

}  // namespace

MadeEncoder make_mp3_encoder(base::SampleRate rate, const EncoderOptions& options) {
  switch (rate.hz) {
    case 8'000:
    case 11'025:
    case 12'000:
    case 16'000:
    case 22'050:
    case 24'000:
    case 32'000:
    case 44'100:
    case 48'000:
      break;
    default:
      return fail(Code::kUnsupported, "mp3 cannot carry " + std::to_string(rate.hz) + " Hz", "use 24,000 Hz");
  }
  Lame lame(lame_init());
  if (!lame) return fail(Code::kExhausted, "no memory for an mp3 encoder");
  lame_set_errorf(lame.get(), stay_silent);
  lame_set_msgf(lame.get(), stay_silent);
  lame_set_debugf(lame.get(), stay_silent);
  lame_set_num_channels(lame.get(), 1);
  lame_set_mode(lame.get(), MONO);
  lame_set_in_samplerate(lame.get(), rate.hz);
  lame_set_out_samplerate(lame.get(), rate.hz);
  lame_set_brate(lame.get(), kKilobits);
  lame_set_quality(lame.get(), 5);
  lame_set_disable_reservoir(lame.get(), 1);
  lame_set_bWriteVbrTag(lame.get(), 0);  // it would hold a frame back until the end, to be patched
  if (lame_init_params(lame.get()) < 0) return fail(Code::kInternal, "the mp3 encoder refused its settings");
  return std::make_unique<Mp3Encoder>(std::move(lame), options);
}

}  // namespace hearth::audio
