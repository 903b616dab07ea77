#include "api/transcription.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "api/model_choice.h"
#include "api/reply.h"
#include "api/transcript.h"
#include "audio/decoder.h"
#include "engine/transcriber.h"
#include "wire/sse.h"
#include "wire/transcription_request.h"

namespace hearth::api {
namespace {

constexpr std::string_view kCannot = "does not transcribe";
constexpr base::Millis kSoundRetry{5000};  // when some of the sound that is being transcribed may be done

/// Which field of the form an engine's objection is about: found by mending one at a time.
std::optional<std::string> find_param(const engine::Transcriber& transcriber,
                                      const engine::TranscriptionRequest& request) {
  engine::TranscriptionRequest mended = request;
  mended.languages.clear();
  if (transcriber.validate(mended)) return request.languages.size() == 1 ? "language" : "languages";
  mended = request;
  mended.task = engine::TranscriptionRequest::Task::kTranscribe;
  if (transcriber.validate(mended)) return "model";  // an English-only one does not translate
  return std::nullopt;
}

/// One request on its way from thread to thread.
class TranscriptionJob : public std::enable_shared_from_this<TranscriptionJob> {
 public:
  TranscriptionJob(Context& context, ExchangePtr exchange, RequestGate::Ticket ticket, wire::TranscriptTask task)
      : context_(context), exchange_(std::move(exchange)), task_(task), ticket_(std::move(ticket)) {}

  /// Executor.
  void run() {
    if (has_left(exchange_)) return;
    const net::HttpRequest& request = exchange_->request();
    const std::string* type = request.headers.find("Content-Type");
    auto parsed = wire::parse_transcription_request(type == nullptr ? std::string_view() : *type, request.body, task_);
    if (!parsed) return exchange_->send(error_response(parsed.error()));
    request_ = std::move(*parsed);
    if (const auto wrong = check_kind(context_, request_.model, {"transcription"}, kCannot)) {
      return exchange_->send(error_response(*wrong));
    }
    // Of a copy: what waits for a thread goes inside the call, and the job may go with it.
    leaving_.emplace(exchange_->stop_token(), [gave_up = gave_up_] { std::stop_source(gave_up).request_stop(); });
    context_.services.registry.acquire_async(
        request_.model, wait_of(request, request_.wait),
        [self = shared_from_this()](model::Acquired lease) { self->on_lease(std::move(lease)); }, gave_up_.get_token());
    decode();
  }

 private:
  /// Executor, beside the load. What another program has to read goes to the executor for that.
  void decode() {
    bool is_foreign = false;
    audio::OpenOtherSound notice;
    if (context_.services.open_sound) {
      notice = [&is_foreign](auto...) -> base::Result<std::unique_ptr<audio::SoundReader>> {
        is_foreign = true;
        return base::fail(base::Code::kUnsupported, "it is for another program");
      };
    }
    auto sound = decode_with(std::move(notice));
    if (is_foreign) {
      post_step(context_.services.file_executor, gave_up_.get_token(),
                [self = shared_from_this()] { self->decode_foreign(); });
    } else if (take(std::move(sound))) {
      post_transcribe();
    }
  }

  /// File executor.
  void decode_foreign() {
    if (take(decode_with(context_.services.open_sound))) post_transcribe();
  }

  void post_transcribe() {
    post_step(context_.services.listen_executor, gave_up_.get_token(),
              [self = shared_from_this()] { self->transcribe(); });
  }

  base::Result<audio::Decoded> decode_with(audio::OpenOtherSound other) const {
    return audio::decode(request_.file,
                         {.longest = context_.options.max_audio, .other = std::move(other), .budget = &context_.sound},
                         gave_up_.get_token());
  }

  /// True: there are both the sound and the model.
  bool take(base::Result<audio::Decoded> sound) {
    if (!sound) {
      std::optional<base::Millis> retry_after;
      if (sound.error().code == base::Code::kExhausted) retry_after = kSoundRetry;
      fail_with(error_response(wire::make_api_error(sound.error(), "file"), retry_after));
      return false;
    }
    sound_ = std::move(*sound);
    return missing_.fetch_sub(1) == 1;
  }

  /// Registry's strand.
  void on_lease(model::Acquired lease) {
    if (!lease) return fail_with(not_ready_response(lease.error(), request_.model));
    lease_ = std::move(*lease);
    if (missing_.fetch_sub(1) == 1) post_transcribe();
  }

  /// The first of decode() and on_lease() to fail answers, and the other one is ended. Any thread.
  void fail_with(net::HttpResponse response) {
    if (has_failed_.exchange(true)) return;
    if (!has_left(exchange_)) exchange_->send(std::move(response));
    gave_up_.request_stop();
  }

  /// Listen executor, when there are both the sound and the model.
  void transcribe() {
    model::Lease lease = std::move(lease_);  // given back when this returns, whoever still holds the job
    const audio::Decoded sound = std::move(sound_);
    if (has_left(exchange_)) return;
    ticket_.start();
    engine::Transcriber* transcriber = lease->transcriber();
    if (transcriber == nullptr) return exchange_->send(error_response(wrong_kind(request_.model, kCannot)));
    const engine::TranscriptionRequest asked = to_engine(request_, task_);
    if (const auto valid = transcriber->validate(asked); !valid) {
      lease.note_failure(valid.error());
      return exchange_->send(error_response(wire::make_api_error(valid.error(), find_param(*transcriber, asked))));
    }
    const base::Instant began = context_.services.clock.now();
    auto heard = transcriber->transcribe(
        sound.samples, asked, [this](const engine::TranscribedSegment& segment) { return on_segment(segment); },
        exchange_->stop_token());
    if (!heard) {
      lease.note_failure(heard.error());
      return give_up(heard.error());
    }
    lease.note_served();
    context_.services.recorder.mark("first_transcript");
    count(sound.length(), context_.services.clock.now() - began);
    answer(to_wire(std::move(*heard), task_, sound.length()));
  }

  /// Inside transcribe().
  engine::Flow on_segment(const engine::TranscribedSegment& segment) {
    if (has_left(exchange_)) return engine::Flow::kStop;
    if (!request_.stream) return engine::Flow::kContinue;
    const std::string delta = text_.append(segment.text);
    if (delta.empty()) return engine::Flow::kContinue;
    if (begin() == net::Flow::kStop) return engine::Flow::kStop;
    return exchange_->write(wire::transcript_delta_event(delta, to_wire(segment.logprobs)));
  }

  net::Flow begin() {
    if (std::exchange(has_begun_, true)) return net::Flow::kContinue;
    return exchange_->begin(200, event_headers());
  }

  void answer(const wire::Transcript& transcript) {
    if (!request_.stream) {
      net::HttpResponse response{200, {{"Cache-Control", "no-store"}}, wire::transcript_body(transcript, request_)};
      response.headers.set("Content-Type", std::string(wire::transcript_content_type(request_.format)));
      return exchange_->send(std::move(response));
    }
    if (begin() == net::Flow::kStop) return;
    exchange_->write(wire::transcript_done_event(text_.text(), transcript, request_));
    exchange_->write(wire::kSseDone);
    exchange_->end();
  }

  /// A status where nothing was sent, an event where something was.
  void give_up(const base::Error& error) {
    if (has_left(exchange_)) return;
    const wire::ApiError api_error = wire::make_api_error(error);
    if (!has_begun_) return exchange_->send(error_response(api_error));
    exchange_->write(wire::sse_event(wire::to_json(api_error)));
    exchange_->end();
  }

  void count(base::Millis sound, base::Duration worked) {
    observe::Metrics& metrics = context_.services.metrics;
    metrics.counter("hearth_transcription_audio_seconds_total", "Seconds of sound that were transcribed.")
        .add(base::to_seconds(sound));
    metrics.counter("hearth_transcription_work_seconds_total", "Seconds that transcribing it took, decoding left out.")
        .add(base::to_seconds(worked));
  }

  Context& context_;
  const ExchangePtr exchange_;
  const wire::TranscriptTask task_;
  RequestGate::Ticket ticket_;
  wire::TranscriptionRequest request_;  // written by run(), then constant; its file is in the exchange's body
  std::stop_source gave_up_;            // the client left, or one half failed
  std::optional<std::stop_callback<std::function<void()>>> leaving_;
  std::atomic<bool> has_failed_{false};
  std::atomic<int> missing_{2};  // of sound_ and lease_; who makes it 0 goes on and owns both
  audio::Decoded sound_;         // decode()'s until then
  model::Lease lease_;           // on_lease()'s until then
  wire::TranscriptText text_;    // streamed so far; transcribe()'s
  bool has_begun_ = false;       // transcribe()'s
};

void post(Context& context, const ExchangePtr& exchange, wire::TranscriptTask task) {
  auto ticket = context.gate.try_enter();
  if (!ticket) return exchange->send(busy_response());
  auto job = std::make_shared<TranscriptionJob>(context, exchange, std::move(*ticket), task);
  post_step(context.services.executor, exchange->stop_token(), [job = std::move(job)] { job->run(); });
}

}  // namespace

void post_transcription(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, wire::TranscriptTask::kTranscribe);
}

void post_translation(Context& context, const ExchangePtr& exchange, const std::string&) {
  post(context, exchange, wire::TranscriptTask::kTranslate);
}

}  // namespace hearth::api
