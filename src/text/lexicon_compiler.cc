#include "text/lexicon_compiler.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "text/lexicon_builder.h"

namespace hearth::text {
namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Result;

Result<void> add_book(LexiconBuilder& builder, Book book, const fs::path& path) {
  const Result<std::string> bytes = base::read_file(path);
  if (!bytes) return base::fail(bytes.error());
  const auto wrong = [&path](std::string_view what) {
    return base::fail(Code::kCorrupt, fmt::format("{}: {}", path.string(), what), "fetch it again");
  };
  const auto json = nlohmann::json::parse(*bytes, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return wrong("not a JSON object of words");
  for (const auto& [word, sounds] : json.items()) {
    if (sounds.is_string()) {
      builder.add(book, word, sounds.get_ref<const std::string&>());
      continue;
    }
    if (!sounds.is_object() || !sounds.contains("DEFAULT")) return wrong(fmt::format("\"{:.40}\" has no sound", word));
    LexiconBuilder::Variants variants;
    for (const auto& [tag, sound] : sounds.items()) {
      if (!sound.is_string() && !sound.is_null()) return wrong(fmt::format("\"{:.40}\" has an odd sound", word));
      variants.emplace_back(tag == "DEFAULT" ? std::string{} : tag,
                            sound.is_string() ? std::optional<std::string>{sound.get<std::string>()} : std::nullopt);
    }
    builder.add(book, word, variants);
  }
  return {};
}

// Calls `use` with each line that is neither blank nor a comment.
template <typename Use>
Result<void> for_each_line(const fs::path& path, Use use) {
  const Result<std::string> bytes = base::read_file(path);
  if (!bytes) return base::fail(bytes.error());
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.empty() && line.substr(0, 3) != ";;;") use(line);
  }
  return {};
}

Result<void> add_rules(LexiconBuilder& builder, std::string_view name, const fs::path& path) {
  std::string lines;
  Result<void> read = for_each_line(path, [&lines](std::string_view line) { lines.append(line) += '\n'; });
  if (!read) return read;
  builder.add_rules(name, lines);
  return {};
}

Result<void> add_tags(LexiconBuilder& builder, const fs::path& path) {
  return for_each_line(path, [&builder](std::string_view line) {
    const std::size_t word_end = line.find(' ');
    if (word_end == 0 || word_end == std::string_view::npos || word_end > 255) return;
    const std::string_view rest = line.substr(word_end + 1);
    builder.add_tag(line.substr(0, word_end), rest.substr(0, rest.find(' ')));
  });
}

}  // namespace

LexiconSources lexicon_sources_in(const fs::path& misaki_data, const fs::path& textblob_en) {
  return {.us_gold = misaki_data / "us_gold.json",
          .us_silver = misaki_data / "us_silver.json",
          .gb_gold = misaki_data / "gb_gold.json",
          .gb_silver = misaki_data / "gb_silver.json",
          .tag_lexicon = textblob_en / "en-lexicon.txt",
          .tag_context = textblob_en / "en-context.txt",
          .tag_morphology = textblob_en / "en-morphology.txt",
          .tag_entities = textblob_en / "en-entities.txt"};
}

Result<void> compile_lexicon(const LexiconSources& sources, const fs::path& table) {
  LexiconBuilder builder;
  const Result<void> steps[] = {
      add_book(builder, Book::kUsGold, sources.us_gold),
      add_book(builder, Book::kUsSilver, sources.us_silver),
      add_book(builder, Book::kGbGold, sources.gb_gold),
      add_book(builder, Book::kGbSilver, sources.gb_silver),
      add_tags(builder, sources.tag_lexicon),
      add_rules(builder, "context", sources.tag_context),
      add_rules(builder, "morphology", sources.tag_morphology),
      add_rules(builder, "entities", sources.tag_entities),
  };
  for (const Result<void>& step : steps) {
    if (!step) return step;
  }
  const Result<std::string> bytes = builder.build();
  if (!bytes) return base::fail(bytes.error());
  return base::write_file_atomically(table, *bytes);
}

}  // namespace hearth::text
