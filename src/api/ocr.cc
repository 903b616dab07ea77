#include "api/ocr.h"

#include <memory>
#include <utility>
#include <vector>

#include "api/model_choice.h"
#include "api/reply.h"
#include "image/page_source.h"
#include "wire/ocr_request.h"

namespace hearth::api {
namespace {

constexpr std::string_view kKind = "document";
constexpr std::string_view kCannot = "reads no documents";
constexpr std::string_view kUsualReader = "pp-ocr-v6";  // where there is none: its absence says what to do

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
    if (request_.model.empty()) request_.model = first_of_kind(context_, kKind);
    if (request_.model.empty()) request_.model = kUsualReader;
    // A language model that sees reads too.
    if (const auto wrong = check_kind(context_, request_.model, {kKind, "language"}, kCannot)) {
      return exchange_->send(error_response(*wrong));
    }
    auto ranges = image::PageRanges::parse(request_.pages);
    if (!ranges) return exchange_->send(error_response(wire::make_api_error(ranges.error(), "pages", "invalid_value")));
    ranges_ = std::move(*ranges);
    if (is_batch()) {  // it may hold what another program has to read
      executor_ = &context_.services.file_executor;
      return acquire();
    }
    executor_->post([self = shared_from_this()] { self->open_first(); });
  }

 private:
  using Pages = base::Result<std::unique_ptr<image::PageSource>>;

  /// Read executor. What another program has to read goes to the executor for that.
  void open_first() {
    if (exchange_->stop_token().stop_requested()) return;
    bool is_foreign = false;
    image::OpenOther notice;
    if (context_.services.open_pages) {
      notice = [&is_foreign](auto&&...) -> base::Result<std::unique_ptr<image::PageSource>> {
        is_foreign = true;
        return base::fail(base::Code::kUnsupported, "it is for another program");
      };
    }
    auto pages = open(0, notice);
    if (!is_foreign) return take(std::move(pages));
    executor_ = &context_.services.file_executor;
    executor_->post([self = shared_from_this()] { self->take(self->open(0, self->context_.services.open_pages)); });
  }

  [[nodiscard]] bool is_batch() const { return request_.files.size() > 1; }

  Pages open(std::size_t index, const image::OpenOther& other) const {
    image::DecodeLimits limits;
    limits.pages = limits.pages_at_once = context_.options.max_pages;
    return image::open_pages(request_.files[index].bytes, ranges_, limits, other, exchange_->stop_token());
  }

  /// The one file, whose first page is decoded before a model is loaded for it.
  void take(Pages pages) {
    if (!pages) return refuse_file(pages.error());
    pages_ = std::move(*pages);
    acquire();
  }

  void acquire() {
    context_.services.registry.acquire_async(
        request_.model, wait_of(exchange_->request(), request_.wait),
        [self = shared_from_this()](model::Acquired lease) { self->on_lease(std::move(lease)); },
        exchange_->stop_token());
  }

  /// Registry's strand.
  void on_lease(model::Acquired lease) {
    if (!lease && exchange_->stop_token().stop_requested()) return;  // it left while it waited
    if (!lease) return exchange_->send(not_ready_response(lease.error(), request_.model));
    lease_ = std::move(*lease);
    executor_->post([self = shared_from_this()] { self->read(); });
  }

  /// executor_.
  void read() {
    model::Lease lease = std::move(lease_);  // given back when this returns, whoever still holds the job
    if (exchange_->stop_token().stop_requested()) return;
    ticket_.start();
    engine::DocumentReader* reader = lease->document_reader();
    if (reader == nullptr) return exchange_->send(error_response(wrong_kind(request_.model, kCannot)));
    const base::Instant began = context_.services.clock.now();
    auto documents = is_batch() ? read_batch(*reader) : read_one(*reader);
    if (!documents && documents.error().from == Failure::From::kReader) lease.note_failure(documents.error().error);
    if (documents && count_pages(*documents) > 0) lease.note_served();
    if (exchange_->stop_token().stop_requested()) return;
    if (!documents) {
      if (documents.error().from == Failure::From::kFile) return refuse_file(documents.error().error);
      return exchange_->send(error_response(wire::make_api_error(documents.error().error)));
    }
    count(*documents, context_.services.clock.now() - began);
    net::HttpResponse response{200, {{"Cache-Control", "no-store"}}, {}};
    response.headers.set("Content-Type", std::string(wire::ocr_content_type(request_.format)));
    response.body = is_batch() ? wire::ocr_batch_body(request_.format, request_.model, *documents)
                               : wire::ocr_body(request_.format, request_.model, documents->front().pages);
    exchange_->send(std::move(response));
  }

  using Failure = ReadFailure;
  using Documents = tl::expected<std::vector<wire::OcrDocument>, Failure>;

  Documents read_one(engine::DocumentReader& reader) {
    auto pages = read_pages(*pages_, reader, request_.least_score, exchange_->stop_token());
    if (!pages) return tl::unexpected(std::move(pages.error()));
    std::vector<wire::OcrDocument> documents(1);
    documents[0].pages = std::move(*pages);
    return documents;
  }

  /// A file that cannot be read is told of in its place; a reader that fails ends the batch.
  Documents read_batch(engine::DocumentReader& reader) {
    std::vector<wire::OcrDocument> documents;
    std::size_t left = static_cast<std::size_t>(context_.options.max_pages);  // of all files together
    for (std::size_t i = 0; i < request_.files.size(); ++i) {
      wire::OcrDocument& document = documents.emplace_back();
      document.name = request_.files[i].name;
      auto source = open(i, context_.services.open_pages);
      tl::expected<std::vector<wire::OcrPage>, Failure> pages;
      if (source) {
        pages = read_pages(**source, reader, request_.least_score, exchange_->stop_token(), left);
        document.page_count = (*source)->count();
      } else {
        pages = tl::unexpected(Failure{Failure::From::kFile, source.error()});
      }
      if (exchange_->stop_token().stop_requested()) return documents;
      if (pages) {
        left -= pages->size();
        document.pages = std::move(*pages);
      } else if (pages.error().from == Failure::From::kFile) {
        document.error = wire::make_api_error(pages.error().error, "file");
      } else {
        return tl::unexpected(std::move(pages.error()));
      }
    }
    return documents;
  }

  void refuse_file(const base::Error& error) {
    if (exchange_->stop_token().stop_requested()) return;
    exchange_->send(error_response(wire::make_api_error(error, "file")));
  }

  static std::size_t count_pages(const std::vector<wire::OcrDocument>& documents) {
    std::size_t pages = 0;
    for (const wire::OcrDocument& document : documents) pages += document.pages.size();
    return pages;
  }

  void count(const std::vector<wire::OcrDocument>& documents, base::Duration worked) {
    const std::size_t pages = count_pages(documents);
    observe::Metrics& metrics = context_.services.metrics;
    metrics.counter("hearth_ocr_pages_total", "Pages that were read.").add(static_cast<double>(pages));
    metrics.counter("hearth_ocr_work_seconds_total", "Seconds that reading them took.").add(base::to_seconds(worked));
  }

  Context& context_;
  const ExchangePtr exchange_;
  RequestGate::Ticket ticket_;
  base::Executor* executor_ = &context_.services.read_executor;  // where it is read; handed on with the job
  wire::OcrRequest request_;  // written by run(), then constant; its files may be in the exchange's body
  image::PageRanges ranges_;
  std::unique_ptr<image::PageSource> pages_;  // of the one file; run()'s, then read()'s
  model::Lease lease_;
};

}  // namespace

tl::expected<std::vector<wire::OcrPage>, ReadFailure> read_pages(image::PageSource& source,
                                                                 engine::DocumentReader& reader, double least_score,
                                                                 const std::stop_token& stop, std::size_t most) {
  engine::ReadOptions options;
  options.least_score = least_score;
  std::vector<wire::OcrPage> pages;
  for (;;) {
    auto next = source.next(stop);
    if (!next) return tl::unexpected(ReadFailure{ReadFailure::From::kFile, std::move(next.error())});
    if (!*next) return pages;
    if (pages.size() >= most) {
      const base::Error error{base::Code::kInvalidArgument, "the batch has more pages than are read at once",
                              "send it in parts, or raise ocr.max_pages"};
      return tl::unexpected(ReadFailure{ReadFailure::From::kFile, error});
    }
    auto page = reader.read((*next)->picture, options, stop);
    if (!page) return tl::unexpected(ReadFailure{ReadFailure::From::kReader, std::move(page.error())});
    pages.push_back(to_wire(std::move(*page), **next, source.count()));
  }
}

void post_ocr(Context& context, const ExchangePtr& exchange, const std::string&) {
  auto ticket = context.gate.try_enter();
  if (!ticket) return exchange->send(busy_response());
  auto job = std::make_shared<OcrJob>(context, exchange, std::move(*ticket));
  context.services.executor.post([job = std::move(job)] { job->run(); });
}

}  // namespace hearth::api
