#pragma once

// The machine's microphone, for `hearth transcribe --mic`: ALSA's default device, which PipeWire and PulseAudio also
// answer; and when a speaker has finished. Threads: each object on one at a time.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audio/alsa_library.h"
#include "base/result.h"
#include "base/units.h"

namespace hearth::audio {

/// Records mono f32 PCM from open() until its end; what nobody reads within 200 ms is lost.
class Microphone {
 public:
  /// Errors: kUnavailable when there is no such device or somebody else holds it; the remedy names a file instead.
  [[nodiscard]] static base::Result<std::unique_ptr<Microphone>> open(const AlsaLibrary& alsa, base::SampleRate rate,
                                                                      const std::string& device = "default");
  ~Microphone();
  Microphone(const Microphone&) = delete;
  Microphone& operator=(const Microphone&) = delete;

  /// What was heard since the last call: at most 100 ms, none where a signal interrupted. Blocks for a second at most.
  /// kIo when the device fails and does not recover, or is silent on the wire for a second.
  [[nodiscard]] base::Result<std::vector<float>> read();

 private:
  Microphone(const AlsaLibrary& alsa, AlsaLibrary::Pcm* pcm, base::SampleRate rate)
      : alsa_(alsa), pcm_(pcm), block_(static_cast<std::size_t>(rate.hz / 10)) {}
  const AlsaLibrary alsa_;
  AlsaLibrary::Pcm* const pcm_;
  std::vector<std::int16_t> block_;
};

/// Library and default device in one step.
[[nodiscard]] base::Result<std::unique_ptr<Microphone>> open_microphone(base::SampleRate rate);

/// Says when somebody has spoken and then stopped for `quiet`, by loudness alone. Loud is 10 dB over the quietest tenth
/// of a second so far, and over -50 dBFS. Pure.
class SpokenWatch {
 public:
  SpokenWatch(base::SampleRate rate, base::Millis quiet) : rate_(rate), quiet_(quiet) {}
  /// Any length; true from the moment on.
  [[nodiscard]] bool has_ended(std::span<const float> samples);

 private:
  static constexpr int kBins = 120;
  void judge_block();
  const base::SampleRate rate_;
  const base::Millis quiet_;
  double energy_ = 0;               // of the tenth of a second that is being filled
  std::size_t filled_ = 0;          // samples in it
  std::optional<double> floor_db_;  // the quietest one
  base::Millis silent_for_{0};
  std::array<int, kBins> blocks_at_{};  // by loudness, from -120 dB up
  int loud_blocks_ = 0;
};

}  // namespace hearth::audio
