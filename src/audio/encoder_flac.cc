// flac by libFLAC. Blocks of 48 ms at 24 kHz: small enough to hear at once, large enough to compress within 2 % of the
// usual.

#include <FLAC/stream_encoder.h>

#include <array>

#include "audio/encoder_kinds.h"
#include "audio/samples.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr unsigned kFlacBlock = 1152;

struct DeleteFlac {
  void operator()(FLAC__StreamEncoder* encoder) const { FLAC__stream_encoder_delete(encoder); }
};
using Flac = std::unique_ptr<FLAC__StreamEncoder, DeleteFlac>;

class FlacEncoder final : public Encoder {
 public:
  FlacEncoder(Flac flac, const EncoderOptions& options)
      : Encoder(AudioFormat::kFlac, options), flac_(std::move(flac)) {}
  // Deleting an open encoder finishes it, which writes; the bytes must have somewhere to go.
  ~FlacEncoder() override { flac_.reset(); }

 private:
  Result<void> start(std::string& out) override {
    const auto status =
        FLAC__stream_encoder_init_stream(flac_.get(), &FlacEncoder::write, nullptr, nullptr, nullptr, this);
    if (status != FLAC__STREAM_ENCODER_INIT_STATUS_OK) {
      return fail(Code::kInternal,
                  std::string("the flac encoder refused: ") + FLAC__StreamEncoderInitStatusString[status]);
    }
    return flush(true, out);
  }
  Result<void> append(std::span<const float> samples, std::string& out) override {
    for (std::size_t i = 0; i < samples.size(); ++i) words_[i] = to_s16(samples[i]);
    const bool ok = FLAC__stream_encoder_process_interleaved(flac_.get(), words_.data(),
                                                             static_cast<unsigned>(samples.size())) != 0;
    return flush(ok, out);
  }
  Result<void> close(std::string& out) override { return flush(FLAC__stream_encoder_finish(flac_.get()) != 0, out); }

  Result<void> flush(bool ok, std::string& out) {
    out += written_;
    written_.clear();
    if (ok) return {};
    return fail(Code::kInternal,
                std::string("the flac encoder failed: ") + FLAC__stream_encoder_get_resolved_state_string(flac_.get()));
  }
  static FLAC__StreamEncoderWriteStatus write(const FLAC__StreamEncoder*, const FLAC__byte bytes[], std::size_t count,
                                              std::uint32_t, std::uint32_t, void* self) {
    static_cast<FlacEncoder*>(self)->written_.append(reinterpret_cast<const char*>(bytes), count);
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
  }

  std::string written_;
  std::array<FLAC__int32, kBlock> words_;
  Flac flac_;
};

}  // namespace

MadeEncoder make_flac_encoder(base::SampleRate rate, const EncoderOptions& options) {
  Flac flac(FLAC__stream_encoder_new());
  if (!flac) return fail(Code::kExhausted, "no memory for a flac encoder");
  bool ok = FLAC__stream_encoder_set_channels(flac.get(), 1) != 0;
  ok = ok && FLAC__stream_encoder_set_bits_per_sample(flac.get(), 16) != 0;
  ok = ok && FLAC__stream_encoder_set_sample_rate(flac.get(), static_cast<unsigned>(rate.hz)) != 0;
  ok = ok && FLAC__stream_encoder_set_compression_level(flac.get(), 3) != 0;
  ok = ok && FLAC__stream_encoder_set_blocksize(flac.get(), kFlacBlock) != 0;
  // Rates above 48 kHz that are no multiple of ten fall outside the streamable subset; they are valid all the same.
  ok = ok && FLAC__stream_encoder_set_streamable_subset(flac.get(), 0) != 0;
  if (ok && options.total_samples) {
    ok = FLAC__stream_encoder_set_total_samples_estimate(flac.get(),
                                                         static_cast<std::uint64_t>(*options.total_samples)) != 0;
  }
  if (!ok) return fail(Code::kInternal, "the flac encoder refused its settings");
  return std::make_unique<FlacEncoder>(std::move(flac), options);
}

}  // namespace hearth::audio
