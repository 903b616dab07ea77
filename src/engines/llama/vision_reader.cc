#include "engines/llama/vision_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "engine/collected_answer.h"
#include "engine/document_reader.h"
#include "engine/language_model.h"
#include "image/resize.h"

namespace hearth::engines::llama {
namespace {

using base::Code;
using base::fail;
using base::Result;
using image::Picture;
using Json = nlohmann::json;

// Every model scales a page to what it can see, dots.ocr to 11 million pixels at most; more is only copied about.
constexpr double kMostPixels = 12e6;

/// A bitmap file: a head, and the rows from the last to the first, blue before red, each padded to four bytes.
std::string encode_bitmap(const Picture& picture) {
  constexpr std::uint32_t kHead = 54;
  const std::size_t row = (static_cast<std::size_t>(picture.width) * 3 + 3) / 4 * 4;
  std::string file(kHead + row * static_cast<std::size_t>(picture.height), '\0');
  const auto put = [&file](std::size_t at, auto number) { std::memcpy(file.data() + at, &number, sizeof number); };
  file[0] = 'B';
  file[1] = 'M';
  put(2, static_cast<std::uint32_t>(file.size()));
  put(10, kHead);
  put(14, std::uint32_t{40});  // of the second head
  put(18, std::int32_t{picture.width});
  put(22, std::int32_t{picture.height});
  put(26, std::uint16_t{1});   // planes
  put(28, std::uint16_t{24});  // bits a pixel
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* from = picture.rgb.data() + static_cast<std::size_t>(y) * picture.width * 3;
    char* to = file.data() + kHead + row * static_cast<std::size_t>(picture.height - 1 - y);
    for (int x = 0; x < picture.width; ++x, from += 3, to += 3) {
      to[0] = static_cast<char>(from[2]);
      to[1] = static_cast<char>(from[1]);
      to[2] = static_cast<char>(from[0]);
    }
  }
  return file;
}

std::string chat_about(const Picture& page, const std::string& prompt) {
  Json content = Json::array();
  content.push_back({{"type", "image_url"}, {"image_url", {{"url", picture_url(page)}}}});
  content.push_back({{"type", "text"}, {"text", prompt}});
  const Json body = {{"messages", {{{"role", "user"}, {"content", std::move(content)}}}},
                     {"temperature", 0},
                     {"max_tokens", std::numeric_limits<int>::max()},  // as far as the context goes, not a slot's share
                     {"stream", false},
                     {"logprobs", true},
                     {"top_logprobs", 1}};
  return body.dump();
}

/// What is at `path`, or null.
const Json& at(const Json& document, std::initializer_list<std::string_view> path) {
  static const Json kNothing;
  const Json* here = &document;
  for (const std::string_view key : path) {
    if (here->is_array()) {
      if (here->empty()) return kNothing;
      here = &here->front();
    }
    const auto found = here->is_object() ? here->find(key) : here->end();
    if (found == here->end()) return kNothing;
    here = &*found;
  }
  return *here;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

base::Error refusal_of(int status, const Json& answer) {
  const std::string message = text_of(at(answer, {"error", "message"}));
  const Code code = status == 501 ? Code::kUnsupported : status < 500 ? Code::kInvalidArgument : Code::kInternal;
  return {code, "the model did not read the page: " + (message.empty() ? std::to_string(status) : message), {}};
}

/// The mean probability of each line's tokens. The tokens may hold more than the answer's text does (marks of the chat,
/// thoughts): then all lines get the mean of all.
std::vector<double> line_scores(const Json& tokens, const std::string& text, std::size_t lines) {
  struct Mean {
    double sum = 0;
    int count = 0;
    void add(double value) {
      sum += value;
      ++count;
    }
    [[nodiscard]] double value() const { return count == 0 ? 0 : sum / count; }
  };
  std::vector<Mean> means(1);
  Mean all;
  std::string written;
  for (const Json& token : tokens) {
    const Json& log = at(token, {"logprob"});
    const std::string piece = text_of(at(token, {"token"}));
    const double probability = log.is_number() ? std::exp(log.get<double>()) : 0;
    written += piece;
    all.add(probability);
    const bool ends_line = piece.ends_with('\n');  // of a piece with text on both sides of an end the later line's
    const std::size_t ends = static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
    means.resize(means.size() + ends - (ends_line ? 1 : 0));
    means.back().add(probability);
    if (ends_line) means.emplace_back();
  }
  if (written != text || means.size() != lines) return std::vector<double>(lines, all.value());
  std::vector<double> scores;
  for (const Mean& mean : means) scores.push_back(mean.value());
  return scores;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

Result<engine::ReadPage> page_of(const Json& answer, const Picture& picture, double least_score) {
  if (text_of(at(answer, {"choices", "finish_reason"})) == "length") {
    return fail(Code::kExhausted, "the model's reading did not end within its context",
                "give it a larger ctx in hearth.toml, or send the page in parts");
  }
  const Json& content = at(answer, {"choices", "message", "content"});
  if (!content.is_string()) return fail(Code::kInternal, "the model's answer has no text");
  engine::ReadPage page{picture.width, picture.height, {}, content.get<std::string>()};
  std::vector<std::string> lines(1);
  for (const char c : page.markdown) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  const std::vector<double> scores =
      line_scores(at(answer, {"choices", "logprobs", "content"}), page.markdown, lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_blank(lines[i]) || scores[i] < least_score) continue;
    page.lines.push_back({std::move(lines[i]), scores[i], std::nullopt});
  }
  return page;
}

class VisionReader final : public engine::Engine, public engine::DocumentReader {
 public:
  VisionReader(std::unique_ptr<engine::Engine> model, std::string prompt)
      : model_(std::move(model)), prompt_(std::move(prompt)) {}

  engine::LanguageModel* language_model() override { return model_->language_model(); }
  engine::DocumentReader* document_reader() override { return this; }
  Result<void> warm_up(std::stop_token stop) override { return model_->warm_up(std::move(stop)); }

  Result<engine::ReadPage> read(const Picture& page, const engine::ReadOptions& options,
                                std::stop_token stop) override {
    if (page.width < 1 || page.height < 1) return fail(Code::kInvalidArgument, "the picture has no pixels");
    if (!(options.least_score >= 0 && options.least_score <= 1)) {
      return fail(Code::kInvalidArgument, "the least score is from 0 to 1");
    }
    engine::LanguageModel* model = model_->language_model();
    if (model == nullptr) return fail(Code::kUnsupported, "the model writes no text");
    engine::CollectedAnswer listener;
    const auto answered =
        model->answer(engine::LanguageCall::kChatCompletions, chat_about(page, prompt_), listener, std::move(stop));
    if (listener.is_too_long()) return fail(Code::kExhausted, "the model's reading of one page is beyond all bounds");
    if (!answered) return fail(answered.error());
    const Json answer = Json::parse(listener.body(), nullptr, false);
    if (listener.status() != 200) return fail(refusal_of(listener.status(), answer));
    if (answer.is_discarded()) return fail(Code::kInternal, "the model's answer is no JSON");
    return page_of(answer, page, options.least_score);
  }

 private:
  const std::unique_ptr<engine::Engine> model_;
  const std::string prompt_;
};

}  // namespace

std::string picture_url(const Picture& picture) {
  const double pixels = static_cast<double>(picture.width) * picture.height;
  const double longer = std::max(picture.width, picture.height);
  const double scale = std::min({1.0, std::sqrt(kMostPixels / pixels), kMostPictureSide / longer});
  const auto scaled = [scale](int side) { return std::max(1, static_cast<int>(side * scale)); };
  const Picture small = scale < 1 ? image::resize(picture, scaled(picture.width), scaled(picture.height)) : Picture();
  const Picture& sent = scale < 1 ? small : picture;
  return "data:image/bmp;base64," + base::encode_base64(encode_bitmap(sent));
}

std::unique_ptr<engine::Engine> make_vision_reader(std::unique_ptr<engine::Engine> model, std::string prompt) {
  if (prompt.empty()) prompt = kReadingPrompt;
  return std::make_unique<VisionReader>(std::move(model), std::move(prompt));
}

}  // namespace hearth::engines::llama
