#pragma once

// Names that clients of the OpenAI API send, and what they mean here. docs/api.md shows this table.

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace hearth::wire {

/// Models whose names clients have built in: the first speech and the first transcription model answer to them.
inline constexpr std::array<std::string_view, 3> kSpeechModelAliases = {"tts-1", "tts-1-hd", "gpt-4o-mini-tts"};
inline constexpr std::array<std::string_view, 5> kTranscriptionModelAliases = {
    "whisper-1", "gpt-transcribe", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-mini-transcribe-2025-12-15"};

struct VoiceAlias {
  std::string_view name;   // OpenAI's
  std::string_view voice;  // Kokoro's
};

/// Where Kokoro has a voice of the same name it is that one; the others are similar in sex and style.
[[nodiscard]] std::span<const VoiceAlias> voice_aliases();

/// A voice, or a mix such as "alloy(2)+nova", with each OpenAI voice replaced by the one that it stands for; everything
/// else is given back as it is.
[[nodiscard]] std::string resolve_voices(std::string_view mix);

}  // namespace hearth::wire
