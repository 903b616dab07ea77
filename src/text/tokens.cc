#include "text/tokens.h"

#include <algorithm>
#include <array>

#include "text/utf8.h"

namespace hearth::text {
namespace {

struct Symbol {
  char32_t symbol;
  std::int64_t id;
};

// In the order of code points, for the binary search.
constexpr Symbol kVocabulary[] = {
    {U' ', 16},  {U'!', 5},   {U'\"', 11},     {U'(', 12},  {U')', 13},  {U',', 3},   {U'.', 4},   {U':', 2},
    {U';', 1},   {U'?', 6},   {U'A', 24},      {U'I', 25},  {U'O', 31},  {U'Q', 33},  {U'S', 35},  {U'T', 36},
    {U'W', 39},  {U'Y', 41},  {U'a', 43},      {U'b', 44},  {U'c', 45},  {U'd', 46},  {U'e', 47},  {U'f', 48},
    {U'h', 50},  {U'i', 51},  {U'j', 52},      {U'k', 53},  {U'l', 54},  {U'm', 55},  {U'n', 56},  {U'o', 57},
    {U'p', 58},  {U'q', 59},  {U'r', 60},      {U's', 61},  {U't', 62},  {U'u', 63},  {U'v', 64},  {U'w', 65},
    {U'x', 66},  {U'y', 67},  {U'z', 68},      {U'æ', 72},  {U'ç', 78},  {U'ð', 81},  {U'ø', 116}, {U'ŋ', 112},
    {U'œ', 120}, {U'ɐ', 70},  {U'ɑ', 69},      {U'ɒ', 71},  {U'ɔ', 76},  {U'ɕ', 77},  {U'ɖ', 80},  {U'ə', 83},
    {U'ɚ', 85},  {U'ɛ', 86},  {U'ɜ', 87},      {U'ɟ', 90},  {U'ɡ', 92},  {U'ɣ', 139}, {U'ɤ', 140}, {U'ɥ', 99},
    {U'ɨ', 101}, {U'ɪ', 102}, {U'ɯ', 110},     {U'ɰ', 111}, {U'ɲ', 114}, {U'ɳ', 113}, {U'ɴ', 115}, {U'ɸ', 118},
    {U'ɹ', 123}, {U'ɻ', 126}, {U'ɽ', 129},     {U'ɾ', 125}, {U'ʁ', 128}, {U'ʂ', 130}, {U'ʃ', 131}, {U'ʈ', 132},
    {U'ʊ', 135}, {U'ʋ', 136}, {U'ʌ', 138},     {U'ʎ', 143}, {U'ʒ', 147}, {U'ʔ', 148}, {U'ʝ', 103}, {U'ʣ', 18},
    {U'ʤ', 82},  {U'ʥ', 19},  {U'ʦ', 20},      {U'ʧ', 133}, {U'ʨ', 21},  {U'ʰ', 162}, {U'ʲ', 164}, {U'ˈ', 156},
    {U'ˌ', 157}, {U'ː', 158}, {U'\u0303', 17}, {U'β', 75},  {U'θ', 119}, {U'χ', 142}, {U'ᵊ', 42},  {U'ᵝ', 22},
    {U'ᵻ', 177}, {U'—', 9},   {U'“', 14},      {U'”', 15},  {U'…', 10},  {U'→', 171}, {U'↓', 169}, {U'↗', 172},
    {U'↘', 173}, {U'ꭧ', 23},
};

constexpr bool is_sorted() {
  for (std::size_t i = 1; i < std::size(kVocabulary); ++i) {
    if (kVocabulary[i - 1].symbol >= kVocabulary[i].symbol) return false;
  }
  return true;
}
static_assert(std::size(kVocabulary) == 114 && is_sorted());

}  // namespace

std::optional<std::int64_t> find_token_id(char32_t symbol) {
  const auto* at = std::lower_bound(std::begin(kVocabulary), std::end(kVocabulary), symbol,
                                    [](const Symbol& s, char32_t c) { return s.symbol < c; });
  if (at == std::end(kVocabulary) || at->symbol != symbol) return std::nullopt;
  return at->id;
}

TokenIds tokenize(std::string_view phonemes) {
  TokenIds result;
  result.ids.reserve(phonemes.size());
  for (std::size_t at = 0; at < phonemes.size();) {
    if (const auto id = find_token_id(next_code_point(phonemes, at))) {
      result.ids.push_back(*id);
    } else {
      ++result.unknown;
    }
  }
  return result;
}

}  // namespace hearth::text
