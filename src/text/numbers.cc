#include "text/numbers.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace hearth::text {
namespace {

constexpr std::array<std::string_view, 20> kSmall = {
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 10> kTens = {"",      "",      "twenty",  "thirty", "forty",
                                                    "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array<std::string_view, 12> kScales = {"",           "thousand",    "million",     "billion",
                                                      "trillion",   "quadrillion", "quintillion", "sextillion",
                                                      "septillion", "octillion",   "nonillion",   "decillion"};
static_assert(kScales.size() * 3 == kMostCardinalDigits);

std::string below_hundred(int n) {
  if (n < 20) return std::string{kSmall[static_cast<std::size_t>(n)]};
  std::string words{kTens[static_cast<std::size_t>(n / 10)]};
  if (n % 10 != 0) words.append("-").append(kSmall[static_cast<std::size_t>(n % 10)]);
  return words;
}

std::string below_thousand(int n) {
  if (n < 100) return below_hundred(n);
  std::string words{kSmall[static_cast<std::size_t>(n / 100)]};
  words += " hundred";
  if (n % 100 != 0) words.append(" and ").append(below_hundred(n % 100));
  return words;
}

int value_of(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

struct Irregular {
  std::string_view cardinal, ordinal;
};
constexpr Irregular kIrregular[] = {{"one", "first"},    {"two", "second"}, {"three", "third"},   {"five", "fifth"},
                                    {"eight", "eighth"}, {"nine", "ninth"}, {"twelve", "twelfth"}};

}  // namespace

std::string cardinal(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  assert(!digits.empty() && digits.size() <= kMostCardinalDigits);
  if (digits == "0") return "zero";
  std::string words;
  while (!digits.empty()) {
    const std::size_t scale = (digits.size() - 1) / 3;
    const std::size_t size = digits.size() - scale * 3;
    const int group = value_of(digits.substr(0, size));
    digits.remove_prefix(size);
    if (group == 0) continue;
    if (!words.empty()) words += scale == 0 && group < 100 ? " and " : ", ";
    words += below_thousand(group);
    if (scale > 0) words.append(" ").append(kScales[scale]);
  }
  return words;
}

std::string ordinal(std::string_view digits) {
  std::string words = cardinal(digits);
  const std::size_t last_at = words.find_last_of(" -") + 1;  // npos + 1 == 0
  const std::string last = words.substr(last_at);
  words.resize(last_at);
  for (const Irregular& irregular : kIrregular) {
    if (last == irregular.cardinal) return words.append(irregular.ordinal);
  }
  if (last.back() == 'y') return words.append(last, 0, last.size() - 1).append("ieth");
  return words.append(last).append("th");
}

std::string year(std::string_view digits) {
  const int value = value_of(digits.substr(0, 4));
  const int high = value / 100, low = value % 100;
  if (high == 0 || (high % 10 == 0 && low < 10)) return cardinal(digits);
  std::string words = below_hundred(high) + " ";
  if (low == 0) return words + "hundred";
  if (low < 10) words += "oh-";
  return words + below_hundred(low);
}

std::string decimal(std::string_view digits) {
  const std::size_t point = digits.find('.');
  std::string_view whole = digits.substr(0, point);
  std::string_view part = point == std::string_view::npos ? std::string_view{} : digits.substr(point + 1);
  while (!part.empty() && part.back() == '0') part.remove_suffix(1);
  std::string words = cardinal(whole.empty() ? "0" : whole);
  if (!part.empty()) words += " point";
  for (const char c : part) words.append(" ").append(kSmall[static_cast<std::size_t>(c - '0')]);
  return words;
}

}  // namespace hearth::text
