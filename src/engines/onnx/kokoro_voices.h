#pragma once

// Kokoro's voices: for each, one style vector of 256 numbers for every length of utterance from 0 to 509 phoneme ids.
// Source: Kokoro-82M v1.0 model card; packed in the order of kKokoroVoiceNames into one file by the store.

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/files.h"
#include "base/result.h"
#include "text/voice_mix.h"

namespace hearth::engines::onnx {

inline constexpr std::size_t kStyleSize = 256;
inline constexpr std::size_t kStyleRows = 510;

/// Sorted; the packed file holds them in this order. The first letter is the language, the second the sex (f, m).
inline constexpr std::array<std::string_view, 54> kKokoroVoiceNames = {
    "af_alloy",    "af_aoede",    "af_bella",   "af_heart", "af_jessica", "af_kore",   "af_nicole",   "af_nova",
    "af_river",    "af_sarah",    "af_sky",     "am_adam",  "am_echo",    "am_eric",   "am_fenrir",   "am_liam",
    "am_michael",  "am_onyx",     "am_puck",    "am_santa", "bf_alice",   "bf_emma",   "bf_isabella", "bf_lily",
    "bm_daniel",   "bm_fable",    "bm_george",  "bm_lewis", "ef_dora",    "em_alex",   "em_santa",    "ff_siwis",
    "hf_alpha",    "hf_beta",     "hm_omega",   "hm_psi",   "if_sara",    "im_nicola", "jf_alpha",    "jf_gongitsune",
    "jf_nezumi",   "jf_tebukuro", "jm_kumo",    "pf_dora",  "pm_alex",    "pm_santa",  "zf_xiaobei",  "zf_xiaoni",
    "zf_xiaoxiao", "zf_xiaoyi",   "zm_yunjian", "zm_yunxi", "zm_yunxia",  "zm_yunyang"};

using Style = std::array<float, kStyleSize>;

/// The packed voices, mapped: a voice costs memory when it is first used. Immutable; any thread.
class KokoroVoices {
 public:
  /// kCorrupt when the file's size is not that of all voices.
  [[nodiscard]] static base::Result<KokoroVoices> open(const std::filesystem::path& packed);
  /// The style of an utterance of `ids` phoneme ids (clamped to the table), mixed by the shares' weights.
  /// kInvalidArgument names the first voice that does not exist.
  [[nodiscard]] base::Result<Style> style(std::span<const text::VoiceShare> mix, std::size_t ids) const;

 private:
  explicit KokoroVoices(base::MappedFile file) : file_(std::move(file)) {}
  base::MappedFile file_;
};

/// kInvalidArgument with a hint when a voice of the mix does not exist.
[[nodiscard]] base::Result<void> check_voices(std::span<const text::VoiceShare> mix);

}  // namespace hearth::engines::onnx
