// A grammar may leave a model nothing to write: an empty set of letters, a letter that the vocabulary cannot spell, an
// end that the request forbids. llama.cpp then samples from tokens that are all ruled out. So the call that rules
// tokens out is taken over at link time (--wrap in CMakeLists.txt): where none is left, the request fails before it
// samples. What is ruled out later, by the request's own logit_bias, fails where it is taken (cmake/ggml/edits.toml).

#include <llama.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

struct llama_grammar;

namespace hearth::engines::llama {

void apply_for_real(const llama_grammar& grammar, llama_token_data_array* tokens)  //
    asm("__real__Z24llama_grammar_apply_implRK13llama_grammarP22llama_token_data_array");
void apply(const llama_grammar& grammar, llama_token_data_array* tokens)  //
    asm("__wrap__Z24llama_grammar_apply_implRK13llama_grammarP22llama_token_data_array");
/// On the loop's thread, which answers the request with what is thrown.
void apply(const llama_grammar& grammar, llama_token_data_array* tokens) {
  apply_for_real(grammar, tokens);
  if (tokens->size <= 1) return;  // only asks whether this one fits
  const std::span<const llama_token_data> left(tokens->data, tokens->size);
  const auto is_out = [](const llama_token_data& token) { return std::isinf(token.logit) && token.logit < 0; };
  if (std::all_of(left.begin(), left.end(), is_out)) throw std::runtime_error("no token fits the grammar");
}

}  // namespace hearth::engines::llama
