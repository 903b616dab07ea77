#pragma once

// What a loaded model offers. One Engine is one model in memory; its capabilities are asked for by name, so that a
// caller sees only what it uses. Interfaces only: adapters are in engines/, the life of a model in model/.

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace hearth::engine {

class DocumentReader;
class LanguageModel;
class SpeechSynthesizer;
class Transcriber;
class TurnDetector;
class VoiceDetector;

/// One model in memory. Made by a Load function, destroyed when the registry unloads it (never while it is leased).
class Engine {
 public:
  virtual ~Engine() = default;
  /// The capability, or null where the model has none of it. The pointer lives as long as the engine.
  [[nodiscard]] virtual SpeechSynthesizer* speech_synthesizer() { return nullptr; }
  [[nodiscard]] virtual Transcriber* transcriber() { return nullptr; }
  [[nodiscard]] virtual VoiceDetector* voice_detector() { return nullptr; }
  [[nodiscard]] virtual TurnDetector* turn_detector() { return nullptr; }
  [[nodiscard]] virtual LanguageModel* language_model() { return nullptr; }
  [[nodiscard]] virtual DocumentReader* document_reader() { return nullptr; }
  /// The smallest real inference, so that the first request pays for no page fault or lazy allocation. Blocks.
  [[nodiscard]] virtual base::Result<void> warm_up(std::stop_token stop) {
    (void)stop;
    return {};
  }
};

/// Told by a load how far it is: `fraction` from 0 to 1, `stage` one word of the timeline ("prefetch", "open").
/// Any thread; a load that calls it is alive, which is how stalls are told from slow disks.
using LoadProgress = std::function<void(double fraction, std::string_view stage)>;

/// Opens a model and returns when a first request needs no further load. Blocks, on an engine thread; stops soon after
/// `stop` is requested, with kCancelled. What base::is_permanent() says of its error
/// decides whether it is tried again.
using Load = std::function<base::Result<std::unique_ptr<Engine>>(const LoadProgress& progress, std::stop_token stop)>;

}  // namespace hearth::engine
