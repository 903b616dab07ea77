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

std::string hocr_document(std::string_view model, std::span<const OcrPage> pages) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">\n"
      "<head>\n<title></title>\n<meta charset=\"utf-8\"/>\n<meta name=\"ocr-system\" content=\"" +
      escape_xml(model) + "\"/>\n<meta name=\"ocr-capabilities\" content=\"ocr_page ocr_line\"/>\n</head>\n<body>\n";
  for (const OcrPage& page : pages) {
    const Bounds sheet{0, 0, static_cast<double>(page.width), static_cast<double>(page.height)};
    const std::string number = std::to_string(page.number);
    out += "<div class=\"ocr_page\" id=\"page_" + number + "\" title=\"" + box_title(sheet) + "; ppageno " +
           std::to_string(page.number - 1) + "\">\n";
    for (std::size_t k = 0; k < page.lines.size(); ++k) {
      const OcrLine& line = page.lines[k];
      out += "<span class=\"ocr_line\" id=\"line_" + number + '_' + std::to_string(k + 1) + "\" title=\"" +
             (line.box ? box_title(bounds_of(line)) + "; " : "") + "x_wconf " +
             std::to_string(std::lround(line.score * 100)) + "\">" + escape_xml(line.text) + "</span><br/>\n";
    }
    out += "</div>\n";
  }
  return out + "</body>\n</html>\n";
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
  if (format == OcrFormat::kHocr) return hocr_document(model, pages);
  if (format == OcrFormat::kJson) {
    Json list = Json::array();
    for (const OcrPage& page : pages) list.push_back(page_json(page));
    return dump(Json{{"model", model}, {"page_count", pages.empty() ? 0 : pages[0].of}, {"pages", std::move(list)}});
  }
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
