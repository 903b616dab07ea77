// hearth-phonemes --table FILE [--british | --language CODE] [--no-espeak] [--time]: each line of standard input as a
// line of phonemes. For the parity bench and for looking at how a text will be said; --time tells on stderr what
// opening and reading cost.

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>

#include "text/espeak.h"
#include "text/phonemizer.h"

int main(int argc, char** argv) {
  using namespace hearth;  // NOLINT(google-build-using-namespace)
  std::string table, language_name = "en-us";
  bool espeak = true, time = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--british") {
      language_name = "en-gb";
    } else if (argument == "--no-espeak") {
      espeak = false;
    } else if (argument == "--time") {
      time = true;
    } else if (argument == "--table" && i + 1 < argc) {
      table = argv[++i];
    } else if (argument == "--language" && i + 1 < argc) {
      language_name = argv[++i];
    } else {
      std::fputs("usage: hearth-phonemes --table FILE [--british | --language CODE] [--no-espeak] [--time] < TEXT\n",
                 stderr);
      return 2;
    }
  }
  const auto complain = [](const base::Error& error) {
    std::fprintf(stderr, "hearth-phonemes: %s\n", error.line().c_str());
    return 1;
  };
  const base::Result<text::Language> language = text::parse_language(language_name);
  if (!language) return complain(language.error());
  using Clock = std::chrono::steady_clock;
  const auto report = [time](const char* what, Clock::time_point since) {
    if (time)
      std::fprintf(stderr, "%-12s %9.1f us\n", what,
                   std::chrono::duration<double, std::micro>(Clock::now() - since).count());
  };
  const Clock::time_point start = Clock::now();
  std::shared_ptr<const text::Lexicon> lexicon;
  if (!table.empty()) {
    base::Result<text::Lexicon> opened = text::Lexicon::open(table);
    if (!opened) return complain(opened.error());
    lexicon = std::make_shared<const text::Lexicon>(std::move(*opened));
  }
  report("open", start);
  const Clock::time_point opened_at = Clock::now();
  const text::Phonemizer phonemizer{lexicon, espeak ? std::make_shared<const text::EspeakFallback>() : nullptr};
  report("construct", opened_at);
  for (std::string line; std::getline(std::cin, line);) {
    const Clock::time_point line_at = Clock::now();
    const base::Result<std::string> phonemes = phonemizer.phonemes(line, *language);
    report("line", line_at);
    if (!phonemes) return complain(phonemes.error());
    std::cout << *phonemes << '\n';
  }
  return 0;
}
