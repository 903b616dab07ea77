// How a slot gets a prompt's beginning that was read before the start, in two moments on the loop's thread. llama.cpp
// chooses the slot whose content is nearest to the new prompt, else the one that was used the longest ago: an edit of
// it (cmake/ggml/edits.toml) asks here whether a slot is nearer than any other would be with what the shelf has, so
// that a conversation is not cut for a beginning that all share. Then it saves what the slot loses, and asks its cache
// of prompts for something nearer: server_prompt_cache::load(). That call is taken over at link time (--wrap in
// CMakeLists.txt): the cache is asked where it has more than the shelf, then the shelf of the loop. What is put in is
// what the cache itself puts in: a sequence's state and its tokens.

#include <llama.h>
#include <server-task.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/log.h"
#include "engines/llama/prefix_shelf.h"

namespace hearth::engines::llama {
namespace {

const PrefixShelf*& shelf_here() {
  thread_local const PrefixShelf* shelf = nullptr;
  return shelf;
}

PrefixShelf::Match match_of(const llama_context* context) {
  return can_be_cut(llama_get_model(context)) ? PrefixShelf::Match::kAny : PrefixShelf::Match::kWhole;
}

/// How many of `wanted`'s tokens the conversation has that is nearest.
std::size_t most_in(const server_prompt_cache& cache, const server_tokens& wanted) {
  std::size_t most = 0;
  for (const server_prompt_cache_state& state : cache.states)
    most = std::max(most, state.prompt.tokens.get_common_prefix(wanted));
  return most;
}

/// False where other conversations have the cells: the sequence is empty then, and the caller empties its slot, makes
/// room and asks again.
bool put(const PrefixState& found, server_prompt& prompt, llama_context* context, llama_seq_id slot) {
  const auto state = found.state();
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(state.data());
  if (llama_state_seq_set_data_ext(context, bytes, state.size(), slot, 0) != state.size()) {
    base::log_debug("llama: slot {} has no room for the {} tokens of a prefix", slot, found.tokens().size());
    return false;
  }
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
  const PrefixShelf* shelf = shelf_here();
  if (shelf == nullptr || draft != nullptr) return load_for_real(cache, prompt, wanted, context, draft, slot);
  const auto match = match_of(context);
  // A conversation that has no more to give than the shelf stays in the cache: whoever goes on with it will want it.
  const bool is_good = shelf->is_as_near(wanted, most_in(*cache, wanted), match) ||
                       load_for_real(cache, prompt, wanted, context, draft, slot);
  const auto found = shelf->find(wanted, is_good ? prompt.tokens.get_common_prefix(wanted) : 0, match);
  return found == nullptr ? is_good : put(*found, prompt, context, slot);
}

bool is_as_near(const llama_context* context, const server_tokens& wanted, std::size_t have)  //
    asm("hearth_shelf_is_as_near");
bool is_as_near(const llama_context* context, const server_tokens& wanted, std::size_t have) {
  const PrefixShelf* shelf = shelf_here();
  return shelf != nullptr && shelf->is_as_near(wanted, have, match_of(context));
}

}  // namespace hearth::engines::llama
