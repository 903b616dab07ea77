#pragma once

// Inside engines/llama only, for .cc files: what llama.cpp makes of Anthropic's messages, as its clients know them.
// Pure.

#include <server-common.h>

#include <set>
#include <string>

namespace hearth::engines::llama {

/// Says in `answer` (a message, or the delta of one) whether one of the request's stop_sequences ended it. llama.cpp
/// says "end_turn" then, and also names stops that are the chat template's own.
void mend_stop(json& answer, const json& request);

/// What the first event of an answer tells.
struct MessageHead {
  std::string id;
  std::string model;
  int prompt_tokens = 0;
  int cached_tokens = 0;  // of these
};

/// A streamed answer. One thread.
class MessageEvents {
 public:
  explicit MessageEvents(json request) : request_(std::move(request)) {}

  /// What to send for llama.cpp's events of one step. message_start comes first, also where llama.cpp, having had no
  /// whole character yet, left that out; no block starts twice.
  [[nodiscard]] json on_events(const json& events, const MessageHead& head);

 private:
  const json request_;
  bool has_begun_ = false;
  std::set<int> blocks_;  // that have started
};

}  // namespace hearth::engines::llama
