#include "wire/openai_names.h"

#include <algorithm>

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

std::string_view resolve_voice(std::string_view name) {
  for (const VoiceAlias& alias : kVoiceAliases) {
    if (alias.name == name) return alias.voice;
  }
  return name;
}

}  // namespace

std::span<const VoiceAlias> voice_aliases() { return kVoiceAliases; }

std::string resolve_voices(std::string_view mix) {
  std::string out;
  while (!mix.empty()) {
    const std::size_t end = std::min(mix.find_first_of("+( \t)"), mix.size());
    out += resolve_voice(mix.substr(0, end));
    if (end < mix.size()) out += mix[end];
    mix.remove_prefix(std::min(end + 1, mix.size()));
  }
  return out;
}

}  // namespace hearth::wire
