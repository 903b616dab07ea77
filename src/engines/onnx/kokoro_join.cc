#include "engines/onnx/kokoro_join.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace hearth::engines::onnx {
namespace {

constexpr double kAudiblePower = 1e-6;  // -60 dB: a ratio of levels below it says nothing
constexpr float kHalfTurn = 3.14159265F;

std::ptrdiff_t sample_of(int frame) { return static_cast<std::ptrdiff_t>(frame) * kSamplesPerFrame; }

/// 0 to 1 over `length` samples, without a corner at either end.
float ramp(std::ptrdiff_t at, std::ptrdiff_t length) {
  const float share = (static_cast<float>(at) + 0.5F) / static_cast<float>(length);
  return 0.5F - 0.5F * std::cos(kHalfTurn * share);
}

double power(std::span<const float> sound) {
  double sum = 0;
  for (const float sample : sound) sum += static_cast<double>(sample) * sample;
  return sound.empty() ? 0 : sum / static_cast<double>(sound.size());
}

}  // namespace

PieceJoiner::PieceJoiner(std::vector<Piece> pieces, const JoinPolicy& policy)
    : pieces_(std::move(pieces)), policy_(policy) {
  if (!pieces_.empty()) border_ = tail_begin_ = sample_of(pieces_.front().begin);
}

float PieceJoiner::level_against_tail(const Piece& piece, std::span<const float> sound) const {
  const std::ptrdiff_t sound_begin = sample_of(piece.context_begin);
  const std::ptrdiff_t begin = std::max(sound_begin, tail_begin_);
  const std::ptrdiff_t end = std::min(sound_begin + std::ssize(sound), tail_begin_ + std::ssize(tail_));
  if (end <= begin) return 1.0F;
  const auto count = static_cast<std::size_t>(end - begin);
  const double before = power(std::span(tail_).subspan(static_cast<std::size_t>(begin - tail_begin_), count));
  const double now = power(sound.subspan(static_cast<std::size_t>(begin - sound_begin), count));
  if (!(before > kAudiblePower) || !(now > kAudiblePower)) return 1.0F;
  return std::clamp(static_cast<float>(std::sqrt(before / now)), 1.0F / policy_.max_gain, policy_.max_gain);
}

std::ptrdiff_t PieceJoiner::choose_border(const Piece& piece, std::span<const float> sound) const {
  const std::ptrdiff_t wanted = sample_of(piece.end);
  if (next_ + 1 == pieces_.size()) return wanted;
  const std::ptrdiff_t sound_begin = sample_of(piece.context_begin);
  const std::ptrdiff_t fade = policy_.fade;
  // Both pieces must know the sound of the whole fade; the border must not move back, nor past the next piece.
  const std::ptrdiff_t lowest =
      std::max({wanted - policy_.search, border_ + fade, sample_of(pieces_[next_ + 1].context_begin)});
  const std::ptrdiff_t highest =
      std::min({wanted + policy_.search, sample_of(piece.context_end) - fade,
                sample_of(pieces_[next_ + 1].context_end) - fade, sample_of(pieces_[next_ + 1].end)});
  std::ptrdiff_t best = wanted;
  double least = -1;
  constexpr std::ptrdiff_t kStep = 24;  // 1 ms
  for (std::ptrdiff_t at = lowest; at <= highest; at += kStep) {
    const double loudness =
        power(sound.subspan(static_cast<std::size_t>(at - sound_begin), static_cast<std::size_t>(fade)));
    if (least < 0 || loudness < least) {
      least = loudness;
      best = at;
    }
  }
  return best;
}

base::Result<std::span<const float>> PieceJoiner::add(std::span<const float> sound) {
  if (next_ == pieces_.size()) {
    return base::fail(base::Code::kInvalidArgument, "more pieces of sound than were planned");
  }
  const Piece piece = pieces_[next_];
  if (std::ssize(sound) != sample_of(piece.given())) {
    return base::fail(base::Code::kInvalidArgument, "a piece of sound has " + std::to_string(sound.size()) +
                                                        " samples where " + std::to_string(sample_of(piece.given())) +
                                                        " were planned");
  }
  const bool first = next_ == 0;
  const bool last = next_ + 1 == pieces_.size();
  const std::ptrdiff_t sound_begin = sample_of(piece.context_begin);
  const float gain = first ? 1.0F : level_against_tail(piece, sound);
  const std::ptrdiff_t border = choose_border(piece, sound);

  const auto level_at = [&](std::ptrdiff_t at) {
    const auto gone = static_cast<float>(at - border_) / static_cast<float>(std::max(policy_.gain_release, 1));
    return 1.0F + (gain - 1.0F) * std::clamp(1.0F - gone, 0.0F, 1.0F);
  };
  output_.clear();
  output_.reserve(static_cast<std::size_t>(border - border_));
  for (std::ptrdiff_t at = border_; at < border; ++at) {
    output_.push_back(sound[static_cast<std::size_t>(at - sound_begin)] * level_at(at));
  }
  const std::ptrdiff_t fade =
      std::min({static_cast<std::ptrdiff_t>(first ? policy_.edge_fade : policy_.fade), std::ssize(output_),
                first ? border - border_ : tail_begin_ + std::ssize(tail_) - border_});
  for (std::ptrdiff_t i = 0; i < fade; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const float old = first ? 0.0F : tail_[static_cast<std::size_t>(border_ - tail_begin_) + index];
    const float share = ramp(i, fade);
    output_[index] = old * (1.0F - share) + output_[index] * share;
  }
  if (last) {
    const std::ptrdiff_t out = std::min<std::ptrdiff_t>(policy_.edge_fade, std::ssize(output_));
    for (std::ptrdiff_t i = 0; i < out; ++i) output_[output_.size() - 1 - static_cast<std::size_t>(i)] *= ramp(i, out);
    tail_.clear();
  } else {
    // As much as the next piece also knows.
    tail_begin_ = std::max(sound_begin, std::min(border, sample_of(pieces_[next_ + 1].context_begin)));
    tail_.resize(static_cast<std::size_t>(sample_of(piece.context_end) - tail_begin_));
    for (std::size_t i = 0; i < tail_.size(); ++i) {
      const std::ptrdiff_t at = tail_begin_ + static_cast<std::ptrdiff_t>(i);
      tail_[i] = sound[static_cast<std::size_t>(at - sound_begin)] * level_at(at);
    }
  }
  border_ = border;
  ++next_;
  return std::span<const float>(output_);
}

}  // namespace hearth::engines::onnx
