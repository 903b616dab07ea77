#include "api/ocr.h"

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
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
/// Of a document that another program draws, before others that wait have their turn: a second or two, beside which the
/// tenth of a second that the next such program takes to begin is little.
constexpr int kPagesATurn = 2;
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

using Failure = ReadFailure;
/// Nothing: there are no more.
using NextPage = tl::expected<std::optional<image::SourcePage>, Failure>;
using PageRead = tl::expected<wire::OcrPage, Failure>;

NextPage next_of(image::PageSource& source, const std::stop_token& stop) {
  auto next = source.next(stop);
  if (!next) return tl::unexpected(Failure{Failure::From::kFile, std::move(next.error())});
  return std::move(*next);
}

PageRead read_page(const image::SourcePage& page, int of, engine::DocumentReader& reader, double least_score,
                   const std::stop_token& stop) {
  engine::ReadOptions options;
  options.least_score = least_score;
  auto read = reader.read(page.picture, options, stop);
  if (!read) return tl::unexpected(Failure{Failure::From::kReader, std::move(read.error())});
  return to_wire(std::move(*read), page, of);
}

/// As long as it lives, a document waits for the page executor.
class WaitsForPages {
 public:
  explicit WaitsForPages(std::atomic<int>& waiting) : waiting_(waiting) { ++waiting_; }
  WaitsForPages(const WaitsForPages&) = delete;
  WaitsForPages& operator=(const WaitsForPages&) = delete;
  ~WaitsForPages() { --waiting_; }

 private:
  std::atomic<int>& waiting_;
};

/// One request on its way from thread to thread. Its files are read one after the other; what a step leaves, the next
/// one finds, wherever it runs. The last thing that a step does is to post the next one.
class OcrJob : public std::enable_shared_from_this<OcrJob> {
 public:
  OcrJob(Context& context, ExchangePtr exchange, RequestGate::Ticket ticket)
      : context_(context), exchange_(std::move(exchange)), ticket_(std::move(ticket)) {}

  /// Executor.
  void run() {
    if (has_left(exchange_)) return;
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
    pages_left_ = static_cast<std::size_t>(context_.options.max_pages);
    begin_file();
  }

 private:
  using Pages = base::Result<std::unique_ptr<image::PageSource>>;

  [[nodiscard]] bool is_batch() const { return request_.files.size() > 1; }

  void post_to(base::Executor& executor, void (OcrJob::*step)()) {
    post_step(executor, exchange_->stop_token(), [self = shared_from_this(), step] { ((*self).*step)(); });
  }

  void post_to_pages(void (OcrJob::*step)()) {
    auto waits = std::make_shared<WaitsForPages>(context_.documents_waiting);
    post_step(context_.services.page_executor, exchange_->stop_token(),
              [self = shared_from_this(), step, waits = std::move(waits)]() mutable {
                waits.reset();
                ((*self).*step)();
              });
  }

  void begin_file() {
    const std::size_t index = documents_.size();
    documents_.emplace_back().name = request_.files[index].name;
    post_to(context_.services.read_executor, &OcrJob::open_here);
  }

  /// Read executor: decoding takes memory too. What another program has to read goes to the executor for that.
  void open_here() {
    if (has_left(exchange_)) return;
    is_foreign_ = false;
    image::OpenOther notice;
    if (context_.services.open_pages) {
      notice = [this](auto&&...) -> Pages {
        is_foreign_ = true;
        return base::fail(base::Code::kUnsupported, "it is for another program");
      };
    }
    auto pages = open(notice);
    if (is_foreign_) return post_to_pages(&OcrJob::open_there);
    on_open(std::move(pages));
  }

  /// Page executor.
  void open_there() {
    if (has_left(exchange_)) return;
    on_open(open(context_.services.open_pages));
  }

  Pages open(const image::OpenOther& other) const {
    image::DecodeLimits limits;
    limits.pages_at_once = context_.options.max_pages;
    const std::string_view bytes = request_.files[documents_.size() - 1].bytes;
    return image::open_pages(bytes, ranges_, limits, other, exchange_->stop_token());
  }

  /// The first page is decoded before a model is loaded for it.
  void on_open(Pages pages) {
    if (!pages) return end_file(tl::unexpected(Failure{Failure::From::kFile, std::move(pages.error())}));
    pages_ = std::move(*pages);
    documents_.back().page_count = pages_->count();
    if (lease_) return go_on();
    context_.services.registry.acquire_async(
        request_.model, wait_of(exchange_->request(), request_.wait),
        [self = shared_from_this()](model::Acquired lease) { self->on_lease(std::move(lease)); },
        exchange_->stop_token());
  }

  /// Registry's strand.
  void on_lease(model::Acquired lease) {
    if (!lease && has_left(exchange_)) return;
    if (!lease) return exchange_->send(not_ready_response(lease.error(), request_.model));
    reader_ = (*lease)->document_reader();
    if (reader_ == nullptr) return exchange_->send(error_response(wrong_kind(request_.model, kCannot)));
    lease_ = std::move(*lease);
    go_on();
  }

  void go_on() {
    if (is_foreign_) return post_to_pages(&OcrJob::read_turn);
    post_to(context_.services.read_executor, &OcrJob::read_turn);
  }

  /// One page on the read executor, and others have their turn. On the page executor, where going on later costs more,
  /// some, and more where nobody waits.
  void read_turn() {
    if (has_left(exchange_)) return;
    const auto is_over = [this](int pages) {
      return !is_foreign_ || (pages >= kPagesATurn && context_.documents_waiting > 0);
    };
    for (int pages = 0; pages == 0 || !is_over(pages); ++pages) {
      auto page = next_of(*pages_, exchange_->stop_token());
      if (!page) return end_file(tl::unexpected(std::move(page.error())));
      if (!*page) return end_file({});
      if (is_batch() && documents_.back().pages.size() >= pages_left_) return end_file(tl::unexpected(too_many()));
      auto read = is_foreign_ ? have_read(**page) : read_one(**page);
      if (!read) return end_file(tl::unexpected(std::move(read.error())));
      documents_.back().pages.push_back(std::move(*read));
    }
    pages_->pause();
    go_on();
  }

  /// Read executor.
  PageRead read_one(const image::SourcePage& page) {
    if (!std::exchange(is_started_, true)) ticket_.start();
    const base::Instant began = context_.services.clock.now();
    auto read = read_page(page, pages_->count(), *reader_, request_.least_score, exchange_->stop_token());
    worked_ += context_.services.clock.now() - began;
    return read;
  }

  /// Page executor: has the read executor read it, and waits for that. It never waits for this one.
  PageRead have_read(const image::SourcePage& page) {
    std::optional<PageRead> read;
    auto done = std::make_shared<std::promise<void>>();
    const std::future<void> is_done = done->get_future();
    post_step(context_.services.read_executor, exchange_->stop_token(), [this, &page, &read, done = std::move(done)] {
      read = read_one(page);
      done->set_value();
    });
    is_done.wait();  // a task that is dropped, or throws, takes its promise with it, which ends the wait too
    if (read) return std::move(*read);
    const base::Code code = has_left(exchange_) ? base::Code::kCancelled : base::Code::kInternal;
    return tl::unexpected(Failure{Failure::From::kReader, {code, "the page was given up", {}}});
  }

  static Failure too_many() {
    return {Failure::From::kFile,
            {base::Code::kInvalidArgument, "the batch has more pages than are read at once",
             "send it in parts, or raise ocr.max_pages"}};
  }

  /// In a batch a file that cannot be read is told of in its place; a reader that fails ends it.
  void end_file(tl::expected<void, Failure> read) {
    pages_.reset();
    wire::OcrDocument& document = documents_.back();
    if (read) {
      pages_left_ -= document.pages.size();
      if (!document.pages.empty()) lease_.note_served();
    } else if (read.error().from == Failure::From::kReader) {
      lease_.note_failure(read.error().error);
      return end(error_response(wire::make_api_error(read.error().error)));
    } else if (is_batch()) {
      document.pages.clear();
      document.error = wire::make_api_error(read.error().error, "file");
    } else {
      return end(error_response(wire::make_api_error(read.error().error, "file")));
    }
    if (has_left(exchange_)) return end({});
    if (documents_.size() < request_.files.size()) return begin_file();
    answer();
  }

  void answer() {
    count();
    net::HttpResponse response{200, {{"Cache-Control", "no-store"}}, {}};
    response.headers.set("Content-Type", std::string(wire::ocr_content_type(request_.format)));
    response.body = is_batch() ? wire::ocr_batch_body(request_.format, request_.model, documents_)
                               : wire::ocr_body(request_.format, request_.model, documents_.front().pages);
    end(std::move(response));
  }

  /// The lease is given back here, whoever still holds the job.
  void end(std::optional<net::HttpResponse> response) {
    if (response && !has_left(exchange_)) exchange_->send(std::move(*response));
    lease_.reset();
  }

  void count() {
    std::size_t pages = 0;
    for (const wire::OcrDocument& document : documents_) pages += document.pages.size();
    observe::Metrics& metrics = context_.services.metrics;
    metrics.counter("hearth_ocr_pages_total", "Pages that were read.").add(static_cast<double>(pages));
    metrics.counter("hearth_ocr_work_seconds_total", "Seconds that reading them took.").add(base::to_seconds(worked_));
  }

  Context& context_;
  const ExchangePtr exchange_;
  RequestGate::Ticket ticket_;
  wire::OcrRequest request_;  // written by run(), then constant; its files may be in the exchange's body
  image::PageRanges ranges_;
  std::vector<wire::OcrDocument> documents_;  // of the files so far; the last one is being read
  std::size_t pages_left_ = 0;                // that the rest of a batch may have
  bool is_foreign_ = false;                   // the file at hand is drawn by another program
  std::unique_ptr<image::PageSource> pages_;  // of the file at hand
  model::Lease lease_;                        // from the first file that could be opened to the end
  engine::DocumentReader* reader_ = nullptr;  // the lease's
  bool is_started_ = false;
  base::Duration worked_{};
};

}  // namespace

tl::expected<std::vector<wire::OcrPage>, ReadFailure> read_pages(image::PageSource& source,
                                                                 engine::DocumentReader& reader, double least_score,
                                                                 const std::stop_token& stop) {
  std::vector<wire::OcrPage> pages;
  for (;;) {
    auto page = next_of(source, stop);
    if (!page) return tl::unexpected(std::move(page.error()));
    if (!*page) return pages;
    auto read = read_page(**page, source.count(), reader, least_score, stop);
    if (!read) return tl::unexpected(std::move(read.error()));
    pages.push_back(std::move(*read));
  }
}

void post_ocr(Context& context, const ExchangePtr& exchange, const std::string&) {
  auto ticket = context.gate.try_enter();
  if (!ticket) return exchange->send(busy_response());
  auto job = std::make_shared<OcrJob>(context, exchange, std::move(*ticket));
  post_step(context.services.executor, exchange->stop_token(), [job = std::move(job)] { job->run(); });
}

}  // namespace hearth::api
