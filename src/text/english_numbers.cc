// The number part of EnglishWords: which digits are a year, an amount of money, an ordinal, a code to read digit by
// digit.

#include <algorithm>
#include <vector>

#include "text/english_words.h"
#include "text/numbers.h"
#include "text/utf8.h"

namespace hearth::text {
namespace {

struct Currency {
  char32_t symbol;
  std::string_view unit, part;
};
constexpr Currency kCurrencies[] = {{U'$', "dollar", "cent"}, {U'£', "pound", "pence"}, {U'€', "euro", "cent"}};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view s) { return !s.empty() && std::all_of(s.begin(), s.end(), digit); }
bool is_ordinal_suffix(std::string_view s) { return s == "st" || s == "nd" || s == "rd" || s == "th"; }

// Digits with commas and stops, a minus in front of a whole word, and one of the endings that numbers take ("1990s",
// "3rd").
bool is_number(std::string_view word, bool is_head) {
  if (std::none_of(word.begin(), word.end(), digit)) return false;
  for (const std::string_view ending : {"ing", "'d", "ed", "'s", "st", "nd", "rd", "th", "s"}) {
    if (word.size() > ending.size() && word.substr(word.size() - ending.size()) == ending) {
      word.remove_suffix(ending.size());
      break;
    }
  }
  if (is_head && word.size() > 1 && word.front() == '-') word.remove_prefix(1);
  return std::all_of(word.begin(), word.end(), [](char c) { return digit(c) || c == ',' || c == '.'; });
}

std::string without_commas(std::string_view word) {
  std::string out{word};
  std::erase(out, ',');
  return out;
}

std::vector<std::string_view> split_at_points(std::string_view word) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t point = word.find('.');
    parts.push_back(word.substr(0, point));
    if (point == std::string_view::npos) return parts;
    word.remove_prefix(point + 1);
  }
}

}  // namespace

/// Collects the words of one number and how they sound.
class NumberReader {
 public:
  NumberReader(const EnglishWords& words, std::string_view flags) : words_(words), flags_(flags) {}

  void add(std::optional<Phones> phones) {
    if (phones) sounds_.push_back(std::move(*phones));
  }

  enum class Place { kFirst, kLater };  // "a hundred" only where a number begins

  /// Words of numbers.h: "and" is silent unless the flags ask for it.
  void say(std::string_view text, Place place = Place::kFirst) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
      if (end > at) words.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word == "and" && !asks('&')) {
        if (asks('n') && !sounds_.empty()) sounds_.back() += U"ən";
      } else if (place == Place::kFirst && i == 0 && words.size() > 1 && word == "one" && asks('a')) {
        sounds_.emplace_back(U"ə");
      } else {
        add(words_.look_up(word, {}, word == "point" ? std::optional<float>{-2.0F} : std::nullopt, nullptr));
      }
    }
  }

  void say_digits(std::string_view digits) {
    for (const char& c : digits) {
      if (digit(c)) say(cardinal({&c, 1}), Place::kLater);
    }
  }

  /// A cardinal, or its digits one by one where it is too long to be one.
  void say_cardinal(std::string_view digits, Place place = Place::kFirst) {
    if (digits.size() > kMostCardinalDigits) return say_digits(digits);
    if (!digits.empty()) say(cardinal(digits), place);
  }

  [[nodiscard]] bool empty() const { return sounds_.empty(); }
  [[nodiscard]] Phones joined() const {
    Phones out;
    for (const Phones& sound : sounds_) {
      if (!out.empty()) out += U' ';
      out += sound;
    }
    return out;
  }

  /// Part of a longer word: "B52" says fifty two, "A380" three eighty, "R2D2" two, "X1000" digit by digit.
  void say_code(std::string_view digits) {
    if (digits.empty()) return;
    if (digits[0] == '0' || digits.size() > 3) return say_digits(digits);
    if (digits.size() == 3 && digits.substr(1) != "00") {
      say(cardinal(digits.substr(0, 1)));
      if (digits[1] != '0') return say(cardinal(digits.substr(1)), Place::kLater);
      add(words_.look_up("O", {}, -2.0F, nullptr));
      return say(cardinal(digits.substr(2)), Place::kLater);
    }
    say(cardinal(digits));
  }

  /// "1.2.3": versions and addresses.
  void say_parts(const std::vector<std::string_view>& parts) {
    Place place = Place::kFirst;
    for (const std::string_view part : parts) {
      const auto is_zero = [](char c) { return c == '0'; };
      if (!part.empty() &&
          (part[0] == '0' || (part.size() != 2 && !std::all_of(part.begin() + 1, part.end(), is_zero)))) {
        say_digits(part);
      } else {
        say_cardinal(part, place);
      }
      place = Place::kLater;
    }
  }

  void say_money(const std::vector<std::string_view>& parts, const Currency& currency) {
    const auto value_is = [](std::string_view digits, char last) {  // 0 or 1, with leading zeros
      const std::size_t at = digits.find_first_not_of('0');
      return last == '0' ? at == std::string_view::npos : at == digits.size() - 1 && digits[at] == last;
    };
    std::vector<std::pair<std::string_view, std::string_view>> amounts = {{parts[0], currency.unit}};
    if (parts.size() > 1) {
      amounts.emplace_back(parts[1], currency.part);
      if (value_is(parts[1], '0')) {
        amounts.pop_back();
      } else if (value_is(parts[0], '0')) {
        amounts.erase(amounts.begin());
      }
    }
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      const auto& [digits, unit] = amounts[i];
      if (i > 0) add(words_.look_up("and", {}, std::nullopt, nullptr));
      say_cardinal(digits.empty() ? "0" : digits, i == 0 ? Place::kFirst : Place::kLater);
      if (unit == "pence" || (!digits.empty() && value_is(digits, '1'))) {
        add(words_.look_up(unit, {}, std::nullopt, nullptr));
      } else {
        say_units(unit);
      }
    }
  }

  /// "dollars" of "dollar".
  void say_units(std::string_view unit) { add(words_.stem_s(std::string{unit} + "s", {}, std::nullopt, nullptr)); }

 private:
  [[nodiscard]] bool asks(char flag) const { return flags_.find(flag) != std::string_view::npos; }

  const EnglishWords& words_;
  const std::string_view flags_;
  std::vector<Phones> sounds_;
};

std::optional<Phones> EnglishWords::number(const WordQuery& query) const {
  std::string_view word = query.word;
  if (!is_number(word, query.is_head)) return std::nullopt;
  std::size_t suffix_at = word.size();
  while (suffix_at > 0 && ((word[suffix_at - 1] >= 'a' && word[suffix_at - 1] <= 'z') || word[suffix_at - 1] == '\''))
    --suffix_at;
  const std::string_view suffix = word.substr(suffix_at);
  word = word.substr(0, suffix_at);
  NumberReader reader{*this, query.number_flags};
  if (word.front() == '-') {
    reader.add(look_up("minus", {}, std::nullopt, nullptr));
    word.remove_prefix(1);
  }
  const auto* currency = std::find_if(std::begin(kCurrencies), std::end(kCurrencies),
                                      [&](const Currency& c) { return c.symbol == query.currency; });
  const bool money = currency != std::end(kCurrencies);
  const std::string plain = without_commas(word);
  const std::vector<std::string_view> parts = split_at_points(plain);
  const bool too_long = plain.size() > kMostCardinalDigits;
  if (all_digits(word) && is_ordinal_suffix(suffix) && !too_long) {
    reader.say(ordinal(word));
  } else if (reader.empty() && word.size() == 4 && !money && all_digits(word)) {
    reader.say(year(word));
  } else if (!query.is_head && parts.size() == 1) {
    reader.say_code(plain);
  } else if (parts.size() > 2 || !query.is_head) {
    reader.say_parts(parts);
  } else if (money && (parts.size() == 1 || parts[1].size() < 3)) {
    reader.say_money(parts, *currency);
  } else if (too_long) {
    reader.say_digits(plain);
  } else if (parts.size() == 1) {
    reader.say(is_ordinal_suffix(suffix) ? ordinal(plain) : cardinal(plain));
  } else if (parts[0].empty()) {
    reader.say("point");
    reader.say_digits(parts[1]);
  } else {
    reader.say(decimal(plain));
  }
  // "$3.459": what is finer than cents is a decimal number of the unit (misaki loses the unit here).
  if (money && query.is_head && parts.size() == 2 && parts[1].size() > 2) reader.say_units(currency->unit);
  if (reader.empty()) return std::nullopt;
  Phones phones = reader.joined();
  if (suffix == "s" || suffix == "'s") return add_s(std::move(phones));
  if (suffix == "ed" || suffix == "'d") return add_ed(std::move(phones));
  if (suffix == "ing") return add_ing(std::move(phones));
  return phones;
}

}  // namespace hearth::text
