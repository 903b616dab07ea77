#include "wire/ocr_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hearth::wire {
namespace {

using testing::HasSubstr;

OcrLine line(std::string text, double x, double y, double width = 100, double height = 20) {
  return {std::move(text), 0.98765, {{{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}}}};
}

OcrPage page(std::vector<OcrLine> lines, int number = 1, int of = 1) {
  return {number, of, 640, 480, 0, std::move(lines)};
}

TEST(OcrResponse, JsonHasEveryLineWithItsPlace) {
  const OcrPage one = page({line("Hello \"you\"", 10.04, 20)});
  const auto json = nlohmann::json::parse(ocr_body(OcrFormat::kJson, "pp-ocr-v6", {&one, 1}));
  EXPECT_EQ(json["model"], "pp-ocr-v6");
  const auto& first = json["pages"][0];
  EXPECT_EQ(json["page_count"], 1);
  EXPECT_EQ(first["page"], 1);
  EXPECT_EQ(first["index"], 0);
  EXPECT_FALSE(first.contains("dpi"));
  EXPECT_EQ(first["width"], 640);
  EXPECT_EQ(first["height"], 480);
  EXPECT_EQ(first["text"], "Hello \"you\"");
  EXPECT_EQ(first["lines"][0]["score"], 0.9877);
  EXPECT_EQ(first["lines"][0]["box"], nlohmann::json::parse("[[10.0,20.0],[110.0,20.0],[110.0,40.0],[10.0,40.0]]"));
}

TEST(OcrResponse, AnEmptyPageIsAPage) {
  const OcrPage empty = page({});
  const auto json = nlohmann::json::parse(ocr_body(OcrFormat::kJson, "m", {&empty, 1}));
  EXPECT_EQ(json["pages"][0]["lines"], nlohmann::json::array());
  EXPECT_EQ(ocr_body(OcrFormat::kText, "m", {&empty, 1}), "\n");
}

TEST(OcrResponse, TextHasALineALineAndAFormFeedBetweenPages) {
  const std::vector<OcrPage> pages = {page({line("one", 0, 0), line("two", 0, 30)}), page({line("three", 0, 0)})};
  EXPECT_EQ(ocr_body(OcrFormat::kText, "m", pages), "one\ntwo\n\fthree\n");
}

TEST(OcrResponse, EveryFormatHasThePagesNumbersInTheFile) {
  std::vector<OcrPage> pages = {page({line("two", 0, 0)}, 2, 9), page({line("five", 0, 0)}, 5, 9)};
  pages[1].dots_per_inch = 199.96;
  EXPECT_EQ(ocr_body(OcrFormat::kText, "m", pages), "[page 2]\ntwo\n\f[page 5]\nfive\n");
  EXPECT_EQ(ocr_body(OcrFormat::kMarkdown, "m", pages), "<!-- page 2 -->\n\ntwo\n\n---\n\n<!-- page 5 -->\n\nfive\n");
  const auto json = nlohmann::json::parse(ocr_body(OcrFormat::kJson, "m", pages));
  EXPECT_EQ(json["page_count"], 9);
  EXPECT_EQ(json["pages"][1]["page"], 5);
  EXPECT_EQ(json["pages"][1]["index"], 4);
  EXPECT_EQ(json["pages"][1]["dpi"], 200.0);
  const std::string hocr = ocr_body(OcrFormat::kHocr, "m", pages);
  EXPECT_THAT(hocr, HasSubstr("id=\"page_5\" title=\"bbox 0 0 640 480; ppageno 4\""));
  EXPECT_THAT(hocr, HasSubstr("id=\"line_5_1\""));
}

TEST(OcrResponse, MarkdownJoinsRowsAndPartsParagraphs) {
  const OcrPage one = page({line("left", 0, 0), line("right", 200, 3), line("below", 0, 26), line("far", 0, 120)});
  EXPECT_EQ(page_markdown(one), "left right\nbelow\n\nfar");
}

TEST(OcrResponse, MarkdownEscapesWhatItWouldTakeForMarks) {
  EXPECT_EQ(page_markdown(page({line("# 1 * <b> a_b", 0, 0)})), "\\# 1 \\* \\<b\\> a\\_b");
}

TEST(OcrResponse, HocrHasBoxesAndNoMarkupOfThePage) {
  const OcrPage one = page({line("a < b & \"c\"", 1.6, 2.4)});
  const std::string hocr = ocr_body(OcrFormat::kHocr, "m", {&one, 1});
  EXPECT_THAT(hocr, HasSubstr("class=\"ocr_page\" id=\"page_1\" title=\"bbox 0 0 640 480; ppageno 0\""));
  EXPECT_THAT(hocr, HasSubstr("title=\"bbox 2 2 102 22; x_wconf 99\">a &lt; b &amp; &quot;c&quot;</span>"));
}

TEST(OcrResponse, WhatAReaderWithoutPlacesWroteIsKeptAsItIs) {
  OcrPage one = page({{"# Title", 0.9, {}}, {"a_b", 0.8, {}}});
  EXPECT_EQ(page_markdown(one), "\\# Title\na\\_b");
  one.markdown = "# Title\n\n*a_b*";
  const auto json = nlohmann::json::parse(ocr_body(OcrFormat::kJson, "m", {&one, 1}));
  EXPECT_EQ(json["pages"][0]["markdown"], one.markdown);
  EXPECT_TRUE(json["pages"][0]["lines"][1]["box"].is_null());
  EXPECT_THAT(ocr_body(OcrFormat::kHocr, "m", {&one, 1}), HasSubstr("id=\"line_1_1\" title=\"x_wconf 90\"># Title"));
}

TEST(OcrResponse, ABatchTellsOfEveryFileInItsPlace) {
  std::vector<OcrDocument> files(2);
  files[0] = {"a--> b.png", 1, {page({line("one", 0, 0)})}, {}};
  files[1] = {
      "letter.pdf", 0, {}, ApiError{400, "the PDF is damaged", "invalid_request_error", "invalid_argument", "file"}};
  const auto json = nlohmann::json::parse(ocr_batch_body(OcrFormat::kJson, "m", files));
  EXPECT_EQ(json["files"][0]["name"], "a--> b.png");
  EXPECT_EQ(json["files"][0]["page_count"], 1);
  EXPECT_EQ(json["files"][0]["pages"][0]["text"], "one");
  EXPECT_EQ(json["files"][1]["index"], 1);
  EXPECT_EQ(json["files"][1]["error"]["message"], "the PDF is damaged");
  EXPECT_FALSE(json["files"][1].contains("pages"));
  EXPECT_EQ(ocr_batch_body(OcrFormat::kText, "m", files),
            "[file 1: a- b.png]\none\n\f[file 2: letter.pdf: not read: the PDF is damaged]\n");
  EXPECT_THAT(ocr_batch_body(OcrFormat::kMarkdown, "m", files), HasSubstr("<!-- file 1: a- b.png -->\n\none\n"));
  const std::string hocr = ocr_batch_body(OcrFormat::kHocr, "m", files);
  EXPECT_THAT(hocr, HasSubstr("id=\"page_1_1\" title=\"bbox 0 0 640 480; ppageno 0; image &quot;a- b.png&quot;\""));
  EXPECT_THAT(hocr, HasSubstr("letter.pdf: not read: the PDF is damaged</p>"));
}

TEST(OcrResponse, WhatWasWrittenAsJsonCanBeReadAgain) {
  std::vector<OcrPage> pages = {page({line("one & two", 1.6, 2.4)}, 2, 9), page({{"placeless", 0.9, {}}}, 5, 9)};
  pages[1].dots_per_inch = 200;
  const auto read = parse_ocr_body(ocr_body(OcrFormat::kJson, "m", pages));
  ASSERT_TRUE(read) << read.error().line();
  EXPECT_EQ(read->model, "m");
  for (const OcrFormat format : {OcrFormat::kJson, OcrFormat::kText, OcrFormat::kHocr})
    EXPECT_EQ(ocr_body(format, read->model, read->pages), ocr_body(format, "m", pages));
}

TEST(OcrResponse, WhatIsNoAnswerIsNotRead) {
  for (const char* body : {"", "[]", "{}", R"({"model":"m","page_count":1,"pages":[{}]})",
                           R"({"model":"m","page_count":1,"pages":[{"page":1,"width":1,"height":1,"markdown":"",
                               "lines":[{"text":"x","score":1,"box":[[0,0]]}]}]})"}) {
    EXPECT_EQ(parse_ocr_body(body).error().code, base::Code::kCorrupt) << body;
  }
}

TEST(OcrResponse, TextThatIsNotUtf8DoesNotBreakTheJson) {
  const OcrPage one = page({line("a\xff", 0, 0)});
  EXPECT_TRUE(nlohmann::json::accept(ocr_body(OcrFormat::kJson, "m", {&one, 1})));
}

}  // namespace
}  // namespace hearth::wire
