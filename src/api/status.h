#pragma once

// Probes, status, the start's timeline, metrics. I/O thread. None of them wakes a model or touches an idle clock.

#include "api/context.h"

namespace hearth::api {

void get_livez(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void get_readyz(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void get_health(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void get_oip_live(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void get_oip_ready(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void get_oip_model_ready(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void get_status(Context& context, const ExchangePtr& exchange, const std::string& parameter);
/// JSON; ?format=trace for Perfetto, ?format=text for a waterfall.
void get_startup(Context& context, const ExchangePtr& exchange, const std::string& parameter);
void get_metrics(Context& context, const ExchangePtr& exchange, const std::string& parameter);

}  // namespace hearth::api
