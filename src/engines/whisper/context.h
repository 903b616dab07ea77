#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "engine/engine.h"

struct whisper_context;
struct whisper_state;

namespace hearth::engines::whisper {

struct ContextDeleter {
  void operator()(whisper_context* context) const;
};
struct StateDeleter {
  void operator()(whisper_state* state) const;
};
/// The weights: immutable, shared by all calls.
using ContextPointer = std::unique_ptr<whisper_context, ContextDeleter>;
/// What one call writes to: caches and compute buffers.
using StatePointer = std::unique_ptr<whisper_state, StateDeleter>;

/// Opens a model in ggml's format after check_ggml(). Blocks; reports "prefetch" and "open"; stops within one tensor.
/// kCorrupt, kUnsupported, kNotFound, kIo, kExhausted (no memory), kCancelled.
[[nodiscard]] base::Result<ContextPointer> open_context(const std::filesystem::path& model,
                                                        const engine::LoadProgress& progress,
                                                        const std::stop_token& stop);
/// Makes what one call needs: tens of milliseconds. kExhausted without memory. Any thread.
[[nodiscard]] base::Result<StatePointer> make_state(whisper_context& context);

}  // namespace hearth::engines::whisper
