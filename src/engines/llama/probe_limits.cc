#include "engines/llama/probe_limits.h"

namespace hearth::engines::llama {
namespace {

struct Rates {
  base::Millis least;             // for what does not depend on the size
  std::int64_t bytes_per_second;  // of processor time
  base::Bytes spare;              // address space beyond the files
};

// A token takes two operations a weight, and of weights that are half a byte four a byte. A chat on trial has as many
// tokens as its context at the most, 256: a thousand operations a byte, of which a slow core does ten billion a second.
// Opening and repacking the files costs less than a tenth of that.
constexpr Rates kBlind{base::Millis{120'000}, 10'000'000, base::Bytes{4LL << 30}};
// Some eyes make four thousand patches of the smallest picture, whatever the model's size, and of these a thousand
// tokens for the model behind them: four times as many.
constexpr Rates kSeeing{base::Millis{600'000}, 2'500'000, base::Bytes{8LL << 30}};

constexpr std::int64_t kSlowDisk = 30'000'000;       // bytes a second; it reads while nobody computes
constexpr base::Millis kBusyMachine{30LL * 60'000};  // cores that others have, memory that is swapped

}  // namespace

ProbeLimits probe_limits(base::Bytes files, ProbeSight sight) {
  const Rates& rates = sight == ProbeSight::kSeeing ? kSeeing : kBlind;
  const auto time_at = [&files](std::int64_t rate) { return base::Millis{1000 * (files.count / rate)}; };
  ProbeLimits limits;
  limits.processor = rates.least + time_at(rates.bytes_per_second);
  limits.address = base::Bytes{2 * files.count} + rates.spare;         // the files twice: mapped, and repacked
  limits.wall = limits.processor + time_at(kSlowDisk) + kBusyMachine;  // as if one core did all of it
  return limits;
}

}  // namespace hearth::engines::llama
