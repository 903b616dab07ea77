#pragma once

// libespeak-ng (GPL-3), opened when a word first needs it and never linked: a program without it still speaks English.

#include <string>
#include <string_view>

#include "text/fallback.h"

namespace hearth::text {

/// Any thread. The library keeps its state in globals, so one lock of the process guards every call, whatever the
/// object. Once opened it stays open until the program ends (its own threads and tables do not survive a reload).
class EspeakFallback final : public PhonemeFallback {
 public:
  /// `library` is a soname or a path; "" means the usual name. Opens nothing yet.
  explicit EspeakFallback(std::string library = {});

  /// kUnsupported, with the package to install, when the library, its data or the language's voice is missing.
  /// kInvalidArgument past 64 KiB in one call.
  [[nodiscard]] base::Result<std::string> transcribe(std::string_view text, Language language) const override;

  /// Opens the library and the language's voice now, so that no request waits for it: some 11 ms of work the first time
  /// (it links sound libraries and reads its list of voices), 50 µs a word afterwards. Made for a background task; same
  /// errors.
  [[nodiscard]] base::Result<void> open(Language language = Language::kEnglishUs) const;

 private:
  const std::string library_;
};

}  // namespace hearth::text
