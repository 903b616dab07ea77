#pragma once

// Makes the bytes of a pronunciation table (lexicon.h says what is in it). Used by the compiler and by tests.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/lexicon.h"

namespace hearth::text {

class LexiconBuilder {
 public:
  /// (part of speech or "" for the default, UTF-8 phonemes or none for "spell it"); the default must be among them.
  using Variants = std::vector<std::pair<std::string, std::optional<std::string>>>;

  void add(Book book, std::string_view word, const Variants& variants);
  void add(Book book, std::string_view word, std::string_view phonemes);
  void add_tag(std::string_view word, std::string_view tag);
  void add_rules(std::string_view name, std::string_view lines);

  /// The same bytes for the same entries in whatever order. kInvalidArgument names an entry that does not fit its
  /// record.
  [[nodiscard]] base::Result<std::string> build() const;

 private:
  std::array<std::map<std::string, std::string, std::less<>>, kBooks> books_;
};

}  // namespace hearth::text
