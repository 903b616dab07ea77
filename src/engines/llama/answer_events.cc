#include "engines/llama/answer_events.h"

#include <ctime>

namespace hearth::engines::llama {
namespace {

using Partial = server_task_result_cmpl_partial;
using Final = server_task_result_cmpl_final;

std::string response_text(ResponseEvents& events, server_task_result& result) {
  if (auto* const last = dynamic_cast<Final*>(&result)) {
    return format_oai_resp_sse(events.on_pieces(last->oaicompat_msg_diffs)) +
           format_oai_resp_sse(events.on_end(response_end(*last)));
  }
  auto* const piece = dynamic_cast<Partial*>(&result);
  if (piece == nullptr || piece->is_begin) return {};
  if (piece->is_progress) return format_oai_resp_sse(events.on_progress(piece->progress.to_json()));
  return format_oai_resp_sse(events.on_pieces(piece->oaicompat_msg_diffs));
}

template <typename Result>
MessageHead head_of(const Result& result) {
  return {result.oaicompat_cmpl_id, result.oaicompat_model, result.n_prompt_tokens, result.n_prompt_tokens_cache};
}

MessageHead head_of(server_task_result& result) {
  if (const auto* const last = dynamic_cast<Final*>(&result)) return head_of(*last);
  if (const auto* const piece = dynamic_cast<Partial*>(&result)) return head_of(*piece);
  return {};
}

}  // namespace

ResponseEnd response_end(const Final& result) {
  return {.is_cut = result.stop == STOP_TYPE_LIMIT,
          .input_tokens = result.n_prompt_tokens,
          .cached_tokens = result.n_prompt_tokens_cache,
          .output_tokens = result.n_decoded,
          .timings = result.stats.is_set() ? result.stats.to_json() : json()};
}

AnswerEvents::AnswerEvents(const Plan& plan) : call_(plan.call) {
  switch (plan.shape) {
    case TASK_RESPONSE_TYPE_OAI_RESP:
      response_.emplace(plan.request, plan.model, std::time(nullptr));
      break;
    case TASK_RESPONSE_TYPE_ANTHROPIC:
      message_.emplace(plan.request);
      break;
    case TASK_RESPONSE_TYPE_OAI_CHAT:
    case TASK_RESPONSE_TYPE_OAI_CMPL:
      chunks_.emplace(plan.form);
      break;
    default:
      break;
  }
}

std::string AnswerEvents::on_result(server_task_result& result) {
  if (response_) return response_text(*response_, result);
  const json document = result.to_json();
  if (document.is_null()) return {};  // the first result only says that the prompt is being read
  if (message_) return format_anthropic_sse(message_->on_events(document, head_of(result)));
  return format_oai_sse(chunks_ ? chunks_->on_chunks(document) : document);
}

std::string AnswerEvents::on_error(const Refusal& refusal) {
  if (response_) return format_oai_resp_sse(response_->on_error(refusal));
  const json document = error_document(call_, refusal);
  if (!message_) return format_oai_sse(document);
  json event = {{"event", "error"}};
  event["data"] = document;
  return format_anthropic_sse(event);
}

std::string AnswerEvents::on_end() {
  if (response_ || message_) return {};
  return (chunks_ ? format_oai_sse(chunks_->on_end()) : std::string()) + "data: [DONE]\n\n";
}

}  // namespace hearth::engines::llama
