#include "audio/microphone.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <numeric>

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr unsigned kLatencyMicros = 200'000;
constexpr int kMostWaitMillis = 1000;
constexpr int kMaxRecoveries = 3;  // in a row; a device that fails thrice without giving a sample is gone
constexpr const char* kRemedy = "check `arecord -l`, or give a FILE";

constexpr double kQuietestDb = -50;  // no room hum is speech, however still the rest is
constexpr double kOverFloorDb = 10;
constexpr double kMuchQuieterDb = 3;
constexpr int kLeastLoudBlocks = 2;  // a click is no word
constexpr base::Millis kBlock{100};

}  // namespace

Result<std::unique_ptr<Microphone>> Microphone::open(const AlsaLibrary& alsa, base::SampleRate rate,
                                                     const std::string& device) {
  AlsaLibrary::Pcm* pcm = nullptr;
  int error = alsa.open(&pcm, device.c_str(), kAlsaCapture, 0);
  if (error < 0) {
    return fail(Code::kUnavailable, "cannot open the microphone (" + device + "): " + alsa.error_text(error), kRemedy);
  }
  error = alsa.set_params(pcm, kAlsaS16Le, kAlsaInterleaved, 1, static_cast<unsigned>(rate.hz), 1, kLatencyMicros);
  // Those parameters would let a recording begin with a read of the whole buffer only.
  if (error >= 0) error = alsa.start(pcm);
  if (error < 0) {
    alsa.close(pcm);
    return fail(Code::kUnavailable,
                "the microphone refuses mono at " + std::to_string(rate.hz) + " Hz: " + alsa.error_text(error),
                kRemedy);
  }
  return std::unique_ptr<Microphone>(new Microphone(alsa, pcm, rate));
}

Microphone::~Microphone() {
  alsa_.drop(pcm_);
  alsa_.close(pcm_);
}

Result<std::vector<float>> Microphone::read() {
  for (int recoveries = 0;;) {
    int error = alsa_.wait(pcm_, kMostWaitMillis);
    if (error == -EINTR) return std::vector<float>{};
    if (error == 0) return fail(Code::kIo, "the microphone gives no sound", kRemedy);
    if (error > 0) {
      const long got = alsa_.read(pcm_, block_.data(), block_.size());
      if (got == -EINTR) return std::vector<float>{};
      if (got > 0) {
        const std::size_t count = std::min(block_.size(), static_cast<std::size_t>(got));
        std::vector<float> samples(count);
        std::transform(block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(count), samples.begin(),
                       [](std::int16_t sample) { return static_cast<float>(sample) / 32768.0F; });
        return samples;
      }
      error = static_cast<int>(got);
    }
    // A late reader (an overrun) and a laptop waking are normal here, and only cost a gap.
    if (recoveries++ == kMaxRecoveries || alsa_.recover(pcm_, error, 1) < 0 || alsa_.start(pcm_) < 0) {
      return fail(Code::kIo, std::string("the microphone failed: ") + alsa_.error_text(error), kRemedy);
    }
  }
}

Result<std::unique_ptr<Microphone>> open_microphone(base::SampleRate rate) {
  auto alsa = open_alsa_library();
  if (!alsa) {
    base::Error error = alsa.error();
    error.remedy = "install libasound2, or give a FILE";
    return fail(error);
  }
  return Microphone::open(*alsa, rate);
}

bool SpokenWatch::has_ended(std::span<const float> samples) {
  const auto size = static_cast<std::size_t>(rate_.hz * kBlock.count() / 1000);
  for (const float sample : samples) {
    energy_ += static_cast<double>(sample) * sample;
    if (++filled_ < size) continue;
    judge_block();
    energy_ = 0;
    filled_ = 0;
  }
  return loud_blocks_ >= kLeastLoudBlocks && silent_for_ >= quiet_;
}

void SpokenWatch::judge_block() {
  const double db = 10 * std::log10(energy_ / static_cast<double>(filled_) + 1e-12);
  const auto bin = [](double level) {
    return static_cast<std::size_t>(std::clamp(level + kBins, 0.0, static_cast<double>(kBins - 1)));
  };
  ++blocks_at_[bin(db)];
  // Whoever speaks from the first moment is taken for the room's noise until the first pause shows what that is.
  if (!floor_db_ || db < *floor_db_ - kMuchQuieterDb) silent_for_ = base::Millis{0};
  floor_db_ = std::min(floor_db_.value_or(db), db);
  const double threshold = std::max(*floor_db_ + kOverFloorDb, kQuietestDb);
  silent_for_ = db > threshold ? base::Millis{0} : silent_for_ + kBlock;
  loud_blocks_ =
      std::accumulate(blocks_at_.begin() + static_cast<std::ptrdiff_t>(bin(threshold)) + 1, blocks_at_.end(), 0);
}

}  // namespace hearth::audio
