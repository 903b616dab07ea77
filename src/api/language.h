#pragma once

// What language models answer: chat, completions, responses, embeddings, rankings, tokens, of OpenAI's, Anthropic's and
// llama.cpp's APIs.
//
// A request: a place at the gate (I/O thread) → its head is read (language executor) → lease (registry's strand; no
// thread waits while the model loads) → the model answers the document as it came (there too; blocks there until the
// last token). A client that leaves ends the generation within one token, and where it waits for a slot at once.

#include "api/context.h"

namespace hearth::api {

void post_chat_completions(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_completions(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_responses(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_embeddings(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_rerank(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_tokenize(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_detokenize(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_infill(Context& context, const ExchangePtr& exchange, const std::string& parameter);
/// Anthropic's API.
void post_messages(Context& context, const ExchangePtr& exchange, const std::string& parameter);

}  // namespace hearth::api
