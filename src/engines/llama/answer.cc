#include "engines/llama/answer.h"

#include <server-queue.h>

#include <memory>
#include <string>
#include <utility>

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

/// OpenAI's error object, or Anthropic's where its API was asked.
json error_document(LanguageCall call, const Refusal& refusal) {
  const std::string type = refusal.status < 500 ? "invalid_request_error" : "server_error";
  if (call == LanguageCall::kAnthropicMessages) {
    const std::string word = refusal.status < 500 ? "invalid_request_error" : "api_error";
    return {{"type", "error"}, {"error", {{"type", word}, {"message", std::string(refusal.what())}}}};
  }
  json error = {{"message", std::string(refusal.what())}, {"type", type}};
  error["param"] = refusal.param.empty() ? json(nullptr) : json(refusal.param);
  error["code"] = refusal.code;
  return {{"error", error}};
}

Refusal refusal_of(server_task_result& result) {
  const json error = result.to_json();
  const int status = json_value(error, "code", 500);
  const std::string type = json_value(error, "type", std::string());
  const std::string message = json_value(error, "message", std::string("the model failed"));
  if (type == "exceed_context_size_error") return {400, "context_length_exceeded", message};
  if (status == 503) return {503, "overloaded", message};
  if (status < 500 || status == 501) return {400, "invalid_value", message};
  return {500, "internal", message};
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
    for (int i = 1; i < plan.choices; ++i) task.add_child(task.id, reader.get_new_id());
  }
  reader.post_tasks(std::move(plan.tasks));
}

std::string events_of(task_response_type shape, const json& result) {
  switch (shape) {
    case TASK_RESPONSE_TYPE_ANTHROPIC:
      return format_anthropic_sse(result);
    case TASK_RESPONSE_TYPE_OAI_RESP:
      return format_oai_resp_sse(result);
    default:
      return format_oai_sse(result);
  }
}

std::string error_event(const Plan& plan, const Refusal& refusal) {
  const json document = error_document(plan.call, refusal);
  if (plan.shape != TASK_RESPONSE_TYPE_ANTHROPIC && plan.shape != TASK_RESPONSE_TYPE_OAI_RESP)
    return format_oai_sse(document);
  json event = {{"event", "error"}};
  event["data"] = document;
  return plan.shape == TASK_RESPONSE_TYPE_ANTHROPIC ? format_anthropic_sse(event) : format_oai_resp_sse(event);
}

Result<void> stream(const Plan& plan, server_response_reader& reader, engine::LanguageSink& sink,
                    const std::stop_token& stop) {
  bool has_begun = false;
  while (reader.has_next()) {
    const auto result = reader.next([&] { return stop.stop_requested(); });
    if (stop.stop_requested() || result == nullptr) return cancelled();
    if (result->is_error()) {
      const Refusal refusal = refusal_of(*result);
      return has_begun ? passed(sink.write(error_event(plan, refusal))) : answer_refusal(plan.call, refusal, sink);
    }
    if (!has_begun && sink.begin(200, kEvents) == Flow::kStop) return cancelled();
    has_begun = true;
    const json document = result->to_json();
    if (document.is_null()) continue;  // the first result only says that the prompt is being read
    if (sink.write(events_of(plan.shape, document)) == Flow::kStop) return cancelled();
  }
  const bool has_end_event = plan.shape == TASK_RESPONSE_TYPE_OAI_RESP || plan.shape == TASK_RESPONSE_TYPE_ANTHROPIC;
  return has_end_event ? Result<void>{} : passed(sink.write("data: [DONE]\n\n"));
}

/// Several answers as one document. Answers to one prompt stand together, and their prompt is counted once.
json join_choices(json documents, int choices) {
  json first = documents[0];
  const auto tokens = [](const json& document, const char* name) { return json_value(document.at("usage"), name, 0); };
  int prompt = 0;
  int completion = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const json& document = documents[i];
    if (i % static_cast<std::size_t>(choices) == 0) prompt += tokens(document, "prompt_tokens");
    completion += tokens(document, "completion_tokens");
    if (i > 0) first["choices"].push_back(document.at("choices").at(std::size_t{0}));
  }
  first["usage"]["prompt_tokens"] = prompt;
  first["usage"]["completion_tokens"] = completion;
  first["usage"]["total_tokens"] = prompt + completion;
  return first;
}

json whole_answer(const Plan& plan, const std::vector<server_task_result_ptr>& results) {
  json documents = json::array();
  for (const auto& result : results) documents.push_back(result->to_json());
  if (plan.call == LanguageCall::kEmbeddings) {
    const bool is_base64 = json_value(plan.request, "encoding_format", std::string()) == "base64";
    return format_embeddings_response_oaicompat(plan.request, plan.model, documents, is_base64);
  }
  if (plan.call == LanguageCall::kRerank) {
    const bool has_texts = plan.request.contains("texts");
    auto texts = json_value(plan.request, "documents", json_value(plan.request, "texts", std::vector<std::string>()));
    const int top = json_value(plan.request, "top_n", static_cast<int>(texts.size()));
    return format_response_rerank(plan.request, plan.model, documents, has_texts, texts, top);
  }
  if (documents.size() == 1) return documents[0];
  const bool has_choices = plan.shape == TASK_RESPONSE_TYPE_OAI_CHAT || plan.shape == TASK_RESPONSE_TYPE_OAI_CMPL;
  return has_choices ? join_choices(std::move(documents), plan.choices) : documents;
}

}  // namespace

Result<void> answer_refusal(LanguageCall call, const Refusal& refusal, engine::LanguageSink& sink) {
  if (sink.begin(refusal.status, kJson) == Flow::kStop) return cancelled();
  return passed(sink.write(safe_json_to_str(error_document(call, refusal))));
}

Result<void> run_plan(LoadedModel& model, Plan plan, engine::LanguageSink& sink, const std::stop_token& stop) {
  json document;
  if (plan.answer) {
    document = std::move(*plan.answer);
  } else {
    const auto pass = model.gate().enter(plan.need, stop);  // given back after the reader has cancelled what is left
    if (!pass) return fail(pass.error());
    server_response_reader reader = model.make_reader();
    post(reader, plan);
    const Waker waker(reader, stop);
    if (plan.is_stream) return stream(plan, reader, sink, stop);
    auto all = reader.wait_for_all([&] { return stop.stop_requested(); });
    if (stop.stop_requested() || all.is_terminated) return cancelled();
    if (all.error) return answer_refusal(plan.call, refusal_of(*all.error), sink);
    document = whole_answer(plan, all.results);
  }
  if (sink.begin(200, kJson) == Flow::kStop) return cancelled();
  return passed(sink.write(safe_json_to_str(document)));
}

}  // namespace hearth::engines::llama
