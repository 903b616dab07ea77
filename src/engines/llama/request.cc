#include "engines/llama/request.h"

#include <fmt/core.h>
#include <server-chat.h>
#include <server-schema.h>

#include <algorithm>
#include <new>
#include <utility>

#include "engines/llama/embedding.h"
#include "engines/llama/grammar_limits.h"
#include "engines/llama/media.h"
#include "engines/llama/responses_request.h"
#include "engines/llama/token_calls.h"
#include "engines/llama/tool_template.h"

namespace hearth::engines::llama {
namespace {

using engine::LanguageCall;

constexpr std::size_t kMostAnswers = 2048;  // of one request: its prompts times its choices
constexpr std::string_view kTooLong = "context_length_exceeded";

[[noreturn]] void refuse_length(std::size_t tokens, int limit, const char* field) {
  throw Refusal(
      400, std::string(kTooLong),
      fmt::format("the request has {} tokens, but this model takes at most {}; shorten it, or give the model a "
                  "larger ctx in hearth.toml",
                  tokens, limit),
      field);
}

/// A text that cannot fit is not cut into tokens first, which for tens of megabytes takes as long as an answer, and
/// beside a picture is the loop's work. In lists each text is one prompt, or a part of it.
void refuse_endless(LoadedModel& model, const json& prompt) {
  if (prompt.is_array()) {
    for (const json& text : prompt) refuse_endless(model, text);
  }
  if (!prompt.is_string()) return;
  const std::size_t size = prompt.get<std::string>().size();
  const int context = model.context_tokens();
  if (std::cmp_less_equal(size, context) || size <= model.most_text()) return;  // a token has a byte at least
  throw Refusal(400, std::string(kTooLong),
                fmt::format("the request has {} bytes of text, more than the {} tokens that this model takes can be; "
                            "shorten it, or give the model a larger ctx in hearth.toml",
                            size, context),
                "messages");
}

[[noreturn]] void refuse_kind(const LoadedModel& model, std::string_view cannot) {
  throw Refusal(400, "unsupported_model", fmt::format("model '{}' {}", model.name(), cannot), "model");
}

std::string string_of(const json& document, const char* key, std::string otherwise) {
  return document.contains(key) && document.at(key).is_string() ? document.at(key).get<std::string>() : otherwise;
}

/// llama.cpp downloads what a part of a message points to. Whoever lets strangers ask has checked it already
/// (wire/language_request.h); nothing else may forget to.
void refuse_links(const json& document, bool is_media = false) {
  if (document.is_string() && is_media) {
    const auto text = document.get<std::string>();
    if (text.starts_with("http") || text.starts_with("file:"))
      throw Refusal(400, "unsupported_value", "media is taken as data: URLs only, nothing is downloaded", "messages");
    return;
  }
  if (document.is_array()) {
    for (const json& element : document) refuse_links(element, is_media);
  } else if (document.is_object()) {
    const std::string type = string_of(document, "type", {});
    const bool is_part = is_media || type.find("image") != std::string::npos ||
                         type.find("audio") != std::string::npos || type.find("video") != std::string::npos;
    for (const auto& item : document.items()) refuse_links(item.value(), is_part);
  }
}

task_response_type shape_of(LanguageCall call) {
  switch (call) {
    case LanguageCall::kChatCompletions:
      return TASK_RESPONSE_TYPE_OAI_CHAT;
    case LanguageCall::kCompletions:
      return TASK_RESPONSE_TYPE_OAI_CMPL;
    case LanguageCall::kResponses:
      return TASK_RESPONSE_TYPE_OAI_RESP;
    case LanguageCall::kAnthropicMessages:
      return TASK_RESPONSE_TYPE_ANTHROPIC;
    case LanguageCall::kEmbeddings:
      return TASK_RESPONSE_TYPE_OAI_EMBD;
    default:
      return TASK_RESPONSE_TYPE_NONE;
  }
}

bool is_token_or_text(const json& value) { return value.is_string() || value.is_number_integer(); }

/// One text, or its tokens, or both mixed, or an object with such.
bool is_prompt(const json& value) {
  if (value.is_string()) return true;
  if (value.is_object()) return value.contains("prompt_string") && value.at("prompt_string").is_string();
  if (!value.is_array() || value.empty()) return false;
  return std::all_of(value.begin(), value.end(), is_token_or_text);
}

/// Of one prompt or of a list of them.
std::vector<server_tokens> tokenize(const LoadedModel& model, const json& prompt, const char* field) {
  const bool is_list = prompt.is_array() && !prompt.empty() && !json_is_array_and_contains_numbers(prompt);
  if (is_list ? !std::all_of(prompt.begin(), prompt.end(), is_prompt) : !is_prompt(prompt))
    throw Refusal(400, "invalid_type", fmt::format("'{}' must be a text, tokens, or a list of such", field), field);
  return tokenize_input_prompts(model.vocab(), nullptr, prompt, true, true, {});
}

/// How many answers to each prompt; llama.cpp says what is wrong with a number that is none.
int choices_of(const json& data) {
  for (const char* field : {"n_cmpl", "n"}) {
    if (data.contains(field) && data.at(field).is_number()) return data.at(field).get<int>();
  }
  return 1;
}

/// Once is enough, and each costs memory and time.
template <typename Value>
void keep_first_of_each(std::vector<Value>& values) {
  std::vector<Value> kept;
  for (const Value& value : values) {
    if (std::find(kept.begin(), kept.end(), value) == kept.end()) kept.push_back(value);
  }
  values.swap(kept);
}

/// What llama.cpp makes of `data`, the parameters of a request that generates text.
task_params params_of(const LoadedModel& model, const Plan& plan, const json& data) {
  task_params params =
      server_schema::eval_llama_cmpl_schema(model.vocab(), model.params(), model.meta().logit_bias_eog, data);
  keep_first_of_each(params.sampling.samplers);
  keep_first_of_each(params.sampling.dry_sequence_breakers);
  params.res_type = plan.shape;
  params.oaicompat_model = plan.model;
  params.oaicompat_cmpl_id =
      plan.call == LanguageCall::kAnthropicMessages ? "msg_" + random_string() : gen_chatcmplid();
  if (plan.prompts.size() == 1) {
    auto delimiters = common_chat_msg_delimiters_parse(json_value(data, "message_delimiters", json::array()));
    delimiters.tokenize(model.vocab());
    params.message_spans = plan.prompts.front().find_message_spans(delimiters);
  }
  return params;
}

/// Of a prompt without pictures: how long it is. What the model has read before is made ready for it.
int prepare_prompt(LoadedModel& model, const Plan& plan, const server_tokens& prompt) {
  if (!prompt.validate(model.context()))
    throw Refusal(400, "invalid_value", "the prompt has tokens that the model does not know", "prompt");
  const int context = model.context_tokens();
  if (std::cmp_greater_equal(prompt.size(), context)) refuse_length(prompt.size(), context, "messages");
  if (plan.params.cache_prompt) model.prefixes().fetch(prompt);
  return static_cast<int>(prompt.size());
}

SlotGate::Need room_of(const LoadedModel& model) { return {model.slots(), model.context_tokens()}; }

/// The parts that answer all prompts of `data` with all their choices.
void plan_completion(LoadedModel& model, Plan& plan, server_task_type type, json data,
                     const std::vector<raw_buffer>& files) {
  if (model.is_embedding()) refuse_kind(model, "embeds text, it does not write it");
  refuse_endless(model, data.at("prompt"));
  const bool has_pictures = !files.empty();
  if (has_pictures) {
    plan.prompts.emplace_back();
    plan.picture_prompt = data.at("prompt").get<std::string>();
    plan.pictures = plain_pictures(files);
  } else {
    plan.prompts = tokenize(model, data.at("prompt"), "prompt");
  }
  const int choices = choices_of(data);
  if (choices > model.slots()) data["n_cmpl"] = 1;  // llama.cpp knows choices side by side only
  plan.type = type;
  plan.params = params_of(model, plan, data);
  if (plan.prompts.size() > kMostAnswers / static_cast<std::size_t>(choices))
    throw Refusal(400, "invalid_value", fmt::format("a request has at most {} answers", kMostAnswers),
                  choices > 1 ? "n" : "prompt");
  for (std::size_t i = 0; i < plan.prompts.size(); ++i) {
    Asked asked{std::nullopt, choices, plan.params.n_predict};
    if (!has_pictures) asked.tokens = prepare_prompt(model, plan, plan.prompts[i]);
    for (const Part& part : parts_of(i, asked, room_of(model))) plan.parts.push_back(part);
  }
  plan.need = need_of(plan.parts, room_of(model));
  plan.is_stream = json_value(data, "stream", false);
  plan.form.choices = choices;
  plan.form.wants_usage = json_value(json_value(data, "stream_options", json::object()), "include_usage", false);
}

/// {"type": "function", "function": {"name": …}}: that one must be called. llama.cpp knows the words only, and takes
/// anything else for "auto".
void name_tool(json& body) {
  if (!body.contains("tool_choice") || !body.at("tool_choice").is_object()) return;
  const json choice = body.at("tool_choice");
  const std::string name = string_of(json_value(choice, "function", choice), "name", {});
  json kept = json::array();
  for (const json& tool : json_value(body, "tools", json::array())) {
    if (string_of(json_value(tool, "function", json::object()), "name", {}) == name) kept.push_back(tool);
  }
  if (kept.empty()) throw Refusal(400, "invalid_value", "'tool_choice' names no function of 'tools'", "tool_choice");
  body["tools"] = kept;
  body["tool_choice"] = "required";
}

void plan_chat(LoadedModel& model, Plan& plan, json body) {
  refuse_links(body);
  name_tool(body);
  const std::string choice = string_of(body, "tool_choice", "auto");
  const json tools = json_value(body, "tools", json::array());
  const bool has_tools = tools.is_array() && !tools.empty() && choice != "none";
  const server_chat_params* chat = model.find_chat_params(has_tools);
  if (chat == nullptr) throw Refusal(400, "unsupported_value", "this model cannot be told of tools", "tools");
  const bool is_ours = chat != &model.meta().chat_params;
  std::vector<raw_buffer> files;
  json data = oaicompat_chat_params_parse(body, *chat, files);
  if (is_ours && choice == "required") {
    for (const char* field : {"prompt", "generation_prompt"})
      data[field] = string_of(data, field, {}) + std::string(kChatMlToolTag) + '\n';
    // A model that was not made for tools repeats the call that it has just written.
    if (!json_value(body, "parallel_tool_calls", false)) data["stop"].push_back(kChatMlToolTag);
  }
  plan_completion(model, plan, SERVER_TASK_TYPE_COMPLETION, data, files);
}

/// The text of one prompt, whose tokens are known to be the model's.
std::string text_of_prompt(const LoadedModel& model, const json& prompt) {
  if (prompt.is_string()) return prompt.get<std::string>();
  if (prompt.is_object()) return prompt.at("prompt_string").get<std::string>();
  std::string text;
  for (const json& piece : prompt) {
    text +=
        piece.is_string() ? piece.get<std::string>() : common_token_to_piece(model.vocab(), piece.get<llama_token>());
  }
  return text;
}

/// What this API has and llama.cpp leaves out without a word.
void refuse_unheard(const json& request, bool is_echo) {
  if (!string_of(request, "suffix", {}).empty())
    throw Refusal(400, "unsupported_value", "'suffix' is not taken here; POST /infill fills a gap in a text", "suffix");
  if (json_value(request, "best_of", 1) > choices_of(request))
    throw Refusal(400, "unsupported_value", "'best_of' is not taken: all answers that are made are given, as 'n' says",
                  "best_of");
  const json logprobs = json_value(request, "logprobs", json());
  if (is_echo && (logprobs.is_number() || json_value(request, "logprobs", false)))
    throw Refusal(400, "unsupported_value", "'echo' is not taken with 'logprobs': a prompt's are not kept", "echo");
}

void plan_text(LoadedModel& model, Plan& plan) {
  if (!plan.request.contains("prompt"))
    throw Refusal(400, "missing_required_parameter", "'prompt' is missing", "prompt");
  json data = plan.request;
  const bool is_echo = json_value(data, "echo", false);
  refuse_unheard(data, is_echo);
  if (data.contains("echo")) data.erase("echo");
  plan.form.is_chat = false;
  // 0 asks for the chances of what was written only, but llama.cpp would give none.
  if (data.contains("logprobs") && data.at("logprobs").is_number_integer() && data.at("logprobs").get<int>() == 0 &&
      !data.contains("n_probs")) {
    plan.form.has_alternatives = false;
    data["n_probs"] = 1;
  }
  plan_completion(model, plan, SERVER_TASK_TYPE_COMPLETION, data, {});
  if (!is_echo) return;
  const json& prompt = plan.request.at("prompt");
  if (!prompt.is_array() || json_is_array_and_contains_numbers(prompt)) {
    plan.form.echoes.push_back(text_of_prompt(model, prompt));
  } else {
    for (const json& one : prompt) plan.form.echoes.push_back(text_of_prompt(model, one));
  }
}

void plan_infill(LoadedModel& model, Plan& plan) {
  const llama_vocab* vocab = model.vocab();
  if (llama_vocab_fim_pre(vocab) == LLAMA_TOKEN_NULL || llama_vocab_fim_suf(vocab) == LLAMA_TOKEN_NULL ||
      llama_vocab_fim_mid(vocab) == LLAMA_TOKEN_NULL)
    refuse_kind(model, "was not made to fill a gap in a text");
  json data = plan.request;
  for (const char* field : {"input_prefix", "input_suffix"}) {
    if (!data.contains(field) || !data.at(field).is_string())
      throw Refusal(400, "invalid_value", fmt::format("'{}' must be a text", field), field);
  }
  const json extra = json_value(data, "input_extra", json::array());
  if (!extra.is_array()) throw Refusal(400, "invalid_value", "'input_extra' must be a list", "input_extra");
  for (const json& chunk : extra) {
    if (string_of(chunk, "text", {}).empty())
      throw Refusal(400, "invalid_value", "each of 'input_extra' must have a 'text'", "input_extra");
  }
  data["input_extra"] = extra;
  const auto prompt = tokenize_input_prompts(vocab, nullptr, string_of(data, "prompt", {}), false, true, {});
  const int context = model.context_tokens();
  // It takes a share of its "batch" of what stands before the gap and after it.
  data["prompt"] = format_prompt_infill(vocab, data.at("input_prefix"), data.at("input_suffix"), extra, context / 2,
                                        json_value(data, "n_predict", kLeastAnswer), context, model.params().spm_infill,
                                        prompt.at(0).get_tokens());
  plan_completion(model, plan, SERVER_TASK_TYPE_INFILL, data, {});
}

void add_text(LoadedModel& model, Plan& plan, server_tokens tokens, const char* field) {
  const int limit = std::min(model.context_tokens(), model.params().n_ubatch);
  if (tokens.empty()) throw Refusal(400, "invalid_value", fmt::format("'{}' has an empty text", field), field);
  if (std::cmp_greater(tokens.size(), limit)) refuse_length(tokens.size(), limit, field);
  if (!tokens.validate(model.context()))
    throw Refusal(400, "invalid_value", fmt::format("'{}' has tokens that the model does not know", field), field);
  plan.parts.push_back({plan.prompts.size(), 0, 1, -1, {1, static_cast<int>(tokens.size())}});
  plan.prompts.push_back(std::move(tokens));
}

/// Once all its texts are there.
void end_embedding(const LoadedModel& model, Plan& plan, server_task_type type) {
  plan.type = type;
  plan.params.res_type = plan.shape;
  plan.params.embd_normalize = json_value(plan.request, "embd_normalize", model.params().embd_normalize);
  plan.need = need_of(plan.parts, room_of(model));
}

void plan_embeddings(LoadedModel& model, Plan& plan) {
  if (!model.is_embedding()) refuse_kind(model, "writes text, it does not embed it");
  if (!plan.request.contains("input")) throw Refusal(400, "missing_required_parameter", "'input' is missing", "input");
  const std::string format = string_of(plan.request, "encoding_format", "float");
  if (format != "float" && format != "base64")
    throw Refusal(400, "invalid_value", "'encoding_format' is float or base64", "encoding_format");
  plan.dimensions = dimensions_of(plan.request, llama_model_n_embd_out(model.model()));
  for (server_tokens& tokens : tokenize(model, plan.request.at("input"), "input"))
    add_text(model, plan, std::move(tokens), "input");
  if (plan.parts.empty()) throw Refusal(400, "invalid_value", "'input' is empty", "input");
  end_embedding(model, plan, SERVER_TASK_TYPE_EMBEDDING);
}

void plan_rerank(LoadedModel& model, Plan& plan) {
  if (!model.is_embedding() || model.meta().pooling_type != LLAMA_POOLING_TYPE_RANK)
    refuse_kind(model, "does not rank texts");
  if (!plan.request.contains("query") || !plan.request.at("query").is_string())
    throw Refusal(400, "invalid_value", "'query' must be a text", "query");
  const auto query = plan.request.at("query").get<std::string>();
  const auto documents =
      json_value(plan.request, "documents", json_value(plan.request, "texts", std::vector<std::string>()));
  if (documents.empty()) throw Refusal(400, "invalid_value", "'documents' must be a list of texts", "documents");
  for (const std::string& text : documents) {
    add_text(model, plan, format_prompt_rerank(model.model(), model.vocab(), nullptr, query, text, {}), "documents");
  }
  end_embedding(model, plan, SERVER_TASK_TYPE_RERANK);
}

void make_plan(LoadedModel& model, Plan& plan) {
  switch (plan.call) {
    case LanguageCall::kChatCompletions:
      plan_chat(model, plan, plan.request);
      break;
    case LanguageCall::kResponses:
      refuse_links(plan.request);
      plan_chat(model, plan, chat_of_responses(plan.request));
      break;
    case LanguageCall::kAnthropicMessages:
      refuse_links(plan.request);
      plan_chat(model, plan, server_chat_convert_anthropic_to_oai(plan.request));
      break;
    case LanguageCall::kCompletions:
      plan_text(model, plan);
      break;
    case LanguageCall::kInfill:
      plan_infill(model, plan);
      break;
    case LanguageCall::kEmbeddings:
      plan_embeddings(model, plan);
      break;
    case LanguageCall::kRerank:
      plan_rerank(model, plan);
      break;
    case LanguageCall::kTokenize:
      plan.answer = tokens_of(model, plan.request);
      break;
    case LanguageCall::kDetokenize:
      plan.answer = text_of(model, plan.request);
      break;
  }
}

}  // namespace

server_task make_task(Plan& plan, const Part& part) {
  server_task task(plan.type);
  task.params = plan.params;
  task.params.n_predict = part.limit;
  task.params.n_cmpl = part.answers;
  if (task.params.sampling.seed != LLAMA_DEFAULT_SEED)  // as llama.cpp tells side by side choices apart
    task.params.sampling.seed += static_cast<std::uint32_t>(part.first);
  const bool is_last = part.first + part.answers == plan.form.choices;  // the prompt is needed no more
  if (plan.pictures.empty()) {
    server_tokens& prompt = plan.prompts.at(part.prompt);
    task.tokens = is_last ? std::move(prompt) : prompt.clone();
    return task;
  }
  task.cli = true;  // the loop turns the media into tokens: only it may use the projector
  task.cli_prompt = plan.picture_prompt;
  if (is_last) {
    task.cli_files = std::move(plan.pictures);
  } else {
    task.cli_files = plan.pictures;
  }
  return task;
}

Plan plan_request(LoadedModel& model, LanguageCall call, const std::string& body) {
  Plan plan;
  plan.call = call;
  plan.request = json::parse(body);
  if (!plan.request.is_object()) throw Refusal(400, "invalid_json", "the request is no JSON object");
  plan.shape = shape_of(call);
  plan.model = string_of(plan.request, "model", model.name());
  try {
    check_grammar_limits(plan.request);
    make_plan(model, plan);
  } catch (const Refusal&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw refusal_of_exception(error.what(), plan.request);
  }
  return plan;
}

}  // namespace hearth::engines::llama
