#include "api/api.h"

#include <charconv>
#include <string>
#include <utility>

#include "api/reply.h"
#include "api/routes.h"
#include "engine/transcriber.h"
#include "startup/timeline_metrics.h"

namespace hearth::api {
namespace {

constexpr std::size_t kIgnoredBody = 64 << 10;  // of a GET that has a body: read and not used
constexpr std::size_t kCommandBody = 4 << 10;   // parsed on the I/O thread
constexpr std::size_t kFormFields = 64 << 10;   // around the file of a form

constexpr base::Millis kBesideTheLongest{3'600'000};  // of sound: so that one long file keeps nobody else out

std::int64_t samples_of(base::Millis sound) { return sound.count() / 1000 * engine::Transcriber::kSampleRate.hz; }

net::Plan refuse(std::string_view label, net::HttpResponse response) {
  net::Plan plan;
  plan.route = label;
  plan.refusal = std::move(response);
  return plan;
}

wire::ApiError route_error(int status, base::Code code, std::string message, std::string word) {
  wire::ApiError error = wire::make_api_error(status, base::Error{code, std::move(message), {}});
  error.code = std::move(word);
  return error;
}

/// Whether a body may have more than `limit` bytes: its head says so, or does not say.
bool may_be_large(const net::HttpRequest& head, std::size_t limit) {
  const std::string* length = head.headers.find("Content-Length");
  if (length == nullptr) return head.headers.find("Transfer-Encoding") != nullptr;
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), bytes);
  return error != std::errc() || bytes > limit;
}

}  // namespace

Api::Api(const Services& services, ApiOptions options)
    : context_{RequestGate(options.max_requests + options.max_queue),
               RequestGate(options.max_requests + options.max_queue),
               RequestGate(options.max_concurrent_uploads),
               audio::SampleBudget(samples_of(options.max_audio + kBesideTheLongest)),
               services,
               std::move(options),
               0,
               services.clock.now()} {
  using std::chrono::duration_cast;
  context_.started_at = duration_cast<std::chrono::seconds>(services.clock.wall().time_since_epoch()).count();
  services.metrics.on_render([this](observe::Metrics& metrics) {
    metrics.gauge("hearth_requests_running", "Requests that infer now.").set(context_.running());
    metrics.gauge("hearth_requests_waiting", "Requests that wait for a thread or a model.").set(context_.waiting());
    startup::publish_timeline(context_.services.recorder.snapshot(), metrics);
  });
}

void Api::attach(net::HttpServerOptions& options) {
  options.plan = [this](const net::HttpRequest& head) { return plan(head); };
  options.refuse = [](int status, const base::Error& error) {
    std::optional<base::Millis> retry_after;
    if (status == 503) retry_after = base::Millis{1000};
    return error_response(wire::make_api_error(status, error), retry_after);
  };
  options.on_done = [this](const net::Outcome& outcome) { on_done(outcome); };
}

net::Plan Api::plan(const net::HttpRequest& head) {
  if (const auto error = check_source(context_.options.guard, head)) return refuse("refused", error_response(*error));
  Match match = find_route(routes(), head.method, head.path);
  if (match.route == nullptr) {
    if (match.allow.empty()) {
      const std::string what = head.method + " " + head.path.substr(0, 200);
      return refuse("unknown",
                    error_response(route_error(404, base::Code::kNotFound, "there is no " + what, "unknown_url")));
    }
    net::HttpResponse response{204, {}, {}};
    if (head.method != "OPTIONS") {
      response = error_response(route_error(405, base::Code::kInvalidArgument,
                                            head.path + " does not take " + head.method + "; it takes " + match.allow,
                                            "method_not_allowed"));
    }
    response.headers.set("Allow", match.allow);
    return refuse("unknown", std::move(response));
  }
  const Route& route = *match.route;
  if (const auto error = check_key(context_.options.guard, head, route.access)) {
    return refuse(route.label, error_response(*error, {}, route.errors));
  }
  if (route.body != Body::kNone) {
    const bool is_form = route.body == Body::kForm || route.body == Body::kFile;
    auto error = is_form ? check_form_type(head) : check_json_type(head);
    if (error && route.body == Body::kFile && !check_json_type(head)) error.reset();
    if (error) return refuse(route.label, error_response(*error, {}, route.errors));
  }
  net::Plan plan;
  plan.route = route.label;
  plan.body_limit = body_limit(route.body);
  // What JSON carries is decoded beside it, and both together may be as large as a form.
  if (route.body == Body::kFile && !check_json_type(head)) plan.body_limit = context_.options.max_upload / 2;
  std::shared_ptr<RequestGate::Ticket> upload;  // shared because a function is copied
  const bool is_large = route.body == Body::kMediaJson && may_be_large(head, plan.body_limit);
  if (is_large) plan.body_limit = context_.options.max_media_body;
  if (is_large || route.body == Body::kForm || route.body == Body::kFile) {
    auto place = context_.uploads.try_enter();
    if (!place) return refuse(route.label, busy_response(route.errors));
    upload = std::make_shared<RequestGate::Ticket>(std::move(*place));
  }
  plan.run = [this, upload = std::move(upload), handler = route.handler,
              parameter = std::move(match.parameter)](const ExchangePtr& exchange) {
    // A job that runs keeps the body when its client has left, so the place is given back by who lets go last. One that
    // waits for a thread lets go at once (context.h, post_step).
    const ExchangePtr held(exchange.get(), [exchange, upload](net::Exchange*) {});
    handler(context_, held, parameter);
  };
  return plan;
}

std::size_t Api::body_limit(Body body) const {
  switch (body) {
    case Body::kNone:
      return kIgnoredBody;
    case Body::kCommand:
      return kCommandBody;
    case Body::kJson:
    case Body::kMediaJson:
      return context_.options.max_body;
    case Body::kForm:
    case Body::kFile:
      return context_.options.max_upload + kFormFields;
  }
  return kIgnoredBody;
}

void Api::on_done(const net::Outcome& outcome) {
  observe::Metrics& metrics = context_.services.metrics;
  const std::string route(outcome.route.empty() ? "refused" : outcome.route);
  const auto seconds = [](base::Duration duration) { return base::to_seconds(duration); };
  metrics
      .counter("hearth_http_requests_total",
               "Requests that were answered, or left unanswered by a client that went (499).",
               {{"route", route}, {"status", std::to_string(outcome.status)}})
      .add();
  metrics
      .histogram("hearth_http_request_seconds", "From the end of a request's header to its response's last byte.",
                 observe::latency_buckets(), {{"route", route}})
      .observe(seconds(outcome.duration));
  if (!outcome.complete) {
    metrics.counter("hearth_http_broken_total", "Responses that were not sent whole.", {{"route", route}}).add();
  }
  if (outcome.route == "speech" && outcome.status == 200 && outcome.first_byte) {
    metrics
        .histogram("hearth_speech_first_audio_seconds",
                   "From the end of a speech request's header to its first byte of sound.", observe::latency_buckets())
        .observe(seconds(*outcome.first_byte));
  }
}

}  // namespace hearth::api
