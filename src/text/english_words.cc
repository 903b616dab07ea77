#include "text/english_words.h"

#include <algorithm>
#include <utility>

#include "text/utf8.h"

namespace hearth::text {
namespace {

// Vowels before which an American t between vowels is a tap.
constexpr PhonesView kTapVowels = U"AIOWYiuæɑəɛɪɹʊʌ";

struct Symbol {
  std::string_view symbol, word;
};
constexpr Symbol kSymbols[] = {{"%", "percent"}, {"&", "and"}, {"+", "plus"}, {"@", "at"}};

std::string_view symbol_word(std::string_view word) {
  for (const Symbol& symbol : kSymbols) {
    if (symbol.symbol == word) return symbol.word;
  }
  return {};
}

bool small(char c) { return c >= 'a' && c <= 'z'; }
bool big(char c) { return c >= 'A' && c <= 'Z'; }
bool letter(char c) { return small(c) || big(c); }
bool all_letters(std::string_view word) { return !word.empty() && std::all_of(word.begin(), word.end(), letter); }
bool no_small(std::string_view word) { return std::none_of(word.begin(), word.end(), small); }
bool no_big(std::string_view word) { return std::none_of(word.begin(), word.end(), big); }
bool starts_with(std::string_view word, std::string_view start) { return word.substr(0, start.size()) == start; }
bool ends_with(std::string_view word, std::string_view end) {
  return word.size() >= end.size() && word.substr(word.size() - end.size()) == end;
}
std::string lower(std::string_view word) {
  std::string out{word};
  for (char& c : out) c = big(c) ? static_cast<char>(c + 32) : c;
  return out;
}
bool is_any(std::string_view word, std::string_view a, std::string_view b, std::string_view c = "\n") {
  return word == a || word == b || word == c;
}

Tag parent_of(Tag tag) {
  if (starts_with(tag, "VB")) return "VERB";
  if (starts_with(tag, "NN")) return "NOUN";
  if (starts_with(tag, "ADV") || starts_with(tag, "RB")) return "ADV";
  if (starts_with(tag, "ADJ") || starts_with(tag, "JJ")) return "ADJ";
  return tag;
}

// "U.S.", "e.g.", "Ph.D" but not "no.": stops inside, and no part longer than two letters.
bool is_dotted_initials(std::string_view word) {
  std::string_view inner = word;
  while (!inner.empty() && inner.front() == '.') inner.remove_prefix(1);
  while (!inner.empty() && inner.back() == '.') inner.remove_suffix(1);
  if (inner.find('.') == std::string_view::npos) return false;
  std::size_t run = 0;
  for (const char c : word) {
    if (c != '.' && !letter(c)) return false;
    run = c == '.' ? 0 : run + 1;
    if (run > 2) return false;
  }
  return true;
}

}  // namespace

EnglishWords::EnglishWords(const Lexicon& lexicon, Accent accent)
    : lexicon_(lexicon), british_(accent == Accent::kUk) {}

std::optional<Entry> EnglishWords::gold(std::string_view word) const {
  return lexicon_.find_any_case(british_ ? Book::kGbGold : Book::kUsGold, word);
}
std::optional<Entry> EnglishWords::silver(std::string_view word) const {
  return lexicon_.find_any_case(british_ ? Book::kGbSilver : Book::kUsSilver, word);
}

std::optional<Phones> EnglishWords::gold_sound(std::string_view word, std::string_view tag) const {
  const auto entry = gold(word);
  const auto sound = entry ? entry->find(tag) : std::nullopt;
  if (!sound || !sound->phonemes) return std::nullopt;
  return from_utf8(*sound->phonemes);
}

std::optional<Phones> EnglishWords::spell(std::string_view word) const {
  Phones phones;
  for (const char c : word) {
    if (!letter(c)) continue;
    const char name = small(c) ? static_cast<char>(c - 32) : c;
    const auto sound = gold_sound({&name, 1});
    if (!sound) return std::nullopt;
    phones += *sound;
  }
  if (phones.empty()) return std::nullopt;
  phones = apply_stress(std::move(phones), 0.0F);
  if (const auto last = phones.rfind(kSecondaryStress); last != Phones::npos) phones[last] = kPrimaryStress;
  return phones;
}

bool EnglishWords::is_known(std::string_view word) const {
  if (in_lexicon(word) || !symbol_word(word).empty()) return true;
  if (!all_letters(word)) return false;
  return word.size() == 1 || no_small(word.substr(1));
}

std::optional<Phones> EnglishWords::special(std::string_view word, Tag tag, Stress stress,
                                            const Following& following) const {
  if (const auto name = symbol_word(word); !name.empty()) return look_up(name, {}, std::nullopt, &following);
  if (is_dotted_initials(word)) return spell(word);
  if (word.size() > 4) return std::nullopt;
  if (is_any(word, "a", "A")) return tag == "DT" ? Phones{U"ɐ"} : Phones{U"ˈA"};
  if (is_any(word, "am", "Am", "AM")) {
    if (starts_with(tag, "NN")) return spell(word);
    if (!following.vowel || word != "am" || stress.value_or(0) > 0) return gold_sound("am");
    return Phones{U"ɐm"};
  }
  if (is_any(word, "an", "An", "AN")) return word == "AN" && starts_with(tag, "NN") ? spell(word) : Phones{U"ɐn"};
  if (word == "I" && tag == "PRP") return Phones{U"ˌI"};
  if (is_any(word, "by", "By", "BY") && parent_of(tag) == "ADV") return Phones{U"bˈI"};
  if (is_any(word, "to", "To") || (word == "TO" && (tag == "TO" || tag == "IN"))) {
    return !following.vowel ? gold_sound("to") : Phones{*following.vowel ? U"tʊ" : U"tə"};
  }
  if (is_any(word, "in", "In") || (word == "IN" && tag != "NNP")) {
    return Phones{!following.vowel || tag != "IN" ? U"ˈɪn" : U"ɪn"};
  }
  if (is_any(word, "the", "The") || (word == "THE" && tag == "DT"))
    return Phones{following.vowel.value_or(false) ? U"ði" : U"ðə"};
  if (tag == "IN" && (lower(word) == "vs" || lower(word) == "vs."))
    return look_up("versus", {}, std::nullopt, &following);
  if (is_any(word, "used", "Used", "USED")) {
    return gold_sound("used", (tag == "VBD" || tag == "JJ") && following.is_to ? "VBD" : "");
  }
  return std::nullopt;
}

std::optional<Phones> EnglishWords::look_up(std::string_view word, Tag tag, Stress stress,
                                            const Following* following) const {
  std::string lowered;
  std::optional<Entry> entry = gold(word);
  bool is_name = false;  // a name in capitals, which is spelled unless a lexicon surely knows it
  if (!entry && no_small(word)) {
    lowered = lower(word);
    word = lowered;
    is_name = tag == "NNP";
    entry = gold(word);
  }
  if (!entry && !is_name) entry = silver(word);
  std::optional<Phones> phones;
  if (entry) {
    std::optional<Entry::Sound> sound;
    if (entry->is_by_tag()) {
      if (following != nullptr && !following->vowel) sound = entry->find("None");
      if (!sound && !tag.empty()) sound = entry->find(tag);
      if (!sound && !tag.empty()) sound = entry->find(parent_of(tag));
    }
    if (!sound) sound = entry->find({});
    if (sound && sound->phonemes) phones = from_utf8(*sound->phonemes);
  }
  if (!phones || (is_name && !holds(*phones, kPrimaryStress))) {
    if (auto spelled = spell(word)) return spelled;
  }
  if (!phones) return std::nullopt;
  return apply_stress(std::move(*phones), stress);
}

std::optional<Phones> EnglishWords::add_s(std::optional<Phones> stem) const {
  if (!stem || stem->empty()) return std::nullopt;
  const char32_t last = stem->back();
  if (holds(U"ptkfθ", last)) return *stem + U"s";
  if (holds(U"szʃʒʧʤ", last)) return *stem + (british_ ? U"ɪz" : U"ᵻz");
  return *stem + U"z";
}

std::optional<Phones> EnglishWords::add_ed(std::optional<Phones> stem) const {
  if (!stem || stem->empty()) return std::nullopt;
  const char32_t last = stem->back();
  if (holds(U"pkfθʃsʧ", last)) return *stem + U"t";
  if (last == U'd') return *stem + (british_ ? U"ɪd" : U"ᵻd");
  if (last != U't') return *stem + U"d";
  if (british_ || stem->size() < 2) return *stem + U"ɪd";
  if (holds(kTapVowels, (*stem)[stem->size() - 2])) return stem->substr(0, stem->size() - 1) + U"ɾᵻd";
  return *stem + U"ᵻd";
}

std::optional<Phones> EnglishWords::add_ing(std::optional<Phones> stem) const {
  if (!stem || stem->empty()) return std::nullopt;
  const char32_t last = stem->back();
  if (british_) {
    if (last == U'ə' || last == U'ː') return std::nullopt;  // the r that comes back is not in these spellings
  } else if (stem->size() > 1 && last == U't' && holds(kTapVowels, (*stem)[stem->size() - 2])) {
    return stem->substr(0, stem->size() - 1) + U"ɾɪŋ";
  }
  return *stem + U"ɪŋ";
}

std::optional<Phones> EnglishWords::stem_s(std::string_view word, Tag tag, Stress stress,
                                           const Following* following) const {
  if (word.size() < 3 || word.back() != 's') return std::nullopt;
  const auto without = [word](std::size_t n) { return word.substr(0, word.size() - n); };
  std::string stem;
  if (!ends_with(word, "ss") && is_known(without(1))) {
    stem = without(1);
  } else if ((ends_with(word, "'s") || (word.size() > 4 && ends_with(word, "es") && !ends_with(word, "ies"))) &&
             is_known(without(2))) {
    stem = without(2);
  } else if (word.size() > 4 && ends_with(word, "ies") && is_known(std::string{without(3)} + "y")) {
    stem = std::string{without(3)} + "y";
  } else {
    return std::nullopt;
  }
  return add_s(look_up(stem, tag, stress, following));
}

std::optional<Phones> EnglishWords::stem_ed(std::string_view word, Tag tag, Stress stress,
                                            const Following* following) const {
  if (word.size() < 4 || word.back() != 'd') return std::nullopt;
  const auto without = [word](std::size_t n) { return word.substr(0, word.size() - n); };
  if (!ends_with(word, "dd") && is_known(without(1))) return add_ed(look_up(without(1), tag, stress, following));
  if (word.size() > 4 && ends_with(word, "ed") && !ends_with(word, "eed") && is_known(without(2))) {
    return add_ed(look_up(without(2), tag, stress, following));
  }
  return std::nullopt;
}

std::optional<Phones> EnglishWords::stem_ing(std::string_view word, Tag tag, Stress stress,
                                             const Following* following) const {
  if (word.size() < 5 || !ends_with(word, "ing")) return std::nullopt;
  const std::string_view stem = word.substr(0, word.size() - 3);
  if (word.size() > 5 && is_known(stem)) return add_ing(look_up(stem, tag, stress, following));
  const std::string with_e = std::string{stem} + "e";
  if (is_known(with_e)) return add_ing(look_up(with_e, tag, stress, following));
  const bool doubled = stem.size() > 2 && stem.back() == stem[stem.size() - 2] &&
                       std::string_view{"bcdgklmnprstvxz"}.find(stem.back()) != std::string_view::npos;
  const std::string_view shorter = stem.substr(0, stem.size() - 1);
  if (word.size() > 5 && (doubled || ends_with(stem, "ck")) && is_known(shorter)) {
    return add_ing(look_up(shorter, tag, stress, following));
  }
  return std::nullopt;
}

std::optional<Phones> EnglishWords::with_suffix(std::string_view word, Tag tag, Stress stress,
                                                const Following* following) const {
  if (auto phones = stem_s(word, tag, stress, following)) return phones;
  if (auto phones = stem_ed(word, tag, stress, following)) return phones;
  return stem_ing(word, tag, stress.value_or(0.5F), following);
}

std::optional<Phones> EnglishWords::word_sound(std::string_view word, Tag tag, Stress stress,
                                               const Following& following) const {
  if (auto phones = special(word, tag, stress, following)) return phones;
  std::string lowered = lower(word);
  // "HELLO" and "Walked" are read as their small forms, unless they are short names or stand in a lexicon as they are.
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) { return letter(c) || c == '\''; });
  if (word.size() > 1 && plain && word != lowered && (tag != "NNP" || word.size() > 7) && !in_lexicon(word) &&
      (no_small(word) || no_big(word.substr(1))) &&
      (in_lexicon(lowered) || stem_s(lowered, tag, stress, &following) || stem_ed(lowered, tag, stress, &following) ||
       stem_ing(lowered, tag, stress, &following))) {
    word = lowered;
  }
  if (is_known(word)) return look_up(word, tag, stress, &following);
  if (ends_with(word, "s'")) {
    const std::string possessive = std::string{word.substr(0, word.size() - 2)} + "'s";
    if (is_known(possessive)) return look_up(possessive, tag, stress, &following);
  }
  if (ends_with(word, "'") && is_known(word.substr(0, word.size() - 1))) {
    return look_up(word.substr(0, word.size() - 1), tag, stress, &following);
  }
  return with_suffix(word, tag, stress, &following);
}

std::optional<Phones> EnglishWords::sound(const WordQuery& query, const Following& following) const {
  const std::string_view word = query.word;
  Stress stress;
  if (!no_big(word)) stress = no_small(word) ? 2.0F : 0.5F;
  if (auto phones = word_sound(word, query.tag, stress, following)) {
    if (query.currency != 0) {
      const std::string_view unit = query.currency == U'$' ? "dollars" : query.currency == U'£' ? "pounds" : "euros";
      if (const auto name = stem_s(unit, {}, std::nullopt, nullptr)) *phones += U" " + *name;
    }
    return apply_stress(std::move(*phones), query.stress);
  }
  if (auto phones = number(query)) return apply_stress(std::move(*phones), query.stress);
  return std::nullopt;
}

}  // namespace hearth::text
