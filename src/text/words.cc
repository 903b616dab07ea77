#include "text/words.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "text/utf8.h"

namespace hearth::text {
namespace {

using View = std::u32string_view;

// Past this a run of characters without a blank is cut blindly, so that peeling marks off its ends stays linear.
constexpr std::size_t kLongestRun = 256;

constexpr View kPunctuation = U"…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪";
constexpr View kQuotes = U"'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉⟦⟧";
constexpr char32_t kMinus = U'\u2212';  // not the hyphen, which also joins and ranges
constexpr View kCurrency = U"$£€¥฿₽﷼₴₠₡₢₣₤₥₦₧₨₩₪₫₭₮₯₰₱₲₳₵₶₷₸₹₺₻₼₾₿";

bool one_of(View set, char32_t c) { return set.find(c) != View::npos; }
bool is_icon(char32_t c) {
  return c == 0xA6 || c == 0xA9 || c == 0xAE || c == 0xB0 || c == 0x2116 || c == 0x2122 || is_pictograph(c);
}
bool is_small(char32_t c) { return is_letter(c) && !is_upper(c); }
bool is_big(char32_t c) { return is_letter(c) && !is_lower(c); }

// Words that stand as they are although a rule would cut them.
constexpr View kWhole[] = {
    U"'",       U"''",     U"C++",    U"'s",        U"'S",        U"‘s",      U"‘S",      U"and/or",  U"w/o",
    U"'re",     U"'Cause", U"'cause", U"'cos",      U"'Cos",      U"'coz",    U"'Coz",    U"'cuz",    U"'Cuz",
    U"'bout",   U"'em",    U"'ll",    U"'nuff",     U"'d",        U"ma'am",   U"Ma'am",   U"lovin'",  U"Lovin'",
    U"havin'",  U"Havin'", U"doin'",  U"Doin'",     U"goin'",     U"Goin'",   U"nothin'", U"Nothin'", U"nuthin'",
    U"Nuthin'", U"ol'",    U"Ol'",    U"somethin'", U"Somethin'", U"o'clock", U"O'clock", U"Mt.",     U"Ak.",
    U"Ala.",    U"Apr.",   U"Ariz.",  U"Ark.",      U"Aug.",      U"Calif.",  U"Colo.",   U"Conn.",   U"Dec.",
    U"Del.",    U"Feb.",   U"Fla.",   U"Ga.",       U"Ia.",       U"Id.",     U"Ill.",    U"Ind.",    U"Jan.",
    U"Jul.",    U"Jun.",   U"Kan.",   U"Kans.",     U"Ky.",       U"La.",     U"Mar.",    U"Mass.",   U"Mich.",
    U"Minn.",   U"Miss.",  U"N.C.",   U"N.D.",      U"N.H.",      U"N.J.",    U"N.M.",    U"N.Y.",    U"Neb.",
    U"Nebr.",   U"Nev.",   U"Nov.",   U"Oct.",      U"Okla.",     U"Ore.",    U"Pa.",     U"S.C.",    U"Sep.",
    U"Sept.",   U"Tenn.",  U"Va.",    U"Wash.",     U"Wis.",      U"a.m.",    U"Adm.",    U"Bros.",   U"co.",
    U"Co.",     U"Corp.",  U"D.C.",   U"Dr.",       U"e.g.",      U"E.g.",    U"E.G.",    U"Gen.",    U"Gov.",
    U"i.e.",    U"I.e.",   U"I.E.",   U"Inc.",      U"Jr.",       U"Ltd.",    U"Md.",     U"Messrs.", U"Mo.",
    U"Mont.",   U"Mr.",    U"Mrs.",   U"Ms.",       U"p.m.",      U"Ph.D.",   U"Prof.",   U"Rep.",    U"Rev.",
    U"Sen.",    U"St.",    U"vs.",    U"v.s."};

// Words that are cut inside; the number is the length of the first piece, then of the second ("how'd'y": 3, 2, rest).
struct Split {
  View word;
  std::size_t first, second;
};
constexpr Split kSplits[] = {{U"y'all", 2, 0}, {U"yall", 1, 0},   {U"how'd'y", 3, 2}, {U"not've", 3, 0},
                             {U"notve", 3, 0}, {U"cannot", 3, 0}, {U"gonna", 3, 0},   {U"gotta", 3, 0},
                             {U"let's", 3, 0}, {U"c'mon", 3, 0},  {U"i'ma", 1, 2},    {U"ima", 1, 1},
                             {U"im", 1, 0},    {U"i'm", 1, 0}};

constexpr View kPronouns[] = {U"i", U"you", U"he", U"she", U"it", U"we", U"they"};
constexpr View kQuestionWords[] = {U"who",   U"what", U"when", U"where", U"why",  U"how",
                                   U"there", U"that", U"this", U"these", U"those"};
constexpr View kNegated[] = {U"ca",   U"could", U"do",    U"does", U"did",    U"had", U"may",   U"might",
                             U"must", U"need",  U"ought", U"sha",  U"should", U"wo",  U"would", U"ai",
                             U"are",  U"is",    U"was",   U"were", U"have",   U"has", U"dare"};
constexpr View kWithHave[] = {U"could", U"might", U"must", U"should", U"would"};
// Real words that happen to look like a contraction without its mark.
constexpr View kNotContracted[] = {U"ill", U"its", U"hell", U"shell", U"shed", U"were", U"well", U"whore"};

template <std::size_t N>
bool listed(const View (&list)[N], View word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

struct Pieces {
  std::size_t lengths[3] = {0, 0, 0};
  std::size_t count = 0;
};

// The stem's length where `word` is a stem of `stems` with this ending; the first letter may be a capital.
template <std::size_t N>
bool stem_with(View lowered, View ending, const View (&stems)[N]) {
  return lowered.size() > ending.size() && lowered.substr(lowered.size() - ending.size()) == ending &&
         listed(stems, lowered.substr(0, lowered.size() - ending.size()));
}

bool is_plural_this(View stem) { return stem == U"these" || stem == U"those"; }
bool is_single_this(View stem) { return stem == U"that" || stem == U"this"; }

Pieces contraction(View lowered) {
  const auto cut_end = [&](std::size_t ending) { return Pieces{{lowered.size() - ending, ending, 0}, 2}; };
  if (listed(kNotContracted, lowered)) return {};
  for (const View ending : {View{U"n't"}, View{U"nt"}}) {
    if (stem_with(lowered, ending, kNegated)) return cut_end(ending.size());
  }
  for (const View ending : {View{U"n't've"}, View{U"ntve"}}) {
    if (stem_with(lowered, ending, kNegated)) {
      const std::size_t have = ending.size() == 6 ? 3 : 2;
      return {{lowered.size() - ending.size(), ending.size() - have, have}, 3};
    }
  }
  for (const View ending : {View{U"'ve"}, View{U"ve"}}) {
    if (stem_with(lowered, ending, kWithHave)) return cut_end(ending.size());
  }
  struct Ending {
    View text;
    std::size_t last;  // of three pieces; 0: two pieces
  };
  constexpr Ending kEndings[] = {{U"'ll've", 3}, {U"llve", 2}, {U"'d've", 3}, {U"dve", 2}, {U"'ll", 0},
                                 {U"ll", 0},     {U"'ve", 0},  {U"ve", 0},    {U"'re", 0}, {U"re", 0},
                                 {U"'d", 0},     {U"d", 0},    {U"'s", 0},    {U"s", 0}};
  for (const Ending& ending : kEndings) {
    const bool pronoun = stem_with(lowered, ending.text, kPronouns);
    if (!pronoun && !stem_with(lowered, ending.text, kQuestionWords)) continue;
    const View stem = lowered.substr(0, lowered.size() - ending.text.size());
    const View plain = ending.text[0] == U'\'' ? ending.text.substr(1) : ending.text;
    if (plain == U"s" && (pronoun ? stem != U"he" && stem != U"she" && stem != U"it" : is_plural_this(stem))) continue;
    if (plain == U"ve" && (pronoun ? stem == U"he" || stem == U"she" || stem == U"it" : is_single_this(stem))) continue;
    if (plain == U"re" && (pronoun ? stem != U"you" && stem != U"we" && stem != U"they" : is_single_this(stem)))
      continue;
    if (ending.last == 0) return cut_end(ending.text.size());
    return {{stem.size(), ending.text.size() - ending.last, ending.last}, 3};
  }
  return {};
}

// "8pm", "11a.m.": the hour and the half of the day.
Pieces hour(View word) {
  const std::size_t digits = word.size() > 1 && is_digit(word[1]) ? 2 : 1;
  if (!is_digit(word[0]) || word[0] == U'0' || (digits == 2 && (word[0] != U'1' || word[1] > U'2'))) return {};
  const View half = word.substr(digits);
  if (half != U"am" && half != U"pm" && half != U"a.m." && half != U"p.m.") return {};
  return {{digits, half.size(), 0}, 2};
}

Pieces special_case(View word) {
  if (word.size() > 12) return {};
  if (listed(kWhole, word)) return {{word.size(), 0, 0}, 1};
  if (word.size() == 2 && word[1] == U'.' && word[0] >= U'a' && word[0] <= U'z') return {{2, 0, 0}, 1};
  if (const Pieces pieces = hour(word); pieces.count > 0) return pieces;
  if (!is_all_lower(word.substr(1))) return {};  // only the first letter may be a capital
  const std::u32string lowered = to_lower(word);
  for (const Split& split : kSplits) {
    if (lowered != split.word) continue;
    if (split.second == 0) return {{split.first, lowered.size() - split.first, 0}, 2};
    return {{split.first, split.second, lowered.size() - split.first - split.second}, 3};
  }
  return contraction(lowered);
}

std::size_t dots_at(View word, std::size_t at) {
  std::size_t end = at;
  while (end < word.size() && word[end] == U'.') ++end;
  return end - at >= 2 ? end - at : 0;
}

std::size_t prefix_length(View word) {
  const char32_t c = word[0];
  if (c == U'+') return word.size() == 1 || !is_digit(word[1]) ? 1 : 0;
  if (c == U'.') return dots_at(word, 0);
  if (word.size() > 2 && word.substr(0, 3) == U"US$") return 3;
  if (word.size() > 1 && word[1] == U'$' && (c == U'C' || c == U'A')) return 2;
  if (c == kMinus && word.size() > 1) return is_digit(word[1]) || word[1] == U'.' || one_of(kCurrency, word[1]) ? 1 : 0;
  if (c < 0x80 && (is_ascii_letter(c) || is_digit(c))) return 0;
  return one_of(U"§%=—–", c) || one_of(kPunctuation, c) || one_of(kQuotes, c) || one_of(kCurrency, c) || is_icon(c) ? 1
                                                                                                                    : 0;
}

constexpr View kUnits[] = {U"km",  U"km²", U"km³", U"m",   U"m²",   U"m³", U"dm", U"dm²", U"dm³", U"cm",
                           U"cm²", U"cm³", U"mm",  U"mm²", U"mm³",  U"ha", U"µm", U"nm",  U"yd",  U"in",
                           U"ft",  U"kg",  U"g",   U"mg",  U"µg",   U"t",  U"lb", U"oz",  U"m/s", U"km/h",
                           U"kmh", U"mph", U"hPa", U"Pa",  U"mbar", U"mb", U"MB", U"kb",  U"KB",  U"gb",
                           U"GB",  U"tb",  U"TB",  U"T",   U"G",    U"M",  U"K",  U"%"};

bool stop_is_apart(View before) {  // the full stop behind `before` is no part of it
  const char32_t c = before.back();
  if (is_digit(c) || is_small(c) || one_of(U"%²-+|", c) || one_of(kPunctuation, c) || one_of(kQuotes, c)) return true;
  if (one_of(kCurrency, c)) return true;  // spaCy keeps "5€." whole, and then nobody knows the sign
  if (before.size() >= 2 && is_big(c) && is_big(before[before.size() - 2])) return true;
  return before.size() >= 2 && before[before.size() - 2] == U'°' && one_of(U"FfCcKk", c);
}

std::size_t suffix_length(View word) {
  if (word.empty()) return 0;
  const char32_t c = word.back();
  std::size_t dots = 0;
  while (dots < word.size() && word[word.size() - 1 - dots] == U'.') ++dots;
  if (dots >= 2) return dots;
  if (dots == 1) return word.size() > 1 && stop_is_apart(word.substr(0, word.size() - 1)) ? 1 : 0;
  if ((c == U's' || c == U'S') && word.size() >= 2 && (word[word.size() - 2] == U'\'' || word[word.size() - 2] == U'’'))
    return 2;
  for (std::size_t length = std::min<std::size_t>(4, word.size() - 1); length > 0; --length) {
    if (!is_digit(word[word.size() - length - 1])) continue;
    if (listed(kUnits, word.substr(word.size() - length))) return length;
    if (length == 1 && (c == U'+' || one_of(kCurrency, c))) return 1;
  }
  if (c < 0x80 && (is_ascii_letter(c) || is_digit(c))) return 0;
  return one_of(kPunctuation, c) || one_of(kQuotes, c) || one_of(U"—–", c) || is_icon(c) ? 1 : 0;
}

std::size_t hyphen_length(View word, std::size_t at) {
  for (const View hyphen : {View{U"---"}, View{U"--"}, View{U"——"}, View{U"-"}, View{U"–"}, View{U"—"}, View{U"~"}}) {
    if (word.substr(at, hyphen.size()) == hyphen && at + hyphen.size() < word.size() &&
        is_letter(word[at + hyphen.size()])) {
      return hyphen.size();
    }
  }
  return 0;
}

std::size_t infix_length(View word, std::size_t at) {
  const char32_t c = word[at];
  if (is_ascii_letter(c) || is_digit(c)) return 0;
  if (c == U'.' && dots_at(word, at) > 0) return dots_at(word, at);
  if (c == U'…' || is_icon(c)) return 1;
  if (at == 0 || at + 1 >= word.size()) return 0;
  const char32_t before = word[at - 1], after = word[at + 1];
  if (one_of(U"+-–*^", c) && is_digit(before) && (is_digit(after) || after == U'-')) return 1;
  if (c == kMinus && (is_letter(before) || is_digit(before)) && (is_letter(after) || is_digit(after))) return 1;
  if (c == U'.' && (is_small(before) || one_of(kQuotes, before)) && (is_big(after) || one_of(kQuotes, after))) return 1;
  if (c == U',' && is_letter(before) && is_letter(after)) return 1;
  if ((is_letter(before) || is_digit(before)) && hyphen_length(word, at) > 0) return hyphen_length(word, at);
  if (one_of(U":<>=/", c) && (is_letter(before) || is_digit(before)) && is_letter(after)) return 1;
  return 0;
}

class Cutter {
 public:
  explicit Cutter(View text) : text_(text) {}

  void cut_run(View run) {
    std::vector<View> suffixes;
    View core = run;
    while (!core.empty()) {
      if (special_case(core).count > 0) break;
      const std::size_t prefix = prefix_length(core);
      if (prefix > 0 && prefix < core.size() && special_case(core.substr(prefix)).count > 0) {
        push(core.substr(0, prefix));
        core.remove_prefix(prefix);
        break;
      }
      const std::size_t suffix = suffix_length(core.substr(prefix));
      if (suffix > 0) {
        suffixes.push_back(core.substr(core.size() - suffix));
        core.remove_suffix(suffix);
        if (!core.empty() && special_case(core).count > 0) break;
      }
      if (prefix > 0 && !core.empty()) {
        push(core.substr(0, prefix));
        core.remove_prefix(prefix);
      }
      if (prefix == 0 && suffix == 0) break;
    }
    cut_core(core);
    for (auto it = suffixes.rbegin(); it != suffixes.rend(); ++it) push(*it);
  }

  void end_run() {
    if (!words.empty()) words.back().space_after = true;
  }

  std::vector<Word> words;

 private:
  void push(View piece) {
    const auto begin = static_cast<std::size_t>(piece.data() - text_.data());
    words.push_back({std::u32string{piece}, false, begin, begin + piece.size()});
  }

  const View text_;  // whose pieces are cut

  void cut_core(View core) {
    if (core.empty()) return;
    if (const Pieces pieces = special_case(core); pieces.count > 0) {
      for (std::size_t i = 0, at = 0; i < pieces.count; at += pieces.lengths[i++])
        push(core.substr(at, pieces.lengths[i]));
      return;
    }
    if (looks_like_address(core)) return push(core);
    std::size_t start = 0;
    for (std::size_t at = 0; at < core.size();) {
      const std::size_t length = infix_length(core, at);
      if (length > 0 && at > start) {
        push(core.substr(start, at - start));
        push(core.substr(at, length));
        start = at + length;
      }
      at += std::max<std::size_t>(length, 1);
    }
    if (start < core.size()) push(core.substr(start));
  }
};

}  // namespace

bool looks_like_address(View word) {
  if (word.size() < 4 || word.find(U'.') == View::npos) return false;
  if (const auto scheme = word.find(U"://"); scheme != View::npos && scheme >= 2) word.remove_prefix(scheme + 3);
  View host = word.substr(0, word.find_first_of(U"/?#"));
  if (const auto at = host.rfind(U'@'); at != View::npos) {
    if (at == 0) return false;
    host.remove_prefix(at + 1);
  }
  if (const auto colon = host.rfind(U':'); colon != View::npos) {
    const View port = host.substr(colon + 1);
    if (port.size() < 2 || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) return false;
    host = host.substr(0, colon);
  }
  const auto dot = host.rfind(U'.');
  if (dot == View::npos || dot == 0) return false;
  const View top = host.substr(dot + 1);
  if (top.size() < 2 || top.size() > 63 || !std::all_of(top.begin(), top.end(), is_small)) return false;
  View labels = host.substr(0, dot);
  while (true) {
    const View label = labels.substr(0, labels.find(U'.'));
    const auto plain = [](char32_t c) { return is_ascii_letter(c) || is_digit(c) || c >= 0xA1; };
    if (label.empty() || !plain(label.front()) || !plain(label.back())) return false;
    if (!std::all_of(label.begin(), label.end(), [&](char32_t c) { return plain(c) || c == U'-' || c == U'_'; }))
      return false;
    if (label.size() == labels.size()) return true;
    labels.remove_prefix(label.size() + 1);
  }
}

std::vector<Word> cut_words(View text) {
  Cutter cutter{text};
  cutter.words.reserve(text.size() / 5 + 4);
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_space(text[at])) {
      cutter.end_run();
      while (at < text.size() && is_space(text[at])) ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && at - begin < kLongestRun && !is_space(text[at])) ++at;
    cutter.cut_run(text.substr(begin, at - begin));
  }
  if (!cutter.words.empty()) cutter.words.back().space_after = false;
  return std::move(cutter.words);
}

}  // namespace hearth::text
