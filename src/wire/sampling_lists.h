#pragma once

#include "wire/json_in.h"

namespace hearth::wire {

/// Inside wire/ only, for .cc files. Bounds the lists that say how a language model chooses its tokens: logit_bias,
/// samplers, dry_sequence_breakers. The library behind keeps what it makes of them for each answer that runs, and a
/// text in logit_bias becomes as many entries as it has tokens. The first that is too large is kept in `reader`. Pure.
void check_sampling_lists(ObjectReader& reader);

}  // namespace hearth::wire
