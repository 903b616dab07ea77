#include "config/config.h"

namespace hearth::config {

std::string_view name_of(ModelKind kind) {
  switch (kind) {
    case ModelKind::kTts:
      return "tts";
    case ModelKind::kStt:
      return "stt";
    case ModelKind::kVad:
      return "vad";
    case ModelKind::kTurn:
      return "turn";
    case ModelKind::kLlm:
      return "llm";
    case ModelKind::kOcr:
      return "ocr";
  }
  return "tts";
}

std::string_view name_of(Load load) {
  switch (load) {
    case Load::kRequired:
      return "required";
    case Load::kPreload:
      return "preload";
    case Load::kOnDemand:
      return "on_demand";
  }
  return "on_demand";
}

std::string_view name_of(Warmup warmup) {
  switch (warmup) {
    case Warmup::kNone:
      return "none";
    case Warmup::kMinimal:
      return "minimal";
    case Warmup::kExtended:
      return "extended";
  }
  return "none";
}

std::string_view name_of(AudioFormat format) {
  switch (format) {
    case AudioFormat::kMp3:
      return "mp3";
    case AudioFormat::kWav:
      return "wav";
    case AudioFormat::kFlac:
      return "flac";
    case AudioFormat::kOpus:
      return "opus";
    case AudioFormat::kPcm:
      return "pcm";
  }
  return "mp3";
}

std::string_view name_of(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::kDebug:
      return "debug";
    case base::LogLevel::kInfo:
      return "info";
    case base::LogLevel::kWarning:
      return "warning";
    case base::LogLevel::kError:
      return "error";
    case base::LogLevel::kOff:
      return "off";
  }
  return "info";
}

}  // namespace hearth::config
