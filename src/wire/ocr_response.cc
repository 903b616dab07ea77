#include "wire/ocr_response.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "wire/json_out.h"

namespace hearth::wire {
namespace {

struct Bounds {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
  [[nodiscard]] double height() const { return bottom - top; }
};

/// Of a line that has a place.
Bounds bounds_of(const OcrLine& line) {
  const auto& box = *line.box;
  Bounds bounds{box[0][0], box[0][1], box[0][0], box[0][1]};
  for (const auto& [x, y] : box) {
    bounds.left = std::min(bounds.left, x);
    bounds.right = std::max(bounds.right, x);
    bounds.top = std::min(bounds.top, y);
    bounds.bottom = std::max(bounds.bottom, y);
  }
  return bounds;
}

/// Whether two lines share more than half of the lower one's height.
bool is_beside(const Bounds& a, const Bounds& b) {
  const double shared = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return shared > std::min(a.height(), b.height()) / 2;
}

std::string escape_markdown(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_mark = std::string_view("\\`*_[]<>|").find(text[i]) != std::string_view::npos;
    const bool begins_block = i == 0 && std::string_view("#+-=~").find(text[i]) != std::string_view::npos;
    if (is_mark || begins_block) escaped += '\\';
    escaped += text[i];
  }
  return escaped;
}

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      escaped += c;
    }
  }
  return escaped;
}

double rounded(double value, double steps) { return std::round(value * steps) / steps; }

Json box_json(const OcrLine& line) {
  if (!line.box) return nullptr;
  Json box = Json::array();
  for (const auto& [x, y] : *line.box) box.push_back({rounded(x, 10), rounded(y, 10)});
  return box;
}

Json page_json(const OcrPage& page) {
  Json lines = Json::array();
  for (const OcrLine& line : page.lines) {
    lines.push_back({{"text", line.text}, {"score", rounded(line.score, 10'000)}, {"box", box_json(line)}});
  }
  Json out = {{"page", page.number}, {"index", page.number - 1}, {"width", page.width}, {"height", page.height}};
  if (page.dots_per_inch > 0) out["dpi"] = rounded(page.dots_per_inch, 10);
  out["text"] = page_text(page);
  out["markdown"] = page_markdown(page);
  out["lines"] = std::move(lines);
  return out;
}

std::string box_title(const Bounds& bounds) {
  const auto whole = [](double value) { return std::to_string(std::lround(value)); };
  return "bbox " + whole(bounds.left) + ' ' + whole(bounds.top) + ' ' + whole(bounds.right) + ' ' +
         whole(bounds.bottom);
}

std::string hocr_head(std::string_view model) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n"
         "<html xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<title></title>\n<meta charset=\"utf-8\"/>\n"
         "<meta name=\"ocr-system\" content=\"" +
         escape_xml(model) + "\"/>\n<meta name=\"ocr-capabilities\" content=\"ocr_page ocr_line\"/>\n</head>\n<body>\n";
}

constexpr std::string_view kHocrEnd = "</body>\n</html>\n";

/// `file` goes before the page's number in ids; `image` is the end of its title.
std::string hocr_page(const OcrPage& page, const std::string& file = {}, const std::string& image = {}) {
  const Bounds sheet{0, 0, static_cast<double>(page.width), static_cast<double>(page.height)};
  const std::string id = file + std::to_string(page.number);
  std::string out = "<div class=\"ocr_page\" id=\"page_" + id + "\" title=\"" + box_title(sheet) + "; ppageno " +
                    std::to_string(page.number - 1) + image + "\">\n";
  for (std::size_t k = 0; k < page.lines.size(); ++k) {
    const OcrLine& line = page.lines[k];
    out += "<span class=\"ocr_line\" id=\"line_" + id + '_' + std::to_string(k + 1) + "\" title=\"" +
           (line.box ? box_title(bounds_of(line)) + "; " : "") + "x_wconf " +
           std::to_string(std::lround(line.score * 100)) + "\">" + escape_xml(line.text) + "</span><br/>\n";
  }
  return out + "</div>\n";
}

Json pages_json(std::span<const OcrPage> pages) {
  Json list = Json::array();
  for (const OcrPage& page : pages) list.push_back(page_json(page));
  return list;
}

/// Of one file, as kText or kMarkdown.
std::string plain_pages(OcrFormat format, std::span<const OcrPage> pages) {
  std::string out;
  for (const OcrPage& page : pages) {
    if (&page != pages.data()) out += format == OcrFormat::kText ? "\f" : "\n---\n\n";
    if (page.of > 1) {
      const std::string number = std::to_string(page.number);
      out += format == OcrFormat::kText ? "[page " + number + "]\n" : "<!-- page " + number + " -->\n\n";
    }
    out += format == OcrFormat::kText ? page_text(page) : page_markdown(page);
    out += '\n';
  }
  return out;
}

/// A client's text in a line of ours: it cannot end the line nor the comment it stands in.
std::string in_a_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_harmless = static_cast<unsigned char>(c) >= 0x20 && c != '<' && c != '>' && c != 0x7f;
    if (is_harmless && !(c == '-' && line.ends_with('-'))) line += c;
  }
  return line;
}

std::string plain_document(OcrFormat format, std::size_t place, const OcrDocument& document) {
  std::string title = "file " + std::to_string(place);
  if (!document.name.empty()) title += ": " + in_a_line(document.name);
  if (document.error) title += ": not read: " + in_a_line(document.error->message);
  return (format == OcrFormat::kText ? "[" + title + "]\n" : "<!-- " + title + " -->\n\n") +
         plain_pages(format, document.pages);
}

Json document_json(std::size_t index, const OcrDocument& document) {
  Json out = {{"index", index}, {"name", document.name}};
  if (document.error) {
    out["error"] = error_tree(*document.error);
    return out;
  }
  out["page_count"] = document.page_count;
  out["pages"] = pages_json(document.pages);
  return out;
}

/// Throws what nlohmann does where it is none.
OcrLine line_in(const Json& json) {
  OcrLine line{json.at("text").get<std::string>(), json.at("score").get<double>(), {}};
  if (!json.at("box").is_null()) line.box = json.at("box").get<std::array<std::array<double, 2>, 4>>();
  return line;
}

OcrPage page_in(const Json& json, int of) {
  OcrPage page;
  page.number = json.at("page").get<int>();
  page.of = of;
  page.width = json.at("width").get<int>();
  page.height = json.at("height").get<int>();
  page.dots_per_inch = json.value("dpi", 0.0);
  page.markdown = json.at("markdown").get<std::string>();
  for (const Json& line : json.at("lines")) page.lines.push_back(line_in(line));
  return page;
}

std::string hocr_batch(std::string_view model, std::span<const OcrDocument> documents) {
  std::string out = hocr_head(model);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const OcrDocument& document = documents[i];
    const std::string place = std::to_string(i + 1);
    const std::string name = escape_xml(in_a_line(document.name));
    if (document.error) {
      out += "<p id=\"file_" + place + "\">" + name + ": not read: " + escape_xml(document.error->message) + "</p>\n";
    }
    for (const OcrPage& page : document.pages)
      out += hocr_page(page, place + '_', name.empty() ? "" : "; image &quot;" + name + "&quot;");
  }
  return out.append(kHocrEnd);
}

}  // namespace

std::string page_text(const OcrPage& page) {
  std::string text;
  for (const OcrLine& line : page.lines) {
    if (!text.empty()) text += '\n';
    text += line.text;
  }
  return text;
}

std::string page_markdown(const OcrPage& page) {
  if (!page.markdown.empty()) return page.markdown;
  std::string text;
  Bounds before;
  for (const OcrLine& line : page.lines) {
    if (!line.box) {
      text += (text.empty() ? "" : "\n") + escape_markdown(line.text);
      continue;
    }
    const Bounds here = bounds_of(line);
    if (!text.empty()) {
      const bool is_gap = here.top - before.bottom > std::min(here.height(), before.height());
      text += is_beside(before, here) ? " " : is_gap || here.bottom < before.top ? "\n\n" : "\n";
    }
    text += escape_markdown(line.text);
    before = here;
  }
  return text;
}

std::string ocr_body(OcrFormat format, std::string_view model, std::span<const OcrPage> pages) {
  if (format == OcrFormat::kJson) {
    return dump(Json{{"model", model}, {"page_count", pages.empty() ? 0 : pages[0].of}, {"pages", pages_json(pages)}});
  }
  if (format != OcrFormat::kHocr) return plain_pages(format, pages);
  std::string out = hocr_head(model);
  for (const OcrPage& page : pages) out += hocr_page(page);
  return out.append(kHocrEnd);
}

std::string ocr_batch_body(OcrFormat format, std::string_view model, std::span<const OcrDocument> documents) {
  if (format == OcrFormat::kHocr) return hocr_batch(model, documents);
  if (format == OcrFormat::kJson) {
    Json files = Json::array();
    for (std::size_t i = 0; i < documents.size(); ++i) files.push_back(document_json(i, documents[i]));
    return dump(Json{{"model", model}, {"files", std::move(files)}});
  }
  std::string out;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (i > 0) out += format == OcrFormat::kText ? "\f" : "\n---\n\n";
    out += plain_document(format, i + 1, documents[i]);
  }
  return out;
}

base::Result<OcrAnswer> parse_ocr_body(std::string_view json) {
  try {
    const Json document = Json::parse(json);
    OcrAnswer answer{document.at("model").get<std::string>(), {}};
    const int of = document.at("page_count").get<int>();
    for (const Json& page : document.at("pages")) answer.pages.push_back(page_in(page, of));
    return answer;
  } catch (const nlohmann::json::exception& error) {
    return base::fail(base::Code::kCorrupt, std::string("this is no answer to an OCR request: ") + error.what());
  }
}

std::string_view ocr_content_type(OcrFormat format) {
  switch (format) {
    case OcrFormat::kJson:
      return "application/json";
    case OcrFormat::kText:
      return "text/plain; charset=utf-8";
    case OcrFormat::kMarkdown:
      return "text/markdown; charset=utf-8";
    case OcrFormat::kHocr:
      return "application/xhtml+xml; charset=utf-8";
  }
  return "application/json";
}

}  // namespace hearth::wire
