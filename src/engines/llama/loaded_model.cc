#include "engines/llama/loaded_model.h"

#include <chat.h>
#include <mtmd-helper.h>
#include <mtmd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "base/thread_pool.h"
#include "engines/llama/library.h"
#include "engines/llama/tool_template.h"

namespace hearth::engines::llama {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr int kDefaultContext = 4096;  // a page or two of document and its answer; each cell costs memory and load time
constexpr int kDefaultSlots = 2;       // a conversation and whoever else asks
// Tokens of a prompt that are read at once, at most: where others wait, and on slow cores, fewer are
// (cmake/ggml/edits.toml).
constexpr int kMaxPromptStep = 512;
constexpr int kMaxEmbeddingStep = 2048;  // an embedding model reads its whole text in one step

/// llama.cpp's own pooling types: 0 is none, and of no use to a client.
bool has_pooling(const GgufSummary& summary) { return summary.pooling && *summary.pooling > 0; }

int context_of(const LlamaOptions& options, const GgufSummary& summary) {
  const int wanted = options.context > 0 ? options.context : kDefaultContext;
  if (summary.training_context <= 0) return wanted;
  return static_cast<int>(std::min<std::int64_t>(wanted, summary.training_context));
}

common_params params_of(const LlamaOptions& options, const GgufSummary& summary) {
  common_params params;
  params.model.path = options.model.string();
  params.mmproj.path = options.projector.string();
  params.model_alias = {options.name};
  params.n_ctx = context_of(options, summary);
  params.n_parallel = options.slots > 0 ? options.slots : kDefaultSlots;
  params.kv_unified = true;  // one long prompt may have all cells; slot_gate.h keeps them from running out
  params.n_batch = kMaxPromptStep;
  params.n_ubatch = kMaxPromptStep;
  if (has_pooling(summary)) {
    params.embedding = true;
    params.n_batch = std::min(params.n_ctx, kMaxEmbeddingStep);
    params.n_ubatch = params.n_batch;
  }
  params.n_gpu_layers = 0;
  params.cpuparams.n_threads = std::max(1, options.threads);
  params.cpuparams_batch = params.cpuparams;
  params.warmup = false;      // the coordinator of warm-ups owns every synthetic inference
  params.fit_params = false;  // it would open the model twice; we bound the context ourselves
  // At least 1: with 0 llama.cpp never asks for a prompt that was read before, and so not for ours (prefix_restore.cc).
  params.cache_ram_mib = std::max(1, static_cast<int>(options.prompt_cache.count >> 20));
  params.cache_idle_slots = true;  // for a long prompt only (cmake/ggml/edits.toml)
  params.n_ctx_checkpoints = 2;    // for sliding windows: enough for the turn that is corrected
  params.endpoint_slots = false;
  params.ui = false;
  params.offline = true;
  return params;
}

/// The library opens a projector with a log that tells nobody, so why it refused one is heard by asking once more.
/// Empty: it does not refuse this one.
std::string ask_why_not(const std::string& projector, const llama_model* model) {
  ggml_log_callback log = nullptr;
  void* data = nullptr;
  llama_log_get(&log, &data);
  mtmd_helper_log_set(log, data);
  mtmd_context_params params = mtmd_context_params_default();
  params.use_gpu = false;
  params.print_timings = false;
  params.warmup = false;
  static_cast<void>(take_complaint());
  mtmd_context* const opened = mtmd_init_from_file(projector.c_str(), model, params);
  const bool is_refused = opened == nullptr;
  mtmd_free(opened);
  const std::string why = take_complaint();
  if (!is_refused) return {};
  return why.empty() ? "it does not say why" : why;
}

/// `context` is what has been opened so far.
base::Error why_not_loaded(const common_params& params, const llama_context* context) {
  const std::string why = take_complaint();
  if (context != nullptr && !params.mmproj.path.empty()) {
    const std::string projector_why = ask_why_not(params.mmproj.path, llama_get_model(context));
    if (!projector_why.empty()) {
      return {Code::kCorrupt, "llama.cpp cannot open the projector " + params.mmproj.path + ": " + projector_why,
              "take the projector that was made for " + params.model.path};
    }
  }
  return {Code::kCorrupt, "llama.cpp cannot open " + params.model.path + (why.empty() ? "" : ": " + why),
          "verify the model or take another"};
}

base::Error no_thread_for(const common_params& params) {
  return {Code::kExhausted, "there are no threads left for " + params.model.path, "raise the limit on processes"};
}

}  // namespace

Result<std::unique_ptr<LoadedModel>> LoadedModel::open(const LlamaOptions& options,
                                                       const engine::LoadProgress& progress,
                                                       const std::stop_token& stop) {
  const auto report = [&](double fraction, std::string_view stage) {
    if (progress) progress(fraction, stage);
  };
  report(0.0, "check");
  const auto summary = check_gguf_file(options.model, options.check);
  if (!summary) return fail(summary.error());
  report(0.05, "prefetch");
  for (const auto& part : gguf_parts(options.model, summary->split_count)) {
    if (stop.stop_requested()) return fail(Code::kCancelled, "the load was stopped");
    auto cached = base::prefetch_if_cold(part, [&report](double) { report(0.05, "prefetch"); });
    if (!cached) return fail(cached.error());
  }
  report(0.3, "open");
  ensure_library();
  std::unique_ptr<LoadedModel> model(new LoadedModel);
  model->name_ = options.name;
  model->params_ = params_of(options, *summary);
  model->prefixes_ = std::make_unique<PrefixShelf>(options.prefixes);
  if (auto loaded = model->load(); !loaded) return fail(loaded.error());
  return model;
}

Result<void> LoadedModel::load() try {
  static_cast<void>(take_complaint());
  ggml::NotedBlocks noted;
  if (!context_.load_model(params_)) return fail(why_not_loaded(params_, context()));
  large_pages_ = ggml::LargePages(noted.take());
  meta_ = std::make_unique<const server_context_meta>(context_.get_meta());
  gate_ = std::make_unique<SlotGate>(params_.n_parallel, static_cast<int>(llama_n_ctx(context())));
  loop_ = std::thread([this] {
    base::name_this_thread("hearth-llama");
    set_shelf_of_this_thread(prefixes_.get());
    try {
      context_.start_loop();
    } catch (const std::exception& error) {
      base::log_error("{}: its thread ended: {}", name_, error.what());
    }
    has_ended_ = true;
  });
  if (!wait_for_loop()) return fail(no_thread_for(params_));
  return {};
} catch (const std::bad_alloc&) {
  return fail(Code::kExhausted, "there is not enough memory for " + params_.model.path, "take a smaller ctx");
} catch (const std::system_error&) {
  return fail(no_thread_for(params_));
} catch (const std::exception& error) {
  return fail(Code::kCorrupt, "llama.cpp cannot open " + params_.model.path + ": " + error.what());
}

std::size_t LoadedModel::most_text() {
  std::call_once(text_asked_, [&] {
    std::size_t longest = 1;
    for (llama_token token = 0; token < llama_vocab_n_tokens(vocab()); ++token)
      longest = std::max(longest, std::strlen(llama_vocab_get_text(vocab(), token)));
    most_text_ = longest * static_cast<std::size_t>(context_tokens());
  });
  return most_text_;
}

const server_chat_params* LoadedModel::find_chat_params(bool has_tools) {
  const server_chat_params& own = meta_->chat_params;
  if (!has_tools || meta_->chat_template_caps.at("supports_tools")) return &own;
  std::call_once(tools_asked_, [&] {
    if (common_chat_templates_source(own.tmpls.get()).find("<|im_start|>") == std::string::npos) return;
    auto chat = std::make_unique<server_chat_params>();
    chat->use_jinja = true;
    chat->prefill_assistant = own.prefill_assistant;
    chat->reasoning_format = own.reasoning_format;
    chat->tmpls = common_chat_templates_init(model(), std::string(kChatMlToolTemplate));
    chat->allow_image = own.allow_image;
    chat->allow_audio = own.allow_audio;
    chat->allow_video = own.allow_video;
    chat->enable_thinking = false;
    tool_chat_ = std::move(chat);
  });
  return tool_chat_.get();
}

LoadedModel::~LoadedModel() { end_loop(); }

void LoadedModel::end_loop() {
  if (!loop_.joinable()) return;
  context_.terminate();
  loop_.join();
}

bool LoadedModel::wait_for_loop() {
  server_response_reader reader = make_reader();
  server_task look(SERVER_TASK_TYPE_METRICS);
  look.id = reader.get_new_id();
  reader.post_task(std::move(look));
  return reader.next([this] { return has_ended(); }) != nullptr;
}

}  // namespace hearth::engines::llama
