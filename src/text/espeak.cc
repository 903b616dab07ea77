#include "text/espeak.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstddef>
#include <optional>

#include "base/mutex.h"
#include "text/utf8.h"

namespace hearth::text {
namespace {

using base::Code;
using base::Result;

// From speak_lib.h, version 1.49 and later: plain C functions, so that its header is not needed to build.
using Initialize = int (*)(int output, int buffer_length, const char* path, int options);
using SetVoiceByName = int (*)(const char* name);
using TextToPhonemes = const char* (*)(const void** text, int text_mode, int phoneme_mode);

constexpr int kSynchronous = 2;    // AUDIO_OUTPUT_SYNCHRONOUS: no sound device is opened
constexpr int kDontExit = 0x8000;  // espeakINITIALIZE_DONT_EXIT: missing data is an error value, not exit(1)
constexpr int kUtf8 = 1;           // espeakCHARS_UTF8
constexpr int kTiedIpa = 0x02 | 0x80 | (0x361 << 8);  // IPA, ties between the parts of a sound, U+0361 for the tie
constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::string_view kRemedy = "install it: apt-get install libespeak-ng1";

struct Library {
  SetVoiceByName set_voice = nullptr;
  TextToPhonemes to_phonemes = nullptr;
  std::optional<Language> voice;
};

// The lock of the process. Both are constant-initialised and never destroyed: the library outlives main.
base::Mutex& process_lock() {
  static base::Mutex& lock = *new base::Mutex;
  return lock;
}

// Voices by their files: the names by language differ between versions.
constexpr const char* kVoices[] = {
    "gmw/en-US", "gmw/en", "roa/es", "roa/fr", "inc/hi", "roa/it", "jpx/ja", "roa/pt-BR", "sit/cmn-Latn-pinyin"};

tl::unexpected<base::Error> missing(std::string_view what) {
  return base::fail(Code::kUnsupported, fmt::format("espeak-ng is needed for this text: {}", what),
                    std::string{kRemedy});
}

Result<Library*> open_library(const std::string& name) REQUIRES(process_lock()) {
  static std::optional<Library> opened;
  if (opened) return &*opened;
  void* handle = dlopen(name.empty() ? "libespeak-ng.so.1" : name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return missing("the library is not installed");
  const auto initialize = reinterpret_cast<Initialize>(dlsym(handle, "espeak_Initialize"));
  Library library{reinterpret_cast<SetVoiceByName>(dlsym(handle, "espeak_SetVoiceByName")),
                  reinterpret_cast<TextToPhonemes>(dlsym(handle, "espeak_TextToPhonemes")), std::nullopt};
  if (initialize == nullptr || library.set_voice == nullptr || library.to_phonemes == nullptr) {
    return missing("the library is too old");
  }
  if (initialize(kSynchronous, 0, nullptr, kDontExit) < 0) return missing("its data files are not installed");
  opened = library;
  return &*opened;
}

// Extension A's rare ones too, and the zero that years are written with, which stands among the punctuation.
bool is_han(char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c == 0x3007; }

bool is_letter_of(Language language, char32_t c) {
  if (c < 0x250) return is_letter(c);
  switch (language) {
    case Language::kHindi:
      return c >= 0x900 && c <= 0x97F && c != 0x964 && c != 0x965;  // the vowel signs too, not the full stops
    case Language::kJapanese:
      return (c >= 0x3041 && c <= 0x30FF) || is_han(c) || c == 0x3005;
    case Language::kMandarin:
      return is_han(c);
    default:
      return c >= 0x1E00 && c <= 0x1EFF;  // Latin with two marks
  }
}

// Only what the language is written with reaches the library. Its 1.51 crashes on some marks beside letters of another
// script (an apostrophe, a hyphen and a Chinese character in Hindi), and such text says nothing in this language
// anyway.
std::string speakable(std::string_view text, Language language) {
  const std::u32string wide = from_utf8(text);
  std::string out;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const char32_t c = wide[i];
    const auto between = [&](auto&& is) { return i > 0 && i + 1 < wide.size() && is(wide[i - 1]) && is(wide[i + 1]); };
    const auto letter = [language](char32_t x) { return is_letter_of(language, x); };
    const bool inside_word = (c == U'\'' || c == U'’' || c == U'-') && between(letter);
    const bool inside_number = (c == U'.' || c == U',' || c == U':') && between([](char32_t x) { return is_digit(x); });
    const bool sign = c == U'%' || c == U'&' || c == U'+' || c == U'@' || c == U'$' || c == U'€' || c == U'£';
    if (letter(c) || is_digit(c) || inside_word || inside_number || sign) {
      append_utf8(out, c);
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

// Clauses come one a call; a language switch inside them is marked "(en)" and that mark is dropped.
std::string tidy(std::string_view raw) {
  std::string out;
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] == '(') {
      const std::size_t close = raw.find(')', at);
      at = close == std::string_view::npos ? raw.size() : close + 1;
    } else if (raw.substr(at, 2) == "\xCD\xA1") {  // U+0361
      out += '^';
      at += 2;
    } else if (raw[at] == ' ' || raw[at] == '\n') {
      if (!out.empty() && out.back() != ' ') out += ' ';
      ++at;
    } else {
      if (raw[at] != '_') out += raw[at];
      ++at;
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

EspeakFallback::EspeakFallback(std::string library) : library_(std::move(library)) {}

Result<void> EspeakFallback::open(Language language) const {
  if (const auto said = transcribe("a", language); !said) return base::fail(said.error());
  return {};
}

Result<std::string> EspeakFallback::transcribe(std::string_view text, Language language) const {
  if (text.size() > kMostBytes) return base::fail(Code::kInvalidArgument, "too much text for espeak-ng in one piece");
  const std::string bytes = speakable(text, language);
  if (bytes.find_first_not_of(' ') == std::string::npos) return std::string{};
  const base::MutexLock lock{process_lock()};
  const Result<Library*> library = open_library(library_);
  if (!library) return base::fail(library.error());
  if ((*library)->voice != language) {
    if ((*library)->set_voice(kVoices[static_cast<std::size_t>(language)]) != 0) {
      return missing(fmt::format("it has no voice for {}", language_code(language)));
    }
    (*library)->voice = language;
  }
  std::string raw;
  const void* rest = bytes.c_str();
  // Each call takes at least one character; the count guards against a library that does not.
  for (std::size_t calls = 0; rest != nullptr && calls <= bytes.size(); ++calls) {
    if (const char* clause = (*library)->to_phonemes(&rest, kUtf8, kTiedIpa)) raw.append(clause) += ' ';
  }
  return tidy(raw);
}

}  // namespace hearth::text
