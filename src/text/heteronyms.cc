#include "text/heteronyms.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "text/utf8.h"

namespace hearth::text {
namespace {

using View = std::u32string_view;
using Names = std::initializer_list<View>;

/// The sentence around one word. Places are relative: -1 is the word before. Beyond the ends all is empty.
class Around {
 public:
  Around(const std::vector<Word>& words, const std::vector<Tag>& tags, std::size_t at)
      : words_(words), tags_(tags), at_(at) {}

  [[nodiscard]] Tag tag(int place) const { return inside(place) ? tags_[index(place)] : Tag{}; }
  [[nodiscard]] std::u32string word(int place) const {
    return inside(place) ? to_lower(words_[index(place)].text) : std::u32string{};
  }
  [[nodiscard]] bool is(int place, Names names) const {
    const std::u32string found = word(place);
    return !found.empty() && std::find(names.begin(), names.end(), View{found}) != names.end();
  }
  [[nodiscard]] bool tagged(int place, std::initializer_list<Tag> tags) const {
    return std::find(tags.begin(), tags.end(), tag(place)) != tags.end();
  }
  [[nodiscard]] bool is_noun(int place) const { return tag(place).substr(0, 2) == "NN"; }
  [[nodiscard]] bool is_verb(int place) const { return tag(place).substr(0, 2) == "VB"; }
  [[nodiscard]] bool is_plural(int place) const {
    const std::u32string found = word(place);
    return tagged(place, {"NNS", "NNPS"}) ||
           (is_noun(place) && found.size() > 3 && found.back() == U's' && found[found.size() - 2] != U's');
  }
  [[nodiscard]] bool ends(int place) const {
    return tag(place).empty() || tagged(place, {".", ",", ":", "``", "''", "-RRB-"});
  }
  /// A word that begins a noun phrase: the, my, John's, this.
  [[nodiscard]] bool determines(int place) const {
    return tagged(place, {"DT", "PRP$", "POS"}) || is(place, {U"this", U"that", U"no", U"each", U"every", U"another"});
  }
  [[nodiscard]] bool is_subject(int place) const {
    return is(place, {U"i", U"you", U"he", U"she", U"it", U"we", U"they", U"who"});
  }
  [[nodiscard]] bool is_be(int place) const {
    return is(place, {U"is", U"are", U"was", U"were", U"be", U"been", U"being", U"am", U"'m", U"'re", U"’m", U"’re"});
  }
  /// One of `names` stands at most `reach` words away.
  [[nodiscard]] bool near(Names names, int reach = 7) const {
    for (int place = -reach; place <= reach; ++place) {
      if (place != 0 && is(place, names)) return true;
    }
    return false;
  }
  [[nodiscard]] bool any_tag(std::initializer_list<Tag> tags) const {
    for (int place = -12; place <= 12; ++place) {
      if (place != 0 && tagged(place, tags)) return true;
    }
    return false;
  }
  /// The place before adverbs: "has never quite X" looks at "has".
  [[nodiscard]] int before_adverbs() const {
    int place = -1;
    while (place > -4 && (tag(place) == "RB" ||
                          is(place, {U"not", U"n't", U"never", U"ever", U"always", U"just", U"already", U"even"})))
      --place;
    return place;
  }
  /// "will X", "to X", "does not X", "can you X", "do your parents X".
  [[nodiscard]] bool wants_base_form() const {
    const int place = before_adverbs();
    const auto asks = [this](int p) {
      return tag(p) == "MD" || is(p, {U"do", U"does", U"did", U"'ll", U"’ll", U"let", U"please", U"to", U"'d", U"’d"});
    };
    if (tag(place) == "TO" || asks(place)) return true;
    if (tagged(place, {"PRP"}) && (asks(place - 1) || (is(place - 1, {U"n't", U"not"}) && asks(place - 2))))
      return true;
    if (!is_noun(place)) return false;
    int subject = place - 1;
    while (subject > place - 4 && (determines(subject) || tagged(subject, {"JJ", "NN", "NNP", "CD"}))) --subject;
    return subject < place - 1 && asks(subject) &&
           (at_start(subject) || tag(subject - 1) == "WRB" || tag(subject - 1) == "WP" || ends(subject - 1));
  }
  [[nodiscard]] bool at_start(int place) const { return tag(place - 1).empty() || tagged(place - 1, {"``", "-LRB-"}); }
  [[nodiscard]] bool is_capital() const { return is_upper(words_[at_].text[0]); }

 private:
  [[nodiscard]] bool inside(int place) const {
    const long i = static_cast<long>(at_) + place;
    return i >= 0 && i < static_cast<long>(words_.size());
  }
  [[nodiscard]] std::size_t index(int place) const { return static_cast<std::size_t>(static_cast<long>(at_) + place); }

  const std::vector<Word>& words_;
  const std::vector<Tag>& tags_;
  const std::size_t at_;
};

using Answer = std::optional<Sense>;
Answer by_tag(Tag tag) { return Sense{tag, {}, {}}; }
Answer said(PhonesView us, PhonesView uk) { return Sense{{}, us, uk}; }

// What holds for every word that is both a noun and a verb.
Answer noun_or_verb(const Around& a) {
  const Tag tag = a.tag(0);
  if (a.wants_base_form()) return by_tag("VB");
  const int before = a.before_adverbs();
  const bool settles_noun = a.ends(1) || a.tagged(1, {"IN", "VBZ", "VBD", "MD", "CC", "VBP", "TO", "WDT"});
  if (a.determines(-1) && settles_noun && (a.is_verb(0) || tag == "JJ" || tag == "RB")) return by_tag("NN");
  if (a.tag(-1) == "JJ" && a.determines(-2) && a.is_verb(0) && settles_noun) return by_tag("NN");
  if (a.is(before, {U"i", U"you", U"we", U"they"}) && tag == "NN") return by_tag("VBP");
  if (a.is_plural(-1) && !a.is(-2, {U"of"}) && tag == "NN" &&
      (a.tagged(1, {"DT", "PRP$", "NN", "NNS", "RB", "PRP"}) || a.is(1, {U"at", U"when", U"into", U"from"}))) {
    return by_tag("VBP");
  }
  if (a.at_start(0) && tag == "NN" && a.tagged(1, {"DT", "PRP$"})) return by_tag("VB");  // an order
  return std::nullopt;
}

Answer wind(const Around& a) {
  if (a.word(0) == U"winds" && a.tagged(-1, {"NN", "NNP"}) &&
      a.is(1, {U"through", U"along", U"around", U"round", U"up", U"down", U"its", U"past", U"between", U"across",
               U"towards"})) {
    return by_tag("VBZ");
  }
  if (a.is(1, {U"up", U"down"}) && a.tagged(-1, {"PRP", "TO", "NNS"})) return by_tag("VB");
  return noun_or_verb(a);
}

// The metal, when it stands as a substance ("made of lead") or beside other things of metal; else to guide, which all
// say alike.
Answer lead(const Around& a) {
  const Answer metal = said(U"lˈɛd", U"lˈɛd");
  if (a.is(1, {U"pipe", U"pipes", U"paint", U"poisoning", U"pencil", U"weight", U"weights", U"bullet", U"bullets",
               U"shot", U"ore", U"roof"})) {
    return metal;
  }
  if (a.wants_base_form() || a.is_subject(-1) || a.is_plural(-1)) return std::nullopt;
  const bool alone = a.ends(1) || a.tagged(1, {"IN", "VBZ", "VBD", "CC", "MD"});
  if (alone && a.is(-1, {U"of", U"with", U"from", U"like", U"contain", U"contains", U"contained", U"into", U"and",
                         U"or", U"melted", U"molten"})) {
    return metal;
  }
  const bool metal_near = a.near({U"pencil", U"pencils", U"pipe",      U"pipes", U"paint",   U"poisoning",   U"metal",
                                  U"metals", U"copper",  U"zinc",      U"tin",   U"mercury", U"bullet",      U"bullets",
                                  U"solder", U"battery", U"batteries", U"toxic", U"ore",     U"gasoline",    U"petrol",
                                  U"iron",   U"roof",    U"weights",   U"heavy", U"arsenic", U"contaminated"});
  return metal_near && alone ? metal : std::nullopt;
}

Answer live(const Around& a) {
  if (a.is(-1, {U"broadcast", U"streamed", U"shown", U"performed", U"recorded",  U"filmed",    U"go",         U"goes",
                U"going",     U"went",     U"gone",  U"aired",     U"televised", U"reporting", U"performing", U"played",
                U"is",        U"was",      U"'s",    U"streaming", U"watch",     U"sing",      U"sang"})) {
    return by_tag("JJ");
  }
  if (a.determines(-1) && a.is_noun(1)) return by_tag("JJ");
  if (a.is_plural(-1) || a.is_subject(a.before_adverbs())) return by_tag("VBP");
  return noun_or_verb(a);
}

Answer lives(const Around& a) {
  if (a.determines(-1) || a.tagged(-1, {"CD", "JJ", "IN", "VBN", "VB", "VBD"})) return by_tag("NNS");
  if (a.tagged(-1, {"NN", "NNP", "PRP", "WP", "WDT", "RB"}) && (a.ends(1) || a.tagged(1, {"IN", "RB", "JJ", "DT"})))
    return by_tag("VBZ");
  return std::nullopt;
}

Answer read(const Around& a) {
  if (a.wants_base_form()) return by_tag("VB");
  const int before = a.before_adverbs();
  if (a.is_be(before) ||
      a.is(before, {U"have", U"has", U"had", U"having", U"'ve", U"’ve", U"got", U"get", U"well", U"widely"}))
    return by_tag("VBN");
  if (a.is(before, {U"'d", U"’d", U"'s", U"’s"})) return by_tag("VBN");
  if (a.tag(before) == "PRP" && a.is(before - 1, {U"have", U"has", U"had"})) return by_tag("VBN");
  if (a.at_start(0) || a.determines(-1)) return by_tag("VB");  // an order; "a good read"
  const bool third =
      a.is(before, {U"he", U"she", U"it", U"who"}) || (a.tagged(before, {"NN", "NNP"}) && !a.is_plural(before));
  if (third && !a.is(before - 1, {U"let", U"make", U"help", U"see", U"hear", U"heard", U"and"})) return by_tag("VBD");
  if (a.near({U"yesterday", U"ago", U"last", U"twice", U"once", U"earlier", U"recently", U"then", U"before"}, 12))
    return by_tag("VBD");
  if (a.near({U"every", U"always", U"often", U"usually", U"daily", U"now", U"sometimes", U"rarely", U"tomorrow"}, 12))
    return by_tag("VB");
  if (a.any_tag({"VBD"})) return by_tag("VBD");
  return by_tag("VB");
}

Answer close(const Around& a) {
  if (a.is(-1, {U"stay",   U"stayed", U"stand", U"stood", U"keep", U"kept", U"get", U"got",     U"come",  U"came",
                U"sit",    U"draw",   U"stick", U"very",  U"too",  U"so",   U"as",  U"how",     U"quite", U"fairly",
                U"pretty", U"really", U"that",  U"this",  U"not",  U"more", U"get", U"getting", U"lived", U"live"}) &&
      a.tag(1) != "DT") {
    return by_tag("JJ");
  }
  if (a.is_be(-1) || (a.is(1, {U"to"}) && a.is(-1, {U"be", U"'s", U"’s"}))) return by_tag("JJ");
  if (a.is(1, {U"by", U"together", U"behind", U"enough", U"proximity", U"friend", U"friends", U"call", U"look",
               U"range", U"attention"}))
    return by_tag("JJ");
  if (a.determines(-1) && a.is_noun(1)) return by_tag("JJ");
  if (a.is(1, {U"to"}) && !a.wants_base_form()) return by_tag("JJ");
  return noun_or_verb(a);
}

Answer tear(const Around& a) {
  const bool crying = a.near(
      {U"eye", U"eyes", U"cheek", U"cheeks", U"cry", U"cried", U"crying", U"wept", U"wiped", U"shed", U"face", U"joy"});
  if (a.is(-1, {U"and"}) && a.is(-2, {U"wear"})) return by_tag("VB");
  if (!crying && a.word(0) == U"tear" && a.is(1, {U"in", U"along"}) && a.tagged(2, {"DT", "PRP$"})) return by_tag("VB");
  if (a.word(0) == U"tears" && (a.is(1, {U"up", U"down", U"apart", U"off", U"out"}) || (a.is_subject(-1) && !crying)))
    return by_tag("VBZ");
  return noun_or_verb(a);
}

Answer bow(const Around& a) {
  if (a.is(1, {U"and"}) && a.is(2, {U"arrow", U"arrows"})) return by_tag("NN");
  if (a.is(1, {U"tie", U"ties", U"legs", U"window"})) return by_tag("NN");
  if (a.near({U"ship", U"ships", U"boat", U"stern", U"deck", U"vessel", U"yacht", U"ferry", U"hull", U"sail", U"port",
              U"starboard"}))
    return by_tag("VB");
  if (a.near({U"take", U"takes", U"took", U"deep", U"final", U"curtain", U"bend"}, 3) &&
      !a.near({U"arrow", U"violin", U"ribbon", U"hair"})) {
    return by_tag("VB");
  }
  if (a.is(1, {U"before", U"down", U"to"}) && !a.determines(-1)) return by_tag("VB");
  return noun_or_verb(a);
}

Answer content(const Around& a) {
  if (a.word(0) == U"contents") return by_tag("NNS");
  if (a.is(1, {U"with", U"to"}) && !a.determines(-1)) return by_tag("JJ");
  if (!a.is_noun(1) && (a.is_be(-1) || a.is(-1, {U"looked", U"looks", U"look", U"seemed", U"seems", U"quite", U"very",
                                                 U"perfectly", U"feel", U"felt", U"feels", U"appeared", U"not", U"more",
                                                 U"so", U"completely", U"happy"}))) {
    return by_tag("JJ");
  }
  return by_tag("NN");
}

Answer minute(const Around& a) {
  if (a.is(1,
           {U"traces", U"trace",   U"amount",     U"amounts",     U"quantity", U"quantities", U"particle", U"particles",
            U"detail", U"details", U"difference", U"differences", U"fraction", U"crystals",   U"changes",  U"grains",
            U"dose",   U"doses",   U"creatures",  U"organisms",   U"print",    U"scale"})) {
    return by_tag("JJ");
  }
  return a.is(-1, {U"very", U"so", U"extremely", U"too"}) ? by_tag("JJ") : by_tag("NN");
}

Answer bass(const Around& a) {
  const bool fish =
      a.near({U"fish", U"lake", U"caught", U"catch", U"river", U"sea", U"fishing", U"cook", U"cooked", U"grilled",
              U"striped", U"trout", U"pond", U"salmon", U"hooked", U"fisherman", U"angler", U"boat"});
  return by_tag(fish ? "NN" : "JJ");
}

Answer row(const Around& a) {
  const bool quarrel = a.is(1, {U"over", U"about", U"between", U"with", U"erupted", U"broke"}) ||
                       a.is(-1, {U"terrible", U"blazing", U"huge", U"furious", U"political", U"diplomatic", U"family",
                                 U"bitter", U"awful", U"violent"});
  if (quarrel && (a.determines(-1) || a.determines(-2))) return said(U"ɹˈW", U"ɹˈW");
  return std::nullopt;
}

Answer polish(const Around& a) {
  const bool nation = a.is_capital() && (!a.at_start(0) || a.is_noun(1) || a.tag(1) == "JJ");
  return nation ? said(U"pˈOlɪʃ", U"pˈQlɪʃ") : std::nullopt;
}

Answer resume(const Around& a) {
  const bool paper = a.determines(-1) || (a.tag(-1) == "JJ" && a.determines(-2));
  return paper ? said(U"ɹˈɛzəmˌA", U"ɹˈɛzjʊmˌA") : std::nullopt;
}

Answer learned(const Around& a) { return a.determines(-1) && a.is_noun(1) ? by_tag("JJ") : by_tag("VBD"); }

// "We used to live here" is a habit; "a knife used to cut" and "is used to cut" are a use; "I am used to it" is a habit
// again.
Answer used(const Around& a) {
  if (!a.is(1, {U"to"})) return by_tag("VBN");
  const bool before_verb = a.tag(2) == "VB";
  if (a.is(-1, {U"got", U"get", U"gets", U"getting", U"'m", U"’m", U"am", U"not", U"quite"}))
    return by_tag(before_verb ? "VBN" : "JJ");
  if (a.is_be(-1) || a.is(-1, {U"'s", U"’s"})) return by_tag(before_verb ? "VBN" : "JJ");
  if (!a.is_noun(-1) || a.tag(-1) == "NNP") return by_tag("VBD");
  bool verb_before = false;  // the sentence has its verb already, so this one only describes the noun
  for (int place = -2; place >= -12 && !verb_before; --place)
    verb_before = a.tagged(place, {"VBZ", "VBD", "VBP", "MD"});
  return by_tag(verb_before ? "VBN" : "VBD");
}

Answer wound(const Around& a) {
  const bool verb =
      (a.is_subject(-1) || a.tagged(-1, {"NNP", "NN", "RB"}) || a.is(-1, {U"was", U"had", U"has", U"is", U"and"})) &&
      (a.tagged(1, {"DT", "PRP$", "RP", "PRP"}) ||
       a.is(1, {U"up", U"around", U"round", U"down", U"through", U"tightly", U"tight", U"along"}));
  return verb ? by_tag("VBD") : by_tag("NN");
}

// Pointing ("in that book", "take that") it is stressed; joining ("I think that it") it is not.
Answer that(const Around& a) {
  const bool before_noun = a.tag(1) == "NN" && !a.is_plural(1) && (a.tag(-1) == "IN" || a.at_start(0));
  return before_noun || (a.ends(1) && !a.tag(-1).empty()) ? by_tag("DT") : by_tag("IN");
}

struct Rule {
  View word;
  Answer (*decide)(const Around&);
};
constexpr Rule kRules[] = {{U"wind", wind},        {U"winds", wind},    {U"lead", lead},       {U"live", live},
                           {U"lives", lives},      {U"read", read},     {U"close", close},     {U"tear", tear},
                           {U"tears", tear},       {U"bow", bow},       {U"bows", bow},        {U"content", content},
                           {U"contents", content}, {U"minute", minute}, {U"bass", bass},       {U"row", row},
                           {U"polish", polish},    {U"resume", resume}, {U"learned", learned}, {U"used", used},
                           {U"wound", wound},      {U"that", that}};

}  // namespace

Answer find_sense(const std::vector<Word>& words, const std::vector<Tag>& tags, std::size_t at) {
  const View word = words[at].text;
  if (word.size() < 3 || word.size() > 16 || !is_ascii_letter(word[0])) return std::nullopt;
  const Tag tag = tags[at];
  const Around around{words, tags, at};
  const std::u32string lowered = to_lower(word);
  for (const Rule& rule : kRules) {
    if (rule.word == lowered) return rule.decide(around);
  }
  if (tag == "NN" || tag == "VB" || tag == "VBP" || tag == "JJ") return noun_or_verb(around);
  return std::nullopt;
}

}  // namespace hearth::text
