#include "engines/llama/response_events.h"

#include <algorithm>
#include <utility>

namespace hearth::engines::llama {
namespace {

json part_of(bool is_reasoning, const std::string& text) {
  if (is_reasoning) return {{"type", "reasoning_text"}, {"text", text}};
  return {{"type", "output_text"}, {"annotations", json::array()}, {"logprobs", json::array()}, {"text", text}};
}

json usage_of(const ResponseEnd& end) {
  return {{"input_tokens", end.input_tokens},
          {"input_tokens_details", {{"cached_tokens", end.cached_tokens}, {"cache_write_tokens", 0}}},
          {"output_tokens", end.output_tokens},
          {"output_tokens_details", {{"reasoning_tokens", 0}}},  // not counted apart
          {"total_tokens", end.input_tokens + end.output_tokens}};
}

}  // namespace

ResponseEvents::ResponseEvents(json request, std::string model, std::int64_t now)
    : request_(std::move(request)), model_(std::move(model)), now_(now), id_("resp_" + random_string()) {}

json ResponseEvents::on_pieces(const std::vector<common_chat_msg_diff>& pieces) {
  begin();
  for (const common_chat_msg_diff& piece : pieces) {
    if (!piece.reasoning_content_delta.empty()) add_text(Kind::kReasoning, piece.reasoning_content_delta);
    if (!piece.content_delta.empty()) add_text(Kind::kMessage, piece.content_delta);
    if (piece.tool_call_index != std::string::npos) add_call(piece);
  }
  return take();
}

json ResponseEvents::on_progress(const json& progress) {
  begin();
  emit("response.in_progress", {{"response", document(Status::kInProgress)}, {"prompt_progress", progress}});
  return take();
}

json ResponseEvents::on_end(const ResponseEnd& end) {
  begin();
  for (Item& item : items_) {
    const bool is_broken = end.is_cut && &item == &items_.back();
    if (item.status == Status::kInProgress) close(item, is_broken ? Status::kIncomplete : Status::kCompleted);
  }
  json response = document(end.is_cut ? Status::kIncomplete : Status::kCompleted);
  if (end.is_cut) {
    response["incomplete_details"] = json{{"reason", "max_output_tokens"}};
  } else {
    response["completed_at"] = now_;
  }
  response["usage"] = usage_of(end);
  if (!end.timings.is_null()) response["timings"] = end.timings;
  emit(end.is_cut ? "response.incomplete" : "response.completed", {{"response", response}});
  return take();
}

json ResponseEvents::on_error(const Refusal& refusal) {
  // The clients' types have the fields themselves, the clients raise what stands in "error".
  json fields = error_document(engine::LanguageCall::kResponses, refusal);
  for (const char* field : {"code", "message", "param"}) fields[field] = fields.at("error").at(field);
  emit("error", fields);
  return take();
}

void ResponseEvents::begin() {
  if (next_number_ > 0) return;
  emit("response.created", {{"response", document(Status::kInProgress)}});
  emit("response.in_progress", {{"response", document(Status::kInProgress)}});
}

void ResponseEvents::add_text(Kind kind, const std::string& delta) {
  Item& item = open(kind, 0);
  tell(item);
  item.text += delta;
  if (kind == Kind::kReasoning) {
    emit_in("response.reasoning_text.delta", item, {{"content_index", 0}, {"delta", delta}});
  } else {
    emit_in("response.output_text.delta", item, {{"content_index", 0}, {"delta", delta}, {"logprobs", json::array()}});
  }
}

void ResponseEvents::add_call(const common_chat_msg_diff& piece) {
  const common_chat_tool_call& call = piece.tool_call_delta;
  Item& item = open(Kind::kCall, piece.tool_call_index);
  if (!item.is_told && !call.name.empty()) {  // a name may grow until its arguments begin
    item.name = call.name;
    item.id = "fc_" + call.id;
    item.call_id = "call_" + call.id;
  }
  if (call.arguments.empty()) return;
  tell(item);
  item.text += call.arguments;
  emit_in("response.function_call_arguments.delta", item, {{"delta", call.arguments}});
}

/// The item of that kind that is being written. A new one ends the text before it; calls stay open to the end, since
/// llama.cpp tells text that follows a call before the end of the call.
ResponseEvents::Item& ResponseEvents::open(Kind kind, std::size_t call) {
  const auto found = std::find_if(items_.begin(), items_.end(), [&](const Item& item) {
    return item.kind == kind && item.call == call && item.status == Status::kInProgress;
  });
  if (found != items_.end()) return *found;
  for (Item& item : items_) {
    if (item.kind != Kind::kCall && item.status == Status::kInProgress) close(item, Status::kCompleted);
  }
  const char* prefix = kind == Kind::kReasoning ? "rs_" : "msg_";
  items_.push_back({.kind = kind, .id = prefix + random_string(), .text = {}, .call = call, .call_id = {}, .name = {}});
  return items_.back();
}

const char* ResponseEvents::name_of(Status status) {
  switch (status) {
    case Status::kInProgress:
      return "in_progress";
    case Status::kCompleted:
      return "completed";
    case Status::kIncomplete:
      return "incomplete";
  }
  return "";
}

json ResponseEvents::item_document(const Item& item) {
  json shown = {{"id", item.id}, {"status", name_of(item.status)}};
  if (item.kind == Kind::kCall) {
    shown["type"] = "function_call";
    shown["call_id"] = item.call_id;
    shown["name"] = item.name;
    shown["arguments"] = item.text;
    return shown;
  }
  const bool is_reasoning = item.kind == Kind::kReasoning;
  shown["content"] = json::array();
  if (!item.text.empty()) shown["content"].push_back(part_of(is_reasoning, item.text));
  if (is_reasoning) {
    shown["type"] = "reasoning";
    shown["summary"] = json::array();
  } else {
    shown["type"] = "message";
    shown["role"] = "assistant";
  }
  return shown;
}

void ResponseEvents::tell(Item& item) {
  if (item.is_told) return;
  item.is_told = true;
  const auto place = &item - items_.data();
  emit("response.output_item.added", {{"output_index", place}, {"item", item_document(item)}});
  if (item.kind == Kind::kCall) return;
  emit_in("response.content_part.added", item,
          {{"content_index", 0}, {"part", part_of(item.kind == Kind::kReasoning, "")}});
}

void ResponseEvents::close(Item& item, Status status) {
  tell(item);
  item.status = status;
  if (item.kind == Kind::kCall) {
    emit_in("response.function_call_arguments.done", item, {{"name", item.name}, {"arguments", item.text}});
  } else {
    const bool is_reasoning = item.kind == Kind::kReasoning;
    json done = {{"content_index", 0}, {"text", item.text}};
    if (!is_reasoning) done["logprobs"] = json::array();
    emit_in(is_reasoning ? "response.reasoning_text.done" : "response.output_text.done", item, done);
    emit_in("response.content_part.done", item, {{"content_index", 0}, {"part", part_of(is_reasoning, item.text)}});
  }
  emit("response.output_item.done", {{"output_index", &item - items_.data()}, {"item", item_document(item)}});
}

void ResponseEvents::emit(const char* type, const json& fields) {
  json data = {{"type", type}, {"sequence_number", next_number_++}};
  for (const auto& field : fields.items()) data[field.key()] = field.value();
  events_.push_back({{"event", type}, {"data", data}});
}

void ResponseEvents::emit_in(const char* type, const Item& item, json fields) {
  fields["item_id"] = item.id;
  fields["output_index"] = &item - items_.data();
  emit(type, fields);
}

json ResponseEvents::take() { return std::exchange(events_, json::array()); }

json ResponseEvents::requested(const char* field, json otherwise) const {
  return request_.contains(field) && !request_.at(field).is_null() ? request_.at(field) : otherwise;
}

json ResponseEvents::document(Status status) const {
  json output = json::array();
  if (status != Status::kInProgress) {
    for (const Item& item : items_) output.push_back(item_document(item));
  }
  json response = {{"id", id_},          {"object", "response"},
                   {"created_at", now_}, {"status", name_of(status)},
                   {"error", nullptr},   {"incomplete_details", nullptr},
                   {"model", model_},    {"output", output},
                   {"usage", nullptr},   {"previous_response_id", nullptr},
                   {"store", false},     {"truncation", "disabled"}};
  for (const char* field : {"instructions", "max_output_tokens", "metadata", "reasoning", "temperature", "top_p"})
    response[field] = requested(field, nullptr);
  response["parallel_tool_calls"] = requested("parallel_tool_calls", true);
  response["text"] = requested("text", {{"format", {{"type", "text"}}}});
  response["tool_choice"] = requested("tool_choice", "auto");
  response["tools"] = requested("tools", json::array());
  return response;
}

json response_document(json request, std::string model, std::int64_t now, const common_chat_msg& message,
                       const ResponseEnd& end) {
  ResponseEvents events(std::move(request), std::move(model), now);
  static_cast<void>(events.on_pieces(common_chat_msg_diff::compute_diffs(common_chat_msg{}, message)));
  const json last = events.on_end(end);
  return last.back().at("data").at("response");
}

}  // namespace hearth::engines::llama
