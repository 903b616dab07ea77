#include "app/known_answers.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/collected_answer.h"
#include "engine/document_reader.h"
#include "engine/language_model.h"
#include "engine/speech_synthesizer.h"
#include "engine/transcriber.h"
#include "engine/turn_detector.h"
#include "engine/voice_detector.h"

namespace hearth::app {

// models/known/hello.ulaw: "Hello world, how are you today?", 16 kHz, mono, mu-law (ITU-T G.711).
extern const unsigned char hello_ulaw[];
extern const unsigned long hello_ulaw_size;

namespace {

using base::Code;
using base::fail;
using base::Result;
using Json = nlohmann::json;

std::vector<float> hello() {
  std::vector<float> out;
  out.reserve(hello_ulaw_size);
  for (unsigned long i = 0; i < hello_ulaw_size; ++i) {
    const int code = ~hello_ulaw[i] & 0xff;
    const int magnitude = (((code & 0x0f) << 3) + 0x84) << (code >> 4 & 7);
    const int sample = (code & 0x80) != 0 ? 0x84 - magnitude : magnitude - 0x84;
    out.push_back(static_cast<float>(sample) / 32'768.0F);
  }
  return out;
}

Result<std::string> wrong(std::string what, const std::string& answer) {
  return fail(Code::kInternal, "it answered wrongly: " + what + ", not \"" + answer + "\"",
              "the model file may be damaged or of another kind: hearth models verify");
}

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

Result<std::string> ask(engine::SpeechSynthesizer& synthesizer, const std::stop_token& stop) {
  std::size_t samples = 0;
  double power = 0;
  engine::SpeechRequest request;
  request.text = "Hello world, how are you today?";
  const auto said = synthesizer.synthesize(
      request,
      [&](std::span<const float> block) {
        samples += block.size();
        for (const float sample : block) power += static_cast<double>(sample) * sample;
        return engine::Flow::kContinue;
      },
      stop);
  if (!said) return fail(said.error());
  const double seconds = static_cast<double>(samples) / synthesizer.sample_rate().hz;
  const double level = samples == 0 ? 0 : std::sqrt(power / static_cast<double>(samples));
  char text[80];
  std::snprintf(text, sizeof text, "%.1f s of sound at level %.3f", seconds, level);
  const bool is_speech = seconds > 1.0 && seconds < 5.0 && level > 0.01 && level < 0.5;
  if (!is_speech) return wrong("one to five seconds of speech were expected", text);
  return std::string("spoke a sentence: ") + text;
}

Result<std::string> ask(engine::Transcriber& transcriber, const std::stop_token& stop) {
  engine::TranscriptionRequest request;
  request.languages = {"en"};
  const auto heard = transcriber.transcribe(hello(), request, {}, stop);
  if (!heard) return fail(heard.error());
  std::string text;
  for (const engine::TranscribedSegment& segment : heard->segments) text += segment.text;
  const std::string words = lower(text);
  if (words.find("hello") == std::string::npos || words.find("how are you") == std::string::npos) {
    return wrong("\"Hello world, how are you today?\" was said", text);
  }
  return "heard \"" + text.substr(text.find_first_not_of(' ')) + "\"";
}

Result<std::string> ask(engine::VoiceDetector& detector, const std::stop_token& stop) {
  const std::vector<float> samples = hello();
  constexpr std::size_t kWindow = engine::VoiceDetector::kWindow;
  const std::array<float, kWindow> silence{};
  engine::VoiceState quiet;
  const auto in_silence = detector.detect(silence, quiet, stop);
  if (!in_silence) return fail(in_silence.error());
  engine::VoiceState state;
  float most = 0;
  for (std::span<const float> left = samples; left.size() >= kWindow; left = left.subspan(kWindow)) {
    const auto probability = detector.detect(left.first<kWindow>(), state, stop);
    if (!probability) return fail(probability.error());
    most = std::max(most, *probability);
  }
  char text[80];
  std::snprintf(text, sizeof text, "%.2f in silence, up to %.2f in speech", *in_silence, most);
  if (*in_silence > 0.3F || most < 0.7F) return wrong("a voice was expected in speech alone", text);
  return std::string("found the voice: ") + text;
}

Result<std::string> ask(engine::TurnDetector& detector, const std::stop_token& stop) {
  const std::vector<float> samples = hello();
  const auto whole = detector.detect_end(samples, stop);
  if (!whole) return fail(whole.error());
  const auto half = detector.detect_end(std::span<const float>(samples).first(samples.size() * 6 / 10), stop);
  if (!half) return fail(half.error());
  char text[80];
  std::snprintf(text, sizeof text, "%.2f after the question, %.2f in its middle", *whole, *half);
  if (*whole < 0.5F || *half > *whole) return wrong("the end of a question was to be found", text);
  return std::string("found the end: ") + text;
}

/// What it counts on with, in words or in digits.
Result<std::string> judge_count(const std::string& answer) {
  std::string text;
  try {
    text = Json::parse(answer).at("choices").at(std::size_t{0}).at("text").get<std::string>();
  } catch (const Json::exception&) {
    return wrong("a text was expected", answer.substr(0, 300));
  }
  const bool is_right = lower(text).find("seven") != std::string::npos || text.find('7') != std::string::npos;
  if (!is_right) return wrong("after six comes seven", text.substr(0, 300));
  return std::string("counted on from six");
}

/// The second of two documents is the answer to the query.
Result<std::string> judge_ranking(const std::string& answer) {
  std::array<double, 2> scores{};
  try {
    const Json results = Json::parse(answer).at("results");
    for (const Json& one : results) {
      scores.at(one.at("index").get<std::size_t>()) = one.at("relevance_score").get<double>();
    }
  } catch (const std::exception&) {
    return wrong("two scores were expected", answer.substr(0, 300));
  }
  char text[80];
  std::snprintf(text, sizeof text, "%.3f for the answer, %.3f for another text", scores[1], scores[0]);
  if (!(scores[1] > scores[0])) return wrong("the answer was expected before another text", text);
  return std::string("ranked the answer first: ") + text;
}

double product_of(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += a[i] * b[i];
  return sum;
}

/// The second of three texts says what the first does, the third something else.
Result<std::string> judge_vectors(const std::string& answer) {
  std::array<std::vector<double>, 3> vectors;
  try {
    const Json items = Json::parse(answer).at("data");
    for (const Json& one : items) {
      vectors.at(one.at("index").get<std::size_t>()) = one.at("embedding").get<std::vector<double>>();
    }
  } catch (const std::exception&) {
    return wrong("three vectors were expected", answer.substr(0, 300));
  }
  char text[80];
  for (const std::vector<double>& vector : vectors) {
    const double length = std::sqrt(product_of(vector, vector));
    std::snprintf(text, sizeof text, "%zu numbers of length %.3f", vector.size(), length);
    if (vector.size() != vectors[0].size() || !(std::abs(length - 1) < 0.01)) {
      return wrong("vectors of one size and of length 1 were expected", text);
    }
  }
  const double near = product_of(vectors[0], vectors[1]);
  const double far = product_of(vectors[0], vectors[2]);
  std::snprintf(text, sizeof text, "%.3f to a text that says the same, %.3f to another", near, far);
  if (!(near > far)) return wrong("what says the same was expected to be nearer", text);
  return std::string("embedded three texts: ") + text;
}

bool is_of_other_sort(const std::string& refusal) {
  try {
    return Json::parse(refusal).at("error").at("code") == "unsupported_model";
  } catch (const Json::exception&) {
    return false;
  }
}

/// A question that only one sort of language model answers.
struct LanguageQuestion {
  engine::LanguageCall call;
  const char* body;
  Result<std::string> (*judge)(const std::string& answer);
};
// A ranker embeds too, in its way, so it is asked to rank before.
constexpr LanguageQuestion kLanguageQuestions[] = {
    {engine::LanguageCall::kCompletions,
     R"({"prompt":"One, two, three, four, five, six,","max_tokens":8,"temperature":0,"stream":false})", judge_count},
    {engine::LanguageCall::kRerank,
     R"({"query":"Where does a cat sleep?","documents":["The bank raised its interest rates.",)"
     R"("A cat sleeps on the sofa."]})",
     judge_ranking},
    {engine::LanguageCall::kEmbeddings,
     R"({"input":["A cat sleeps on the sofa.","A kitten is sleeping on the couch.",)"
     R"("The bank raised its interest rates."]})",
     judge_vectors}};

Result<std::string> ask(engine::LanguageModel& model, const std::stop_token& stop) {
  for (const LanguageQuestion& question : kLanguageQuestions) {
    engine::CollectedAnswer answer;
    const auto answered = model.answer(question.call, question.body, answer, stop);
    if (!answered) return fail(answered.error());
    if (answer.status() == 200) return question.judge(answer.body());
    if (!is_of_other_sort(answer.body())) return fail(Code::kInternal, "it refused: " + answer.body().substr(0, 300));
  }
  return fail(Code::kUnsupported, "it neither writes nor ranks nor embeds text");
}

/// "HI" in black on white.
image::Picture page() {
  constexpr std::array<std::string_view, 7> kGlyphs = {"# #.###", "# #. # ", "# #. # ", "###. # ",
                                                       "# #. # ", "# #. # ", "# #.###"};
  constexpr int kScale = 8;
  image::Picture picture = image::make_picture(200, 120);
  std::ranges::fill(picture.rgb, std::uint8_t{255});
  for (int y = 0; y < 7 * kScale; ++y) {
    for (int x = 0; x < 7 * kScale; ++x) {
      const char ink = kGlyphs[static_cast<std::size_t>(y / kScale)][static_cast<std::size_t>(x / kScale)];
      if (ink == '#') std::fill_n(picture.row(y + 30) + static_cast<std::size_t>(x + 60) * 3, 3, std::uint8_t{0});
    }
  }
  return picture;
}

Result<std::string> ask(engine::DocumentReader& reader, const std::stop_token& stop) {
  engine::ReadOptions options;
  options.least_score = 0;
  const auto read = reader.read(page(), options, stop);
  if (!read) return fail(read.error());
  std::string text;
  for (const engine::ReadLine& line : read->lines) text += line.text;
  if (lower(text).find("hi") == std::string::npos) return wrong("\"HI\" was written", text);
  return "read \"" + text + "\"";
}

}  // namespace

Result<std::string> ask_known(engine::Engine& engine, const std::stop_token& stop) {
  if (auto* capability = engine.speech_synthesizer()) return ask(*capability, stop);
  if (auto* capability = engine.transcriber()) return ask(*capability, stop);
  if (auto* capability = engine.voice_detector()) return ask(*capability, stop);
  if (auto* capability = engine.turn_detector()) return ask(*capability, stop);
  // What sees is asked to read: a model made for documents may not know how to count.
  if (auto* capability = engine.document_reader()) return ask(*capability, stop);
  if (auto* capability = engine.language_model()) return ask(*capability, stop);
  return fail(Code::kUnsupported, "it offers no capability that could be asked");
}

}  // namespace hearth::app
