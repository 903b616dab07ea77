#include "engines/llama/prefix_writer.h"

#include <ggml.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/collected_answer.h"
#include "engines/llama/answer.h"
#include "engines/llama/loaded_model.h"
#include "engines/llama/prefix_state.h"
#include "engines/llama/request.h"

namespace hearth::engines::llama {
namespace {

using base::Code;
using base::fail;
using base::Result;
using engine::LanguageCall;

std::vector<llama_token> chat_tokens(LoadedModel& model, const std::string& system, std::string_view user) {
  const auto message = [](const char* role, std::string_view content) {
    return json{{"role", role}, {"content", content}};
  };
  json body;
  body["messages"] = json::array({message("system", system), message("user", user)});
  return plan_request(model, LanguageCall::kChatCompletions, body.dump()).prompts.at(0).get_tokens();
}

void keep_common(std::vector<llama_token>& tokens, const std::vector<llama_token>& other) {
  const auto end = std::mismatch(tokens.begin(), tokens.end(), other.begin(), other.end()).first;
  tokens.erase(end, tokens.end());
}

/// What all chats with this system prompt share: what a template and a tokenizer make of its end depends on what
/// follows, so several things follow.
std::vector<llama_token> shared_tokens(LoadedModel& model, const std::string& system) {
  constexpr std::array<std::string_view, 5> kUsers{"Hello.", "7 of them", "\n\n-", " (so)", "\xC3\x84h"};
  std::vector<llama_token> tokens = chat_tokens(model, system, kUsers[0]);
  for (const std::string_view user : kUsers) keep_common(tokens, chat_tokens(model, system, user));
  if (can_be_cut(model.model())) return tokens;
  // All of it must be in a request to be of use. Tools are described behind the system prompt, a file ends in a line
  // break that the client's string has not: what stands last is left out.
  for (const char* tail : {"\n", "\n\nx", ", y"}) keep_common(tokens, chat_tokens(model, system + tail, kUsers[0]));
  return tokens;
}

Result<void> read_prompt(LoadedModel& model, const std::vector<llama_token>& tokens, const std::stop_token& stop) {
  const json body = {{"prompt", tokens}, {"max_tokens", 1}, {"temperature", 0}};
  engine::CollectedAnswer answer;
  auto done = run_plan(model, plan_request(model, LanguageCall::kCompletions, body.dump()), answer, stop);
  if (!done || answer.status() == 200) return done;
  return fail(Code::kInternal, "the model does not read the prefix: " + answer.body());
}

/// Of the sequence that has these tokens and no more. The loop has ended.
Result<std::vector<std::byte>> state_of(LoadedModel& model, std::size_t tokens) {
  llama_context* context = model.context();
  for (llama_seq_id slot = 0; slot < model.slots(); ++slot) {
    if (llama_memory_seq_pos_max(llama_get_memory(context), slot) + 1 != static_cast<llama_pos>(tokens)) continue;
    std::vector<std::byte> state(llama_state_seq_get_size_ext(context, slot, 0));
    auto* const bytes = reinterpret_cast<std::uint8_t*>(state.data());
    if (state.empty() || llama_state_seq_get_data_ext(context, bytes, state.size(), slot, 0) != state.size()) break;
    return state;
  }
  return fail(Code::kInternal, "llama.cpp does not give the prefix's state");
}

}  // namespace

std::string prefix_library() { return std::string("ggml-") + ggml_version() + " " + HEARTH_GGML_BUILD; }

Result<void> write_prefix(const LlamaOptions& options, const std::string& system, const std::filesystem::path& out,
                          const std::stop_token& stop) try {
  auto opened = LoadedModel::open(options, {}, stop);
  if (!opened) return fail(opened.error());
  LoadedModel& model = **opened;
  const std::vector<llama_token> tokens = shared_tokens(model, system);
  if (tokens.size() < kLeastGain) {
    return fail(Code::kInvalidArgument, "what chats with this system prompt share has only " +
                                            std::to_string(tokens.size()) + " tokens: there is nothing to gain");
  }
  if (auto read = read_prompt(model, tokens, stop); !read) return read;
  model.end_loop();
  const auto state = state_of(model, tokens.size());
  if (!state) return fail(state.error());
  return PrefixState::write(out, tokens, *state);
} catch (const Refusal& refusal) {
  return fail(Code::kInvalidArgument, refusal.what());
} catch (const std::exception& error) {
  return fail(Code::kInternal, error.what());
}

}  // namespace hearth::engines::llama
