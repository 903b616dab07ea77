#pragma once

// Parts of speech by Brill's method: the most frequent tag of each word, morphological rules for words not in the
// lexicon, then contextual rules (Brill 1992; the tables are those that textblob ships). Good enough to tell "to
// record" from "a record".

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "text/lexicon.h"
#include "text/words.h"

namespace hearth::text {

/// A Penn tag ("NN", "VBD", "-LRB-"…). Views of literals or of the lexicon's mapping.
using Tag = std::string_view;

/// Immutable; any thread. Keeps views into the lexicon, which must outlive it.
class Tagger {
 public:
  /// Parses the rules (some fifty microseconds). Rules that are not understood are left out.
  explicit Tagger(const Lexicon& lexicon);

  /// One tag for each word of one passage. Marks get what misaki expects: "." "," ":" "``" "''" "$" "#" "-LRB-" "-RRB-"
  /// "HYPH".
  [[nodiscard]] std::vector<Tag> tag(const std::vector<Word>& words) const;

 private:
  enum class Morph { kHasChar, kHasPrefix, kHasSuffix, kAddSuffix, kDropPrefix, kDropSuffix, kBeforeWord, kAfterWord };
  struct MorphRule {
    Tag from;  // empty: any
    std::string_view affix;
    Morph kind;
    Tag to;
  };
  struct ContextRule {
    Tag from;  // "*": any
    Tag to;
    int kind;  // index into the list of names in tagger.cc
    std::string_view x, y;
  };
  struct Tagged {
    std::string_view word;
    Tag tag;
  };

  void read_morphology(std::string_view lines);
  void read_context(std::string_view lines);
  void read_entities(std::string_view lines);
  [[nodiscard]] Tag tag_unknown(const std::vector<Tagged>& line, std::size_t at) const;
  void apply_context(std::vector<Tagged>& line) const;
  void apply_entities(std::vector<Tagged>& line) const;

  const Lexicon& lexicon_;
  std::vector<MorphRule> morphology_;
  std::vector<ContextRule> context_;
  std::multimap<std::string, std::vector<std::string>, std::less<>> entities_;  // by first word, all in small letters
};

}  // namespace hearth::text
