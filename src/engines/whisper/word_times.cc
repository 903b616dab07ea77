#include "engines/whisper/word_times.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

#include "audio/samples.h"
#include "engines/whisper/pieces.h"

namespace hearth::engines::whisper {
namespace {

constexpr float kQuiet = 0.1F;      // of the segment's loudest: a pause, or the closure of a plosive
constexpr std::size_t kPause = 20;  // hundredths of a second: longer than a plosive's closure
constexpr double kSnap = 20;        // of sound: as far as a word's begin may be from a pause and still be at it

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

/// Letters and digits; each character counts once.
double weight_of(std::string_view text) {
  double weight = 0;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (is_continuation(byte)) continue;
    const bool is_letter = value >= 0x80 || std::isalnum(value) != 0;
    weight += is_letter ? 1.0 : 0.0;
  }
  return weight;
}

/// Whether the bytes end amid a character.
bool is_cut(std::string_view text) {
  std::size_t tail = 0;
  while (tail < text.size() && is_continuation(text[text.size() - 1 - tail])) ++tail;
  if (tail == text.size()) return false;
  const auto lead = static_cast<unsigned char>(text[text.size() - 1 - tail]);
  const std::size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  return tail < wanted;
}

/// Kana and Chinese characters, U+3040 … U+9FFF, are written without spaces; a token may hold only the first bytes of
/// one. Their punctuation, U+3000 … U+303F, is no word.
bool begins_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  return byte(0) == 0xE3 ? byte(1) > 0x80 : byte(0) > 0xE3 && byte(0) < 0xEA;
}

/// Tokens [first, last) are one word.
struct Span {
  std::size_t first = 0;
  std::size_t last = 0;
};

std::vector<Span> group(std::span<const HeardToken> tokens) {
  std::vector<Span> words;
  std::string before;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    const bool begins = text.starts_with(' ') ? weight_of(text) > 0 : begins_character(text);
    if (words.empty() || (begins && !is_cut(before))) {
      words.push_back({i, i + 1});
      before = text;
    } else {
      words.back().last = i + 1;
      before += text;
    }
  }
  return words;
}

std::string trim(std::string text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

/// How much sound there is up to each hundredth of a second of a segment.
class SoundClock {
 public:
  SoundClock(std::span<const float> loudness, std::int64_t start, std::int64_t end) : start_(start) {
    const std::size_t first = std::min(static_cast<std::size_t>(start), loudness.size());
    const auto part = loudness.subspan(first, std::min(static_cast<std::size_t>(end - start), loudness.size() - first));
    const float loudest = part.empty() ? 0.0F : *std::ranges::max_element(part);
    heard_.assign(static_cast<std::size_t>(end - start) + 1, 0.0);
    std::size_t silence = 0;
    for (std::size_t i = 0; i + 1 < heard_.size(); ++i) {
      const bool is_heard = i < part.size() && part[i] > kQuiet * loudest;
      if (is_heard && silence >= kPause && heard_[i] >= 1) pauses_.push_back(heard_[i]);
      silence = is_heard ? 0 : silence + 1;
      heard_[i + 1] = heard_[i] + (is_heard ? 1.0 : kSilentShare);
    }
  }
  /// What was heard before each pause.
  [[nodiscard]] const std::vector<double>& pauses() const { return pauses_; }
  [[nodiscard]] double at(std::int64_t time) const { return heard_[static_cast<std::size_t>(time - start_)]; }
  /// The times at which that much was heard: amid a pause, where it ends and where it began.
  [[nodiscard]] std::int64_t begin_after(double heard) const { return find(heard + kSlack); }
  [[nodiscard]] std::int64_t end_before(double heard) const { return find(heard - kSlack) + 1; }

 private:
  // A pause is not quite nothing, so that time goes on where all is quiet.
  static constexpr double kSilentShare = 1e-4;
  static constexpr double kSlack = 0.25;  // more than the longest pause adds, less than a hundredth of sound
  /// The hundredth of a second within which `heard` is reached.
  [[nodiscard]] std::int64_t find(double heard) const {
    const auto next = std::ranges::upper_bound(heard_, heard);
    const auto index = std::clamp<std::ptrdiff_t>(next - heard_.begin() - 1, 0, std::ssize(heard_) - 2);
    return start_ + index;
  }
  const std::int64_t start_;
  std::vector<double> heard_;
  std::vector<double> pauses_;
};

/// Words begin after a pause rather than a little before it or after: people pause between words. Of the begins that
/// are near one the nearest is moved.
void snap(std::span<double> begins, const std::vector<double>& pauses) {
  for (const double pause : pauses) {
    const auto nearest = std::ranges::min_element(begins, {}, [&](double begin) { return std::abs(begin - pause); });
    if (nearest != begins.end() && std::abs(*nearest - pause) <= kSnap) *nearest = pause;
  }
}

}  // namespace

std::vector<float> loudness_of(std::span<const float> samples) {
  constexpr std::size_t kFrame = kSamplesPerSecond / 100;
  std::vector<float> loudness;
  loudness.reserve(samples.size() / kFrame + 1);
  for (std::size_t i = 0; i < samples.size(); i += kFrame) {
    loudness.push_back(audio::rms(samples.subspan(i, std::min(kFrame, samples.size() - i))));
  }
  return loudness;
}

std::vector<HeardWord> time_words(std::span<const HeardToken> tokens, std::int64_t start, std::int64_t end,
                                  std::span<const float> loudness) {
  std::vector<HeardWord> words;
  start = std::max<std::int64_t>(start, 0);
  if (tokens.empty() || end <= start) return words;
  const SoundClock clock(loudness, start, end);
  // What was heard before each token: at anchors it is known, between them letters share it.
  std::vector<double> heard(tokens.size() + 1, -1.0);
  heard.front() = 0;
  heard.back() = clock.at(end);
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (const auto anchor = tokens[i].anchor; anchor && *anchor > start && *anchor < end) heard[i] = clock.at(*anchor);
  }
  for (std::size_t left = 0; left < tokens.size();) {
    std::size_t right = left + 1;
    while (heard[right] < 0) ++right;
    heard[right] = std::max(heard[right], heard[left]);
    double weights = 0;
    for (std::size_t i = left; i < right; ++i) weights += weight_of(tokens[i].text);
    double sum = 0;
    for (std::size_t i = left; i + 1 < right; ++i) {
      sum += weight_of(tokens[i].text);
      heard[i + 1] = heard[left] + (weights > 0 ? sum / weights : 1.0) * (heard[right] - heard[left]);
    }
    left = right;
  }
  const std::vector<Span> spans = group(tokens);
  std::vector<double> begins;
  for (const Span& span : spans) begins.push_back(heard[span.first]);
  begins.push_back(heard.back());
  snap(std::span(begins).subspan(1, spans.size() - 1), clock.pauses());
  std::int64_t last_end = start;
  for (std::size_t index = 0; index < spans.size(); ++index) {
    const Span& span = spans[index];
    HeardWord word;
    for (std::size_t i = span.first; i < span.last; ++i) {
      word.text += tokens[i].text;
      word.probability += tokens[i].probability / static_cast<double>(span.last - span.first);
    }
    word.text = trim(std::move(word.text));
    word.start = std::max(last_end, clock.begin_after(begins[index]));
    word.end = std::clamp(clock.end_before(begins[index + 1]), word.start, end);
    last_end = word.end;
    if (!word.text.empty()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace hearth::engines::whisper
