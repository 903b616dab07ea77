#include "text/lexicon.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "text/utf8.h"

namespace hearth::text {
namespace {

using base::Code;

static_assert(std::endian::native == std::endian::little, "the table is little-endian");
static_assert(sizeof(LexiconHeader) == 40 && sizeof(LexiconSection) == 32);

constexpr std::size_t kSlotBytes = 8;

tl::unexpected<base::Error> damaged(std::string_view what) {
  return base::fail(Code::kCorrupt, fmt::format("the pronunciation table is damaged: {}", what),
                    "build it again: hearth models pull kokoro");
}

template <typename T>
T load(std::string_view bytes, std::size_t at) {  // the caller has checked the bounds
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

bool fits(std::uint64_t offset, std::uint64_t size, std::uint64_t total) {
  return offset <= total && size <= total - offset;
}

}  // namespace

// FNV-1a over words of eight bytes: quick, and even one changed bit shows.
std::uint64_t lexicon_hash(std::string_view bytes) {
  std::uint64_t h = 0xCBF29CE484222325ULL ^ bytes.size();
  const auto mix = [&h](std::uint64_t word) {
    h = (h ^ word) * 0x9E3779B97F4A7C15ULL;
    h ^= h >> 29;
  };
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) mix(load<std::uint64_t>(bytes, at));
  std::uint64_t tail = 0;
  if (at < bytes.size()) std::memcpy(&tail, bytes.data() + at, bytes.size() - at);
  mix(tail);
  return h;
}

std::optional<Entry::Sound> Entry::find(std::string_view tag) const {
  std::string_view rest = variants_;
  while (!rest.empty()) {
    const std::size_t tag_size = static_cast<unsigned char>(rest[0]);
    if (rest.size() < tag_size + 2) return std::nullopt;
    const std::string_view name = rest.substr(1, tag_size);
    const auto size = static_cast<std::uint8_t>(rest[tag_size + 1]);
    rest.remove_prefix(tag_size + 2);
    const std::size_t length = size == kNoPhonemes ? 0 : size;
    if (rest.size() < length) return std::nullopt;
    if (name == tag) {
      if (size == kNoPhonemes) return Sound{};
      return Sound{rest.substr(0, length)};
    }
    rest.remove_prefix(length);
  }
  return std::nullopt;
}

bool Entry::is_by_tag() const {
  if (variants_.size() < 2 || variants_[0] != 0) return !variants_.empty();
  const auto size = static_cast<std::uint8_t>(variants_[1]);
  return variants_.size() > 2U + (size == kNoPhonemes ? 0 : size);
}

base::Result<Lexicon> Lexicon::open(const std::filesystem::path& path) {
  Lexicon lexicon;
  base::Result<base::MappedFile> file = base::MappedFile::open(path);
  if (!file) return base::fail(file.error());
  lexicon.file_ = std::move(*file);
  if (const auto checked = lexicon.check_and_index(); !checked) return base::fail(checked.error());
  return lexicon;
}

base::Result<Lexicon> Lexicon::from_bytes(std::string bytes) {
  Lexicon lexicon;
  lexicon.memory_ = std::move(bytes);
  if (const auto checked = lexicon.check_and_index(); !checked) return base::fail(checked.error());
  return lexicon;
}

std::string_view Lexicon::bytes() const {
  const auto mapped = file_.bytes();
  if (mapped.data() == nullptr) return memory_;
  return {reinterpret_cast<const char*>(mapped.data()), mapped.size()};
}

base::Result<void> Lexicon::check_and_index() {
  const std::string_view all = bytes();
  if (all.size() < sizeof(LexiconHeader)) return damaged("it is too short");
  const auto header = load<LexiconHeader>(all, 0);
  if (header.magic != kLexiconMagic) return damaged("it is not a pronunciation table");
  if (header.version != kLexiconVersion) return damaged(fmt::format("version {} is not known", header.version));
  if (header.file_bytes != all.size()) return damaged("its size is wrong");
  const std::uint64_t list_bytes = std::uint64_t{header.sections} * sizeof(LexiconSection);
  if (header.sections > kBooks || !fits(sizeof(LexiconHeader), list_bytes, all.size()))
    return damaged("its section list is wrong");
  if (lexicon_hash(all.substr(sizeof(LexiconHeader), list_bytes)) != header.list_checksum) {
    return damaged("its section list has changed");
  }
  for (std::uint32_t i = 0; i < header.sections; ++i) {
    const auto section = load<LexiconSection>(all, sizeof(LexiconHeader) + i * sizeof(LexiconSection));
    if (section.book >= kBooks || !std::has_single_bit(section.slots) ||
        !fits(section.slots_offset, std::uint64_t{section.slots} * kSlotBytes, all.size()) ||
        !fits(section.records_offset, section.records_bytes, all.size())) {
      return damaged("a section lies outside the file");
    }
    sections_[section.book] = section;
  }
  return {};
}

base::Result<void> Lexicon::verify() const {
  const std::string_view all = bytes();
  const auto header = load<LexiconHeader>(all, 0);
  const std::size_t body = sizeof(LexiconHeader) + header.sections * sizeof(LexiconSection);
  if (lexicon_hash(all.substr(body)) != header.body_checksum) return damaged("its contents have changed");
  return {};
}

std::optional<std::string_view> Lexicon::find_value(Book book, std::string_view key) const {
  const LexiconSection& section = sections_[static_cast<std::size_t>(book)];
  if (section.slots == 0 || key.empty() || key.size() > 255) return std::nullopt;
  const std::string_view all = bytes();
  const std::string_view records = all.substr(section.records_offset, section.records_bytes);
  const std::uint64_t full = lexicon_hash(key);
  const auto wanted = static_cast<std::uint32_t>(full >> 32);
  std::uint32_t slot = static_cast<std::uint32_t>(full) & (section.slots - 1);
  for (std::uint32_t probes = 0; probes < section.slots; ++probes, slot = (slot + 1) & (section.slots - 1)) {
    const std::size_t at = section.slots_offset + std::size_t{slot} * kSlotBytes;
    const auto offset = load<std::uint32_t>(all, at + 4);
    if (offset == 0) return std::nullopt;
    if (load<std::uint32_t>(all, at) != wanted) continue;
    const std::uint64_t record = offset - 1;
    if (!fits(record, 1, records.size())) return std::nullopt;
    const std::size_t key_size = static_cast<unsigned char>(records[record]);
    if (!fits(record + 1, key_size + 2, records.size())) return std::nullopt;
    if (records.substr(record + 1, key_size) != key) continue;
    const auto value_size = load<std::uint16_t>(records, record + 1 + key_size);
    if (!fits(record + 3 + key_size, value_size, records.size())) return std::nullopt;
    return records.substr(record + 3 + key_size, value_size);
  }
  return std::nullopt;
}

std::optional<Entry> Lexicon::find(Book book, std::string_view word) const {
  const auto value = find_value(book, word);
  if (!value) return std::nullopt;
  return Entry{*value};
}

// misaki grows its dictionaries so: a word all in small letters also stands capitalised, and the other way round.
std::optional<Entry> Lexicon::find_any_case(Book book, std::string_view word) const {
  if (auto entry = find(book, word)) return entry;
  if (word.size() < 2 || word.size() > 255) return std::nullopt;
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (capital(word[i])) return std::nullopt;
  }
  std::string other{word};
  if (capital(word[0])) {
    other[0] = static_cast<char>(word[0] - 'A' + 'a');
  } else if (small(word[0])) {
    other[0] = static_cast<char>(word[0] - 'a' + 'A');
  } else {
    return std::nullopt;
  }
  return find(book, other);
}

std::optional<std::string_view> Lexicon::find_tag(std::string_view word) const { return find_value(Book::kTags, word); }

// A record holds 64 KiB; the longest of the rule texts has ten.
std::string_view Lexicon::rules(std::string_view name) const {
  return find_value(Book::kRules, name).value_or(std::string_view{});
}

}  // namespace hearth::text
