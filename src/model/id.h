#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>

namespace hearth::model {

/// What users call a model: "kokoro", "tts-1". Several names may stand for one key.
using ModelName = std::string;

/// What is in memory once a model is loaded: the content of its files and the options that change memory (threads,
/// context length, …). Two models with equal keys share one instance. Compared, never parsed.
struct ModelKey {
  std::string value;

  /// `files`: role to digest ("model" -> sha256); `options`: only those that change what is in memory. Equal maps give
  /// equal keys, different ones different keys, whatever characters are in them.
  [[nodiscard]] static ModelKey make(std::string_view kind, const std::map<std::string, std::string>& files,
                                     const std::map<std::string, std::string>& options);
  /// Sixteen hexadecimal digits for people, logs and file names. Not unique against an adversary.
  [[nodiscard]] std::string digest() const;

  friend auto operator<=>(const ModelKey&, const ModelKey&) = default;
};

}  // namespace hearth::model
