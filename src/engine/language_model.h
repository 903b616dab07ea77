#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/flow.h"

namespace hearth::engine {

/// What a language model can be asked. Each has the request and response documents of the API that it is named after
/// (OpenAI's, where no other is named), which the library behind understands better than a translation of ours would.
enum class LanguageCall {
  kChatCompletions,
  kCompletions,
  kResponses,
  kEmbeddings,
  kRerank,
  kTokenize,
  kDetokenize,
  kInfill,
  kAnthropicMessages,
};

/// Where an answer goes: one head, then its body in as many pieces as there are. On the calling thread.
class LanguageSink {
 public:
  virtual ~LanguageSink() = default;
  /// `status` is HTTP's; `content_type` "application/json" or "text/event-stream".
  virtual Flow begin(int status, std::string_view content_type) = 0;
  /// Whole JSON, or whole server-sent events. May block: that is back-pressure.
  virtual Flow write(std::string_view bytes) = 0;
};

/// Text generation, embeddings and ranking. Implementation: engines/llama.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;
  /// Answers `body`, a JSON document of `call`, into `sink`. A request that is refused is an answer too (a status of
  /// 400 and more, with OpenAI's error object). Blocks until the answer has ended; any thread, calls overlap in the
  /// model's slots and the rest wait for one. A requested `stop`, or a sink that answers kStop, ends the generation
  /// within one token, in the queue, amid the prompt and amid a picture too; kCancelled is returned then. kInternal:
  /// the model itself failed; where the answer had begun, it holds an error object or event, and is not whole.
  [[nodiscard]] virtual base::Result<void> answer(LanguageCall call, const std::string& body, LanguageSink& sink,
                                                  std::stop_token stop) = 0;
};

}  // namespace hearth::engine
