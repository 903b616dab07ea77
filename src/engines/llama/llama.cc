#include "engines/llama/llama.h"

#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "engine/collected_answer.h"
#include "engine/language_model.h"
#include "engines/llama/answer.h"
#include "engines/llama/loaded_model.h"
#include "engines/llama/request.h"

namespace hearth::engines::llama {
namespace {

using base::Code;
using base::fail;
using base::Result;
using engine::LanguageCall;

class Llama final : public engine::Engine, public engine::LanguageModel {
 public:
  explicit Llama(std::unique_ptr<LoadedModel> model) : model_(std::move(model)) {}

  engine::LanguageModel* language_model() override { return this; }

  Result<void> warm_up(std::stop_token stop) override {
    engine::CollectedAnswer answered;
    auto done =
        model_->is_embedding()
            ? answer(LanguageCall::kEmbeddings, R"({"input":"Hi"})", answered, std::move(stop))
            : answer(LanguageCall::kCompletions, R"({"prompt":"Hi","max_tokens":1})", answered, std::move(stop));
    if (!done || answered.status() == 200) return done;
    return fail(Code::kInternal, "the model does not answer its warm-up");
  }

  Result<void> answer(LanguageCall call, const std::string& body, engine::LanguageSink& sink,
                      std::stop_token stop) override try {
    Plan plan;
    try {
      plan = plan_request(*model_, call, body);
    } catch (const Refusal& refusal) {
      return answer_refusal(call, refusal, sink);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {  // llama.cpp says so what it does not understand of a request
      return answer_refusal(call, Refusal(400, "invalid_value", error.what()), sink);
    }
    return run_plan(*model_, std::move(plan), sink, stop);
  } catch (const std::exception& error) {
    base::log_error("llama: {}: {}", model_->name(), error.what());
    return fail(Code::kInternal, std::string("the model failed: ") + error.what());
  }

 private:
  const std::unique_ptr<LoadedModel> model_;
};

}  // namespace

Result<std::unique_ptr<engine::Engine>> open_llama(const LlamaOptions& options, const engine::LoadProgress& progress,
                                                   const std::stop_token& stop) {
  auto model = LoadedModel::open(options, progress, stop);
  if (!model) return fail(model.error());
  if (progress) progress(1.0, "open");
  return std::make_unique<Llama>(std::move(*model));
}

}  // namespace hearth::engines::llama
