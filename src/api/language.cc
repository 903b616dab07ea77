#include "api/language.h"

#include <memory>
#include <string_view>
#include <utility>

#include "api/reply.h"
#include "engine/language_model.h"
#include "wire/language_request.h"
#include "wire/sse.h"

namespace hearth::api {
namespace {

using engine::LanguageCall;

constexpr std::string_view kKind = "language";

/// A whole answer is sent at once, with its length; events as they come.
class ExchangeSink final : public engine::LanguageSink {
 public:
  ExchangeSink(net::Exchange& exchange, startup::Recorder& recorder) : exchange_(exchange), recorder_(recorder) {}

  engine::Flow begin(int status, std::string_view content_type) override {
    status_ = status;
    is_stream_ = content_type == wire::kSseContentType;
    if (!is_stream_) return engine::Flow::kContinue;
    return to_engine(exchange_.begin(status, event_headers()));
  }
  engine::Flow write(std::string_view bytes) override {
    if (status_ == 200) recorder_.mark("first_token");
    if (is_stream_) return to_engine(exchange_.write(bytes));
    body_ += bytes;
    return engine::Flow::kContinue;
  }

  void end() {
    if (is_stream_) return exchange_.end();
    net::HttpResponse response = json_response(status_, std::move(body_));
    if (status_ == 503) response.headers.set("Retry-After", "1");
    exchange_.send(std::move(response));
  }
  /// Nothing was sent yet.
  [[nodiscard]] bool is_open() const { return !is_stream_; }

 private:
  static engine::Flow to_engine(net::Flow flow) {
    return flow == net::Flow::kContinue ? engine::Flow::kContinue : engine::Flow::kStop;
  }
  net::Exchange& exchange_;
  startup::Recorder& recorder_;
  int status_ = 200;
  bool is_stream_ = false;
  std::string body_;
};

/// One request on its way from thread to thread.
class LanguageJob : public std::enable_shared_from_this<LanguageJob> {
 public:
  LanguageJob(Context& context, ExchangePtr exchange, RequestGate::Ticket ticket, LanguageCall call)
      : context_(context), exchange_(std::move(exchange)), ticket_(std::move(ticket)), call_(call) {}

  /// Executor.
  void parse() {
    if (exchange_->stop_token().stop_requested()) return;
    const auto parsed = wire::parse_language_request(exchange_->request().body);
    if (!parsed) return exchange_->send(error_response(parsed.error()));
    name_ = parsed->model.empty() ? default_model() : parsed->model;
    const bool waits = parsed->wait && !asks_not_to_wait(exchange_->request());
    context_.services.registry.acquire_async(
        name_, waits ? model::Wait::forever() : model::Wait::none(),
        [self = shared_from_this()](model::Acquired lease) { self->on_lease(std::move(lease)); },
        exchange_->stop_token());
  }

 private:
  /// The first language model of the configuration. Empty where there is none: the registry then says so.
  [[nodiscard]] std::string default_model() const {
    const auto snapshot = context_.services.registry.snapshot();
    for (const model::ModelSnapshot& model : snapshot->models) {
      if (model.kind == kKind) return model.name;
    }
    return {};
  }

  /// Registry's strand.
  void on_lease(model::Acquired lease) {
    if (!lease) return exchange_->send(not_ready_response(lease.error(), name_));
    lease_ = std::move(*lease);
    context_.services.language_executor.post([self = shared_from_this()] { self->answer(); });
  }

  /// Executor.
  void answer() {
    model::Lease lease = std::move(lease_);  // given back when this returns, whoever still holds the job
    if (exchange_->stop_token().stop_requested()) return;
    ticket_.start();
    engine::LanguageModel* model = lease->language_model();
    if (model == nullptr) {
      const base::Error error{base::Code::kInvalidArgument, "model '" + name_ + "' is no language model", {}};
      return exchange_->send(error_response(wire::make_api_error(error, "model", "invalid_value")));
    }
    ExchangeSink sink(*exchange_, context_.services.recorder);
    const auto done = model->answer(call_, exchange_->request().body, sink, exchange_->stop_token());
    if (done) return sink.end();
    lease.note_failure(done.error());
    // A stream that broke is cut: the client sees that it is not whole.
    if (sink.is_open() && !exchange_->stop_token().stop_requested())
      exchange_->send(error_response(wire::make_api_error(done.error())));
  }

  Context& context_;
  const ExchangePtr exchange_;
  RequestGate::Ticket ticket_;
  const LanguageCall call_;
  std::string name_;
  model::Lease lease_;
};

void post(Context& context, const ExchangePtr& exchange, LanguageCall call) {
  auto ticket = context.language.try_enter();
  if (!ticket) return exchange->send(busy_response());
  auto job = std::make_shared<LanguageJob>(context, exchange, std::move(*ticket), call);
  context.services.language_executor.post([job = std::move(job)] { job->parse(); });
}

}  // namespace

void post_chat_completions(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kChatCompletions);
}
void post_completions(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kCompletions);
}
void post_responses(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kResponses);
}
void post_embeddings(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kEmbeddings);
}
void post_rerank(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kRerank);
}
void post_tokenize(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kTokenize);
}
void post_detokenize(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kDetokenize);
}
void post_infill(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kInfill);
}
void post_messages(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, LanguageCall::kAnthropicMessages);
}

}  // namespace hearth::api
