#include "engines/llama/answer.h"

#include <server-queue.h>

#include <ctime>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engines/llama/answer_events.h"
#include "engines/llama/embedding.h"

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

/// The library failed, or refuses: told to the client either way, but only its own failure is an error of the engine.
Result<void> outcome_of(const Refusal& refusal) {
  return refusal.is_engine_failure() ? Result<void>(fail(Code::kInternal, refusal.what())) : Result<void>{};
}

Result<void> answer_error(LanguageCall call, const Refusal& refusal, engine::LanguageSink& sink) {
  auto answered = answer_refusal(call, refusal, sink);
  return answered ? outcome_of(refusal) : answered;
}

using Taken = tl::expected<server_task_result_ptr, Refusal>;

/// The parts of a plan on their way through the loop: as many at once as fit what the gate gave, at least one from the
/// beginning on, and the next ones as those end. One thread.
class Feed {
 public:
  Feed(LoadedModel& model, Plan& plan, const std::stop_token& stop)
      : model_(model),
        plan_(plan),
        stop_(stop),
        reader_(model.make_reader()),
        seats_(plan.need),
        answering_(plan.parts.size()) {
    post_what_fits();
  }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  ~Feed() = default;

  [[nodiscard]] server_response_reader& reader() { return reader_; }
  [[nodiscard]] bool has_next() const { return next_ < plan_.parts.size() || reader_.has_next(); }

  /// What comes next, or why nothing does; null, or anything, where the request is stopped.
  [[nodiscard]] Taken take() {
    try {
      auto result = reader_.next([this] { return stop_.stop_requested() || model_.has_ended(); });
      if (result == nullptr && model_.has_ended())
        return tl::make_unexpected(
            Refusal{500, "model_failed", "the model's thread has ended: unload the model and load it again"});
      if (result == nullptr) return result;
      if (result->is_error()) return tl::make_unexpected(refusal_of_error(result->to_json(), plan_.request));
      if (result->is_stop()) on_end(result->index);
      return result;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      return tl::make_unexpected(refusal_of_answer(error.what()));
    }
  }

 private:
  void post_what_fits() {
    while (next_ < plan_.parts.size() && seats_.try_take(plan_.parts[next_].need)) {
      const Part& part = plan_.parts[next_];
      answering_[next_] = part.answers;
      part_of_.insert(part_of_.end(), static_cast<std::size_t>(part.answers), next_);
      ++next_;
      post(part);
    }
  }

  /// As server_response_reader::post_tasks(), which may be called once only.
  void post(const Part& part) {
    server_task task = make_task(plan_, part);
    task.id = reader_.get_new_id();
    for (int i = 1; i < part.answers; ++i) task.add_child(task.id, reader_.get_new_id());
    std::unordered_set<int> ids;
    const auto note = [&](server_task& one) {
      ids.insert(one.id);
      one.index = reader_.states.size();
      reader_.states.push_back(one.create_state());
    };
    note(task);
    for (server_task& child : task.child_tasks) note(child);
    reader_.id_tasks.insert(ids.begin(), ids.end());
    reader_.queue_results.add_waiting_task_ids(ids);
    reader_.queue_tasks.post(std::move(task));
  }

  void on_end(std::size_t answer) {
    const std::size_t part = part_of_.at(answer);
    if (--answering_[part] > 0) return;
    seats_.give_back(plan_.parts[part].need);
    if (!stop_.stop_requested()) post_what_fits();
  }

  LoadedModel& model_;
  Plan& plan_;
  const std::stop_token& stop_;
  server_response_reader reader_;
  Seats seats_;
  std::size_t next_ = 0;              // part
  std::vector<int> answering_;        // of each part, answers that have not ended
  std::vector<std::size_t> part_of_;  // of each answer that has begun
};

Result<void> stream(const Plan& plan, Feed& feed, engine::LanguageSink& sink, const std::stop_token& stop) {
  AnswerEvents events(plan);
  bool has_begun = false;
  const auto send = [&sink](const std::string& text) {
    return text.empty() ? Result<void>{} : passed(sink.write(text));
  };
  while (feed.has_next()) {
    const Taken next = feed.take();
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

void shorten_embedding(const Plan& plan, server_task_result& result) {
  auto* const embedded = dynamic_cast<server_task_result_embd*>(&result);
  if (embedded == nullptr) return;
  for (std::vector<float>& vector : embedded->embedding) {
    shorten(vector, plan.dimensions, plan.params.embd_normalize);
  }
}

json whole_answer(const Plan& plan, const std::vector<server_task_result_ptr>& results) {
  if (plan.call == LanguageCall::kResponses) return response_of(plan, *results.at(0));
  if (plan.call == LanguageCall::kEmbeddings) {
    for (const auto& result : results) shorten_embedding(plan, *result);
  }
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

Result<void> answer_whole(const Plan& plan, Feed& feed, engine::LanguageSink& sink, const std::stop_token& stop) {
  std::vector<server_task_result_ptr> results(plan.prompts.size() * static_cast<std::size_t>(plan.form.choices));
  while (feed.has_next()) {
    Taken next = feed.take();
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
  Feed feed(model, plan, stop);
  const Waker waker(feed.reader(), stop);
  return plan.is_stream ? stream(plan, feed, sink, stop) : answer_whole(plan, feed, sink, stop);
}

}  // namespace hearth::engines::llama
