#include "text/expand.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "text/expand_tables.h"
#include "text/numbers.h"
#include "text/utf8.h"

namespace hearth::text {
namespace {

bool all_digits(View word) { return !word.empty() && std::all_of(word.begin(), word.end(), is_digit); }
bool is_amount(View word) {
  return !word.empty() && is_digit(word.back()) && std::all_of(word.begin(), word.end(), [](char32_t c) {
    return is_digit(c) || c == U',' || c == U'.' || c == U'-';
  });
}
int value_of(View digits) {
  int value = 0;
  for (const char32_t c : digits.substr(0, 6)) value = value * 10 + static_cast<int>(c - U'0');
  return value;
}
std::string ascii(View word) { return {word.begin(), word.end()}; }
std::u32string wide(std::string_view word) { return {word.begin(), word.end()}; }
bool is_currency(View word) { return !find_in(kCurrencies, word).empty(); }

/// 'a' or 'p' for "am", "PM", "p.m." and "p.m" (whose last stop was cut off), 0 for anything else.
char32_t half_of_day(View word) {
  const std::u32string half = to_lower(word);
  if (half == U"am" || half == U"a.m." || half == U"a.m") return U'a';
  if (half == U"pm" || half == U"p.m." || half == U"p.m") return U'p';
  return 0;
}

/// 1 to 3999, or 0 for what is no Roman numeral in its usual form.
int roman(View word) {
  struct Step {
    View letters;
    int value;
  };
  constexpr Step kSteps[] = {{U"M", 1000}, {U"CM", 900}, {U"D", 500}, {U"CD", 400}, {U"C", 100},
                             {U"XC", 90},  {U"L", 50},   {U"XL", 40}, {U"X", 10},   {U"IX", 9},
                             {U"V", 5},    {U"IV", 4},   {U"I", 1}};
  int value = 0;
  for (const Step& step : kSteps) {
    const int most = step.letters.size() == 1 && (step.letters[0] == U'M' || step.letters[0] == U'C' ||
                                                  step.letters[0] == U'X' || step.letters[0] == U'I')
                         ? 3
                         : 1;
    for (int i = 0; i < most && word.substr(0, step.letters.size()) == step.letters; ++i) {
      value += step.value;
      word.remove_prefix(step.letters.size());
    }
  }
  return word.empty() ? value : 0;
}

class Expander {
 public:
  Expander(const std::vector<Word>& words, Accent accent) : words_(words), accent_(accent) {
    out_.reserve(words.size() + 8);
  }

  std::vector<Word> run() {
    while (at_ < words_.size()) {
      if (!(sum_of_money() || in_figures() || after_number() || abbreviation() || numeral() || sign()))
        out_.push_back(words_[at_++]);
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] View word(std::size_t ahead = 0) const {
    return at_ + ahead < words_.size() ? View{words_[at_ + ahead].text} : View{};
  }
  [[nodiscard]] View before(std::size_t back = 1) const { return at_ >= back ? View{words_[at_ - back].text} : View{}; }
  [[nodiscard]] bool space_after(std::size_t ahead = 0) const {
    return at_ + ahead >= words_.size() || words_[at_ + ahead].space_after;
  }
  [[nodiscard]] bool glued_to(std::size_t back) const { return at_ >= back && !words_[at_ - back].space_after; }

  /// Puts blank-separated words where `count` words of the text stood. A mark among them stands close to the word
  /// before.
  bool say(View text, std::size_t count = 1) {
    if (!out_.empty() && !text.empty() && is_letter(text[0])) {
      const char32_t last = out_.back().text.back();
      if (is_letter(last) || is_digit(last)) out_.back().space_after = true;
    }
    while (!text.empty()) {
      const View part = text.substr(0, text.find(U' '));
      text.remove_prefix(std::min(text.size(), part.size() + 1));
      if ((part == U"," || part == U".") && !out_.empty()) out_.back().space_after = false;
      out_.push_back({std::u32string{part}, true, words_[at_].begin, words_[at_ + count - 1].end});
    }
    if (!out_.empty()) out_.back().space_after = space_after(count - 1) && at_ + count < words_.size();
    at_ += count;
    return true;
  }

  /// Puts a mark in place of one token, as close to its neighbours.
  bool mark(View text) {
    Word word = words_[at_++];
    word.text = text;
    out_.push_back(std::move(word));
    return true;
  }

  // --- money ---

  struct Scale {
    View name;               // spelled out; empty: none
    bool took_stop = false;  // the sentence's, which was the abbreviation's too
  };

  /// `tail` is what stands behind figures, `next` the token behind it.
  static Scale scale_of(View tail, View next) {
    Scale scale;
    if (tail.size() == 2 && tail[1] == U'.') {  // "$5M.", "£2 m."
      tail.remove_suffix(1);
      scale.took_stop = next.empty() || !is_lower(next[0]);
    }
    scale.name = find_in(kScales, tail);
    return scale;
  }

  /// Figures and what multiplies them: "5", "3bn", "3 bn", "2 million".
  struct Sum {
    View figures;
    Scale scale;
    std::size_t count = 0;  // tokens; 0: there is none
  };

  [[nodiscard]] Sum sum_at(std::size_t ahead) const {
    const View first = word(ahead), next = word(ahead + 1);
    const std::size_t tail = std::min(first.find_first_not_of(U"0123456789.,-"), first.size());
    Sum sum;
    sum.figures = first.substr(0, tail);
    if (!is_amount(sum.figures)) return {};
    sum.count = 1;
    if (tail < first.size()) {
      sum.scale = scale_of(first.substr(tail), next);
      return sum.scale.name.empty() ? Sum{} : sum;
    }
    if (listed(kFullScales, next)) {
      sum.scale.name = next;
    } else if (next.size() != 1 || !space_after(ahead) || is_alone_unit(ahead + 1)) {
      sum.scale = scale_of(next, word(ahead + 2));
    }
    if (!sum.scale.name.empty()) sum.count = 2;
    return sum;
  }

  static std::u32string spelled(const Sum& sum) {
    std::u32string text{sum.figures};
    if (!sum.scale.name.empty()) (text += U' ') += sum.scale.name;
    return text;
  }

  /// "5 yen", "1 rupee".
  static std::u32string in_words(const Sum& sum, View currency) {
    std::u32string text = spelled(sum);
    const bool one = text == U"1";
    (text += U' ') += one ? one_of(currency) : std::u32string{currency};
    if (sum.scale.took_stop) text += U" .";
    return text;
  }

  /// A currency sign close in front of figures is theirs, whatever stands before it ("five $10 notes").
  [[nodiscard]] bool is_sign_of_next(std::size_t ahead) const {
    const View next = word(ahead + 1);
    return !space_after(ahead) && !next.empty() && is_digit(next[0]);
  }

  /// Sums whose scale is short ("$3 bn") and those whose sign comes last ("5.50 €", "3 million £"). A sign behind is
  /// put in front, where the rules for numbers want it.
  bool sum_of_money() {
    const Sum sum = sum_at(0);
    if (sum.count == 0) return false;
    const bool behind_others = at_ > 1 && is_digit(before(2).back()) && !glued_to(1);  // "5 € 3 km"
    if (is_currency(before()) && !behind_others) {
      if (sum.scale.name.empty() || sum.scale.name == word(1)) return false;  // nothing to spell out
      return say(sum.scale.took_stop ? spelled(sum) + U" ." : spelled(sum), sum.count);
    }
    const View currency = word(sum.count);
    if (!is_currency(currency) || is_sign_of_next(sum.count)) return false;
    if (currency == U"¥" || currency == U"₹") return say(in_words(sum, find_in(kCurrencies, currency)), sum.count + 1);
    std::u32string text = spelled(sum);
    // "5,50 €", "1.234,50 €": those who write the sign behind often have a comma for the point.
    const std::size_t comma = sum.figures.find(U',');
    if (comma != View::npos && comma + 3 == sum.figures.size()) {
      std::erase(text, U'.');
      text[text.find(U',')] = U'.';
    }
    // The sign takes no place of its own, so that what markup asks for the figures is still for them alone.
    out_.push_back({std::u32string{currency}, false, words_[at_].begin, words_[at_].begin});
    say(text, sum.count);
    out_.back().space_after = words_[at_].space_after;
    ++at_;
    return true;
  }

  // --- one token of figures and marks ---

  bool in_figures() {
    const View w = word();
    if (looks_like_address(w)) return address(w);
    if (is_digit(w[0]) && (time(w) || slashed(w) || hyphened())) return true;
    return vulgar(w);
  }

  bool time(View w) {
    const std::size_t colon = w.find(U':');
    if (colon == View::npos || colon > 2 || w.size() < colon + 3 || !all_digits(w.substr(0, colon)) ||
        !all_digits(w.substr(colon + 1, 2)))
      return false;
    const View rest = w.substr(colon + 3);
    const char32_t half = half_of_day(rest);
    const int hour = value_of(w.substr(0, colon)), minute = value_of(w.substr(colon + 1, 2));
    if (hour > 24 || minute > 59 || (!rest.empty() && half == 0)) return false;
    std::u32string text = wide(std::to_string(hour));
    if (minute == 0) {
      const bool has_half = half != 0 || half_of_day(word(1)) != 0;
      if (!has_half) text += hour > 12 || hour == 0 ? U" hundred" : U" o'clock";
    } else {
      text += minute < 10 ? U" oh " : U" ";
      text += wide(std::to_string(minute));
    }
    if (half != 0) text += half == U'a' ? U" a.m." : U" p.m.";
    // "5:30p.m. on Monday": the cutter took a stop off that ends no sentence.
    const bool goes_on = !word(2).empty() && (is_letter(word(2)[0]) || is_digit(word(2)[0]));
    const bool stop_is_its_own = rest.size() == 3 && !space_after() && word(1) == U"." && goes_on;
    return say(text, stop_is_its_own ? 2 : 1);
  }

  static constexpr int kFirstYearOf1900s = 69;  // of two figures, as POSIX has it

  bool slashed(View w) {
    const std::size_t slash = w.find(U'/');
    if (slash == View::npos || !all_digits(w.substr(0, slash))) return false;
    const View left = w.substr(0, slash), rest = w.substr(slash + 1);
    if (const std::size_t second = rest.find(U'/'); second != View::npos) {
      const View middle = rest.substr(0, second), last = rest.substr(second + 1);
      if (middle.size() > 2 || !all_digits(middle) || !all_digits(last)) return false;
      if (left.size() == 4) return last.size() <= 2 && date(value_of(middle), value_of(last), left, 1);
      if (left.size() > 2 || (last.size() != 4 && last.size() != 2)) return false;
      std::u32string year{last};
      if (last.size() == 2) year.insert(0, value_of(last) < kFirstYearOf1900s ? U"20" : U"19");
      const bool month_first = accent_ == Accent::kUs;
      return date(value_of(month_first ? left : middle), value_of(month_first ? middle : left), year, 1) ||
             date(value_of(month_first ? middle : left), value_of(month_first ? left : middle), year, 1);
    }
    if (!all_digits(rest) || left.size() > 3 || rest.size() > 3) return false;
    const int over = value_of(left), under = value_of(rest);
    if (over == 0 || over >= under ||
        !(under <= 10 || under == 16 || under == 20 || under == 32 || under == 64 || under == 100))
      return false;
    std::u32string text = !out_.empty() && at_ > 0 && is_amount(before()) ? U"and " : U"";
    text += over == 1 ? (text.empty() ? U"one" : U"a") : wide(cardinal(ascii(left)));
    if (under == 2) {
      text += U" half";
    } else {
      (text += U" ") += under == 4 ? U"quarter" : wide(ordinal(ascii(rest)));
      if (over > 1) text += U's';
    }
    return say(text);
  }

  bool date(int month, int day, View year, std::size_t count) {
    if (month < 1 || month > 12 || day < 1 || day > 31) return false;
    std::u32string text{kMonths[month - 1]};
    (text += U" ") += wide(ordinal(std::to_string(day)));
    (text += U" , ") += year;
    return say(text, count);
  }

  // Numbers joined by hyphens: 2021-03-04, 555-1234, 10-15. The cutter made them number, hyphen, number…
  bool hyphened() {
    std::size_t count = 1;
    const auto hyphen = [](View w) { return w == U"-" || w == U"–"; };
    while (!space_after(count - 1) && hyphen(word(count)) && !space_after(count) && all_digits(word(count + 1)))
      count += 2;
    if (count == 1 || !all_digits(word()) || glued_to(1)) return false;
    if (count == 5 && word().size() == 4 && word(2).size() == 2 && word(4).size() == 2) {
      if (date(value_of(word(2)), value_of(word(4)), word(), 5)) return true;
    }
    if (count == 3 && word(2).size() <= 4 && word()[0] != U'0' && word(2)[0] != U'0' &&
        !(word().size() == 3 && word(2).size() == 4) &&
        (value_of(word()) < value_of(word(2)) || word().size() + word(2).size() <= 4)) {
      std::u32string text{word()};
      (text += U" to ") += word(2);
      return say(text, 3);
    }
    std::u32string text;  // a telephone number, digit by digit
    for (std::size_t i = 0; i < count; i += 2) {
      for (const char32_t c : word(i)) {
        if (!text.empty()) text += U' ';
        text += c;
      }
    }
    return say(text, count);
  }

  bool vulgar(View w) {
    const View fraction = find_in(kVulgar, w.substr(w.size() - 1));
    if (fraction.empty()) return false;
    if (w.size() == 1) {
      std::u32string text = at_ > 0 && is_amount(before()) ? U"and " : U"";
      return say(text += fraction);
    }
    if (!is_amount(w.substr(0, w.size() - 1))) return false;
    std::u32string text{w.substr(0, w.size() - 1)};
    return say((text += U" and ") += fraction);
  }

  bool address(View w) {
    if (const auto scheme = w.find(U"://"); scheme != View::npos) w.remove_prefix(scheme + 3);
    while (!w.empty() && w.back() == U'/') w.remove_suffix(1);
    std::u32string text;
    const auto add = [&text](View part) {
      if (!text.empty()) text += U' ';
      text += part;
    };
    for (std::size_t i = 0; i < w.size();) {
      const View sign = find_in(kAddressSigns, w.substr(i, 1));
      if (!sign.empty()) {
        add(sign);
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < w.size() && (is_letter(w[i]) ? is_letter(w[end]) : is_digit(w[i]) && is_digit(w[end]))) ++end;
      if (end == i) {  // a mark that nobody says
        ++i;
        continue;
      }
      const View part = w.substr(i, end - i);
      if (part == U"www") {
        add(U"W W W");
      } else if (part.size() == 2 && is_letter(part[0]) && i > 0 && w[i - 1] == U'.') {  // country codes are spelled
        std::u32string letters{part};
        for (char32_t& c : letters) c = to_upper(c);
        add(letters);
      } else {
        add(part);
      }
      i = end;
    }
    return say(text);
  }

  // --- words around numbers ---

  bool after_number() {
    if (at_ == 0) return in_front_of_number();
    const bool number_before = is_amount(before());
    const bool money = at_ >= 2 && is_currency(before(2));
    if (number_before && !money) {
      // Where the figures were something else than a sum: "10-15 €".
      if (const View name = find_in(kCurrencies, word()); !name.empty() && !is_sign_of_next(0))
        return say(before() == U"1" ? one_of(name) : std::u32string{name});
      if (word() == U"°" && (word(1) == U"C" || word(1) == U"F"))
        return say(word(1) == U"C" ? U"degrees Celsius" : U"degrees Fahrenheit", 2);
      View unit = find_in(kUnits, word());
      if ((word() == U"m" || word() == U"g" || word() == U"W" || word() == U"V" || word() == U"L") && !glued_to(1) &&
          !is_alone_unit())
        unit = {};
      if (!unit.empty()) return say(before() == U"1" ? one_of(unit) : std::u32string{unit});
    }
    return in_front_of_number();
  }

  /// A single letter counts as a unit only where the phrase ends.
  [[nodiscard]] bool is_alone_unit(std::size_t ahead = 0) const {
    const View next = word(ahead + 1);
    return next.empty() || !is_letter(next[0]) || is_lower(next[0]);
  }

  static std::u32string one_of(View unit) {
    if (unit == U"feet") return U"foot";
    std::u32string text{unit};
    const std::size_t end = std::min(text.find(U" per "), text.size());
    if (end > 0 && text[end - 1] == U's') text.erase(end - 1, 1);
    return text;
  }

  bool in_front_of_number() {
    const View next = word(1);
    if ((word() == U"#" || word() == U"~") && !space_after() && !next.empty() && is_digit(next[0])) {
      say(word() == U"#" ? U"number" : U"about");
      return out_.back().space_after = true;
    }
    if ((word() == U"¥" || word() == U"₹") && !space_after()) {
      const Sum sum = sum_at(1);
      if (sum.count > 0) return say(in_words(sum, find_in(kCurrencies, word())), sum.count + 1);
    }
    if ((word() == U"No" || word() == U"Nos") && !space_after() && next == U"." && !word(2).empty() &&
        is_digit(word(2)[0])) {
      return say(word() == U"No" ? U"number" : U"numbers", 2);
    }
    return false;
  }

  bool abbreviation() {
    if (const View full = find_in(kAbbreviations, word());
        !full.empty() && (word().back() == U'.' || word() == U"vs" || word() == U"w/o")) {
      // At the end of a sentence the stop was both.
      const bool ends = at_ + 1 == words_.size();
      return say(ends && word().back() == U'.' ? std::u32string{full} += U" ." : std::u32string{full});
    }
    if (word() == U"St.") {
      const bool street = at_ > 0 && is_upper(before()[0]) && (at_ + 1 == words_.size() || !is_upper(word(1)[0]));
      return say(street ? U"Street" : U"Saint");
    }
    if (word(1) == U"." && !space_after() && at_ + 2 < words_.size()) {
      if (const View full = find_in(kCutAbbreviations, word()); !full.empty()) return say(full, 2);
    }
    return false;
  }

  bool numeral() {
    if (at_ == 0 || word().size() > 9 || !is_upper(word()[0])) return false;
    const bool counted = listed(kCounted, before()), ruler = listed(kRulers, before());
    if (!counted && !(ruler && word().size() > 1 && word() != U"CD" && word() != U"MD" && word() != U"DC"))
      return false;
    const int value = roman(word());
    if (value == 0 || (word() == U"I" && !counted)) return false;
    if (counted) return say(wide(std::to_string(value)));
    return say(U"the " + wide(ordinal(std::to_string(value))));
  }

  /// U+2212. In front of figures it is theirs, between two operands it is said; elsewhere it is somebody's dash.
  bool minus() {
    const View next = word(1);
    if (next.empty() || (at_ == 0 && space_after())) return false;
    const bool figures = is_digit(next[0]) || is_currency(next) || is_amount(next);
    const bool variables = next.size() == 1 && is_letter(next[0]) && before().size() == 1;
    if (!figures && !variables) return false;
    const bool behind_operand = glued_to(1) && (is_letter(before().back()) || is_digit(before().back()));
    if (is_amount(next) && !space_after() && !behind_operand) return say(std::u32string{U"-"} += next, 2);
    say(U"minus");
    return out_.back().space_after = true;
  }

  bool sign() {
    if (word().size() > 1 && word().find_first_not_of(U'.') == View::npos) return mark(U"…");
    if (word().size() != 1) return false;
    if (word() == U"\u2212") return minus();
    if (word() == U"-" && at_ > 0 && space_after() && is_amount(before()) && is_amount(word(1)) && !glued_to(1))
      return say(U"minus");
    const View said = find_in(kSigns, word());
    if (said.empty()) return false;
    // "<" and ">" alone are tags or arrows unless something is compared.
    if ((word() == U"<" || word() == U">" || word() == U"=") && (at_ == 0 || at_ + 1 == words_.size())) return false;
    if ((word() == U"<" || word() == U">") && !(is_amount(word(1)) && (is_amount(before()) || before().size() == 1)))
      return false;
    return say(said);
  }

  const std::vector<Word>& words_;
  const Accent accent_;
  std::size_t at_ = 0;
  std::vector<Word> out_;
};

}  // namespace

std::vector<Word> expand(const std::vector<Word>& words, Accent accent) { return Expander{words, accent}.run(); }

}  // namespace hearth::text
