#pragma once

// The few calls of ALSA that a loudspeaker and a microphone need, found at run time: a server without a sound card
// needs no sound library. Signatures and constants are those of alsa-lib's stable ABI (libasound.so.2, <alsa/pcm.h>).

#include "base/result.h"

namespace hearth::audio {

struct AlsaLibrary {
  using Pcm = void;  // snd_pcm_t, opaque
  int (*open)(Pcm** pcm, const char* name, int stream, int mode) = nullptr;
  int (*set_params)(Pcm* pcm, int format, int access, unsigned channels, unsigned rate, int resample,
                    unsigned latency_us) = nullptr;
  long (*write)(Pcm* pcm, const void* buffer, unsigned long frames) = nullptr;
  long (*read)(Pcm* pcm, void* buffer, unsigned long frames) = nullptr;
  int (*start)(Pcm* pcm) = nullptr;
  int (*wait)(Pcm* pcm, int timeout_ms) = nullptr;  // 1: frames are there, 0: time is up
  int (*recover)(Pcm* pcm, int error, int silent) = nullptr;
  int (*drain)(Pcm* pcm) = nullptr;
  int (*drop)(Pcm* pcm) = nullptr;
  int (*close)(Pcm* pcm) = nullptr;
  const char* (*error_text)(int error) = nullptr;
};

inline constexpr int kAlsaPlayback = 0;     // SND_PCM_STREAM_PLAYBACK
inline constexpr int kAlsaCapture = 1;      // SND_PCM_STREAM_CAPTURE
inline constexpr int kAlsaS16Le = 2;        // SND_PCM_FORMAT_S16_LE
inline constexpr int kAlsaInterleaved = 3;  // SND_PCM_ACCESS_RW_INTERLEAVED

/// Opens libasound.so.2 and silences its messages on standard error. Stays open for the life of the process, because
/// its plug-ins do not all survive being unloaded. kUnsupported when the library is not installed.
[[nodiscard]] base::Result<AlsaLibrary> open_alsa_library();

}  // namespace hearth::audio
