#pragma once

// Inside engines/llama only, for .cc files: what llama.cpp makes of chat and completions answers, as OpenAI's clients
// know them. Pure.

#include <server-common.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::engines::llama {

/// Letters (code points) of UTF-8: what text_offset counts.
[[nodiscard]] std::size_t count_letters(std::string_view text);

/// How the answers to a request are to look.
struct ChoiceForm {
  int choices = 1;                    // answers to each prompt; choice i answers prompt i / choices
  bool wants_usage = false;           // of a stream: a chunk with the usage of all choices before its end
  bool is_chat = true;                // else plain text
  bool has_alternatives = true;       // logprobs with the tokens that might have stood there
  std::vector<std::string> echoes{};  // what stands before the answers to each prompt; empty: nothing
};

/// The logprobs of /v1/completions: tokens, token_logprobs, top_logprobs, text_offset. `content` are llama.cpp's, one
/// object a token; `offset` in letters is where the first one stands in its choice's text.
[[nodiscard]] json token_lists(const json& content, std::size_t offset, bool has_alternatives);

/// All choices as one document. Answers to one prompt stand together, and their prompt is counted once.
[[nodiscard]] json join_choices(const json& documents, const ChoiceForm& form);

/// A stream of several choices. One thread.
class ChoiceChunks {
 public:
  explicit ChoiceChunks(ChoiceForm form) : form_(std::move(form)) {}

  /// What to send for `chunks`, llama.cpp's for one step of one choice (one object, or a list). May be empty. Each
  /// choice of a chat begins with its role, also where llama.cpp, having had no whole character yet, left that out.
  [[nodiscard]] json on_chunks(const json& chunks);
  /// The last chunk, where the client asked for it: the usage of all choices. Else an empty list.
  [[nodiscard]] json on_end() const;

 private:
  void add_usage(const json& chunk, int choice);
  void mend_text(json& choice, int index);

  const ChoiceForm form_;
  std::set<int> begun_;                 // choices
  std::set<int> counted_;               // prompts
  std::map<int, std::size_t> letters_;  // of each choice's text so far, without an echo
  json last_;                           // the last chunk with usage
  int last_index_ = 0;                  // whose chunk came last: usage comes in a chunk that does not say
  int prompt_tokens_ = 0;
  int answer_tokens_ = 0;
  int ended_ = 0;  // choices
};

}  // namespace hearth::engines::llama
