#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "engine/flow.h"

namespace hearth::engine {

/// What to say and how.
struct SpeechRequest {
  std::string text;      // UTF-8; markup as in docs/languages.md: [word](/fəˈnɛtɪk/), [pause:1.5s]
  std::string voice;     // one name, or a mix such as "af_bella(2)+af_sky(1)"; empty: the model's default
  std::string language;  // "en-us", "ja", …; empty: the voice's own
  double speed = 1.0;    // 0.25 … 4.0, 1.0 is the voice's natural pace
};

struct Voice {
  std::string name;      // af_heart
  std::string language;  // en-us
};

/// Gets mono f32 PCM in [-1, 1] at sample_rate(), in order, on the synthesizing thread. May block: that is
/// back-pressure.
using PcmSink = std::function<Flow(std::span<const float> samples)>;

/// A request that was checked and made ready. Must not outlive its synthesizer. One thread at a time.
class Utterance {
 public:
  virtual ~Utterance() = default;
  /// Speaks into `sink`; the first block comes as early as the model allows, without waiting for the sentence. Blocks
  /// until all is said. Errors: kCancelled (stop or sink, within one block), the engine's own.
  [[nodiscard]] virtual base::Result<void> speak(const PcmSink& sink, std::stop_token stop) = 0;
};

/// Text to speech, streamed. Implementations: engines/onnx/kokoro.
class SpeechSynthesizer {
 public:
  virtual ~SpeechSynthesizer() = default;
  /// Checks everything that can be wrong in a request, without any inference, so that an error can still be a status.
  /// Never null. Any thread; calls and what they gave may overlap. Errors: kInvalidArgument (text, voice, speed),
  /// kUnsupported (language whose phonemes this machine lacks).
  [[nodiscard]] virtual base::Result<std::unique_ptr<Utterance>> prepare(const SpeechRequest& request) = 0;
  /// Both in one step.
  [[nodiscard]] base::Result<void> synthesize(const SpeechRequest& request, const PcmSink& sink, std::stop_token stop) {
    auto utterance = prepare(request);
    if (!utterance) return base::fail(utterance.error());
    return (*utterance)->speak(sink, std::move(stop));
  }
  [[nodiscard]] virtual std::vector<Voice> voices() const = 0;
  [[nodiscard]] virtual base::SampleRate sample_rate() const = 0;
};

}  // namespace hearth::engine
