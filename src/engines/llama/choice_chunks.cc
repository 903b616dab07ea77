#include "engines/llama/choice_chunks.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace hearth::engines::llama {
namespace {

/// A token's text; where that is no whole character, its bytes, as OpenAI shows them.
std::string shown(const json& token) {
  std::string text = json_value(token, "token", std::string());
  if (!text.empty() || !token.contains("bytes") || token.at("bytes").empty()) return text;
  text = "bytes:";
  for (const json& byte : token.at("bytes")) text += fmt::format("\\x{:02x}", byte.get<int>());
  return text;
}

int usage_of(const json& document, const char* name) {
  return json_value(json_value(document, "usage", json::object()), name, 0);
}

std::string echo_of(const ChoiceForm& form, int choice) {
  const auto prompt = static_cast<std::size_t>(choice / form.choices);
  return prompt < form.echoes.size() ? form.echoes[prompt] : std::string();
}

/// Replaces llama.cpp's logprobs of a plain text. Not those after sampling, which are no logarithms.
void list_tokens(json& choice, std::size_t offset, bool has_alternatives) {
  const json logprobs = json_value(choice, "logprobs", json());
  if (!logprobs.is_object() || !logprobs.contains("content")) return;
  const json& content = logprobs.at("content");
  if (!content.empty() && !content.at(std::size_t{0}).contains("logprob")) return;
  choice["logprobs"] = token_lists(content, offset, has_alternatives);
}

json role_chunk(const json& chunk, int index) {
  json role = chunk;
  for (const char* field : {"usage", "timings", "prompt_progress", "__verbose"}) {
    if (role.contains(field)) role.erase(field);
  }
  json choice = {{"finish_reason", nullptr}, {"index", index}};
  choice["delta"] = json{{"role", "assistant"}, {"content", nullptr}};
  role["choices"] = json::array({choice});
  return role;
}

}  // namespace

std::size_t count_letters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

json token_lists(const json& content, std::size_t offset, bool has_alternatives) {
  json tokens = json::array();
  json logprobs = json::array();
  json alternatives = json::array();
  json offsets = json::array();
  for (const json& token : content) {
    tokens.push_back(shown(token));
    logprobs.push_back(token.at("logprob"));
    offsets.push_back(offset);
    offset += count_letters(json_value(token, "token", std::string()));
    json top = json::object();
    for (const json& other : json_value(token, "top_logprobs", json::array())) {
      const std::string text = shown(other);
      if (!top.contains(text)) top[text] = other.at("logprob");  // the likeliest of those that look alike
    }
    alternatives.push_back(top);
  }
  json lists = {{"tokens", tokens}, {"token_logprobs", logprobs}};
  lists["top_logprobs"] = has_alternatives ? alternatives : json(nullptr);
  lists["text_offset"] = offsets;
  return lists;
}

json join_choices(const json& documents, const ChoiceForm& form) {
  json joined = documents.at(std::size_t{0});
  joined["choices"] = json::array();
  int prompt = 0;
  int completion = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const json& document = documents.at(i);
    const int index = static_cast<int>(i);
    if (index % form.choices == 0) prompt += usage_of(document, "prompt_tokens");
    completion += usage_of(document, "completion_tokens");
    json choice = document.at("choices").at(std::size_t{0});
    if (!form.is_chat) {
      list_tokens(choice, 0, form.has_alternatives);
      choice["text"] = echo_of(form, index) + json_value(choice, "text", std::string());
    }
    joined["choices"].push_back(choice);
  }
  joined["usage"]["prompt_tokens"] = prompt;
  joined["usage"]["completion_tokens"] = completion;
  joined["usage"]["total_tokens"] = prompt + completion;
  return joined;
}

json ChoiceChunks::on_chunks(const json& chunks) {
  const json list = chunks.is_array() ? chunks : json::array({chunks});
  json sent = json::array();
  for (json chunk : list) {
    const json choices = json_value(chunk, "choices", json::array());
    const bool has_choice = !choices.empty();
    const int index = has_choice ? json_value(choices.at(std::size_t{0}), "index", 0) : last_index_;
    if (chunk.contains("usage")) {
      add_usage(chunk, index);
      if (!has_choice) continue;
      chunk.erase("usage");
    }
    last_index_ = index;
    json& choice = chunk.at("choices").at(std::size_t{0});
    if (!form_.is_chat) {
      mend_text(choice, index);
    } else if (begun_.insert(index).second && !json_value(choice, "delta", json::object()).contains("role")) {
      sent.push_back(role_chunk(chunk, index));
    }
    sent.push_back(chunk);
  }
  return sent;
}

json ChoiceChunks::on_end() const {
  if (!form_.wants_usage || last_.is_null()) return json::array();
  json chunk = last_;
  chunk["choices"] = json::array();
  chunk["usage"]["prompt_tokens"] = prompt_tokens_;
  chunk["usage"]["completion_tokens"] = answer_tokens_;
  chunk["usage"]["total_tokens"] = prompt_tokens_ + answer_tokens_;
  if (ended_ > 1 && chunk.contains("timings")) chunk.erase("timings");  // of one choice
  return json::array({chunk});
}

void ChoiceChunks::add_usage(const json& chunk, int choice) {
  if (counted_.insert(choice / form_.choices).second) prompt_tokens_ += usage_of(chunk, "prompt_tokens");
  answer_tokens_ += usage_of(chunk, "completion_tokens");
  ++ended_;
  last_ = chunk;
}

void ChoiceChunks::mend_text(json& choice, int index) {
  std::size_t& letters = letters_[index];
  const std::string text = json_value(choice, "text", std::string());
  list_tokens(choice, letters, form_.has_alternatives);
  letters += count_letters(text);
  if (begun_.insert(index).second) choice["text"] = echo_of(form_, index) + text;
}

}  // namespace hearth::engines::llama
