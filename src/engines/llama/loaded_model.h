#pragma once

// Inside engines/llama only, for .cc files: a model in memory with the thread that decodes for it.

#include <common.h>
#include <llama.h>
#include <server-context.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/result.h"
#include "engines/ggml/memory.h"
#include "engines/llama/llama.h"
#include "engines/llama/prefix_shelf.h"
#include "engines/llama/slot_gate.h"

namespace hearth::engines::llama {

/// Immutable once open, but for what llama.cpp guards itself. Any thread.
class LoadedModel {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<LoadedModel>> open(const LlamaOptions& options,
                                                                       const engine::LoadProgress& progress,
                                                                       const std::stop_token& stop);
  LoadedModel(const LoadedModel&) = delete;
  LoadedModel& operator=(const LoadedModel&) = delete;
  /// No answer may be under way.
  ~LoadedModel();

  /// For the tasks of one request. Destroying it cancels what has not ended.
  [[nodiscard]] server_response_reader make_reader() { return context_.get_response_reader(); }
  [[nodiscard]] SlotGate& gate() { return *gate_; }
  [[nodiscard]] PrefixShelf& prefixes() { return *prefixes_; }
  /// Waits until the loop has ended: nothing is answered from now on, and the context is the caller's. No answer may be
  /// under way.
  void end_loop();
  /// True once nothing is answered any more: after end_loop(), or where the loop failed.
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const common_params& params() const { return params_; }
  [[nodiscard]] const server_context_meta& meta() const { return *meta_; }
  /// How a chat is written for this model: by its own template, or where that has no word for tools by one of ours.
  /// Null where the request has tools and there is no way to tell the model of them.
  [[nodiscard]] const server_chat_params* find_chat_params(bool has_tools);
  [[nodiscard]] const llama_context* context() const { return context_.get_llama_context(); }
  [[nodiscard]] llama_context* context() { return context_.get_llama_context(); }
  [[nodiscard]] const llama_model* model() const { return llama_get_model(context()); }
  [[nodiscard]] const llama_vocab* vocab() const { return llama_model_get_vocab(model()); }
  [[nodiscard]] bool is_embedding() const { return params_.embedding; }
  [[nodiscard]] int slots() const { return params_.n_parallel; }
  /// Tokens that one sequence may have, prompt and answer together.
  [[nodiscard]] int context_tokens() const { return meta_->slot_n_ctx; }
  /// Bytes of text that so many tokens may be: a longer one does not fit, whatever it says. Not for models that embed,
  /// whose tokenizers leave out what they do not know. The first call looks at the whole vocabulary.
  [[nodiscard]] std::size_t most_text();

 private:
  LoadedModel() = default;
  [[nodiscard]] base::Result<void> load();
  /// Whether the loop has begun: before, it would miss the order to end.
  [[nodiscard]] bool wait_for_loop();

  std::string name_;
  common_params params_;  // llama.cpp keeps a copy and fills in what the model decides
  server_context context_;
  ggml::LargePages large_pages_;
  std::unique_ptr<const server_context_meta> meta_;
  std::unique_ptr<SlotGate> gate_;
  std::unique_ptr<PrefixShelf> prefixes_;
  std::once_flag text_asked_;
  std::size_t most_text_ = 0;  // once a long text has come
  std::once_flag tools_asked_;
  std::unique_ptr<const server_chat_params> tool_chat_;  // made by the first request with tools that needs it
  std::atomic<bool> has_ended_ = false;
  std::thread loop_;
};

}  // namespace hearth::engines::llama
