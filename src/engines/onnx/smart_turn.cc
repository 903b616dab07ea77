#include "engines/onnx/smart_turn.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "audio/log_mel.h"
#include "engine/turn_detector.h"
#include "engines/onnx/session.h"

namespace hearth::engines::onnx {
namespace {

using base::Code;
using base::fail;
using base::Result;
using engine::TurnDetector;

constexpr std::array<const char*, 1> kInputs = {"input_features"};
constexpr std::array<const char*, 1> kOutputs = {"logits"};
constexpr double kLeastVariance = 1e-7;

class SmartTurn final : public engine::Engine, public TurnDetector {
 public:
  explicit SmartTurn(Session session) : session_(std::move(session)) {}

  TurnDetector* turn_detector() override { return this; }

  Result<void> warm_up(std::stop_token stop) override {
    const auto probability = detect_end({}, std::move(stop));
    return probability ? Result<void>{} : fail(probability.error());
  }

  Result<float> detect_end(std::span<const float> turn, std::stop_token stop) override {
    const std::vector<float> features = log_mel_.compute(normalise_turn(turn));
    const TensorView input{std::span<const float>(features),
                           {1, audio::LogMel::kBands, kTurnSamples / audio::LogMel::kHop}};
    const auto outputs = session_.run(kInputs, {&input, 1}, kOutputs, std::move(stop));
    if (!outputs) return fail(outputs.error());
    const std::span<const float> probability = outputs->at(0).floats();
    if (probability.size() != 1) {
      return fail(Code::kCorrupt, "the turn model answered in another shape", "run: hearth models verify smart-turn");
    }
    return probability[0];
  }

 private:
  const audio::LogMel log_mel_;
  const Session session_;
};

}  // namespace

std::vector<float> normalise_turn(std::span<const float> turn) {
  turn = turn.last(std::min(turn.size(), kTurnSamples));
  std::vector<float> out(kTurnSamples, 0.0F);
  std::copy(turn.begin(), turn.end(), out.end() - static_cast<std::ptrdiff_t>(turn.size()));
  constexpr auto kCount = static_cast<double>(kTurnSamples);
  const double mean = std::accumulate(out.begin(), out.end(), 0.0) / kCount;
  const double variance =
      std::accumulate(out.begin(), out.end(), 0.0,
                      [mean](double sum, float sample) { return sum + (sample - mean) * (sample - mean); }) /
      kCount;
  const double scale = 1.0 / std::sqrt(variance + kLeastVariance);
  for (float& sample : out) sample = static_cast<float>((sample - mean) * scale);
  return out;
}

Result<std::unique_ptr<engine::Engine>> open_smart_turn(std::shared_ptr<const OrtLibrary> library,
                                                        const std::filesystem::path& model,
                                                        const engine::LoadProgress& progress) {
  auto session = open_published(std::move(library), model, progress);
  if (!session) return fail(session.error());
  return std::make_unique<SmartTurn>(std::move(*session));
}

}  // namespace hearth::engines::onnx
