#include "api/language.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "api/linked_pictures.h"
#include "api/model_choice.h"
#include "api/reply.h"
#include "engine/language_model.h"
#include "wire/language_request.h"
#include "wire/sse.h"

namespace hearth::api {
namespace {

using engine::LanguageCall;

constexpr std::string_view kKind = "language";
constexpr std::string_view kCannot = "is no language model";

wire::ErrorShape error_shape(LanguageCall call) {
  return call == LanguageCall::kAnthropicMessages ? wire::ErrorShape::kAnthropic : wire::ErrorShape::kOpenAi;
}

/// Whether the answer is the network's, not the vocabulary's.
bool infers(LanguageCall call) { return call != LanguageCall::kTokenize && call != LanguageCall::kDetokenize; }

wire::LanguageShape shape_of(LanguageCall call) {
  switch (call) {
    case LanguageCall::kChatCompletions:
      return wire::LanguageShape::kChat;
    case LanguageCall::kCompletions:
    case LanguageCall::kInfill:
      return wire::LanguageShape::kCompletion;
    case LanguageCall::kResponses:
      return wire::LanguageShape::kResponse;
    case LanguageCall::kAnthropicMessages:
      return wire::LanguageShape::kMessage;
    case LanguageCall::kEmbeddings:
    case LanguageCall::kRerank:
    case LanguageCall::kTokenize:
    case LanguageCall::kDetokenize:
      return wire::LanguageShape::kOther;
  }
  return wire::LanguageShape::kOther;
}

/// A whole answer is sent at once, with its length; events as they come.
class ExchangeSink final : public engine::LanguageSink {
 public:
  ExchangeSink(net::Exchange& exchange, startup::Recorder& recorder) : exchange_(exchange), recorder_(recorder) {}

  engine::Flow begin(int status, std::string_view content_type) override {
    status_ = status;
    is_stream_ = content_type == wire::kSseContentType;
    if (!is_stream_) return engine::Flow::kContinue;
    return exchange_.begin(status, event_headers());
  }
  engine::Flow write(std::string_view bytes) override {
    if (has_served()) recorder_.mark("first_token");
    if (is_stream_) return exchange_.write(bytes);
    body_ += bytes;
    return engine::Flow::kContinue;
  }

  void end() {
    if (is_stream_) return exchange_.end();
    net::HttpResponse response = json_response(status_, std::move(body_));
    if (status_ == 503) response.headers.set("Retry-After", "1");
    exchange_.send(std::move(response));
  }
  [[nodiscard]] bool has_begun() const { return status_ != 0; }
  [[nodiscard]] bool has_served() const { return status_ == 200; }
  [[nodiscard]] bool is_stream() const { return is_stream_; }

 private:
  net::Exchange& exchange_;
  startup::Recorder& recorder_;
  int status_ = 0;
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
    if (has_left(exchange_)) return;
    auto parsed = wire::parse_language_request(exchange_->request().body, shape_of(call_), image_hosts());
    if (!parsed) return refuse(parsed.error());
    request_ = std::move(*parsed);
    if (const auto error = check_size()) return refuse(*error);
    name_ = request_.model.empty() ? first_of_kind(context_, kKind) : request_.model;
    // A model that reads documents may be a language model that sees.
    if (const auto wrong = check_kind(context_, name_, {kKind, "document"}, kCannot)) return refuse(*wrong);
    if (request_.pictures.empty()) return acquire();
    auto place = context_.uploads.try_enter();  // with its pictures it is as large as an upload
    if (!place) return exchange_->send(busy_response(shape()));
    pictures_place_.emplace(std::move(*place));
    post_step(context_.services.file_executor, exchange_->stop_token(),
              [self = shared_from_this()] { self->fetch_pictures(); });
  }

 private:
  [[nodiscard]] wire::ErrorShape shape() const { return error_shape(call_); }
  void refuse(const wire::ApiError& error) const { exchange_->send(error_response(error, {}, shape())); }

  /// More was received than other bodies may have, for what might have been pictures.
  [[nodiscard]] std::optional<wire::ApiError> check_size() const {
    const std::size_t most = context_.options.max_body;
    if (request_.has_media || exchange_->request().body.size() <= most) return std::nullopt;
    const std::string why = "the request's body is larger than " + std::to_string(most) + " bytes, and has no pictures";
    return wire::make_api_error(413, base::Error{base::Code::kInvalidArgument, why, {}});
  }

  [[nodiscard]] std::span<const std::string> image_hosts() const {
    if (!context_.services.fetch_picture) return {};
    return context_.options.image_hosts;
  }

  /// File executor.
  void fetch_pictures() {
    const std::stop_token stop = exchange_->stop_token();
    if (stop.stop_requested()) return;
    // base64 makes four bytes of three
    const base::Bytes most{static_cast<std::int64_t>(context_.options.max_media_body / 4 * 3)};
    const DataUrls urls =
        fetch_linked_pictures(request_.pictures, most, context_.services.fetch_picture, context_.services.clock, stop);
    if (stop.stop_requested()) return;
    if (!urls) return refuse(urls.error());
    body_ = wire::with_pictures(exchange_->request().body, *urls);
    acquire();
  }

  void acquire() {
    context_.services.registry.acquire_async(
        name_, wait_of(exchange_->request(), request_.wait),
        [self = shared_from_this()](model::Acquired lease) { self->on_lease(std::move(lease)); },
        exchange_->stop_token());
  }

  [[nodiscard]] const std::string& body() const { return body_.empty() ? exchange_->request().body : body_; }

  /// Registry's strand.
  void on_lease(model::Acquired lease) {
    if (!lease && has_left(exchange_)) return;
    if (!lease) return exchange_->send(not_ready_response(lease.error(), name_, shape()));
    lease_ = std::move(*lease);
    post_step(context_.services.language_executor, exchange_->stop_token(),
              [self = shared_from_this()] { self->answer(); });
  }

  /// Executor.
  void answer() {
    model::Lease lease = std::move(lease_);  // given back when this returns, whoever still holds the job
    if (has_left(exchange_)) return;
    ticket_.start();
    engine::LanguageModel* model = lease->language_model();
    if (model == nullptr) return refuse(wrong_kind(name_, kCannot));
    ExchangeSink sink(*exchange_, context_.services.recorder);
    const auto done = model->answer(call_, body(), sink, exchange_->stop_token());
    if (done) {
      if (sink.has_served() && infers(call_)) lease.note_served();
      return sink.end();
    }
    lease.note_failure(done.error());
    if (has_left(exchange_) || sink.is_stream()) return;  // a stream is cut: it is not whole
    if (sink.has_begun()) return sink.end();
    refuse(wire::make_api_error(done.error()));
  }

  Context& context_;
  const ExchangePtr exchange_;
  RequestGate::Ticket ticket_;
  const LanguageCall call_;
  wire::LanguageRequest request_;
  std::optional<RequestGate::Ticket> pictures_place_;
  std::string body_;  // with the pictures that it linked to; empty: as it came
  std::string name_;
  model::Lease lease_;
};

void post(Context& context, const ExchangePtr& exchange, LanguageCall call) {
  auto ticket = context.language.try_enter();
  if (!ticket) return exchange->send(busy_response(error_shape(call)));
  auto job = std::make_shared<LanguageJob>(context, exchange, std::move(*ticket), call);
  post_step(context.services.language_executor, exchange->stop_token(), [job = std::move(job)] { job->parse(); });
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
