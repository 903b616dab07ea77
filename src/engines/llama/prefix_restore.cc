// How a slot gets a prompt's beginning that was read before the start. llama.cpp chooses the slot of a request, saves
// what it loses, and asks its cache of prompts for something nearer to the new one: server_prompt_cache::load(), on the
// loop's thread. That call is taken over at link time (--wrap in CMakeLists.txt): first the cache is asked as before,
// then the shelf of the loop. What is put in is what the cache itself puts in: a sequence's state and its tokens.

#include <llama.h>
#include <server-task.h>

#include <cstdint>

#include "engines/llama/prefix_shelf.h"

namespace hearth::engines::llama {
namespace {

const PrefixShelf*& shelf_here() {
  thread_local const PrefixShelf* shelf = nullptr;
  return shelf;
}

/// False: the sequence is empty now, and the caller makes its slot so.
bool put(const PrefixState& found, server_prompt& prompt, llama_context* context, llama_seq_id slot) {
  const auto state = found.state();
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(state.data());
  if (llama_state_seq_set_data_ext(context, bytes, state.size(), slot, 0) != state.size()) return false;
  prompt.checkpoints.clear();
  prompt.tokens = server_tokens(found.tokens(), prompt.tokens.has_mtmd);
  if (llama_model_n_swa(llama_get_model(context)) > 0) {
    // A state has no more than the window, and llama.cpp wants one token more before it goes on from there. A
    // checkpoint that says it begins at 0 lets it go on from the token before the last, for which the window suffices.
    common_prompt_checkpoint& checkpoint = prompt.checkpoints.emplace_back();
    const auto tokens = static_cast<std::int64_t>(found.tokens().size());
    checkpoint.update_pos(tokens, 0, static_cast<llama_pos>(tokens - 1));
    checkpoint.update_tgt(context, slot, LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY);
  }
  return true;
}

}  // namespace

void set_shelf_of_this_thread(const PrefixShelf* shelf) { shelf_here() = shelf; }

bool load_for_real(server_prompt_cache* cache, server_prompt& prompt, const server_tokens& wanted,
                   llama_context* context, llama_context* draft, std::int32_t slot)  //
    asm("__real__ZN19server_prompt_cache4loadER13server_promptRK13server_tokensP13llama_contextS6_i");
bool load(server_prompt_cache* cache, server_prompt& prompt, const server_tokens& wanted, llama_context* context,
          llama_context* draft, std::int32_t slot)  //
    asm("__wrap__ZN19server_prompt_cache4loadER13server_promptRK13server_tokensP13llama_contextS6_i");
bool load(server_prompt_cache* cache, server_prompt& prompt, const server_tokens& wanted, llama_context* context,
          llama_context* draft, std::int32_t slot) {
  const bool is_good = load_for_real(cache, prompt, wanted, context, draft, slot);
  const PrefixShelf* shelf = shelf_here();
  if (shelf == nullptr || draft != nullptr) return is_good;
  const auto match = can_be_cut(llama_get_model(context)) ? PrefixShelf::Match::kAny : PrefixShelf::Match::kWhole;
  const auto found = shelf->find(wanted, is_good ? prompt.tokens.get_common_prefix(wanted) : 0, match);
  return found == nullptr ? is_good : put(*found, prompt, context, slot);
}

}  // namespace hearth::engines::llama
