#include "engines/whisper/heard_so_far.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hearth::engines::whisper {
namespace {

using Language = DecodeOptions::Language;

// As OpenAI's own implementation: what was written at a higher temperature would mislead what comes after it.
constexpr double kMostTemperature = 0.5;

}  // namespace

HeardSoFar::HeardSoFar(DecodeOptions first, TextBefore before, std::int32_t first_mark)
    : before_(before), first_mark_(first_mark), options_(std::move(first)) {
  if (before_ == TextBefore::kPromptAndHeard) text_ = options_.prompt;
  if (options_.choice == Language::kGiven) language_ = options_.language;
}

void HeardSoFar::add(const engine::TranscribedSegment& segment) {
  piece_has_segment_ = true;
  if (before_ == TextBefore::kPrompt) return;
  if (segment.temperature > kMostTemperature) return text_.clear();
  std::ranges::copy_if(segment.tokens, std::back_inserter(text_),
                       [this](std::int32_t token) { return token < first_mark_; });
  if (text_.size() > kMostPromptTokens) text_.erase(text_.begin(), text_.end() - kMostPromptTokens);
}

void HeardSoFar::end_piece(const PieceSpeech& speech) {
  if (options_.choice == Language::kDetect) {
    if (speech.is_certain || !has_segment_) language_ = speech.language;
    options_.language = speech.language;  // the next guess
    if (speech.is_certain) options_.choice = Language::kGiven;
  }
  if (!std::exchange(piece_has_segment_, false)) return;
  has_segment_ = true;
  options_.prompt = text_;
}

}  // namespace hearth::engines::whisper
