#pragma once

// A voice, or several mixed: "af_heart", "af_bella(2)+af_sky(1)". Names only; whether a voice exists is the engine's to
// say.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hearth::text {

inline constexpr std::size_t kMaxVoicesInMix = 8;
inline constexpr std::size_t kMaxVoiceNameLength = 64;

struct VoiceShare {
  std::string name;     // [a-z0-9_]+
  float weight = 1.0F;  // above 0; the shares of a mix sum to 1
  friend bool operator==(const VoiceShare&, const VoiceShare&) = default;
};

/// Grammar: name [ "(" number ")" ] { "+" name [ "(" number ")" ] }, blanks allowed around each. A weight is a plain
/// decimal from 0.001 to 1000; a voice named twice has its weights added. Order is kept: the first voice tells the
/// language. kInvalidArgument says what is wrong and where.
[[nodiscard]] base::Result<std::vector<VoiceShare>> parse_voice_mix(std::string_view mix);

}  // namespace hearth::text
