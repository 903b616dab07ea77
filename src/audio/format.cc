#include "audio/format.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace hearth::audio {
namespace {

std::string lower(std::string_view word) {
  std::string out(word);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

struct Ending {
  std::string_view text;
  AudioFormat format;
};

constexpr Ending kEndings[] = {{"wav", AudioFormat::kWav},   {"wave", AudioFormat::kWav},  {"mp3", AudioFormat::kMp3},
                               {"flac", AudioFormat::kFlac}, {"opus", AudioFormat::kOpus}, {"ogg", AudioFormat::kOpus},
                               {"pcm", AudioFormat::kPcm},   {"raw", AudioFormat::kPcm}};

}  // namespace

std::string_view format_name(AudioFormat format) {
  switch (format) {
    case AudioFormat::kWav:
      return "wav";
    case AudioFormat::kMp3:
      return "mp3";
    case AudioFormat::kFlac:
      return "flac";
    case AudioFormat::kOpus:
      return "opus";
    case AudioFormat::kPcm:
      return "pcm";
  }
  return "unknown";
}

std::optional<AudioFormat> find_format(std::string_view name) {
  if (name.size() > 8) return std::nullopt;
  const std::string word = lower(name);
  for (const AudioFormat format : kAllFormats) {
    if (format_name(format) == word) return format;
  }
  return std::nullopt;
}

std::optional<AudioFormat> find_format_of_file(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos || file_name.size() - dot > 8) return std::nullopt;
  const std::string ending = lower(file_name.substr(dot + 1));
  for (const Ending& known : kEndings) {
    if (known.text == ending) return known.format;
  }
  return std::nullopt;
}

std::string_view content_type(AudioFormat format) {
  switch (format) {
    case AudioFormat::kWav:
      return "audio/wav";
    case AudioFormat::kMp3:
      return "audio/mpeg";
    case AudioFormat::kFlac:
      return "audio/flac";
    case AudioFormat::kOpus:
      return "audio/ogg; codecs=opus";
    case AudioFormat::kPcm:
      return "audio/pcm";
  }
  return "application/octet-stream";
}

}  // namespace hearth::audio
