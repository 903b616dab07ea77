#include "engines/llama/prefix_shelf.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace hearth::engines::llama {
namespace {

std::size_t common_tokens(const std::vector<llama_token>& state, const server_tokens& prompt) {
  const std::size_t most = std::min(state.size(), prompt.size());
  std::size_t count = 0;
  while (count < most && state[count] == prompt[count]) ++count;
  return count;
}

}  // namespace

bool can_be_cut(const llama_model* model) {
  return llama_model_n_swa(model) == 0 && !llama_model_is_recurrent(model) && !llama_model_is_hybrid(model);
}

PrefixShelf::PrefixShelf(const std::vector<PrefixSource>& sources) {
  for (const PrefixSource& source : sources) places_.push_back({source, nullptr, false});
}

void PrefixShelf::fetch(const server_tokens& prompt) {
  base::MutexLock lock(mutex_);
  for (Place& place : places_) {
    if (place.state == nullptr) {
      const auto path = place.source.find();
      if (!path) continue;
      auto opened = PrefixState::open(*path);
      if (!opened) {
        base::log_warning("prefix {}: {}; it will be made again", place.source.id, opened.error().line());
        place.source.discard();
        continue;
      }
      place.state = std::make_shared<const PrefixState>(std::move(*opened));
    }
    if (place.is_verified || common_tokens(place.state->tokens(), prompt) < kLeastGain) continue;
    const auto good = place.state->verify();
    place.is_verified = good.has_value();
    if (good) continue;
    base::log_warning("prefix {}: {}; it will be made again", place.source.id, good.error().line());
    place.state = nullptr;
    place.source.discard();
  }
}

std::shared_ptr<const PrefixState> PrefixShelf::find(const server_tokens& prompt, std::size_t have, Match match) const {
  base::MutexLock lock(mutex_);
  std::shared_ptr<const PrefixState> best;
  std::size_t most = have + kLeastGain - 1;
  for (const Place& place : places_) {
    if (!place.is_verified) continue;
    const std::size_t common = common_tokens(place.state->tokens(), prompt);
    if (common <= most || (match == Match::kWhole && common < place.state->tokens().size())) continue;
    best = place.state;
    most = common;
  }
  return best;
}

}  // namespace hearth::engines::llama
