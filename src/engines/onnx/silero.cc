#include "engines/onnx/silero.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/voice_detector.h"
#include "engines/onnx/session.h"

namespace hearth::engines::onnx {
namespace {

using base::Code;
using base::fail;
using base::Result;
using engine::VoiceDetector;
using engine::VoiceState;

constexpr std::size_t kTail = std::tuple_size_v<decltype(VoiceState::tail)>;
constexpr std::array<const char*, 3> kInputs = {"input", "state", "sr"};
constexpr std::array<const char*, 2> kOutputs = {"output", "stateN"};

class Silero final : public engine::Engine, public VoiceDetector {
 public:
  explicit Silero(Session session) : session_(std::move(session)) {}

  VoiceDetector* voice_detector() override { return this; }

  Result<void> warm_up(std::stop_token stop) override {
    constexpr std::array<float, kWindow> kSilence{};
    VoiceState state;
    const auto probability = detect(kSilence, state, std::move(stop));
    return probability ? Result<void>{} : fail(probability.error());
  }

  Result<float> detect(std::span<const float, kWindow> window, VoiceState& state, std::stop_token stop) override {
    std::array<float, kTail + kWindow> input{};
    std::copy(state.tail.begin(), state.tail.end(), input.begin());
    std::copy(window.begin(), window.end(), input.begin() + kTail);
    constexpr std::array<std::int64_t, 1> kRate = {kSampleRate.hz};
    const std::array<TensorView, 3> inputs = {
        TensorView{std::span<const float>(input), {1, static_cast<std::int64_t>(input.size())}},
        TensorView{std::span<const float>(state.hidden), {2, 1, 128}},
        TensorView{std::span<const std::int64_t>(kRate), {}},
    };
    const auto outputs = session_.run(kInputs, inputs, kOutputs, std::move(stop));
    if (!outputs) return fail(outputs.error());
    const std::span<const float> probability = outputs->at(0).floats();
    const std::span<const float> hidden = outputs->at(1).floats();
    if (probability.size() != 1 || hidden.size() != state.hidden.size()) {
      return fail(Code::kCorrupt, "the voice model answered in another shape", "run: hearth models verify silero-vad");
    }
    std::copy(hidden.begin(), hidden.end(), state.hidden.begin());
    std::copy(window.end() - kTail, window.end(), state.tail.begin());
    return probability[0];
  }

 private:
  const Session session_;
};

}  // namespace

Result<std::unique_ptr<engine::Engine>> open_silero(std::shared_ptr<const OrtLibrary> library,
                                                    const std::filesystem::path& model,
                                                    const engine::LoadProgress& progress) {
  auto session = open_published(std::move(library), model, progress);
  if (!session) return fail(session.error());
  return std::make_unique<Silero>(std::move(*session));
}

}  // namespace hearth::engines::onnx
