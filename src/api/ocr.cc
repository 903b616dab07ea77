#include "api/ocr.h"

#include <memory>
#include <utility>
#include <vector>

#include "api/reply.h"
#include "image/page_source.h"
#include "wire/ocr_request.h"

namespace hearth::api {
namespace {

constexpr std::string_view kKind = "document";
constexpr std::string_view kUsualReader = "pp-ocr-v6";  // where there is none: its absence says what to do

/// One request on its way from thread to thread.
class OcrJob : public std::enable_shared_from_this<OcrJob> {
 public:
  OcrJob(Context& context, ExchangePtr exchange, RequestGate::Ticket ticket)
      : context_(context), exchange_(std::move(exchange)), ticket_(std::move(ticket)) {}

  /// Executor.
  void run() {
    if (exchange_->stop_token().stop_requested()) return;
    const net::HttpRequest& request = exchange_->request();
    const std::string* type = request.headers.find("Content-Type");
    auto parsed = wire::parse_ocr_request(type == nullptr ? std::string_view() : *type, request.body);
    if (!parsed) return exchange_->send(error_response(parsed.error()));
    request_ = std::move(*parsed);
    if (request_.model.empty()) request_.model = default_model();
    const auto ranges = image::PageRanges::parse(request_.pages);
    if (!ranges) return exchange_->send(error_response(wire::make_api_error(ranges.error(), "pages", "invalid_value")));
    image::DecodeLimits limits;
    limits.pages_at_once = context_.options.max_pages;
    auto pages =
        image::open_pages(request_.file(), *ranges, limits, context_.services.open_pages, exchange_->stop_token());
    if (!pages) return refuse_file(pages.error());
    pages_ = std::move(*pages);
    const bool waits = request_.wait && !asks_not_to_wait(request);
    context_.services.registry.acquire_async(
        request_.model, waits ? model::Wait::forever() : model::Wait::none(),
        [self = shared_from_this()](model::Acquired lease) { self->on_lease(std::move(lease)); },
        exchange_->stop_token());
  }

 private:
  /// The first model of the configuration that reads documents.
  [[nodiscard]] std::string default_model() const {
    const auto snapshot = context_.services.registry.snapshot();
    for (const model::ModelSnapshot& model : snapshot->models) {
      if (model.kind == kKind) return model.name;
    }
    return std::string(kUsualReader);
  }

  /// Registry's strand.
  void on_lease(model::Acquired lease) {
    if (!lease) return exchange_->send(not_ready_response(lease.error(), request_.model));
    lease_ = std::move(*lease);
    context_.services.executor.post([self = shared_from_this()] { self->read(); });
  }

  /// Executor.
  void read() {
    model::Lease lease = std::move(lease_);  // given back when this returns, whoever still holds the job
    if (exchange_->stop_token().stop_requested()) return;
    ticket_.start();
    engine::DocumentReader* reader = lease->document_reader();
    if (reader == nullptr) {
      const base::Error error{base::Code::kInvalidArgument, "model '" + request_.model + "' reads no documents", {}};
      return exchange_->send(error_response(wire::make_api_error(error, "model", "invalid_value")));
    }
    const base::Instant began = context_.services.clock.now();
    std::vector<wire::OcrPage> pages;
    for (;;) {
      auto source = pages_->next(exchange_->stop_token());
      if (exchange_->stop_token().stop_requested()) return;
      if (!source) return refuse_file(source.error());
      if (!*source) break;
      engine::ReadOptions options;
      options.least_score = request_.least_score;
      auto page = reader->read((*source)->picture, options, exchange_->stop_token());
      if (exchange_->stop_token().stop_requested()) return;
      if (!page) {
        lease.note_failure(page.error());
        return exchange_->send(error_response(wire::make_api_error(page.error())));
      }
      pages.push_back(to_wire(std::move(*page), **source, pages_->count()));
    }
    count(pages.size(), context_.services.clock.now() - began);
    net::HttpResponse response{200, {{"Cache-Control", "no-store"}}, {}};
    response.headers.set("Content-Type", std::string(wire::ocr_content_type(request_.format)));
    response.body = wire::ocr_body(request_.format, request_.model, pages);
    exchange_->send(std::move(response));
  }

  void refuse_file(const base::Error& error) {
    if (exchange_->stop_token().stop_requested()) return;
    exchange_->send(error_response(wire::make_api_error(error, "file")));
  }

  void count(std::size_t pages, base::Duration worked) {
    observe::Metrics& metrics = context_.services.metrics;
    metrics.counter("hearth_ocr_pages_total", "Pages that were read.").add(static_cast<double>(pages));
    metrics.counter("hearth_ocr_work_seconds_total", "Seconds that reading them took.").add(base::to_seconds(worked));
  }

  Context& context_;
  const ExchangePtr exchange_;
  RequestGate::Ticket ticket_;
  wire::OcrRequest request_;                  // written by run(), then constant; its file may be in the exchange's body
  std::unique_ptr<image::PageSource> pages_;  // run()'s, then read()'s; reads the request's file
  model::Lease lease_;
};

}  // namespace

wire::OcrPage to_wire(engine::ReadPage page, const image::SourcePage& source, int of) {
  wire::OcrPage out{source.number, of, page.width, page.height, source.dots_per_inch, {}, std::move(page.markdown)};
  for (engine::ReadLine& line : page.lines) {
    wire::OcrLine& made = out.lines.emplace_back();
    made.text = std::move(line.text);
    made.score = line.score;
    if (!line.corners) continue;
    auto& box = made.box.emplace();
    for (std::size_t i = 0; i < box.size(); ++i) box[i] = {(*line.corners)[i].x, (*line.corners)[i].y};
  }
  return out;
}

void post_ocr(Context& context, const ExchangePtr& exchange, const std::string&) {
  auto ticket = context.gate.try_enter();
  if (!ticket) return exchange->send(busy_response());
  auto job = std::make_shared<OcrJob>(context, exchange, std::move(*ticket));
  context.services.executor.post([job = std::move(job)] { job->run(); });
}

}  // namespace hearth::api
