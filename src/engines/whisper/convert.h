#pragma once

// A CTranslate2 Whisper model as a ggml file, which is what whisper.cpp opens: the same numbers in another order, with
// the tokens and the mel filters that CTranslate2 leaves to its caller. The model is mapped and written piece by piece,
// so memory does not grow with it. Start reading at convert.cc, convert_ct2.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string_view>

#include "base/result.h"

namespace hearth::engines::whisper {

/// Gets the file's bytes in order. An error ends the conversion and is what it returns.
using ByteSink = std::function<base::Result<void>(std::span<const std::byte> bytes)>;

/// Everything in `model` and `vocabulary` is checked before the first byte is written. kCorrupt, kUnsupported as
/// plan_tensors() and parse_vocabulary(); kCancelled soon after `stop`; what `sink` says.
[[nodiscard]] base::Result<void> convert_ct2(std::span<const std::byte> model, std::string_view vocabulary,
                                             const ByteSink& sink, const std::stop_token& stop);

/// The same from files (model.bin, vocabulary.txt) to the file `out`, which must not exist; what a failure leaves of it
/// is the caller's to remove. Blocks for about a second. Raise kConvertVersion when its bytes change.
[[nodiscard]] base::Result<void> convert_ct2_files(const std::filesystem::path& model,
                                                   const std::filesystem::path& vocabulary,
                                                   const std::filesystem::path& out, const std::stop_token& stop);
inline constexpr int kConvertVersion = 1;

}  // namespace hearth::engines::whisper
