#include "engines/onnx/kokoro_pieces.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace hearth::engines::onnx {
namespace {

// In units of energy (4.5 dB) over the whole reach: of cuts that are about as soft, the wanted length wins.
constexpr float kLengthWeight = 2.0F;

struct Spoken {
  int begin = 0;
  int end = 0;
};

Spoken find_spoken(std::span<const float> energy, int frames, const PiecePolicy& policy) {
  const auto heard = [&](float value) { return value > policy.silence_energy; };
  const auto values = energy.first(static_cast<std::size_t>(frames) * kEnergiesPerFrame);
  const auto first = std::find_if(values.begin(), values.end(), heard);
  if (first == values.end()) return {};
  const auto last = std::find_if(values.rbegin(), values.rend(), heard).base();
  const auto first_frame = static_cast<int>(first - values.begin()) / kEnergiesPerFrame;
  const auto end_frame = static_cast<int>(last - values.begin() + kEnergiesPerFrame - 1) / kEnergiesPerFrame;
  return {std::max(first_frame - policy.keep_before, 0), std::min(end_frame + policy.keep_after, frames)};
}

/// How loud the softest place is that the joiner can reach from a cut before frame `at`.
float loudness_at(std::span<const float> energy, int at, float silence) {
  float least = std::numeric_limits<float>::max();
  const int values = static_cast<int>(energy.size());
  const int centre = at * kEnergiesPerFrame;
  for (int i = std::max(centre - 3, 0); i < std::min(centre + 3, values); ++i) {
    least = std::min(least, energy[static_cast<std::size_t>(i)]);  // a NaN never is the least
  }
  return std::max(least, silence);
}

/// The softest cut in [lowest, highest], near to `wanted` among equals.
int best_cut(std::span<const float> energy, const PiecePolicy& policy, int lowest, int highest, int wanted) {
  int best = wanted;
  float least = std::numeric_limits<float>::max();
  const auto reach = static_cast<float>(std::max(highest - lowest, 1));
  for (int at = lowest; at <= highest; ++at) {
    const float distance = static_cast<float>(std::abs(at - wanted)) / reach;
    const float cost = loudness_at(energy, at, policy.silence_energy) + kLengthWeight * distance;
    if (cost < least) {
      least = cost;
      best = at;
    }
  }
  return best;
}

/// How many frames may be kept by a piece that must be made while `buffered` frames are played; may be negative.
double payable(const PiecePolicy& policy, double buffered) {
  return (buffered - policy.reserve) / std::max(policy.realtime, 0.01) - 2.0 * policy.context;
}

/// The longest that a piece may be which is not the first of an utterance nobody has heard anything of.
int longest_later(const PiecePolicy& policy, double buffered) {
  // On a machine slower than speech no length avoids gaps, and short pieces would spend its time on contexts.
  const bool hopeless = policy.realtime * (policy.later_min + 2 * policy.context) > policy.later_min;
  const int least = std::min(hopeless ? 3 * policy.later_min : policy.later_min, policy.later_max);
  return static_cast<int>(std::clamp(payable(policy, buffered), 1.0 * least, 1.0 * policy.later_max));
}

/// Limits a caller might have turned round, so that the loop below always moves on.
PiecePolicy sane(PiecePolicy policy) {
  policy.context = std::max(policy.context, 0);
  policy.first_silence = std::max(policy.first_silence, 0);
  policy.keep_before = std::max(policy.keep_before, 0);
  policy.keep_after = std::max(policy.keep_after, 0);
  policy.first_min = std::max(policy.first_min, 1);
  policy.first_max = std::max(policy.first_max, policy.first_min);
  policy.later_min = std::max(policy.later_min, 1);
  policy.later_max = std::max(policy.later_max, 2 * policy.later_min);
  policy.search = std::max(policy.search, 0);
  return policy;
}

}  // namespace

PiecePlan plan_pieces(std::span<const float> energy, const PiecePolicy& wanted_policy, double buffered) {
  const PiecePolicy policy = sane(wanted_policy);
  const int frames = static_cast<int>(energy.size()) / kEnergiesPerFrame;
  const Spoken spoken = find_spoken(energy, frames, policy);
  PiecePlan plan;
  plan.silence_before = spoken.begin;
  plan.silence_after = frames - spoken.end;
  buffered = std::max(buffered, 0.0);
  for (int begin = spoken.begin; begin < spoken.end;) {
    const bool first = begin == spoken.begin;
    // With nothing buffered the first piece is as short as ends well; a later one is as long as it may be.
    const bool hurried = first && payable(policy, buffered) <= policy.first_max;
    const int longest = hurried ? policy.first_max : longest_later(policy, buffered);
    const int whole_up_to = first ? std::max(policy.whole_below, longest) : longest;
    int end = spoken.end;
    if (spoken.end - begin > whole_up_to) {
      const int shortest = hurried ? policy.first_min : std::max(policy.later_min, longest - policy.search);
      // What is left must be worth a piece.
      const int highest = std::max(begin + 1, std::min(begin + longest, spoken.end - policy.later_min));
      const int lowest = std::min(begin + shortest, highest);
      end = best_cut(energy, policy, lowest, highest, hurried ? lowest : highest);
    }
    const int before = policy.context + (first ? policy.first_silence : 0);
    const Piece piece{begin, end, std::max(begin - before, 0), std::min(end + policy.context, frames)};
    plan.pieces.push_back(piece);
    buffered = std::max(buffered - piece.given() * policy.realtime, 0.0) + piece.kept();
    begin = end;
  }
  return plan;
}

}  // namespace hearth::engines::onnx
