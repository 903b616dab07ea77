#pragma once

// Any GGUF model of llama.cpp as a LanguageModel, through the library that llama.cpp's own server is made of: chat
// templates, tool calls, grammars, sampling and the batching of several sequences are its. Not its: the HTTP server,
// files that requests name, downloads of images, tools, metrics, and the queue (slot_gate.h says why).
// Trace of a request: llama.cc → request.cc (document to parts: parts.h) → slot_gate.cc → answer.cc (parts to tasks,
// results to the sink).
// System prompts that were read before the start: prefix_shelf.h.
// Threads: one loop thread a model, which decodes for all its slots, and its compute threads; answer() runs on the
// caller's and may run on several. Several models live in one process.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "engine/engine.h"
#include "engines/llama/gguf_check.h"

namespace hearth::engines::llama {

/// A system prompt that was read before (prefix_writer.h), and where what the model made of it lies.
struct PrefixSource {
  std::string id;                                              // for people
  std::function<std::optional<std::filesystem::path>()> find;  // nothing while it is not there; any thread, often
  std::function<void()> discard;                               // it is damaged: it must not be found again
};

/// Some thousand tokens of a small model, a few hundred of a large one. llama.cpp's own default is 8 GiB.
inline constexpr base::Bytes kPromptCache{64 << 20};

struct LlamaOptions {
  std::string name;                 // what a response calls the model when the request did not
  std::filesystem::path model;      // the file, or the first of its parts
  std::filesystem::path projector;  // vision: the projector's file; empty for text
  int context = 0;  // tokens for all slots together; 0: 4,096; never beyond what the model was trained for
  int slots = 0;    // sequences that are decoded side by side; 0: 2
  int threads = 1;  // compute tokens of one decode
  std::vector<PrefixSource> prefixes;
  /// Conversations that lost their slot, kept in memory beside it so that they need not be read again.
  base::Bytes prompt_cache = kPromptCache;
  GgufDepth check = GgufDepth::kWhole;
};

/// See engine::Load for the contract. kNotFound, kCorrupt, kUnsupported and kInvalidArgument as check_gguf_file();
/// kCorrupt also where llama.cpp refuses the model, with its own words; kExhausted where memory does not suffice.
[[nodiscard]] base::Result<std::unique_ptr<engine::Engine>> open_llama(const LlamaOptions& options,
                                                                       const engine::LoadProgress& progress,
                                                                       const std::stop_token& stop);

}  // namespace hearth::engines::llama
