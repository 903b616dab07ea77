#include "text/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "text/utf8.h"

namespace hearth::text {
namespace {

using base::Code;
using base::Millis;
using base::Result;

struct Mark {
  std::size_t begin = 0, end = 0;  // in the text
  Millis pause{0};
};

bool blank(char c) { return c == ' ' || c == '\t'; }

// `word` is in small letters; the text may have it in any.
bool stands_at(std::string_view text, std::size_t at, std::string_view word) {
  const std::string_view part = text.substr(at, word.size());
  return std::equal(part.begin(), part.end(), word.begin(), word.end(), [](char a, char b) { return (a | 0x20) == b; });
}

// The first "[pause:" before a number, at or behind `from`.
std::optional<std::size_t> find_mark(std::string_view text, std::size_t from, std::size_t& number) {
  constexpr std::string_view kWord = "pause";
  for (std::size_t open = text.find('[', from); open != std::string_view::npos; open = text.find('[', open + 1)) {
    std::size_t at = open + 1;
    const auto skip = [&] {
      while (at < text.size() && blank(text[at])) ++at;
    };
    skip();
    if (!stands_at(text, at, kWord)) continue;
    at += kWord.size();
    skip();
    if (at >= text.size() || text[at] != ':') continue;
    ++at;
    skip();
    if (at >= text.size() || !((text[at] >= '0' && text[at] <= '9') || text[at] == '.' || text[at] == '-')) continue;
    number = at;
    return open;
  }
  return std::nullopt;
}

Result<Mark> read_mark(std::string_view text, std::size_t open, std::size_t at, Millis longest) {
  const auto wrong = [open](std::string_view what) {
    return base::fail(Code::kInvalidArgument, fmt::format("the pause at byte {}: {}", open, what),
                      "write [pause:1.5s] or [pause:300ms]");
  };
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + at, text.data() + std::min(text.size(), at + 16), value, std::chars_format::fixed);
  if (error != std::errc{}) return wrong("its length is not a number");
  at = static_cast<std::size_t>(end - text.data());
  while (at < text.size() && blank(text[at])) ++at;
  double millis = 0;
  if (stands_at(text, at, "ms")) {
    millis = value;
    at += 2;
  } else if (stands_at(text, at, "s")) {
    millis = value * 1000;
    at += 1;
  } else {
    return wrong("its unit must be s or ms");
  }
  while (at < text.size() && blank(text[at])) ++at;
  if (at >= text.size() || text[at] != ']') return wrong("it is not closed by ]");
  if (!(millis >= 0 && millis <= static_cast<double>(longest.count()))) {
    return wrong(fmt::format("it must last from 0 to {} s", longest.count() / 1000));
  }
  return Mark{open, at + 1, Millis{std::llround(millis)}};
}

Result<std::vector<Mark>> find_pauses(std::string_view text, const ScriptPolicy& policy) {
  std::vector<Mark> marks;
  Millis sum{0};
  std::size_t number = 0;
  for (auto open = find_mark(text, 0, number); open; open = find_mark(text, marks.back().end, number)) {
    const Result<Mark> mark = read_mark(text, *open, number, policy.longest_pause);
    if (!mark) return base::fail(mark.error());
    sum += mark->pause;
    if (sum > policy.longest_silence) {
      return base::fail(Code::kInvalidArgument,
                        fmt::format("the pauses last more than {} s in all", policy.longest_silence.count() / 1000));
    }
    marks.push_back(*mark);
  }
  return marks;
}

}  // namespace

Result<std::vector<Segment>> make_script(std::string_view text, Language language, const Phonemizer& phonemizer,
                                         const ScriptPolicy& policy) {
  if (text.size() > policy.longest_text) {
    return base::fail(Code::kInvalidArgument, fmt::format("the text is longer than {} bytes", policy.longest_text),
                      "send it in several requests");
  }
  if (const auto at = find_invalid_utf8(text)) {
    return base::fail(Code::kInvalidArgument, fmt::format("the text is not valid UTF-8 at byte {}", *at));
  }
  Result<std::vector<Mark>> marks = find_pauses(text, policy);
  if (!marks) return base::fail(marks.error());
  marks->push_back({text.size(), text.size(), Millis{0}});
  std::vector<Segment> segments;
  Millis pause{0};
  std::size_t done = 0;
  for (const Mark& mark : *marks) {
    const Result<std::string> phonemes = phonemizer.phonemes(text.substr(done, mark.begin - done), language);
    if (!phonemes) return base::fail(phonemes.error());
    const Position position = segments.empty() ? Position::kFirst : Position::kLater;
    for (std::string& chunk : cut_chunks(*phonemes, position, policy.chunks)) {
      segments.push_back({std::move(chunk), pause, Millis{0}});
      pause = Millis{0};
    }
    pause += mark.pause;
    done = mark.end;
  }
  if (segments.empty()) {
    return base::fail(Code::kInvalidArgument, "the text has nothing that can be spoken", "send at least one word");
  }
  segments.back().pause_after = pause;
  return segments;
}

}  // namespace hearth::text
