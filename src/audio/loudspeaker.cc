#include "audio/loudspeaker.h"

#include <dlfcn.h>

#include <algorithm>
#include <vector>

#include "audio/samples.h"
#include "base/dynamic_symbol.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr unsigned kLatencyMicros = 200'000;
constexpr int kMaxRecoveries = 3;  // in a row; a device that fails thrice without taking a sample is gone

void ignore_message(const char*, int, const char*, int, const char*, ...) {}

}  // namespace

Result<AlsaLibrary> open_alsa_library() {
  void* library = ::dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
  AlsaLibrary alsa;
  const bool whole = library != nullptr && base::find_symbol(library, "snd_pcm_open", alsa.open) &&
                     base::find_symbol(library, "snd_pcm_set_params", alsa.set_params) &&
                     base::find_symbol(library, "snd_pcm_writei", alsa.write) &&
                     base::find_symbol(library, "snd_pcm_readi", alsa.read) &&
                     base::find_symbol(library, "snd_pcm_start", alsa.start) &&
                     base::find_symbol(library, "snd_pcm_wait", alsa.wait) &&
                     base::find_symbol(library, "snd_pcm_recover", alsa.recover) &&
                     base::find_symbol(library, "snd_pcm_drain", alsa.drain) &&
                     base::find_symbol(library, "snd_pcm_drop", alsa.drop) &&
                     base::find_symbol(library, "snd_pcm_close", alsa.close) &&
                     base::find_symbol(library, "snd_strerror", alsa.error_text);
  if (!whole) {
    return fail(Code::kUnsupported, "no sound library (libasound.so.2) on this machine",
                "install libasound2, or write to a file with -o FILE");
  }
  int (*set_handler)(void (*)(const char*, int, const char*, int, const char*, ...)) = nullptr;
  if (base::find_symbol(library, "snd_lib_error_set_handler", set_handler)) set_handler(ignore_message);
  return alsa;
}

Result<std::unique_ptr<Loudspeaker>> Loudspeaker::open(const AlsaLibrary& alsa, base::SampleRate rate,
                                                       const std::string& device) {
  AlsaLibrary::Pcm* pcm = nullptr;
  int error = alsa.open(&pcm, device.c_str(), kAlsaPlayback, 0);
  if (error < 0) {
    return fail(Code::kUnavailable, "cannot open the loudspeaker (" + device + "): " + alsa.error_text(error),
                "check `aplay -l`, or write to a file with -o FILE");
  }
  error = alsa.set_params(pcm, kAlsaS16Le, kAlsaInterleaved, 1, static_cast<unsigned>(rate.hz), 1, kLatencyMicros);
  if (error < 0) {
    alsa.close(pcm);
    return fail(Code::kUnavailable,
                "the loudspeaker refuses mono at " + std::to_string(rate.hz) + " Hz: " + alsa.error_text(error),
                "write to a file with -o FILE");
  }
  return std::unique_ptr<Loudspeaker>(new Loudspeaker(alsa, pcm, rate));
}

Loudspeaker::~Loudspeaker() {
  alsa_.drop(pcm_);
  alsa_.close(pcm_);
}

Result<void> Loudspeaker::play(std::span<const float> samples, std::stop_token stop) {
  std::vector<std::int16_t> piece(static_cast<std::size_t>(std::max(1, rate_.hz / 20)));
  int recoveries = 0;
  while (!samples.empty()) {
    if (stop.stop_requested()) {
      alsa_.drop(pcm_);
      return fail(Code::kCancelled, "playing was stopped");
    }
    const std::size_t n = std::min(samples.size(), piece.size());
    std::transform(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(n), piece.begin(), to_s16);
    const long written = alsa_.write(pcm_, piece.data(), n);
    if (written > 0) {
      samples = samples.subspan(std::min(n, static_cast<std::size_t>(written)));
      recoveries = 0;
      continue;
    }
    // A late producer (an underrun) and a laptop waking are normal here, and only cost a gap.
    const int error = static_cast<int>(written);
    if (recoveries++ == kMaxRecoveries || alsa_.recover(pcm_, error, 1) < 0) {
      return fail(Code::kIo, std::string("the loudspeaker failed: ") + alsa_.error_text(error));
    }
  }
  return {};
}

Result<void> Loudspeaker::drain() {
  const int error = alsa_.drain(pcm_);
  if (error < 0) return fail(Code::kIo, std::string("the loudspeaker failed: ") + alsa_.error_text(error));
  return {};
}

Result<std::unique_ptr<Loudspeaker>> open_loudspeaker(base::SampleRate rate) {
  auto alsa = open_alsa_library();
  if (!alsa) return fail(alsa.error());
  return Loudspeaker::open(*alsa, rate);
}

}  // namespace hearth::audio
