#pragma once

// Inside engines/llama only, for .cc files: prompts that a model has read before it was started. A request that begins
// with one finds it in its slot, whichever slot that is and whoever had it before.
//
// Two steps, each where it costs nobody: fetch() on the request's own thread opens and checks the file, before the
// request is posted; find() on the loop's thread has the state, which prefix_restore.cc copies into the slot that
// llama.cpp has chosen, in the moment in which llama.cpp asks its own cache of prompts, so that no decision stands on a
// slot's past content.

#include <server-common.h>

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "engines/llama/llama.h"
#include "engines/llama/prefix_state.h"

namespace hearth::engines::llama {

/// Copying a state costs as much as reading some five tokens; below this a restored beginning gains nothing.
inline constexpr std::size_t kLeastGain = 32;

/// Whether a sequence's memory can be shortened to any of its tokens: not with sliding windows, nor where it is a
/// state.
[[nodiscard]] bool can_be_cut(const llama_model* model);

class PrefixShelf {
 public:
  explicit PrefixShelf(std::vector<PrefixSource> sources);
  PrefixShelf(const PrefixShelf&) = delete;
  PrefixShelf& operator=(const PrefixShelf&) = delete;

  /// Makes the states that `prompt` begins with ready for find(). Looks for those that were not there yet, so that what
  /// is written while the server runs is used. A damaged one is discarded, with a warning. Any thread but the loop's;
  /// reads the file the first time, while other calls of fetch() wait for it. Nobody waits for a discard.
  void fetch(const server_tokens& prompt) EXCLUDES(reading_, mutex_);

  enum class Match {
    kAny,    // the memory can be cut anywhere
    kWhole,  // it cannot (sliding windows, recurrent models): a state is of use only where the prompt has all of it
  };
  /// The state that `prompt` shares most with, where that is clearly more than the `have` tokens that its slot has
  /// already; else null. Any thread; never waits for a file.
  [[nodiscard]] std::shared_ptr<const PrefixState> find(const server_tokens& prompt, std::size_t have,
                                                        Match match) const EXCLUDES(mutex_);
  /// Whether it makes no difference that a slot has `have` of the prompt's tokens already: any other gets as many from
  /// here, or all but a few. False where the prompt begins with none of the states.
  [[nodiscard]] bool is_as_near(const server_tokens& prompt, std::size_t have, Match match) const EXCLUDES(mutex_);

 private:
  using State = std::shared_ptr<const PrefixState>;  // shared because a discarded one may still be read
  struct Place {
    State state;  // once it is open
    bool is_verified = false;
    bool is_leaving = false;  // somebody discards it: what is there now is not to be opened
  };
  struct Nearest {
    State state;
    std::size_t common = 0;  // tokens
  };
  enum class Found { kNothingNew, kReady, kDamaged };
  [[nodiscard]] Found look(std::size_t index, const server_tokens& prompt) REQUIRES(reading_);
  [[nodiscard]] Nearest nearest(const server_tokens& prompt, Match match) const EXCLUDES(mutex_);

  const std::vector<PrefixSource> sources_;
  base::Mutex reading_;  // taken before mutex_
  std::vector<Place> places_ GUARDED_BY(reading_);
  mutable base::Mutex mutex_;
  std::vector<State> ready_ GUARDED_BY(mutex_);  // of the same places, those that are verified
};

/// Which shelf restores on this thread, a loop's. Null: none.
void set_shelf_of_this_thread(const PrefixShelf* shelf);

}  // namespace hearth::engines::llama
