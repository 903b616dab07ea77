#include "engines/llama/answer.h"

#include <server-queue.h>

#include <ctime>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "engines/llama/answer_events.h"

namespace hearth::engines::llama {
namespace {

using base::Code;
using base::fail;
using base::Result;
using engine::Flow;
using engine::LanguageCall;

constexpr const char* kJson = "application/json";
constexpr const char* kEvents = "text/event-stream";

Result<void> cancelled() { return fail(Code::kCancelled, "the client has gone"); }

Result<void> passed(Flow flow) { return flow == Flow::kContinue ? Result<void>{} : cancelled(); }

Result<void> write_document(const json& document, engine::LanguageSink& sink) {
  if (sink.begin(200, kJson) == Flow::kStop) return cancelled();
  return passed(sink.write(safe_json_to_str(document)));
}

/// Ends a wait for results at once: the reader of `id` gets an error, and cancels all that it asked for. The library
/// itself looks whether its client is there once a second, and not at all while others get results.
class Waker {
 public:
  Waker(server_response_reader& reader, const std::stop_token& stop)
      : callback_(stop, [&results = reader.queue_results, id = *reader.id_tasks.begin()] {
          auto error = std::make_unique<server_task_result_error>();
          error->id = id;
          results.send(std::move(error));
        }) {}

 private:
  const std::stop_callback<std::function<void()>> callback_;
};

void post(server_response_reader& reader, Plan& plan) {
  for (server_task& task : plan.tasks) {
    task.id = reader.get_new_id();
    for (int i = 0; i < plan.siblings; ++i) task.add_child(task.id, reader.get_new_id());
  }
  reader.post_tasks(std::move(plan.tasks));
}

/// The library failed, or refuses: told to the client either way, but only its own failure is an error of the engine.
Result<void> outcome_of(const Refusal& refusal) {
  return refusal.is_engine_failure() ? Result<void>(fail(Code::kInternal, refusal.what())) : Result<void>{};
}

Result<void> answer_error(LanguageCall call, const Refusal& refusal, engine::LanguageSink& sink) {
  auto answered = answer_refusal(call, refusal, sink);
  return answered ? outcome_of(refusal) : answered;
}

using Taken = tl::expected<server_task_result_ptr, Refusal>;

/// What comes next, or why nothing does; null, or anything, where `stop` is requested.
Taken take_next(const Plan& plan, server_response_reader& reader, const std::stop_token& stop) {
  try {
    auto result = reader.next([&] { return stop.stop_requested(); });
    if (result != nullptr && result->is_error())
      return tl::make_unexpected(refusal_of_error(result->to_json(), plan.request));
    return result;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return tl::make_unexpected(refusal_of_answer(error.what()));
  }
}

Result<void> stream(const Plan& plan, server_response_reader& reader, engine::LanguageSink& sink,
                    const std::stop_token& stop) {
  AnswerEvents events(plan);
  bool has_begun = false;
  const auto send = [&sink](const std::string& text) {
    return text.empty() ? Result<void>{} : passed(sink.write(text));
  };
  while (reader.has_next()) {
    const Taken next = take_next(plan, reader, stop);
    if (stop.stop_requested() || (next && *next == nullptr)) return cancelled();
    if (!next) {
      if (!has_begun) return answer_error(plan.call, next.error(), sink);
      auto sent = send(events.on_error(next.error()));
      return sent ? outcome_of(next.error()) : sent;
    }
    if (!has_begun && sink.begin(200, kEvents) == Flow::kStop) return cancelled();
    has_begun = true;
    if (auto sent = send(events.on_result(**next)); !sent) return sent;
  }
  return send(events.on_end());
}

json response_of(const Plan& plan, server_task_result& result) {
  const auto* const last = dynamic_cast<server_task_result_cmpl_final*>(&result);
  if (last == nullptr) return result.to_json();
  common_chat_msg message = last->oaicompat_msg;
  if (message.empty()) message.content = last->content;
  return response_document(plan.request, plan.model, std::time(nullptr), message, response_end(*last));
}

json whole_answer(const Plan& plan, const std::vector<server_task_result_ptr>& results) {
  if (plan.call == LanguageCall::kResponses) return response_of(plan, *results.at(0));
  json documents = json::array();
  for (const auto& result : results) documents.push_back(result->to_json());
  switch (plan.call) {
    case LanguageCall::kEmbeddings: {
      const bool is_base64 = json_value(plan.request, "encoding_format", std::string()) == "base64";
      return format_embeddings_response_oaicompat(plan.request, plan.model, documents, is_base64);
    }
    case LanguageCall::kRerank: {
      const bool has_texts = plan.request.contains("texts");
      auto texts = json_value(plan.request, "documents", json_value(plan.request, "texts", std::vector<std::string>()));
      const int top = json_value(plan.request, "top_n", static_cast<int>(texts.size()));
      return format_response_rerank(plan.request, plan.model, documents, has_texts, texts, top);
    }
    case LanguageCall::kAnthropicMessages: {
      json message = documents.at(std::size_t{0});
      mend_stop(message, plan.request);
      return message;
    }
    case LanguageCall::kChatCompletions:
    case LanguageCall::kCompletions:
      return join_choices(documents, plan.form);
    default:
      return documents.size() == 1 ? documents.at(std::size_t{0}) : documents;
  }
}

Result<void> answer_whole(const Plan& plan, server_response_reader& reader, engine::LanguageSink& sink,
                          const std::stop_token& stop) {
  std::vector<server_task_result_ptr> results(reader.id_tasks.size());
  while (reader.has_next()) {
    Taken next = take_next(plan, reader, stop);
    if (stop.stop_requested() || (next && *next == nullptr)) return cancelled();
    if (!next) return answer_error(plan.call, next.error(), sink);
    const std::size_t index = (*next)->index;
    results.at(index) = std::move(*next);
  }
  return write_document(whole_answer(plan, results), sink);
}

}  // namespace

Result<void> answer_refusal(LanguageCall call, const Refusal& refusal, engine::LanguageSink& sink) {
  if (sink.begin(refusal.status, kJson) == Flow::kStop) return cancelled();
  return passed(sink.write(safe_json_to_str(error_document(call, refusal))));
}

Result<void> run_plan(LoadedModel& model, Plan plan, engine::LanguageSink& sink, const std::stop_token& stop) {
  if (plan.answer) return write_document(*plan.answer, sink);
  const auto pass = model.gate().enter(plan.need, stop);  // given back after the reader has cancelled what is left
  if (!pass) return fail(pass.error());
  server_response_reader reader = model.make_reader();
  post(reader, plan);
  const Waker waker(reader, stop);
  return plan.is_stream ? stream(plan, reader, sink, stop) : answer_whole(plan, reader, sink, stop);
}

}  // namespace hearth::engines::llama
