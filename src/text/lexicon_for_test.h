#pragma once

// A table of a few words and rules, and a fallback that answers from a list: what the tests of this room stand on.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "text/fallback.h"
#include "text/lexicon.h"
#include "text/lexicon_builder.h"

namespace hearth::text {

inline LexiconBuilder small_lexicon() {
  LexiconBuilder builder;
  const auto add = [&builder](std::string_view word, std::string_view us) {
    builder.add(Book::kUsGold, word, us);
    builder.add(Book::kGbGold, word, us);
  };
  // The letters' names.
  constexpr std::pair<std::string_view, std::string_view> kLetters[] = {
      {"A", "ˈA"},  {"B", "bˈi"},      {"C", "sˈi"},  {"D", "dˈi"}, {"E", "ˈi"},  {"F", "ˈɛf"}, {"G", "ʤˈi"},
      {"H", "ˈAʧ"}, {"I", "ˈI"},       {"J", "ʤˈA"},  {"K", "kˈA"}, {"L", "ˈɛl"}, {"M", "ˈɛm"}, {"N", "ˈɛn"},
      {"O", "ˈO"},  {"P", "pˈi"},      {"Q", "kjˈu"}, {"R", "ˈɑɹ"}, {"S", "ˈɛs"}, {"T", "tˈi"}, {"U", "jˈu"},
      {"V", "vˈi"}, {"W", "dˈʌbᵊlju"}, {"X", "ˈɛks"}, {"Y", "wˈI"}, {"Z", "zˈi"}};
  for (const auto& [letter, name] : kLetters) add(letter, name);
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"hello", "həlˈO"},
                                                                      {"world", "wˈɜɹld"},
                                                                      {"apple", "ˈæpᵊl"},
                                                                      {"cat", "kˈæt"},
                                                                      {"dog", "dˈɔɡ"},
                                                                      {"house", "hˈWs"},
                                                                      {"walk", "wˈɔk"},
                                                                      {"bake", "bˈAk"},
                                                                      {"wait", "wˈAt"},
                                                                      {"cab", "kˈæb"},
                                                                      {"to", "tˈu"},
                                                                      {"am", "æm"},
                                                                      {"one", "wˈʌn"},
                                                                      {"two", "tˈu"},
                                                                      {"three", "θɹˈi"},
                                                                      {"four", "fˈɔɹ"},
                                                                      {"five", "fˈIv"},
                                                                      {"six", "sˈɪks"},
                                                                      {"seven", "sˈɛvən"},
                                                                      {"eight", "ˈAt"},
                                                                      {"nine", "nˈIn"},
                                                                      {"zero", "zˈɪɹO"},
                                                                      {"ten", "tˈɛn"},
                                                                      {"oh", "ˈO"},
                                                                      {"twenty", "twˈɛnti"},
                                                                      {"nineteen", "nˌIntˈin"},
                                                                      {"eighty", "ˈATi"},
                                                                      {"hundred", "hˈʌndɹəd"},
                                                                      {"thousand", "θˈWzᵊnd"},
                                                                      {"first", "fˈɜɹst"},
                                                                      {"second", "sˈɛkənd"},
                                                                      {"third", "θˈɜɹd"},
                                                                      {"point", "pYnt"},
                                                                      {"minus", "mˈInəs"},
                                                                      {"and", "ænd"},
                                                                      {"dollar", "dˈɑləɹ"},
                                                                      {"cent", "sˈɛnt"},
                                                                      {"pound", "pˈWnd"},
                                                                      {"pence", "pˈɛns"},
                                                                      {"euro", "jˈʊɹO"},
                                                                      {"percent", "pəɹsˈɛnt"},
                                                                      {"plus", "plˈʌs"},
                                                                      {"at", "æt"},
                                                                      {"versus", "vˈɜɹsəs"},
                                                                      {"mr.", "mˈɪstəɹ"},
                                                                      {"is", "ɪz"},
                                                                      {"black", "blˈæk"},
                                                                      {"bird", "bˈɜɹd"},
                                                                      {"London", "lˈʌndən"},
                                                                      {"half", "hˈæf"}};
  for (const auto& [word, sound] : kWords) add(word, sound);
  for (const Book book : {Book::kUsGold, Book::kGbGold}) {
    builder.add(book, "wind", {{"", "wˈɪnd"}, {"VERB", "wˈInd"}});
    builder.add(book, "used", {{"", "jˈuzd"}, {"VBD", "jˈust"}});
    builder.add(book, "will", {{"", "wɪl"}, {"None", "wˈɪl"}});
    builder.add(book, "US", {{"", "ˌʌs"}, {"NOUN", std::nullopt}});
  }
  builder.add(Book::kUsSilver, "zebra", "zˈibɹə");
  constexpr std::pair<std::string_view, std::string_view> kTags[] = {
      {"the", "DT"},   {"a", "DT"},     {"an", "DT"},    {"to", "TO"},  {"I", "PRP"},  {"in", "IN"},
      {"will", "MD"},  {"wind", "NN"},  {"used", "VBN"}, {"cat", "NN"}, {"dog", "NN"}, {"apple", "NN"},
      {"hello", "UH"}, {"world", "NN"}, {"am", "VBP"},   {"is", "VBZ"}, {"US", "NNP"}, {"two", "CD"}};
  for (const auto& [word, tag] : kTags) builder.add_tag(word, tag);
  builder.add_rules("context", "NN VB PREVTAG MD\nNN VB PREVTAG TO\n");
  builder.add_rules("morphology", "NN s fhassuf 1 NNS x\nly hassuf 2 RB x\n");
  builder.add_rules("entities", "New York LOC\n");
  return builder;
}

inline std::shared_ptr<const Lexicon> open_small_lexicon() {
  auto bytes = small_lexicon().build();
  EXPECT_TRUE(bytes.has_value());
  auto lexicon = Lexicon::from_bytes(std::move(*bytes));
  EXPECT_TRUE(lexicon.has_value());
  return std::make_shared<const Lexicon>(std::move(*lexicon));
}

/// Answers with the IPA listed for a text, else with "x" for each of its words; refuses when told to.
class FakeFallback final : public PhonemeFallback {
 public:
  [[nodiscard]] base::Result<std::string> transcribe(std::string_view text, Language /*language*/) const override {
    if (refuses) return base::fail(base::Code::kUnsupported, "no voice", "install it");
    if (const auto known = answers.find(text); known != answers.end()) return known->second;
    return "ks";
  }
  std::map<std::string, std::string, std::less<>> answers;
  bool refuses = false;
};

}  // namespace hearth::text
