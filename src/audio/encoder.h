#pragma once

// Streaming encoders: mono f32 PCM in, bytes of a file format out as soon as they exist. What a call completes leaves
// with that call, so that a listener hears the first piece while the next is still being made. No sockets, no files.
//
//   auto encoder = make_encoder(AudioFormat::kMp3, SampleRate{24000}, {});
//   send(encoder->encode(block)) … send(encoder->finish())
//
// Where to start reading: encoder.cc, then one encoder_<format>.cc.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "audio/format.h"
#include "base/result.h"
#include "base/units.h"

namespace hearth::audio {

struct EncoderOptions {
  /// How many samples will come, when that is known before the first. Then wav and flac headers carry the length, and
  /// encode() and finish() hold the caller to it. Without it wav says 0xFFFFFFFF, which players take as "until the
  /// end".
  std::optional<std::int64_t> total_samples;
};

/// One sound from first sample to last. Not thread-safe: one thread at a time.
class Encoder {
 public:
  virtual ~Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  /// Appends samples in [-1, 1]; beyond is clipped, NaN is silence. Returns what may be sent now; the header comes with
  /// the first call, even for no samples. May be empty when a frame is not full. Any number of samples a call.
  /// Errors: kInvalidArgument after finish() or beyond total_samples; kInternal when the codec gives up (then drop it).
  [[nodiscard]] base::Result<std::string> encode(std::span<const float> samples);
  /// The rest, with padding and end marks; valid after no samples too. Once only. kInvalidArgument on a second call or
  /// when fewer samples came than total_samples promised.
  [[nodiscard]] base::Result<std::string> finish();

  [[nodiscard]] AudioFormat format() const { return format_; }
  [[nodiscard]] std::int64_t samples() const { return samples_; }

 protected:
  Encoder(AudioFormat format, const EncoderOptions& options) : format_(format), total_(options.total_samples) {}
  /// Clean samples, at most kBlock of them. `out` is appended to.
  virtual base::Result<void> append(std::span<const float> samples, std::string& out) = 0;
  virtual base::Result<void> start(std::string& out) = 0;
  virtual base::Result<void> close(std::string& out) = 0;

 private:
  enum class Stage { kNew, kOpen, kClosed };
  [[nodiscard]] base::Result<void> open(std::string& out);

  const AudioFormat format_;
  const std::optional<std::int64_t> total_;
  std::int64_t samples_ = 0;
  Stage stage_ = Stage::kNew;
};

/// How much of a call an encoder works on at once, which bounds its scratch memory whatever the call brings.
inline constexpr std::size_t kBlock = 4096;

/// Errors: kUnsupported for a rate that the format cannot carry (opus: 8, 12, 16, 24, 48 kHz; mp3: those of MPEG;
/// others 8 … 192 kHz), kInvalidArgument for options out of range, kExhausted when wav would pass 4 GiB or memory is
/// short.
[[nodiscard]] base::Result<std::unique_ptr<Encoder>> make_encoder(AudioFormat format, base::SampleRate rate,
                                                                  const EncoderOptions& options = {});

/// A whole sound at once, with its true length in the header.
[[nodiscard]] base::Result<std::string> encode_all(AudioFormat format, base::SampleRate rate,
                                                   std::span<const float> samples);

}  // namespace hearth::audio
