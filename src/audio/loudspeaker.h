#pragma once

// The machine's loudspeaker, for `hearth say` without a file. ALSA's default device, which PipeWire and PulseAudio also
// answer.

#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "audio/alsa_library.h"
#include "base/result.h"
#include "base/units.h"

namespace hearth::audio {

/// Plays mono f32 PCM. Not thread-safe: one thread at a time. Destruction cuts off what is still queued; drain() first.
class Loudspeaker {
 public:
  /// Errors: kUnavailable when there is no such device or somebody else holds it; the remedy names `-o FILE`.
  [[nodiscard]] static base::Result<std::unique_ptr<Loudspeaker>> open(const AlsaLibrary& alsa, base::SampleRate rate,
                                                                       const std::string& device = "default");
  ~Loudspeaker();
  Loudspeaker(const Loudspeaker&) = delete;
  Loudspeaker& operator=(const Loudspeaker&) = delete;

  /// Queues samples and blocks while more than 200 ms are queued, so a producer is paced by the ear. kCancelled within
  /// 50 ms of `stop`, with the queue cut off; kIo when the device fails and does not recover.
  [[nodiscard]] base::Result<void> play(std::span<const float> samples, std::stop_token stop = {});
  /// Blocks until all that was queued has been heard.
  [[nodiscard]] base::Result<void> drain();

 private:
  Loudspeaker(const AlsaLibrary& alsa, AlsaLibrary::Pcm* pcm, base::SampleRate rate)
      : alsa_(alsa), pcm_(pcm), rate_(rate) {}
  const AlsaLibrary alsa_;
  AlsaLibrary::Pcm* const pcm_;
  const base::SampleRate rate_;
};

/// Library and default device in one step.
[[nodiscard]] base::Result<std::unique_ptr<Loudspeaker>> open_loudspeaker(base::SampleRate rate);

}  // namespace hearth::audio
