#include "text/chunks.h"

#include <algorithm>
#include <optional>

#include "text/stress.h"
#include "text/tokens.h"
#include "text/utf8.h"

namespace hearth::text {
namespace {

enum class End { kNone, kClause, kSentence };

struct Spoken {
  std::string_view text;
  std::size_t ids = 0;
  End end = End::kNone;
  bool speaks = false;  // not marks alone
};

struct Range {
  std::size_t begin = 0, end = 0;  // of words
};

constexpr PhonesView kClosing = U"\"”)";
constexpr PhonesView kSilent = U";:,.!?—…\"()“” ˈˌː";

End end_of(std::string_view word) {
  End end = End::kNone;
  for (std::size_t at = 0; at < word.size();) {
    const char32_t c = next_code_point(word, at);
    if (holds(U".!?…", c)) {
      end = End::kSentence;
    } else if (holds(U",;:—", c)) {
      end = std::max(end, End::kClause);
    } else if (!holds(kClosing, c)) {
      end = End::kNone;
    }
  }
  return end;
}

bool speaks(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    const char32_t c = next_code_point(word, at);
    if (!holds(kSilent, c) && find_token_id(c)) return true;
  }
  return false;
}

std::vector<Spoken> words_of(std::string_view line, std::size_t most_ids) {
  std::vector<Spoken> words;
  while (!line.empty()) {
    std::string_view word = line.substr(0, line.find_first_of(" \n"));
    line.remove_prefix(word.size());
    const bool ends_paragraph = !line.empty() && line[0] == '\n';
    if (!line.empty()) line.remove_prefix(1);
    while (!word.empty()) {
      // Longer than a piece may be: cut it anywhere between two symbols.
      std::size_t at = 0, ids = 0;
      while (at < word.size() && ids < most_ids) {
        if (find_token_id(next_code_point(word, at))) ++ids;
      }
      const std::string_view part = word.substr(0, at);
      word.remove_prefix(at);
      words.push_back({part, ids, word.empty() ? end_of(part) : End::kNone, speaks(part)});
    }
    if (ends_paragraph && !words.empty()) words.back().end = End::kSentence;
  }
  return words;
}

class Cutter {
 public:
  Cutter(std::vector<Spoken> words, const ChunkPolicy& policy) : words_(std::move(words)), policy_(policy) {}

  std::vector<std::string> cut(Position position) {
    std::size_t at = 0;
    if (position == Position::kFirst) {
      if (const auto early = early_cut()) {
        emit({0, *early});
        at = *early;
      } else {
        const std::size_t end = sentence_end(0);
        cut_sentence({0, end});
        at = end;
      }
    }
    while (at < words_.size()) {
      Range joined{at, sentence_end(at)};
      while (joined.end < words_.size()) {
        const std::size_t next = sentence_end(joined.end);
        if (ids_of({joined.begin, next}) > policy_.join_up_to_ids && any_speaks({joined.end, next})) break;
        joined.end = next;
      }
      cut_sentence(joined);
      at = joined.end;
    }
    return std::move(chunks_);
  }

 private:
  [[nodiscard]] std::size_t sentence_end(std::size_t at) const {
    bool spoken = false;
    for (; at < words_.size(); ++at) {
      spoken = spoken || words_[at].speaks;
      // Marks that follow belong to what they end.
      if (spoken && words_[at].end == End::kSentence && (at + 1 == words_.size() || words_[at + 1].speaks))
        return at + 1;
    }
    return words_.size();
  }

  [[nodiscard]] std::size_t ids_of(Range range) const {
    std::size_t ids = range.end - range.begin - 1;
    for (std::size_t i = range.begin; i < range.end && ids <= policy_.max_ids; ++i) ids += words_[i].ids;
    return ids;
  }

  [[nodiscard]] bool any_speaks(Range range) const {
    return std::any_of(words_.begin() + static_cast<long>(range.begin), words_.begin() + static_cast<long>(range.end),
                       [](const Spoken& w) { return w.speaks; });
  }

  /// Where the first piece may end so that first audio is early.
  [[nodiscard]] std::optional<std::size_t> early_cut() const {
    std::size_t spoken = 0, ids = 0;
    std::optional<std::size_t> short_of_least;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      spoken += words_[i].speaks ? 1 : 0;
      ids += words_[i].ids + 1;
      if (ids > policy_.max_ids || spoken > policy_.first_most_words) break;
      if (words_[i].end == End::kSentence) return std::nullopt;
      if (words_[i].end != End::kClause || spoken == 0) continue;
      std::size_t end = i + 1, ids_to_end = ids;
      while (end < words_.size() && !words_[end].speaks && words_[end].end != End::kNone &&
             ids_to_end <= policy_.max_ids) {
        ids_to_end += words_[end++].ids + 1;
      }
      if (end == words_.size()) return std::nullopt;
      if (ids_to_end > policy_.max_ids) break;
      if (spoken >= policy_.first_least_words) return end;
      short_of_least = end;
    }
    return short_of_least && is_long_from(*short_of_least) ? short_of_least : std::nullopt;
  }

  /// Whether so much of the sentence follows that a listener would have to wait for it.
  [[nodiscard]] bool is_long_from(std::size_t at) const {
    std::size_t spoken = 0;
    for (const std::size_t end = sentence_end(at); at < end; ++at) spoken += words_[at].speaks ? 1 : 0;
    return spoken > policy_.first_most_words;
  }

  void cut_sentence(Range range) {
    while (range.begin < range.end) {
      if (ids_of(range) <= policy_.max_ids) return emit(range);
      std::size_t ids = words_[range.begin].ids, end = range.begin + 1, clause = 0, clause_ids = 0;
      while (end < range.end && ids + 1 + words_[end].ids <= policy_.max_ids) {
        if (words_[end - 1].end != End::kNone && words_[end].speaks) clause = end, clause_ids = ids;
        ids += 1 + words_[end].ids;
        ++end;
      }
      if (words_[end - 1].end != End::kNone) clause = end, clause_ids = ids;
      if (clause_ids * 4 >= policy_.max_ids) end = clause;  // a much shorter piece would sound cut off
      emit({range.begin, end});
      range.begin = end;
    }
  }

  void emit(Range range) {
    if (!any_speaks(range)) return;
    std::string chunk;
    for (std::size_t i = range.begin; i < range.end; ++i) {
      if (words_[i].text.empty()) continue;
      if (!chunk.empty()) chunk += ' ';
      chunk += words_[i].text;
    }
    chunks_.push_back(std::move(chunk));
  }

  const std::vector<Spoken> words_;
  const ChunkPolicy& policy_;
  std::vector<std::string> chunks_;
};

}  // namespace

std::vector<std::string> cut_chunks(std::string_view phonemes, Position position, const ChunkPolicy& policy) {
  return Cutter{words_of(phonemes, policy.max_ids), policy}.cut(position);
}

}  // namespace hearth::text
