#include "wire/openai_names.h"

namespace hearth::wire {
namespace {

constexpr std::array<VoiceAlias, 13> kVoiceAliases = {{
    {"alloy", "af_alloy"},
    {"ash", "am_michael"},
    {"ballad", "bm_george"},
    {"cedar", "am_fenrir"},
    {"coral", "af_bella"},
    {"echo", "am_echo"},
    {"fable", "bm_fable"},
    {"marin", "af_heart"},
    {"nova", "af_nova"},
    {"onyx", "am_onyx"},
    {"sage", "af_sarah"},
    {"shimmer", "af_sky"},
    {"verse", "am_puck"},
}};

}  // namespace

std::span<const VoiceAlias> voice_aliases() { return kVoiceAliases; }

std::string_view resolve_voice(std::string_view name) {
  for (const VoiceAlias& alias : kVoiceAliases) {
    if (alias.name == name) return alias.voice;
  }
  return name;
}

}  // namespace hearth::wire
