#include "text/english.h"

#include <algorithm>
#include <utility>

#include "text/espeak_symbols.h"
#include "text/expand.h"
#include "text/heteronyms.h"
#include "text/markup.h"
#include "text/subwords.h"
#include "text/utf8.h"
#include "text/words.h"

namespace hearth::text {
namespace {

using View = std::u32string_view;

constexpr View kMarks = U";:,.!?—…\"“”";     // that Kokoro has
constexpr View kSilentInside = U"',-._‘’/";  // of a word
constexpr std::size_t kLongestUnknown = 64;  // characters given to the fallback as one word
constexpr Tag kMarkTags[] = {".", ",", "-LRB-", "-RRB-", "``", "''", ":", "$", "#", "NFP"};

bool all_in(View word, View set) {
  return std::all_of(word.begin(), word.end(), [set](char32_t c) { return holds(set, c); });
}
bool is_mark_tag(Tag tag) { return std::find(std::begin(kMarkTags), std::end(kMarkTags), tag) != std::end(kMarkTags); }
bool is_currency(View word) { return word.size() == 1 && holds(U"$£€", word[0]); }

// ASCII as the lexicon's rules want it; empty when the word has letters that they cannot know.
std::string plain(View word) {
  std::string out;
  out.reserve(word.size());
  for (char32_t c : word) {
    if (c == U'‘' || c == U'’') c = U'\'';
    if (c == U'²' || c == U'³') c = U'2' + (c - U'²');
    if (c == U'¹') c = U'1';
    if (c >= 0x80) return {};
    out += static_cast<char>(c);
  }
  return out;
}

// How much a piece's tag counts for the whole: capitals twice.
int tag_weight(View word) {
  int weight = 0;
  for (const char32_t c : word) weight += is_upper(c) ? 2 : 1;
  return weight;
}

bool is_to(View word, Tag tag) {
  return word == U"to" || word == U"To" || (word == U"TO" && (tag == "TO" || tag == "IN"));
}

void follow(Following& following, PhonesView phones, View word, Tag tag) {
  for (const char32_t c : phones) {
    if (holds(kSpokenMarks, c)) {
      following.vowel = std::nullopt;
      break;
    }
    if (holds(kVowels, c) || holds(kConsonants, c)) {
      following.vowel = holds(kVowels, c);
      break;
    }
  }
  following.is_to = is_to(word, tag);
}

}  // namespace

struct EnglishReader::Piece {
  std::u32string text;
  Tag tag;
  bool space_after = false;
  std::optional<Phones> phones;
  std::optional<float> stress;
  std::string number_flags;
  char32_t currency = 0;
  bool is_head = true;
  bool blank_before = false;  // a blank between its sound and the one before, inside a group
  std::optional<Sense> sense;
};

EnglishReader::EnglishReader(const Lexicon& lexicon, const Tagger& tagger, const PhonemeFallback* fallback,
                             Accent accent)
    : tagger_(tagger), words_(lexicon, accent), fallback_(fallback), accent_(accent) {}

std::vector<EnglishReader::Piece> EnglishReader::pieces_of(View passage) const {
  Marked marked = take_markup(passage);
  for (std::size_t i = 1; i + 1 < marked.text.size(); ++i) {  // "don’t" is don't
    if (marked.text[i] == U'’' && is_letter(marked.text[i - 1]) && is_letter(marked.text[i + 1]))
      marked.text[i] = U'\'';
  }
  const std::vector<Word> words = expand(cut_words(marked.text), accent_);
  const std::vector<Tag> tags = tagger_.tag(words);
  std::vector<Piece> pieces;
  pieces.reserve(words.size());
  std::size_t wish_at = 0;
  const Wish* spoken = nullptr;  // the wish whose phonemes the piece before has
  for (std::size_t i = 0; i < words.size(); ++i) {
    Piece piece;
    piece.text = words[i].text;
    piece.tag = tags[i];
    piece.space_after = words[i].space_after;
    const std::size_t begin = words[i].begin, end = words[i].end;
    while (wish_at < marked.wishes.size() && marked.wishes[wish_at].end <= begin) ++wish_at;
    const Wish* wish =
        wish_at < marked.wishes.size() && marked.wishes[wish_at].begin < end ? &marked.wishes[wish_at] : nullptr;
    if (wish != nullptr && wish->phonemes) {
      if (wish == spoken) {  // the phonemes are for all its words together
        pieces.back().text += piece.text;
        pieces.back().space_after = piece.space_after;
        continue;
      }
      piece.phones = *wish->phonemes;
    } else if (wish != nullptr) {
      piece.stress = wish->stress;
      piece.number_flags = wish->number_flags;
    }
    spoken = wish != nullptr && wish->phonemes ? wish : nullptr;
    if (!piece.phones) piece.sense = find_sense(words, tags, i);
    if (piece.sense && !piece.sense->tag.empty()) piece.tag = piece.sense->tag;
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

std::vector<EnglishReader::Group> EnglishReader::group(std::vector<Piece> pieces) {
  std::vector<Group> groups;
  bool open = false;  // the last group may take more pieces
  char32_t currency = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Piece& whole = pieces[i];
    std::vector<Piece> parts;
    const std::vector<View> cut = whole.phones ? std::vector<View>{whole.text} : cut_subwords(whole.text);
    for (const View part : cut) {
      Piece piece = whole;
      piece.text = part;
      piece.space_after = false;
      if (cut.size() > 1) piece.sense.reset();
      parts.push_back(std::move(piece));
    }
    if (parts.empty()) continue;
    parts.back().space_after = whole.space_after;
    for (std::size_t j = 0; j < parts.size(); ++j) {
      Piece& piece = parts[j];
      bool marked = piece.phones.has_value();
      if (marked) {
      } else if (piece.tag == "$" && is_currency(piece.text)) {
        currency = piece.text[0];
        piece.phones.emplace();
        marked = true;
      } else if (piece.tag == ":" && all_in(piece.text, U"-–")) {
        piece.phones = U"—";
        marked = true;
      } else if (is_mark_tag(piece.tag) && !std::all_of(piece.text.begin(), piece.text.end(), is_ascii_letter)) {
        currency = 0;
        piece.phones.emplace();
        if (piece.tag == "-LRB-") {
          piece.phones = U"(";
        } else if (piece.tag == "-RRB-") {
          piece.phones = U")";
        } else if (piece.tag == "``") {
          piece.phones = U"“";
        } else if (piece.tag == "''") {
          piece.phones = U"”";
        } else {
          for (const char32_t c : piece.text) {
            if (holds(kMarks, c)) *piece.phones += c;
          }
        }
        marked = true;
      } else if (currency != 0) {
        if (piece.tag != "CD") {
          currency = 0;
        } else if (j + 1 == parts.size() && (i + 1 == pieces.size() || pieces[i + 1].tag != "CD")) {
          piece.currency = currency;
        }
      } else if (j > 0 && j + 1 < parts.size() && piece.text == U"2" && is_letter(parts[j - 1].text.back()) &&
                 is_letter(parts[j + 1].text.front())) {
        piece.text = U"to";  // "B2B"
        groups.push_back({std::move(piece)});
        open = false;
        continue;
      }
      const bool space = piece.space_after;
      if (marked) {
        groups.push_back({std::move(piece)});
        open = false;
      } else if (open) {
        piece.is_head = false;
        groups.back().push_back(std::move(piece));
        open = !space;
      } else {
        groups.push_back({std::move(piece)});
        open = !space;
      }
    }
  }
  return groups;
}

std::optional<Phones> EnglishReader::sound(const Piece& piece, const Following& following) const {
  if (piece.sense && !piece.sense->us.empty()) {
    return apply_stress(Phones{accent_ == Accent::kUk ? piece.sense->uk : piece.sense->us}, piece.stress);
  }
  const std::string word = plain(piece.text);
  if (word.empty()) return std::nullopt;
  return words_.sound({word, piece.tag, piece.stress, piece.number_flags, piece.currency, piece.is_head}, following);
}

Phones EnglishReader::unknown(View word) const {
  const bool speakable = std::any_of(word.begin(), word.end(), [](char32_t c) { return is_letter(c) || is_digit(c); });
  if (!speakable) return {};
  Phones phones;
  for (; !word.empty(); word.remove_prefix(std::min(word.size(), kLongestUnknown))) {
    const std::string part = to_utf8(word.substr(0, kLongestUnknown));
    const Language language = accent_ == Accent::kUk ? Language::kEnglishUk : Language::kEnglishUs;
    auto ipa = fallback_ != nullptr ? fallback_->transcribe(part, language)
                                    : base::Result<std::string>{base::fail(base::Code::kUnsupported, "no fallback")};
    if (!phones.empty()) phones += U' ';
    if (ipa) {
      phones += english_from_espeak(from_utf8(*ipa), accent_);
    } else if (auto spelled = words_.spell(part)) {
      phones += *spelled;
    }
  }
  return phones;
}

// Looks for the longest known words from the right end of the group leftwards; what no lexicon has makes the whole
// group unknown.
void EnglishReader::read_group(Group& group, Following& following) const {
  if (group.size() == 1) {
    Piece& piece = group[0];
    if (!piece.phones) piece.phones = sound(piece, following);
    if (!piece.phones) {
      const bool mark = all_in(piece.text, kMarks);
      piece.phones = mark ? piece.text : apply_stress(unknown(piece.text), piece.stress);
    }
    return follow(following, *piece.phones, piece.text, piece.tag);
  }
  const auto merged = [&group](std::size_t left, std::size_t right) {
    Piece piece = group[left];
    int best = -1;
    std::optional<float> stress;
    bool many = false;
    if (right - left > 1) piece.text.clear();
    for (std::size_t i = left; i < right; ++i) {
      if (right - left > 1) piece.text += group[i].text;
      if (const int weight = tag_weight(group[i].text); weight > best) {
        best = weight;
        piece.tag = group[i].tag;
      }
      if (group[i].stress) {
        many = many || (stress && *stress != *group[i].stress);
        stress = group[i].stress;
      }
      piece.currency = std::max(piece.currency, group[i].currency);
    }
    piece.stress = many ? std::nullopt : stress;
    if (right - left > 1) piece.sense.reset();
    return piece;
  };
  const auto ends_in_mark = [&group](std::size_t end) {
    const View last = group[end - 1].text;
    if (std::any_of(last.begin(), last.end(), [](char32_t c) { return is_letter(c) || is_digit(c); })) return false;
    return !all_in(last, kSilentInside) || (end > 1 && all_in(group[end - 2].text, kSilentInside));
  };
  std::size_t left = 0, right = group.size();
  bool fall_back = false;
  while (left < right) {
    // Longer spans than any word are no word, nor is one that ends in a mark which words do not have: without these
    // bounds a run of 256 marks would cost its square in look-ups.
    constexpr std::size_t kMostPieces = 24;
    if (right - left > kMostPieces) left = right - kMostPieces;
    if (right - left > 1 && ends_in_mark(right)) left = right - 1;
    const bool taken = std::any_of(group.begin() + static_cast<long>(left), group.begin() + static_cast<long>(right),
                                   [](const Piece& p) { return p.phones.has_value(); });
    std::optional<Phones> phones;
    if (!taken) {
      const Piece piece = merged(left, right);
      phones = sound(piece, following);
      if (phones) follow(following, *phones, piece.text, piece.tag);
    }
    if (phones) {
      group[left].phones = std::move(phones);
      for (std::size_t i = left + 1; i < right; ++i) group[i].phones.emplace();
      right = left;
      left = 0;
    } else if (left + 1 < right) {
      ++left;
    } else {
      --right;
      Piece& piece = group[right];
      if (!piece.phones) {
        if (all_in(piece.text, kSilentInside) || !std::any_of(piece.text.begin(), piece.text.end(), is_letter)) {
          piece.phones.emplace();
          if (right + 1 == group.size() && piece.text.size() == 1 && holds(kSpokenMarks, piece.text[0]))
            piece.phones = piece.text;
        } else {
          fall_back = true;
          break;
        }
      }
      left = 0;
    }
  }
  if (fall_back) {
    const Piece whole = merged(0, group.size());
    for (Piece& piece : group) piece.phones.emplace();
    group[0].phones = apply_stress(unknown(whole.text), whole.stress);
    return follow(following, *group[0].phones, whole.text, whole.tag);
  }
  settle(group);
}

// Blanks between unlike parts ("B 52"), or one main stress among like ones ("black-bird").
void EnglishReader::settle(Group& group) {
  std::u32string text;
  for (const Piece& piece : group) text += piece.text;
  bool kinds[3] = {false, false, false};
  for (const char32_t c : text) {
    if (!holds(kSilentInside, c)) kinds[is_letter(c) ? 0 : is_digit(c) ? 1 : 2] = true;
  }
  const bool apart = holds(text, U'/') || kinds[0] + kinds[1] + kinds[2] > 1;
  struct Part {
    bool primary;
    int weight;
    std::size_t at;
    auto operator<=>(const Part&) const = default;
  };
  std::vector<Part> parts;
  for (std::size_t i = 0; i < group.size(); ++i) {
    Piece& piece = group[i];
    if (!piece.phones) piece.phones.emplace();
    piece.blank_before = apart && i > 0;
    if (!piece.phones->empty())
      parts.push_back({holds(*piece.phones, kPrimaryStress), stress_weight(*piece.phones), i});
  }
  if (apart) return;
  const auto weaken = [&group](std::size_t i) { group[i].phones = apply_stress(std::move(*group[i].phones), -0.5F); };
  if (parts.size() == 2 && group[parts[0].at].text.size() == 1) return weaken(parts[1].at);
  const auto stressed =
      static_cast<std::size_t>(std::count_if(parts.begin(), parts.end(), [](const Part& p) { return p.primary; }));
  if (parts.size() < 2 || stressed <= (parts.size() + 1) / 2) return;
  std::sort(parts.begin(), parts.end());
  for (std::size_t i = 0; i < parts.size() / 2; ++i) weaken(parts[i].at);
}

std::string EnglishReader::read(View passage) const {
  std::vector<Group> groups = group(pieces_of(passage));
  Following following;
  for (auto it = groups.rbegin(); it != groups.rend(); ++it) read_group(*it, following);
  Phones line;
  for (const Group& members : groups) {
    for (const Piece& piece : members) {
      if (!piece.phones) continue;
      if (piece.blank_before && !piece.phones->empty() && !line.empty() && line.back() != U' ') line += U' ';
      line += *piece.phones;
    }
    if (members.back().space_after && !line.empty() && line.back() != U' ') line += U' ';
  }
  while (!line.empty() && line.back() == U' ') line.pop_back();
  // The sounds of version 1 of the model: T for the tap, t for the glottal stop.
  std::replace(line.begin(), line.end(), U'ɾ', U'T');
  std::replace(line.begin(), line.end(), U'ʔ', U't');
  return to_utf8(line);
}

}  // namespace hearth::text
