#include "text/tagger.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "text/utf8.h"

namespace hearth::text {
namespace {

constexpr std::size_t kEdge = 3;  // empty places around a line, so that rules may look three words away
constexpr Tag kNoun = "NN", kName = "NNP", kNumber = "CD";

// The names of Brill's contextual tests, in the order of the cases of `holds`.
constexpr std::string_view kTests[] = {
    "PREVTAG",        "NEXTTAG",       "PREV2TAG",  "NEXT2TAG",  "PREV1OR2TAG", "NEXT1OR2TAG", "PREV1OR2OR3TAG",
    "NEXT1OR2OR3TAG", "SURROUNDTAG",   "CURWD",     "PREVWD",    "NEXTWD",      "PREV1OR2WD",  "NEXT1OR2WD",
    "NEXT1OR2OR3WD",  "PREV1OR2OR3WD", "PREVWDTAG", "NEXTWDTAG", "WDPREVTAG",   "WDNEXTTAG",   "WDAND2AFT",
    "WDAND2TAGBFR",   "WDAND2TAGAFT",  "LBIGRAM",   "RBIGRAM",   "PREVBIGRAM",  "NEXTBIGRAM"};

std::array<std::string_view, 6> fields_of(std::string_view line, std::size_t& count) {
  std::array<std::string_view, 6> fields;
  count = 0;
  while (!line.empty() && count < fields.size()) {
    const std::string_view field = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), field.size() + 1));
    if (!field.empty()) fields[count++] = field;
  }
  return fields;
}

template <typename Use>
void for_each_line(std::string_view lines, Use use) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    std::size_t count = 0;
    const auto fields = fields_of(line, count);
    use(fields, count);
  }
}

bool ends_with(std::string_view word, std::string_view ending) {
  return word.size() >= ending.size() && word.substr(word.size() - ending.size()) == ending;
}

// "Paris", "O'Neil" and "Jean-Luc", but not "McCoy" nor "USA".
bool is_title(std::string_view word) {
  bool after_cased = false, any = false;
  for (std::size_t at = 0; at < word.size();) {
    const char32_t c = next_code_point(word, at);
    if (is_upper(c)) {
      if (after_cased) return false;
      after_cased = any = true;
    } else if (is_lower(c)) {
      if (!after_cased) return false;
      any = true;
    } else {
      after_cased = false;
    }
  }
  return any;
}

bool looks_like_number(std::string_view word) {
  return word.find_first_not_of("0123456789-,.:/%$") == std::string_view::npos;
}

std::string lowered(std::string_view word) { return to_utf8(to_lower(from_utf8(word))); }

// What misaki's reference gives for marks, whatever the tagger says of them.
Tag mark_tag(std::u32string_view text) {
  if (text.size() != 1) return {};
  switch (text[0]) {
    case U'.':
    case U'?':
    case U'!':
      return ".";
    case U',':
      return ",";
    case U':':
    case U';':
    case U'—':
    case U'…':
      return ":";
    case U'$':
    case U'£':
    case U'€':
      return "$";
    case U'(':
      return "-LRB-";
    case U')':
      return "-RRB-";
    case U'“':
      return "``";
    case U'”':
      return "''";
    case U'#':
      return "#";
    case U'-':
      return "HYPH";
    default:
      return {};
  }
}

// Words whose tag no context changes. Brill's first rule makes a verb of any preposition behind a pronoun, meant for
// "like".
bool is_settled(std::string_view word, Tag tag) {
  if (tag == "DT" || tag == "TO" || tag == "PRP" || tag == "PRP$" || tag == "MD" || tag == "CC" || tag == "$")
    return true;
  constexpr std::string_view kAuxiliaries[] = {"is",   "are",   "was", "were", "am",   "be",
                                               "been", "being", "has", "do",   "does", "did"};
  if (std::find(std::begin(kAuxiliaries), std::end(kAuxiliaries), word) != std::end(kAuxiliaries)) return true;
  constexpr std::string_view kPrepositions[] = {"in",      "In",      "on",   "On",   "at",   "At",     "of",   "for",
                                                "For",     "by",      "By",   "from", "From", "with",   "With", "into",
                                                "through", "Through", "than", "if",   "If",   "because"};
  return tag == "IN" && std::find(std::begin(kPrepositions), std::end(kPrepositions), word) != std::end(kPrepositions);
}

// The straight quote opens behind a blank or an opening mark. A dash between blanks is a break in the sentence.
Tag tag_by_place(const std::vector<Word>& words, std::size_t i) {
  const std::u32string_view text = words[i].text;
  const bool blank_before = i == 0 || words[i - 1].space_after;
  if (text == U"\"") {
    const bool opens =
        blank_before || std::u32string_view{U"([{—–-"}.find(words[i - 1].text.back()) != std::u32string_view::npos;
    return opens ? "``" : "''";
  }
  const bool dash = text == U"-" || text == U"–" || text == U"--" || text == U"---";
  return dash && blank_before && words[i].space_after ? ":" : mark_tag(text);
}

bool is_plain_tag(Tag tag) {
  return !tag.empty() &&
         (tag.back() == '$' || std::all_of(tag.begin(), tag.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
}

}  // namespace

Tagger::Tagger(const Lexicon& lexicon) : lexicon_(lexicon) {
  read_morphology(lexicon.rules("morphology"));
  read_context(lexicon.rules("context"));
  read_entities(lexicon.rules("entities"));
}

void Tagger::read_morphology(std::string_view lines) {
  constexpr std::pair<std::string_view, Morph> kKinds[] = {
      {"char", Morph::kHasChar},        {"haspref", Morph::kHasPrefix},     {"hassuf", Morph::kHasSuffix},
      {"addsuf", Morph::kAddSuffix},    {"deletepref", Morph::kDropPrefix}, {"deletesuf", Morph::kDropSuffix},
      {"goodleft", Morph::kBeforeWord}, {"goodright", Morph::kAfterWord}};
  // "ly hassuf 2 RB x", or with the tag that the word must have so far: "NN s fhassuf 1 NNS x". Two rules lack the
  // length.
  for_each_line(lines, [&](const auto& fields, std::size_t count) {
    if (count < 4) return;
    for (const auto& [name, kind] : kKinds) {
      if (fields[1] == name) morphology_.push_back({{}, fields[0], kind, fields[count - 2]});
      if (fields[2].size() == name.size() + 1 && fields[2][0] == 'f' && fields[2].substr(1) == name) {
        morphology_.push_back({fields[0], fields[1], kind, fields[count - 2]});
      }
    }
  });
}

void Tagger::read_context(std::string_view lines) {
  for_each_line(lines, [&](const auto& fields, std::size_t count) {
    if (count < 4) return;
    const auto* test = std::find(std::begin(kTests), std::end(kTests), fields[2]);
    if (test == std::end(kTests)) return;
    context_.push_back(
        {fields[0], fields[1], static_cast<int>(test - std::begin(kTests)), fields[3], count > 4 ? fields[4] : ""});
  });
}

void Tagger::read_entities(std::string_view lines) {
  for_each_line(lines, [&](const auto& fields, std::size_t count) {
    if (count == 0) return;
    std::vector<std::string> words;
    for (std::size_t i = 0; i < count; ++i) words.push_back(lowered(fields[i]));
    entities_.emplace(words[0], words);
  });
}

Tag Tagger::tag_unknown(const std::vector<Tagged>& line, std::size_t at) const {
  const std::string_view word = line[at].word;
  if (is_title(word)) return kName;
  if (looks_like_number(word)) return kNumber;
  if (word.size() > 1 && lowered(word) != word &&
      std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; })) {
    return kNoun;  // capitals: a word shouted or a name, and a known word had better be read
  }
  Tag tag = kNoun;
  const std::string_view before = line[at - 1].word, after = line[at + 1].word;
  const auto known = [this](const std::string& w) { return lexicon_.find_tag(w).has_value(); };
  for (const MorphRule& rule : morphology_) {
    if (!rule.from.empty() && rule.from != tag) continue;
    const std::string_view affix = rule.affix;
    bool holds = false;
    switch (rule.kind) {
      case Morph::kHasChar:
        holds = word.find(affix) != std::string_view::npos;
        break;
      case Morph::kHasPrefix:
        holds = word.substr(0, affix.size()) == affix;
        break;
      case Morph::kHasSuffix:
        holds = ends_with(word, affix);
        break;
      case Morph::kAddSuffix:
        holds = known(std::string{word}.append(affix));
        break;
      case Morph::kDropPrefix:
        holds = word.substr(0, affix.size()) == affix && known(std::string{word.substr(affix.size())});
        break;
      case Morph::kDropSuffix:
        holds = ends_with(word, affix) && known(std::string{word.substr(0, word.size() - affix.size())});
        break;
      case Morph::kBeforeWord:
        holds = after == affix;
        break;
      case Morph::kAfterWord:
        holds = before == affix;
        break;
    }
    if (holds) tag = rule.to;
  }
  return tag;
}

void Tagger::apply_context(std::vector<Tagged>& line) const {
  const auto holds = [&line](const ContextRule& r, std::size_t i) {
    const auto tag = [&](int d) { return line[i + static_cast<std::size_t>(d)].tag; };
    const auto word = [&](int d) { return line[i + static_cast<std::size_t>(d)].word; };
    const std::string_view x = r.x, y = r.y;
    switch (r.kind) {
      case 0:
        return x == tag(-1);
      case 1:
        return x == tag(1);
      case 2:
        return x == tag(-2);
      case 3:
        return x == tag(2);
      case 4:
        return x == tag(-1) || x == tag(-2);
      case 5:
        return x == tag(1) || x == tag(2);
      case 6:
        return x == tag(-1) || x == tag(-2) || x == tag(-3);
      case 7:
        return x == tag(1) || x == tag(2) || x == tag(3);
      case 8:
        return x == tag(-1) && y == tag(1);
      case 9:
        return x == word(0);
      case 10:
        return x == word(-1);
      case 11:
        return x == word(1);
      case 12:
        return x == word(-1) || x == word(-2);
      case 13:
        return x == word(1) || x == word(2);
      case 14:
        return x == word(1) || x == word(2) || x == word(3);
      case 15:
        return x == word(-1) || x == word(-2) || x == word(-3);
      case 16:
        return x == word(-1) && y == tag(-1);
      case 17:
        return x == word(1) && y == tag(1);
      case 18:
        return x == tag(-1) && y == word(0);
      case 19:
        return x == word(0) && y == tag(1);
      case 20:
        return x == word(0) && y == word(2);
      case 21:
        return x == tag(-2) && y == word(0);
      case 22:
        return x == word(0) && y == tag(2);
      case 23:
        return x == word(-1) && y == word(0);
      case 24:
        return x == word(0) && y == word(1);
      case 25:
        return x == tag(-2) && y == tag(-1);
      case 26:
        return x == tag(1) && y == tag(2);
      default:
        return false;
    }
  };
  for (std::size_t i = kEdge; i + kEdge < line.size(); ++i) {
    // A rule is tried against the tag that the word came with; the last one that holds wins over those before it.
    const Tag from = line[i].tag;
    if (is_settled(line[i].word, from)) continue;
    for (const ContextRule& rule : context_) {
      if ((rule.from == from || rule.from == "*") && holds(rule, i)) line[i].tag = rule.to;
    }
  }
}

void Tagger::apply_entities(std::vector<Tagged>& line) const {
  for (std::size_t i = kEdge; i + kEdge < line.size(); ++i) {
    const std::string first = lowered(line[i].word);
    const auto [begin, end] = entities_.equal_range(first);
    for (auto it = begin; it != end; ++it) {
      std::size_t size = it->second.size();
      const std::string& kind = it->second.back();
      const bool labelled = kind == "pers" || kind == "loc" || kind == "org";
      if (labelled) --size;
      bool same = i + size + kEdge <= line.size();
      for (std::size_t j = 1; same && j < size; ++j) same = lowered(line[i + j].word) == it->second[j];
      if (!same) continue;
      // The reference reads "NNP-PERS" as no Penn tag, and so as a noun.
      for (std::size_t j = 0; j < size; ++j)
        line[i + j].tag = labelled ? kNoun : (line[i + j].tag == "NNPS" ? "NNPS" : kName);
      i += size - 1;
      break;
    }
  }
}

std::vector<Tag> Tagger::tag(const std::vector<Word>& words) const {
  std::vector<std::string> texts;
  texts.reserve(words.size());
  for (const Word& word : words) texts.push_back(to_utf8(word.text));
  std::vector<Tagged> line(words.size() + 2 * kEdge, Tagged{"STAART", "STAART"});
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto tag = lexicon_.find_tag(texts[i]);
    if (!tag && i == 0) tag = lexicon_.find_tag(lowered(texts[i]));
    line[i + kEdge] = {texts[i], tag.value_or(Tag{})};
  }
  for (std::size_t i = kEdge; i + kEdge < line.size(); ++i) {
    if (line[i].tag.empty()) line[i].tag = tag_unknown(line, i);
  }
  apply_context(line);
  apply_entities(line);
  std::vector<Tag> tags;
  tags.reserve(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Tag mark = tag_by_place(words, i);
    const Tag tag = line[i + kEdge].tag;
    tags.push_back(!mark.empty() ? mark : is_plain_tag(tag) ? tag : kNoun);
  }
  return tags;
}

}  // namespace hearth::text
