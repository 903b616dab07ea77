#include "text/lexicon_builder.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <limits>

namespace hearth::text {
namespace {

template <typename T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

struct Built {
  std::string slots, records;
  std::uint32_t slot_count = 0;
};

Built build_book(const std::map<std::string, std::string, std::less<>>& entries) {
  Built built;
  built.slot_count = static_cast<std::uint32_t>(std::bit_ceil(entries.size() + entries.size() / 2 + 1));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> slots(built.slot_count);
  for (const auto& [key, value] : entries) {
    const auto offset = static_cast<std::uint32_t>(built.records.size());
    put(built.records, static_cast<std::uint8_t>(key.size()));
    built.records += key;
    put(built.records, static_cast<std::uint16_t>(value.size()));
    built.records += value;
    const std::uint64_t full = lexicon_hash(key);
    std::uint32_t slot = static_cast<std::uint32_t>(full) & (built.slot_count - 1);
    while (slots[slot].second != 0) slot = (slot + 1) & (built.slot_count - 1);
    slots[slot] = {static_cast<std::uint32_t>(full >> 32), offset + 1};
  }
  for (const auto& [hash, offset] : slots) put(built.slots, hash), put(built.slots, offset);
  return built;
}

}  // namespace

void LexiconBuilder::add(Book book, std::string_view word, const Variants& variants) {
  std::string value;
  const auto append = [&value](std::string_view tag, const std::optional<std::string>& phonemes) {
    value += static_cast<char>(tag.size());
    value += tag;
    value += phonemes ? static_cast<char>(phonemes->size()) : static_cast<char>(kNoPhonemes);
    value += phonemes.value_or("");
  };
  for (const auto& [tag, phonemes] : variants) {
    // Too long for its length byte: an impossible value, so that build() refuses it by name.
    if (tag.size() > 32 || (phonemes && phonemes->size() >= kNoPhonemes)) value.assign(1 << 16, ' ');
  }
  if (value.empty()) {
    for (const auto& [tag, phonemes] : variants) {
      if (tag.empty()) append(tag, phonemes);
    }
    for (const auto& [tag, phonemes] : variants) {
      if (!tag.empty()) append(tag, phonemes);
    }
  }
  books_[static_cast<std::size_t>(book)].insert_or_assign(std::string{word}, std::move(value));
}

void LexiconBuilder::add(Book book, std::string_view word, std::string_view phonemes) {
  add(book, word, Variants{{"", std::string{phonemes}}});
}

void LexiconBuilder::add_tag(std::string_view word, std::string_view tag) {
  books_[static_cast<std::size_t>(Book::kTags)].insert_or_assign(std::string{word}, std::string{tag});
}

void LexiconBuilder::add_rules(std::string_view name, std::string_view lines) {
  books_[static_cast<std::size_t>(Book::kRules)].insert_or_assign(std::string{name}, std::string{lines});
}

base::Result<std::string> LexiconBuilder::build() const {
  std::string list, body;
  const std::size_t body_at = sizeof(LexiconHeader) + kBooks * sizeof(LexiconSection);
  for (std::size_t book = 0; book < kBooks; ++book) {
    std::uint64_t records = 0;
    for (const auto& [key, value] : books_[book]) {
      if (key.empty() || key.size() > 255 || value.size() > std::numeric_limits<std::uint16_t>::max()) {
        return base::fail(base::Code::kInvalidArgument,
                          fmt::format("the entry \"{:.40}\" does not fit the table", key));
      }
      records += key.size() + value.size() + 3;
    }
    if (records > std::numeric_limits<std::uint32_t>::max() / 2) {
      return base::fail(base::Code::kInvalidArgument, "too many entries for one table");
    }
    const Built built = build_book(books_[book]);
    LexiconSection section{static_cast<std::uint32_t>(book), built.slot_count, body_at + body.size(), 0,
                           built.records.size()};
    body += built.slots;
    section.records_offset = body_at + body.size();
    body += built.records;
    body.resize((body.size() + 7) / 8 * 8);
    put(list, section);
  }
  const LexiconHeader header{kLexiconMagic,         kLexiconVersion,    kBooks,
                             body_at + body.size(), lexicon_hash(list), lexicon_hash(body)};
  std::string file;
  file.reserve(header.file_bytes);
  put(file, header);
  file += list;
  file += body;
  return file;
}

}  // namespace hearth::text
