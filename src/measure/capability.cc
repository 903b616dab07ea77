#include "measure/capability.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

namespace hearth::measure {
namespace {

void append_le(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

/// Two seconds of a tone that swells: no silence gate may answer in the model's place.
std::string wav() {
  constexpr std::uint32_t kRate = 16'000;
  constexpr std::uint32_t kSamples = 2 * kRate;
  std::string out = "RIFF";
  append_le(out, 36 + 2 * kSamples, 4);
  out += "WAVEfmt ";
  append_le(out, 16, 4);
  append_le(out, 1, 2);  // PCM
  append_le(out, 1, 2);  // mono
  append_le(out, kRate, 4);
  append_le(out, 2 * kRate, 4);
  append_le(out, 2, 2);
  append_le(out, 16, 2);
  out += "data";
  append_le(out, 2 * kSamples, 4);
  for (std::uint32_t i = 0; i < kSamples; ++i) {
    const double t = static_cast<double>(i) / kRate;
    const double sample = 0.3 * std::sin(t * 1.5) * std::sin(6.283185 * (180 + 60 * t) * t);
    append_le(out, static_cast<std::uint32_t>(static_cast<std::int32_t>(sample * 32'000)), 2);
  }
  return out;
}

/// "HI" in black on white, large enough to be found.
std::string bmp() {
  constexpr std::array<std::string_view, 7> kGlyphs = {"# #.###", "# #. # ", "# #. # ", "###. # ",
                                                       "# #. # ", "# #. # ", "# #.###"};
  constexpr int kScale = 8;
  constexpr int kWidth = 160;
  constexpr int kHeight = 96;
  std::string out = "BM";
  append_le(out, 54 + kWidth * kHeight * 3, 4);
  append_le(out, 0, 4);
  append_le(out, 54, 4);
  append_le(out, 40, 4);
  append_le(out, kWidth, 4);
  append_le(out, kHeight, 4);
  append_le(out, 1, 2);
  append_le(out, 24, 2);
  for (int i = 0; i < 6; ++i) append_le(out, 0, 4);
  for (int y = kHeight - 1; y >= 0; --y) {  // from the bottom up
    for (int x = 0; x < kWidth; ++x) {
      const int row = (y - 20) / kScale;
      const int column = (x - 40) / kScale;
      const bool ink = y >= 20 && x >= 40 && row < static_cast<int>(kGlyphs.size()) &&
                       column < static_cast<int>(kGlyphs[0].size()) &&
                       kGlyphs[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] == '#';
      out.append(3, ink ? '\0' : '\xff');
    }
  }
  return out;
}

net::ClientRequest post(std::string target, std::string type, std::string body) {
  net::ClientRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers = {{"Content-Type", std::move(type)}};
  request.body = std::move(body);
  return request;
}

net::ClientRequest upload(std::string target, const std::string& model, const net::FormFile& file) {
  net::ClientRequest request;
  request.target = std::move(target);
  net::set_form(request, {{"model", model}}, file);
  return request;
}

/// A ranker embeds too, in its way, so it is asked to rank before.
std::vector<Question> language_questions(const std::string& quoted) {
  return {
      {"first token",
       post("/v1/chat/completions", "application/json",
            "{" + quoted + R"(,"stream":true,"max_tokens":4,"messages":[{"role":"user","content":"Say hi."}]})")},
      {"first ranking", post("/v1/rerank", "application/json",
                             "{" + quoted + R"(,"query":"Who says hi?","documents":["It rains.","She says hi."]})")},
      {"first embedding", post("/v1/embeddings", "application/json", "{" + quoted + R"(,"input":"She says hi."})")}};
}

}  // namespace

std::vector<Question> questions_for(std::string_view kind, const std::string& model) {
  const std::string quoted = "\"model\":\"" + model + "\"";
  if (kind == "speech") {
    return {
        {"first audio", post("/v1/audio/speech", "application/json",
                             "{" + quoted + R"(,"response_format":"pcm","input":"Hello world, how are you today?"})")}};
  }
  if (kind == "transcription") {
    return {{"first transcript", upload("/v1/audio/transcriptions", model, {"tone.wav", "audio/wav", wav()})}};
  }
  if (kind == "language") return language_questions(quoted);
  if (kind == "document") return {{"first page", upload("/v1/ocr", model, {"page.bmp", "image/bmp", bmp()})}};
  return {};
}

bool is_of_other_sort(std::string_view refusal) {
  try {
    return nlohmann::json::parse(refusal).at("error").at("code") == "unsupported_model";
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

}  // namespace hearth::measure
