#include "engines/whisper/mel_filters.h"

#include <algorithm>
#include <cmath>

namespace hearth::engines::whisper {
namespace {

constexpr double kRate = 16'000;
constexpr double kHertzPerMel = 200.0 / 3.0;  // below the knee
constexpr double kKneeHertz = 1000.0;
constexpr double kKneeMel = kKneeHertz / kHertzPerMel;
constexpr double kLogStep = 1.8562979903656263 / 27.0;  // ln 6.4, above it

double mel_of(double hertz) {
  return hertz < kKneeHertz ? hertz / kHertzPerMel : kKneeMel + std::log(hertz / kKneeHertz) / kLogStep;
}
double hertz_of(double mel) {
  return mel < kKneeMel ? mel * kHertzPerMel : kKneeHertz * std::exp(kLogStep * (mel - kKneeMel));
}

}  // namespace

std::vector<float> make_mel_filters(int bands) {
  std::vector<float> filters(static_cast<std::size_t>(bands) * kMelBins);
  const double top = mel_of(kRate / 2);
  const auto edge = [&](int i) { return hertz_of(top * i / (bands + 1)); };
  float* row = filters.data();
  for (int band = 0; band < bands; ++band, row += kMelBins) {
    const double left = edge(band), peak = edge(band + 1), right = edge(band + 2);
    for (int bin = 0; bin < kMelBins; ++bin) {
      const double hertz = kRate / 2 * bin / (kMelBins - 1);
      const double height = std::min((hertz - left) / (peak - left), (right - hertz) / (right - peak));
      row[bin] = static_cast<float>(std::max(0.0, height) * 2.0 / (right - left));
    }
  }
  return filters;
}

}  // namespace hearth::engines::whisper
