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

PrefixShelf::PrefixShelf(std::vector<PrefixSource> sources)
    : sources_(std::move(sources)), places_(sources_.size()), ready_(sources_.size()) {}

PrefixShelf::Found PrefixShelf::look(std::size_t index, const server_tokens& prompt) {
  Place& place = places_[index];
  const PrefixSource& source = sources_[index];
  if (place.is_verified || place.is_leaving) return Found::kNothingNew;
  const auto damaged = [&](const base::Error& error) {
    if (error.code != base::Code::kCorrupt) return Found::kNothingNew;  // it may be whole: the next request looks again
    base::log_warning("prefix {}: {}; it will be made again", source.id, error.line());
    place.state = nullptr;
    place.is_leaving = true;
    return Found::kDamaged;
  };
  if (place.state == nullptr) {
    const auto path = source.find();
    if (!path) return Found::kNothingNew;
    auto opened = PrefixState::open(*path);
    if (!opened) return damaged(opened.error());
    place.state = std::make_shared<const PrefixState>(std::move(*opened));
  }
  if (common_tokens(place.state->tokens(), prompt) < kLeastGain) return Found::kNothingNew;
  if (const auto good = place.state->verify(); !good) return damaged(good.error());
  place.is_verified = true;
  return Found::kReady;
}

void PrefixShelf::fetch(const server_tokens& prompt) {
  std::vector<std::size_t> damaged;
  {
    const base::MutexLock reading(reading_);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const Found found = look(i, prompt);
      if (found == Found::kDamaged) damaged.push_back(i);
      if (found != Found::kReady) continue;
      const base::MutexLock lock(mutex_);
      ready_[i] = places_[i].state;
    }
  }
  for (const std::size_t i : damaged) {
    sources_[i].discard();
    const base::MutexLock reading(reading_);
    places_[i].is_leaving = false;
  }
}

PrefixShelf::Nearest PrefixShelf::nearest(const server_tokens& prompt, Match match) const {
  const base::MutexLock lock(mutex_);
  Nearest best;
  for (const State& state : ready_) {
    if (state == nullptr) continue;
    const std::size_t common = common_tokens(state->tokens(), prompt);
    if (common <= best.common || (match == Match::kWhole && common < state->tokens().size())) continue;
    best = {state, common};
  }
  return best;
}

PrefixShelf::State PrefixShelf::find(const server_tokens& prompt, std::size_t have, Match match) const {
  const Nearest best = nearest(prompt, match);
  return best.common >= have + kLeastGain ? best.state : nullptr;
}

bool PrefixShelf::is_as_near(const server_tokens& prompt, std::size_t have, Match match) const {
  const Nearest best = nearest(prompt, match);
  return best.common >= kLeastGain && have < best.common + kLeastGain;
}

}  // namespace hearth::engines::llama
