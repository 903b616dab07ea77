#pragma once

// What was read, as the answer of POST /v1/ocr in its four formats. Pure.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/ocr_request.h"
#include "wire/openai_error.h"

namespace hearth::wire {

struct OcrLine {
  std::string text;  // UTF-8
  double score = 0;  // 0 … 1
  /// x, y in pixels, clockwise from the top left; nothing where the reader tells no places.
  std::optional<std::array<std::array<double, 2>, 4>> box;
};

struct OcrPage {
  int number = 1;  // in the file, from 1
  int of = 1;      // pages that the file has
  int width = 0;   // pixels
  int height = 0;
  double dots_per_inch = 0;    // that the page was drawn with; 0: it is a picture
  std::vector<OcrLine> lines;  // in reading order
  std::string markdown = {};   // as the reader wrote it; empty: it is made of the lines
};

/// One file of a batch: what was read in it, or why nothing was.
struct OcrDocument {
  std::string name;  // as the client named it
  int page_count = 0;
  std::vector<OcrPage> pages;
  std::optional<ApiError> error;
};

/// Every line on a line of its own.
[[nodiscard]] std::string page_text(const OcrPage& page);
/// The reader's own, if it writes Markdown. Else: lines side by side joined, a blank line where the page leaves a gap;
/// characters that mean something to Markdown are escaped. Headings and lists are not guessed.
[[nodiscard]] std::string page_markdown(const OcrPage& page);

/// json:
/// {"model","page_count","pages":[{"page","index","width","height","dpi","text","markdown","lines":[{"text","score",
/// "box"}…]}…]}; box null where there is none; "page" counts from 1, "index" from 0, both in the file; "dpi" only where
/// a page was drawn. text and markdown: pages parted by a form feed and a rule; where the file has several, each begins
/// with its number, as
/// "[page 3]" and "<!-- page 3 -->". hocr: XHTML of hOCR 1.2 with ocr_page and ocr_line.
[[nodiscard]] std::string ocr_body(OcrFormat format, std::string_view model, std::span<const OcrPage> pages);
/// Of a batch. json: {"model","files":[{"index","name","page_count","pages":[…]} or {"index","name","error":{…}}…]}.
/// The other formats are as for one file, each file beginning with its place and name: "[file 2: letter.pdf]",
/// "<!-- file 2: letter.pdf -->"; in hOCR the pages' ids begin with the file's place and their titles tell its name.
[[nodiscard]] std::string ocr_batch_body(OcrFormat format, std::string_view model,
                                         std::span<const OcrDocument> documents);
/// What ocr_body() wrote as kJson, as far as the other formats need it.
struct OcrAnswer {
  std::string model;
  std::vector<OcrPage> pages;
};
/// For clients that put several answers into one document. kCorrupt for what is no such body.
[[nodiscard]] base::Result<OcrAnswer> parse_ocr_body(std::string_view json);
[[nodiscard]] std::string_view ocr_content_type(OcrFormat format);

}  // namespace hearth::wire
