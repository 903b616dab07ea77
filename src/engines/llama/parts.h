#pragma once

// Inside engines/llama only: how the answers to one request share a model. Choices that fit side by side into the cells
// are decoded side by side; all else runs as it finds room, in order. Nothing is ever begun that the cells do not
// suffice for: llama.cpp would fail every request that runs. Pure.

#include <cstddef>
#include <optional>
#include <vector>

#include "engines/llama/slot_gate.h"

namespace hearth::engines::llama {

inline constexpr int kLeastAnswer = 256;  // tokens that an answer without a limit may have, however long its prompt

/// Answers to one prompt that llama.cpp decodes as one task: they share the prompt's cells.
struct Part {
  std::size_t prompt = 0;  // whose
  int first = 0;           // which of the answers to that prompt they begin with
  int answers = 1;
  int limit = -1;  // tokens of each; -1: none
  SlotGate::Need need;
};

/// What is asked for one prompt.
struct Asked {
  std::optional<int> tokens;  // of the prompt, fewer than the context; nothing where a picture is in it
  int answers = 1;
  int limit = -1;  // tokens of each; negative: the client said none
};

/// The parts of prompt number `prompt`. Without a limit of its own an answer ends where it would take another slot's
/// share of the context. `room`: all that the model has.
[[nodiscard]] std::vector<Part> parts_of(std::size_t prompt, const Asked& asked, SlotGate::Need room);

/// What all of them use at once, at most.
[[nodiscard]] SlotGate::Need need_of(const std::vector<Part>& parts, SlotGate::Need room);

/// What of a request's share is not used by its parts that run. One thread.
class Seats {
 public:
  explicit Seats(SlotGate::Need given) : free_(given) {}
  /// Takes it, where there is as much; what is alone has all.
  [[nodiscard]] bool try_take(SlotGate::Need need);
  void give_back(SlotGate::Need need);

 private:
  SlotGate::Need free_;
  int running_ = 0;
};

}  // namespace hearth::engines::llama
