#include "engines/whisper/pieces.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hearth::engines::whisper {
namespace {

constexpr std::size_t kFrame = kSamplesPerSecond / 100;
constexpr std::size_t kFramesPerSecond = 100;
constexpr double kSilence = 1e-6;  // mean square of a frame: -60 dB of full scale, well below a quiet room
constexpr std::size_t kPause = 2 * kFramesPerSecond;
constexpr std::size_t kMargin =
    3 * kFramesPerSecond / 10;  // kept around sound: soft consonants begin below the threshold
constexpr std::size_t kLongest = kLongestPiece / kFrame;
// Softness is that of a fifth of a second: the gap between two words, not the closure of a plosive.
constexpr std::size_t kSoftest = kFramesPerSecond / 5;
constexpr std::size_t kShortestPiece = 10 * kFramesPerSecond;  // of a cut: shorter ones lack context
constexpr std::size_t kShortestRest = 5 * kFramesPerSecond;
constexpr double kAboutAsLoud = 0.1;  // of the mean power, pauses included: what is fainter is the room
constexpr std::size_t kLeastUnheard = 2 * kFramesPerSecond;

/// Mean squares of frames; the last may be short.
std::vector<double> powers_of(std::span<const float> samples) {
  std::vector<double> powers;
  powers.reserve(samples.size() / kFrame + 1);
  while (!samples.empty()) {
    const auto frame = samples.first(std::min(samples.size(), kFrame));
    samples = samples.subspan(frame.size());
    double sum = 0;
    for (const float sample : frame) sum += std::isfinite(sample) ? static_cast<double>(sample) * sample : 0.0;
    powers.push_back(sum / static_cast<double>(frame.size()));
  }
  return powers;
}

/// Frames [begin, end) of sound with its margins; stretches closer than kPause are one.
std::vector<Piece> find_stretches(std::span<const double> powers) {
  std::vector<Piece> stretches;
  for (std::size_t i = 0; i < powers.size(); ++i) {
    if (powers[i] < kSilence) continue;
    const std::size_t end = std::min(i + 1 + kMargin, powers.size());
    const std::size_t begin = i > kMargin ? i - kMargin : 0;
    if (!stretches.empty() && i < stretches.back().end + kPause) {
      stretches.back().end = end;
    } else {
      stretches.push_back({begin, end});
    }
  }
  return stretches;
}

/// The middle of the softest fifth of a second within [begin, end); the last one where several are equal.
std::size_t find_softest(std::span<const double> powers, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t i = begin; i < begin + kSoftest; ++i) sum += powers[i];
  double least = sum;
  std::size_t softest = begin;
  for (std::size_t i = begin + 1; i + kSoftest <= end; ++i) {
    sum = std::max(0.0, sum + powers[i + kSoftest - 1] - powers[i - 1]);
    if (sum > least) continue;
    least = sum;
    softest = i;
  }
  return softest + kSoftest / 2;
}

void append_cut(std::span<const double> powers, Piece stretch, std::vector<Piece>& pieces) {
  while (stretch.size() > kLongest) {
    // Late cuts make few pieces, but what is left should not be a mere word.
    const std::size_t latest = std::min(kLongest, stretch.size() - kShortestRest);
    const std::size_t earliest = stretch.size() > 2 * kLongest ? 2 * kLongest / 3 : kShortestPiece;
    const std::size_t cut = find_softest(powers, stretch.begin + earliest, stretch.begin + latest);
    pieces.push_back({stretch.begin, cut});
    stretch.begin = cut;
  }
  pieces.push_back(stretch);
}

}  // namespace

std::vector<Piece> cut_pieces(std::span<const float> samples) {
  const std::vector<double> powers = powers_of(samples);
  std::vector<Piece> pieces;
  for (const Piece& stretch : find_stretches(powers)) {
    // Short stretches share a piece: the model hears them in context, and its encoder runs once.
    if (!pieces.empty() && stretch.end - pieces.back().begin <= kLongest) {
      pieces.back().end = stretch.end;
    } else {
      append_cut(powers, stretch, pieces);
    }
  }
  for (Piece& piece : pieces) piece = {piece.begin * kFrame, std::min(piece.end * kFrame, samples.size())};
  return pieces;
}

std::optional<Piece> find_unheard(std::span<const float> samples, Piece piece, std::size_t heard_until) {
  if (heard_until < piece.begin + kSamplesPerSecond || heard_until >= piece.end) return std::nullopt;
  const Piece rest{heard_until, piece.end};
  if (rest.size() <= (kLeastUnheard - 1) * kFrame) return std::nullopt;  // nearly every clip: nothing is measured
  const std::vector<double> heard = powers_of(samples.subspan(piece.begin, heard_until - piece.begin));
  const std::vector<double> left = powers_of(samples.subspan(rest.begin, rest.size()));
  const double mean = std::accumulate(heard.begin(), heard.end(), 0.0) / static_cast<double>(heard.size());
  const double loud = std::max(mean * kAboutAsLoud, kSilence);
  const auto count = std::ranges::count_if(left, [&](double power) { return power >= loud; });
  return static_cast<std::size_t>(count) < kLeastUnheard ? std::nullopt : std::optional(rest);
}

}  // namespace hearth::engines::whisper
