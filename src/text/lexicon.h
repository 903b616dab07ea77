#pragma once

// The English pronunciation and tag lexicons: one binary file, compiled once (lexicon_compiler.h), mapped, and looked
// up by hash without any loading. Opening touches two pages and the rules; a lookup touches two more.
//
// File, little-endian: header (magic, version, size, number of sections, checksum of header and section list, checksum
// of the rest), section list, and per section a power of two of slots {u32 hash, u32 record offset + 1} and records {u8
// key length, key, u16 value length, value}. Every offset and length is checked where it is used, so a damaged file can
// give wrong or missing words but never an access outside it; verify() finds all damage. Threads: immutable after open.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace hearth::text {

/// Gold entries are checked by hand and may be by part of speech; silver ones are not.
enum class Book : std::uint32_t { kUsGold, kUsSilver, kGbGold, kGbSilver, kTags, kRules };
inline constexpr std::size_t kBooks = 6;

inline constexpr std::array<char, 8> kLexiconMagic = {'H', 'R', 'T', 'H', 'L', 'E', 'X', '\n'};
inline constexpr std::uint32_t kLexiconVersion = 1;
inline constexpr std::uint8_t kNoPhonemes = 0xFF;  // a variant that says: none, spell it

struct LexiconHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t sections;
  std::uint64_t file_bytes;
  std::uint64_t list_checksum;  // of the section list
  std::uint64_t body_checksum;  // of everything behind it
};

struct LexiconSection {
  std::uint32_t book;
  std::uint32_t slots;  // a power of two, more than the entries
  std::uint64_t slots_offset;
  std::uint64_t records_offset;
  std::uint64_t records_bytes;
};

[[nodiscard]] std::uint64_t lexicon_hash(std::string_view bytes);

/// How a word sounds, by part of speech. Views into the mapping; valid as long as the lexicon.
class Entry {
 public:
  Entry() = default;
  explicit Entry(std::string_view variants) : variants_(variants) {}

  struct Sound {
    std::optional<std::string_view> phonemes;  // none: spell the word
  };
  /// The sound for this very tag ("" is the default one).
  [[nodiscard]] std::optional<Sound> find(std::string_view tag) const;
  /// More than the default.
  [[nodiscard]] bool is_by_tag() const;

 private:
  std::string_view variants_;  // {u8 tag length, tag, u8 phonemes length or kNoPhonemes, phonemes}...
};

class Lexicon {
 public:
  /// kNotFound, kIo, or kCorrupt ("rebuild it with hearth models pull kokoro") for what is not a whole table of this
  /// version.
  [[nodiscard]] static base::Result<Lexicon> open(const std::filesystem::path& path);
  /// The same checks on bytes in memory.
  [[nodiscard]] static base::Result<Lexicon> from_bytes(std::string bytes);

  /// Reads every byte: kCorrupt when any has changed since compilation.
  [[nodiscard]] base::Result<void> verify() const;

  [[nodiscard]] std::optional<Entry> find(Book book, std::string_view word) const;
  /// find(), or the same word with its first letter in the other case ("Hello" for "hello", "london" for "London").
  [[nodiscard]] std::optional<Entry> find_any_case(Book book, std::string_view word) const;
  /// The most frequent part of speech of a word, as a Penn tag.
  [[nodiscard]] std::optional<std::string_view> find_tag(std::string_view word) const;
  /// A text of rules by name ("context", "morphology", "entities"), one rule a line; empty when there is none.
  [[nodiscard]] std::string_view rules(std::string_view name) const;

 private:
  Lexicon() = default;
  [[nodiscard]] base::Result<void> check_and_index();
  [[nodiscard]] std::string_view bytes() const;
  [[nodiscard]] std::optional<std::string_view> find_value(Book book, std::string_view key) const;

  base::MappedFile file_;
  std::string memory_;  // instead of file_, in tests
  std::array<LexiconSection, kBooks> sections_{};
};

}  // namespace hearth::text
