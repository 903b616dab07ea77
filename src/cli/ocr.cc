// hearth ocr FILE…: through a running server if there is one, else in this process.

#include "api/ocr.h"

#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/completion_words.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/reach_model.h"
#include "cli/usual_model.h"
#include "cli/verbs.h"
#include "image/page_source.h"
#include "media/media_program.h"
#include "wire/ocr_request.h"
#include "wire/ocr_response.h"

namespace hearth::cli {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr base::Bytes kMostBytes{512LL << 20};
constexpr base::Millis kPatience{3'600'000};  // a book is silent on the wire until it is read

struct OcrOptions {
  std::vector<std::string> files;
  std::string format = "text", model, pages;  // model empty: the server's or the configuration's reader
  double least_score = 0.5;
};

Result<std::string> read_through_server(const OcrOptions& options, const std::string& bytes,
                                        const config::Server& server) {
  net::ClientRequest post = make_upload(server, "/v1/ocr",
                                        {{"model", options.model},
                                         {"response_format", options.format},
                                         {"pages", options.pages},
                                         {"min_score", std::to_string(options.least_score)}},
                                        bytes);
  post.silence_time = kPatience;
  auto answer = net::fetch(post);
  if (!answer) return fail(answer.error());
  if (answer->status != 200) return fail(refusal_of(*answer));
  return std::move(answer->body);
}

/// A model opened in this process by the first file that can be decoded.
class LocalReader {
 public:
  explicit LocalReader(const config::Loaded& loaded)
      : workshop_(loaded),
        usual_model_(usual_model(loaded, config::ModelKind::kOcr)),
        media_({.most_at_once = 1}),
        most_pages_(loaded.config().ocr.max_pages) {}

  Result<std::string> read(const OcrOptions& options, const std::string& bytes) {
    const auto format = wire::find_ocr_format(options.format).value_or(wire::OcrFormat::kText);
    const std::string& model = options.model.empty() ? usual_model_ : options.model;
    const auto ranges = image::PageRanges::parse(options.pages);
    if (!ranges) return fail(ranges.error());
    image::DecodeLimits limits;
    limits.pages_at_once = most_pages_;
    auto sources = image::open_pages(bytes, *ranges, limits, media_.page_opener(), {});
    if (!sources) return fail(sources.error());
    const auto reader = ensure_reader(model);
    if (!reader) return fail(reader.error());
    auto pages = api::read_pages(**sources, **reader, options.least_score, {});
    if (!pages) return fail(std::move(pages.error().error));
    return wire::ocr_body(format, model, *pages);
  }

 private:
  Result<engine::DocumentReader*> ensure_reader(const std::string& model) {
    if (!engine_) {
      auto engine = load_here(model, workshop_);
      if (!engine) return fail(engine.error());
      engine_ = std::move(*engine);
    }
    engine::DocumentReader* reader = engine_->document_reader();
    if (reader == nullptr) return fail(Code::kInvalidArgument, model + " reads no documents");
    return reader;
  }

  app::Workshop workshop_;
  const std::string usual_model_;
  media::MediaProgram media_;
  const int most_pages_;
  std::unique_ptr<engine::Engine> engine_;
};

/// Of a file's bytes, as the options' format says.
using ReadFile = std::function<Result<std::string>(const OcrOptions& options, const std::string& bytes)>;

/// What `read` makes of the file's bytes. An error is told of, with the file's name.
template <typename Read>
std::invoke_result_t<Read, const std::string&> try_file(const std::string& name, const Read& read) {
  const auto bytes = read_input(name, kMostBytes);
  auto done = bytes ? read(*bytes) : std::invoke_result_t<Read, const std::string&>(fail(bytes.error()));
  if (!done) {
    base::Error error = done.error();
    error.message = name + ": " + error.message;
    complain("ocr", error);
  }
  return done;
}

/// Each file on its own: one that cannot be read is told of, and the others are read. The exit code.
int print_each(const OcrOptions& options, const ReadFile& read_file) {
  int code = 0;
  for (const std::string& name : options.files) {
    auto read = try_file(name, [&](const std::string& bytes) { return read_file(options, bytes); });
    if (!read) {
      code = 1;
      continue;
    }
    if (options.format == "json" && !read->ends_with('\n')) *read += '\n';
    if (const auto printed = print(*read); !printed) return complain("ocr", printed.error());
  }
  return code;
}

/// hOCR has a head and an end: the pages of all files stand in one document. A file that cannot be read is told of
/// there too; where none can be, there is no document. The exit code.
int print_joined(OcrOptions options, const ReadFile& read_file) {
  options.format = "json";  // of each file, to make the document of
  const auto read_answer = [&](const std::string& bytes) -> Result<wire::OcrAnswer> {
    const auto body = read_file(options, bytes);
    if (!body) return fail(body.error());
    return wire::parse_ocr_body(*body);
  };
  std::string model;
  std::vector<wire::OcrDocument> documents;
  std::size_t failed = 0;
  for (const std::string& name : options.files) {
    wire::OcrDocument& document = documents.emplace_back();
    document.name = name;
    auto answer = try_file(name, read_answer);
    if (answer) {
      model = std::move(answer->model);
      document.pages = std::move(answer->pages);
    } else {
      document.error = wire::make_api_error(answer.error());
      ++failed;
    }
  }
  if (failed == documents.size()) return 1;
  const auto printed = print(wire::ocr_batch_body(wire::OcrFormat::kHocr, model, documents));
  if (!printed) return complain("ocr", printed.error());
  return failed == 0 ? 0 : 1;
}

int read_files(const OcrOptions& options, const config::Loaded& loaded, const ServerFlags& server_flags) {
  const config::Server& server = loaded.config().server;
  std::optional<LocalReader> local;
  if (!server_flags.finds_server(server)) local.emplace(loaded);
  const ReadFile read_file = [&](const OcrOptions& how, const std::string& bytes) {
    return local ? local->read(how, bytes) : read_through_server(how, bytes, server);
  };
  const bool is_joined = options.format == "hocr" && options.files.size() > 1;
  return is_joined ? print_joined(options, read_file) : print_each(options, read_file);
}

}  // namespace

int run_ocr(int argc, char** argv) {
  CLI::App cli(
      "Read the text in PDFs and pictures (PNG, JPEG, WebP, TIFF, BMP, …), page by page: through the server of this\n"
      "machine if one runs (then nothing needs to be loaded), else in this process. The text goes to standard output.",
      "hearth ocr");
  ConfigFlags flags(cli);
  OcrOptions options;
  cli.add_option("FILE", options.files, "PDFs and pictures; - reads one from standard input")->required();
  cli.add_option(
      "--format", options.format,
      "text (default), markdown, json with places and scores (a line a file), or hocr (one document of all files)");
  cli.add_option("--pages", options.pages, "Of a PDF or TIFF: 1-3,7 or 5-; else all");
  cli.add_option("--model", options.model, "Which model reads (the configuration's first, or pp-ocr-v6)")
      ->type_name(kModelValue);
  cli.add_option("--min-score", options.least_score, "0 to 1 (0.5): lines less sure than this are left out")
      ->check(CLI::Range(0.0, 1.0));
  ServerFlags server_flags(cli, flags);
  cli.footer("Example:  hearth ocr scan.jpg letter.pdf --pages 1-3 --format markdown");
  if (const auto code = parse(cli, argc, argv)) return *code;
  ::signal(SIGPIPE, SIG_IGN);

  auto loaded = flags.load();
  if (!loaded) return complain("ocr", loaded.error());
  if (!wire::find_ocr_format(options.format)) {
    return complain("ocr", {Code::kInvalidArgument, "there is no format '" + options.format + "'",
                            "take " + std::string(wire::kOcrFormatList)});
  }
  return read_files(options, *loaded, server_flags);
}

}  // namespace hearth::cli
