#include "api/speech.h"

#include <memory>
#include <optional>
#include <utility>

#include "api/model_choice.h"
#include "api/reply.h"
#include "api/speech_body.h"
#include "engine/speech_synthesizer.h"
#include "wire/documents.h"
#include "wire/speech_request.h"

namespace hearth::api {
namespace {

constexpr std::string_view kKind = "speech";
constexpr std::string_view kCannot = "does not speak";

/// An engine says what is wrong but not in which field of the JSON: found by mending one field at a time.
std::optional<std::string> find_param(engine::SpeechSynthesizer& synthesizer, const engine::SpeechRequest& request) {
  const auto is_mended = [&](auto mend) {
    engine::SpeechRequest mended = request;
    mend(mended);
    return synthesizer.prepare(mended).has_value();
  };
  if (is_mended([](auto& r) { r.text = "a"; })) return "input";
  if (is_mended([](auto& r) { r.voice.clear(); })) return "voice";
  if (is_mended([](auto& r) { r.language.clear(); })) return "language";
  if (is_mended([](auto& r) { r.voice.clear(), r.language.clear(); })) return "voice";
  return std::nullopt;
}

/// One request on its way from thread to thread.
class SpeechJob : public std::enable_shared_from_this<SpeechJob> {
 public:
  SpeechJob(Context& context, ExchangePtr exchange, RequestGate::Ticket ticket)
      : context_(context), exchange_(std::move(exchange)), ticket_(std::move(ticket)) {}

  /// Executor.
  void parse() {
    if (has_left(exchange_)) return;
    auto parsed = wire::parse_speech_request(exchange_->request().body, context_.options.speech);
    if (!parsed) return exchange_->send(error_response(parsed.error()));
    request_ = std::move(*parsed);
    if (const auto wrong = check_kind(context_, request_.model, {kKind}, kCannot)) {
      return exchange_->send(error_response(*wrong));
    }
    context_.services.registry.acquire_async(
        request_.model, wait_of(exchange_->request(), request_.wait),
        [self = shared_from_this()](model::Acquired lease) { self->on_lease(std::move(lease)); },
        exchange_->stop_token());
  }

 private:
  /// Registry's strand.
  void on_lease(model::Acquired lease) {
    if (!lease && has_left(exchange_)) return;
    if (!lease) return exchange_->send(not_ready_response(lease.error(), request_.model));
    lease_ = std::move(*lease);
    post_step(context_.services.executor, exchange_->stop_token(), [self = shared_from_this()] { self->speak(); });
  }

  /// Executor.
  void speak() {
    model::Lease lease = std::move(lease_);  // given back when this returns, whoever still holds the job
    if (has_left(exchange_)) return;
    ticket_.start();
    engine::SpeechSynthesizer* synthesizer = lease->speech_synthesizer();
    if (synthesizer == nullptr) return exchange_->send(error_response(wrong_kind(request_.model, kCannot)));
    const engine::SpeechRequest words{
        .text = request_.input, .voice = request_.voice, .language = request_.language, .speed = request_.speed};
    const auto utterance = synthesizer->prepare(words);
    if (!utterance) {
      base::Error error = utterance.error();
      lease.note_failure(error);
      if (error.code == base::Code::kNotFound)
        error.code = base::Code::kInvalidArgument;  // a voice is a field, not a page
      return exchange_->send(error_response(wire::make_api_error(error, find_param(*synthesizer, words))));
    }
    auto encoder = audio::make_encoder(request_.format, synthesizer->sample_rate());
    if (!encoder) return exchange_->send(error_response(wire::make_api_error(encoder.error(), "response_format")));
    SpeechBody body(*exchange_, std::move(*encoder), request_.stream, synthesizer->sample_rate());
    const auto sink = [&](std::span<const float> samples) {
      const engine::Flow flow = body.write(samples);
      if (body.has_begun()) context_.services.recorder.mark("first_audio");
      return flow;
    };
    const base::Result<void> spoken = (*utterance)->speak(sink, exchange_->stop_token());
    if (spoken) {
      lease.note_served();
    } else {
      lease.note_failure(spoken.error());
    }
    if (const auto& error = body.error()) return body.give_up(*error);
    if (!spoken) return body.give_up(spoken.error());
    body.finish(request_.input);
  }

  Context& context_;
  const ExchangePtr exchange_;
  RequestGate::Ticket ticket_;
  wire::SpeechRequest request_;
  model::Lease lease_;
};

}  // namespace

void post_speech(Context& context, const ExchangePtr& exchange, const std::string&) {
  auto ticket = context.gate.try_enter();
  if (!ticket) return exchange->send(busy_response());
  auto job = std::make_shared<SpeechJob>(context, exchange, std::move(*ticket));
  post_step(context.services.executor, exchange->stop_token(), [job = std::move(job)] { job->parse(); });
}

void get_voices(Context& context, const ExchangePtr& exchange, const std::string&) {
  const std::string name = net::find_query(exchange->request().query, "model").value_or(context.options.speech_model);
  if (const auto wrong = check_kind(context, name, {kKind}, kCannot)) return exchange->send(error_response(*wrong));
  const auto answer = [exchange, name](model::Acquired lease) {
    if (!lease) return exchange->send(not_ready_response(lease.error(), name));
    const engine::SpeechSynthesizer* synthesizer = lease->engine().speech_synthesizer();
    if (synthesizer == nullptr) return exchange->send(error_response(wrong_kind(name, kCannot)));
    std::vector<wire::VoiceCard> cards;
    for (const engine::Voice& voice : synthesizer->voices()) cards.push_back({voice.name, voice.language});
    exchange->send(json_response(200, wire::voice_list_json(cards)));
  };
  context.services.registry.acquire_async(name, wait_of(exchange->request(), true), answer, exchange->stop_token(),
                                          model::LeaseUse::kLook);
}

}  // namespace hearth::api
