#pragma once

// GET /v1/models, GET /v1/models/{id}, POST /models/load, POST /models/unload. I/O thread; the last two answer when the
// registry calls back. Names are the configuration's; nothing here takes a path.

#include "api/context.h"
#include "model/snapshot.h"
#include "wire/documents.h"

namespace hearth::api {

void get_models(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void get_model(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_load(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void post_unload(Context& context, const ExchangePtr& exchange, const std::string& parameter);

[[nodiscard]] wire::ModelCard make_model_card(const model::ModelSnapshot& model, std::int64_t created);
[[nodiscard]] std::vector<wire::ModelCard> make_model_cards(const Context& context);

}  // namespace hearth::api
