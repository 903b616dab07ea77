#include "api/status.h"

#include <utility>

#include "api/models.h"
#include "api/reply.h"
#include "observe/memory.h"
#include "startup/timeline_json.h"
#include "startup/trace_events.h"
#include "startup/waterfall.h"
#include "wire/documents.h"

namespace hearth::api {
namespace {

wire::ReadinessCard make_readiness_card(const startup::ReadyView& view) {
  wire::ReadinessCard card;
  card.status = startup::ready_state_name(view.state);
  card.pending = view.pending;
  for (const auto& [model, cause] : view.failed) card.failed.emplace_back(model, cause.line());
  return card;
}

net::HttpResponse with_retry(net::HttpResponse response) {
  if (response.status == 503) response.headers.set("Retry-After", "1");
  return response;
}

net::HttpResponse readiness_response(const Context& context) {
  const startup::ReadyView view = context.services.readiness.view();
  return with_retry(json_response(view.ok() ? 200 : 503, wire::readiness_json(make_readiness_card(view))));
}

}  // namespace

void get_livez(Context&, const ExchangePtr& exchange, const std::string&) {
  exchange->send(text_response(200, "ok\n"));
}

void get_readyz(Context& context, const ExchangePtr& exchange, const std::string&) {
  exchange->send(readiness_response(context));
}

void get_health(Context& context, const ExchangePtr& exchange, const std::string&) {
  exchange->send(readiness_response(context));
}

void get_oip_live(Context&, const ExchangePtr& exchange, const std::string&) {
  exchange->send(json_response(200, wire::oip_live_json(true)));
}

void get_oip_ready(Context& context, const ExchangePtr& exchange, const std::string&) {
  const bool is_ready = context.services.readiness.view().ok();
  exchange->send(with_retry(json_response(is_ready ? 200 : 503, wire::oip_ready_json(is_ready))));
}

void get_oip_model_ready(Context& context, const ExchangePtr& exchange, const std::string& name) {
  const auto snapshot = context.services.registry.snapshot();
  const model::ModelSnapshot* model = snapshot->find(name);
  if (model == nullptr) return get_model(context, exchange, name);  // which says that there is none
  const bool is_ready = model::is_loaded(model->state);
  exchange->send(with_retry(json_response(is_ready ? 200 : 503, wire::oip_model_ready_json(model->name, is_ready))));
}

void get_status(Context& context, const ExchangePtr& exchange, const std::string&) {
  const auto snapshot = context.services.registry.snapshot();
  wire::StatusCard card;
  card.version = context.options.version;
  card.readiness = make_readiness_card(context.services.readiness.view());
  card.uptime_seconds = base::to_seconds(context.services.clock.now() - context.started);
  card.requests_running = context.running();
  card.requests_queued = context.waiting();
  card.memory_budget_bytes = snapshot->budget.count;
  card.memory_committed_bytes = snapshot->committed.count;
  card.memory_resident_bytes = observe::resident_memory().count;
  card.loads_running = snapshot->loading;
  card.loads_queued = snapshot->queued;
  card.loads_at_once = snapshot->max_loading;
  card.loads_of_group = *snapshot->caps;
  card.hardware = context.options.hardware;
  card.threads = context.options.threads;
  card.models = make_model_cards(context);
  exchange->send(json_response(200, wire::status_json(card)));
}

void get_startup(Context& context, const ExchangePtr& exchange, const std::string&) {
  const std::string format = net::find_query(exchange->request().query, "format").value_or("json");
  if (format != "json" && format != "trace" && format != "text") {
    const base::Error error{base::Code::kInvalidArgument, "'format' must be json, trace or text", {}};
    return exchange->send(error_response(wire::make_api_error(error, "format", "invalid_value")));
  }
  const startup::Timeline timeline = context.services.recorder.snapshot();
  if (format == "text") return exchange->send(text_response(200, startup::waterfall(timeline)));
  exchange->send(
      json_response(200, format == "trace" ? startup::trace_events_json(timeline) : startup::timeline_json(timeline)));
}

void get_metrics(Context& context, const ExchangePtr& exchange, const std::string&) {
  net::HttpResponse response = text_response(200, context.services.metrics.render());
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  exchange->send(std::move(response));
}

}  // namespace hearth::api
