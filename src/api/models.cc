#include "api/models.h"

#include <memory>
#include <utility>

#include "api/reply.h"
#include "wire/model_command.h"

namespace hearth::api {
namespace {

/// Shared because the registry's callbacks are copied.
using SharedTicket = std::shared_ptr<RequestGate::Ticket>;

/// A place for a command that waits in the registry: its connection may be gone long before, and bounds nothing.
/// Nothing where there is none; that is answered.
SharedTicket enter(Context& context, const ExchangePtr& exchange) {
  auto ticket = context.gate.try_enter();
  if (ticket) return std::make_shared<RequestGate::Ticket>(std::move(*ticket));
  exchange->send(busy_response());
  return nullptr;
}

/// The model's own name and its state, as it is after a change.
wire::ModelChange describe(const Context& context, const std::string& name) {
  const auto snapshot = context.services.registry.snapshot();
  const model::ModelSnapshot* model = snapshot->find(name);
  if (model == nullptr) return {name, "absent", std::nullopt};
  return {model->name, std::string(model::state_name(model->state)), std::nullopt};
}

}  // namespace

wire::ModelCard make_model_card(const model::ModelSnapshot& model, std::int64_t created) {
  wire::ModelCard card;
  card.id = model.name;
  card.created = created;
  card.kind = model.kind;
  card.aliases = model.aliases;
  card.state = model::state_name(model.state);
  card.warmth = model::warmth_name(model.warmth);
  card.load = model::load_mode_name(model.mode);
  card.pinned = model.pinned;
  card.stage = model.stage;
  card.progress = model.progress;
  card.memory_bytes = model.measured.count > 0 ? model.measured.count : model.reserved.count;
  card.leases = model.leases;
  card.waiting = model.waiting;
  card.loads = model.loads;
  card.failures = model.failures;
  if (model.last_load) card.last_load_ms = base::to_millis(*model.last_load);
  if (model.cause) card.error = model.cause->line();
  return card;
}

std::vector<wire::ModelCard> make_model_cards(const Context& context) {
  const auto snapshot = context.services.registry.snapshot();
  std::vector<wire::ModelCard> cards;
  cards.reserve(snapshot->models.size());
  for (const auto& model : snapshot->models) cards.push_back(make_model_card(model, context.started_at));
  return cards;
}

void get_models(Context& context, const ExchangePtr& exchange, const std::string&) {
  exchange->send(json_response(200, wire::model_list_json(make_model_cards(context))));
}

void get_model(Context& context, const ExchangePtr& exchange, const std::string& name) {
  const auto snapshot = context.services.registry.snapshot();
  if (const model::ModelSnapshot* model = snapshot->find(name)) {
    return exchange->send(json_response(200, wire::model_json(make_model_card(*model, context.started_at))));
  }
  const base::Error error{base::Code::kNotFound, "there is no model '" + name.substr(0, 100) + "'",
                          "GET /v1/models lists the configured ones"};
  exchange->send(error_response(wire::make_api_error(error, "model", "model_not_found")));
}

void post_load(Context& context, const ExchangePtr& exchange, const std::string&) {
  auto command = wire::parse_model_command(exchange->request().body);
  if (!command) return exchange->send(error_response(command.error()));
  const SharedTicket ticket = enter(context, exchange);
  if (!ticket) return;
  const model::Wait wait = command->wait ? model::Wait::forever() : model::Wait::none();
  const auto answer = [&context, exchange, ticket,
                       command = *command](const tl::expected<void, model::NotReady>& ready) {
    if (!ready && has_left(exchange)) return;
    const bool is_coming =
        !ready && ready.error().error.code == base::Code::kUnavailable && model::is_coming(ready.error().state);
    if (!ready && (command.wait || !is_coming)) return exchange->send(not_ready_response(ready.error(), command.model));
    wire::ModelChange change = describe(context, command.model);
    if (ready) return exchange->send(json_response(200, wire::model_change_json(change)));
    change.loading = make_load_card(ready.error());
    net::HttpResponse response = json_response(202, wire::model_change_json(change));
    response.headers.set("Retry-After", retry_after_text(ready.error().retry_after));
    exchange->send(std::move(response));
  };
  context.services.registry.ensure_ready(command->model, wait, answer, exchange->stop_token());
}

void post_unload(Context& context, const ExchangePtr& exchange, const std::string&) {
  auto command = wire::parse_model_command(exchange->request().body);
  if (!command) return exchange->send(error_response(command.error()));
  const SharedTicket ticket = enter(context, exchange);
  if (!ticket) return;
  const auto if_leased = command->wait ? model::IfLeased::kWait : model::IfLeased::kRefuse;
  const auto answer = [&context, exchange, ticket,
                       name = command->model](const base::Result<model::UnloadReport>& report) {
    if (!report && has_left(exchange)) return;
    if (!report) {
      const bool is_unknown = report.error().code == base::Code::kNotFound;
      return exchange->send(
          error_response(wire::make_api_error(report.error(), "model", is_unknown ? "model_not_found" : "")));
    }
    wire::ModelChange change = describe(context, name);
    change.returned_bytes = report->returned.count;
    exchange->send(json_response(200, wire::model_change_json(change)));
  };
  context.services.registry.unload(command->model, if_leased, answer, exchange->stop_token());
}

}  // namespace hearth::api
