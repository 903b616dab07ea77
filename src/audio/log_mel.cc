#include "audio/log_mel.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <kissfft/kissfft.hh>
#include <limits>
#include <numbers>

namespace hearth::audio {
namespace {

constexpr double kFloor = 1e-10;  // power that counts as silence
constexpr double kRange = 8.0;    // decades below the loudest that are kept

/// Slaney's scale: linear below 1 kHz, logarithmic above (Auditory Toolbox, 1998).
constexpr double kLinearHertz = 200.0 / 3.0;
constexpr double kBreakHertz = 1000.0;
constexpr double kBreakMel = kBreakHertz / kLinearHertz;
constexpr double kLogStep = 1.8562979903656263 / 27.0;  // ln 6.4

double mel_of(double hertz) {
  return hertz < kBreakHertz ? hertz / kLinearHertz : kBreakMel + std::log(hertz / kBreakHertz) / kLogStep;
}

double hertz_of(double mel) {
  return mel < kBreakMel ? mel * kLinearHertz : kBreakHertz * std::exp((mel - kBreakMel) * kLogStep);
}

std::vector<double> hann(std::size_t n) {
  std::vector<double> window(n);
  for (std::size_t i = 0; i < n; ++i) {
    window[i] = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n));
  }
  return window;
}

/// [bands][kBins]
std::vector<double> filter_bank(std::size_t bands) {
  std::vector<double> edges(bands + 2);
  const double top = mel_of(LogMel::kSampleRate / 2.0);
  for (std::size_t i = 0; i < edges.size(); ++i) {
    edges[i] = hertz_of(top * static_cast<double>(i) / static_cast<double>(bands + 1));
  }
  std::vector<double> bank(bands * LogMel::kBins);
  for (std::size_t band = 0; band < bands; ++band) {
    for (std::size_t bin = 0; bin < LogMel::kBins; ++bin) {
      const double hertz = static_cast<double>(bin) * LogMel::kSampleRate / static_cast<double>(LogMel::kWindow);
      const double up = (hertz - edges[band]) / (edges[band + 1] - edges[band]);
      const double down = (edges[band + 2] - hertz) / (edges[band + 2] - edges[band + 1]);
      bank[band * LogMel::kBins + bin] = std::max(0.0, std::min(up, down)) * 2.0 / (edges[band + 2] - edges[band]);
    }
  }
  return bank;
}

}  // namespace

LogMel::LogMel() : window_(hann(kWindow)) {
  const std::vector<double> bank = filter_bank(kBands);
  for (std::size_t i = 0; i < kBands; ++i) {
    const std::span<const double> row(bank.data() + i * kBins, kBins);
    const auto used = [](double weight) { return weight > 0.0; };
    const auto first = std::find_if(row.begin(), row.end(), used);
    const auto last = std::find_if(row.rbegin(), row.rend(), used).base();
    Band band;
    if (first < last) {
      band.first = static_cast<std::size_t>(first - row.begin());
      band.weights.assign(first, last);
    }
    bands_.push_back(std::move(band));
  }
}

std::vector<float> mel_filters(std::size_t bands) {
  const std::vector<double> bank = filter_bank(bands);
  return {bank.begin(), bank.end()};
}

std::vector<float> LogMel::compute(std::span<const float> samples) const {
  if (samples.size() < kWindow) return {};
  constexpr std::size_t kHalf = kWindow / 2;
  const std::size_t frames = samples.size() / kHop;
  const auto count = static_cast<std::ptrdiff_t>(samples.size());
  const auto mirrored = [&](std::ptrdiff_t at) {
    if (at < 0) at = -at;
    if (at >= count) at = 2 * (count - 1) - at;
    return static_cast<double>(samples[static_cast<std::size_t>(at)]);
  };

  kissfft<double> transform(kHalf, false);
  std::vector<double> frame(kWindow);
  std::vector<std::complex<double>> spectrum(kHalf + 1);
  std::vector<double> power(kBins);
  std::vector<float> out(kBands * frames);
  double loudest = -std::numeric_limits<double>::infinity();
  for (std::size_t f = 0; f < frames; ++f) {
    const auto begin = static_cast<std::ptrdiff_t>(f * kHop) - static_cast<std::ptrdiff_t>(kHalf);
    for (std::size_t i = 0; i < kWindow; ++i) frame[i] = window_[i] * mirrored(begin + static_cast<std::ptrdiff_t>(i));
    transform.transform_real(frame.data(), spectrum.data());
    power[0] = spectrum[0].real() * spectrum[0].real();
    power[kHalf] = spectrum[0].imag() * spectrum[0].imag();  // kissfft packs the last bin into the first
    for (std::size_t bin = 1; bin < kHalf; ++bin) power[bin] = std::norm(spectrum[bin]);
    for (std::size_t i = 0; i < kBands; ++i) {
      const Band& band = bands_[i];
      double sum = 0;
      for (std::size_t k = 0; k < band.weights.size(); ++k) sum += band.weights[k] * power[band.first + k];
      const double level = std::log10(std::max(sum, kFloor));
      loudest = std::max(loudest, level);
      out[i * frames + f] = static_cast<float>(level);
    }
  }
  const auto quietest = static_cast<float>(loudest - kRange);
  for (float& level : out) level = (std::max(level, quietest) + 4.0F) / 4.0F;
  return out;
}

}  // namespace hearth::audio
