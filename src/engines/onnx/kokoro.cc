#include "engines/onnx/kokoro.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "engine/speech_synthesizer.h"
#include "engines/onnx/kokoro_join.h"
#include "engines/onnx/kokoro_model.h"
#include "engines/onnx/kokoro_pause.h"
#include "engines/onnx/kokoro_piece_pace.h"
#include "engines/onnx/kokoro_pieces.h"
#include "engines/onnx/kokoro_voices.h"
#include "text/espeak.h"
#include "text/language.h"
#include "text/lexicon.h"
#include "text/phonemizer.h"
#include "text/script.h"
#include "text/tokens.h"
#include "text/voice_mix.h"

namespace hearth::engines::onnx {
namespace {

using base::Code;
using base::fail;
using base::Result;
using engine::Flow;
using Clock = std::chrono::steady_clock;  // the listener's: sound is played in real time

constexpr double kSlowest = 0.25;
constexpr double kFastest = 4.0;
// The model's own pause between two segments, as far as it is kept: what people leave between sentences.
constexpr int kMostPauseFrames = 12;
constexpr std::size_t kSilenceBlock =
    4800;  // 0.2 s: a long pause is streamed too, so that a client's leaving is noticed
// Samples of silence that a segment's first sound may have in front: what the planner keeps before speech, and nearly
// all that the whole graph makes.
constexpr std::size_t kMostHeadOfPieces = 3 * kSamplesPerFrame;
constexpr std::size_t kMostHeadOfWhole = 12'000;

/// A request after everything that can be wrong with it was checked.
struct Order {
  std::vector<text::VoiceShare> voices;
  text::Language language = text::Language::kEnglishUs;
  double speed = 1.0;
};

Flow play_silence(std::size_t samples, const engine::PcmSink& sink) {
  static constexpr float kZeros[kSilenceBlock] = {};
  while (samples > 0) {
    const std::size_t block = std::min(samples, kSilenceBlock);
    if (sink({kZeros, block}) == Flow::kStop) return Flow::kStop;
    samples -= block;
  }
  return Flow::kContinue;
}

std::size_t samples_of(base::Millis pause) {
  return static_cast<std::size_t>(pause.count()) * static_cast<std::size_t>(kKokoroSampleRate) / 1000;
}

base::Error cancelled() { return {Code::kCancelled, "the listener has gone", {}}; }

/// How far one request has come, on its thread.
struct Delivery {
  const engine::PcmSink& sink;
  PiecePace pace;
  PauseKeeper pauses;
  bool is_first = true;  // nothing has been said yet

  Flow play_zeros(std::size_t samples) {
    if (samples > 0) pace.on_samples(static_cast<std::ptrdiff_t>(samples), Clock::now());
    return play_silence(samples, sink);
  }
  /// The model's own pause.
  Flow play_frames(int frames) {
    return play_zeros(static_cast<std::size_t>(std::clamp(frames, 0, kMostPauseFrames)) * kSamplesPerFrame);
  }
};

class Kokoro final : public engine::Engine, public engine::SpeechSynthesizer {
 public:
  Kokoro(std::unique_ptr<KokoroModel> model, KokoroVoices voices, std::shared_ptr<const text::Lexicon> lexicon,
         KokoroDefaults defaults)
      : model_(std::move(model)),
        voices_(std::move(voices)),
        defaults_(std::move(defaults)),
        phonemizer_(std::move(lexicon), std::make_shared<text::EspeakFallback>()) {}

  engine::SpeechSynthesizer* speech_synthesizer() override { return this; }

  Result<void> warm_up(std::stop_token stop) override {
    engine::SpeechRequest request;
    request.text = "Hi";
    return synthesize(
        request, [](std::span<const float>) { return Flow::kContinue; }, std::move(stop));
  }

  Result<std::unique_ptr<engine::Utterance>> prepare(const engine::SpeechRequest& request) override {
    auto order = check(request);
    if (!order) return fail(order.error());
    // The script is what finds text that cannot be spoken; its cost is a few microseconds a word.
    auto script = text::make_script(request.text, order->language, phonemizer_);
    if (!script) return fail(script.error());
    return std::make_unique<KokoroUtterance>(*this, std::move(*order), std::move(*script));
  }

  std::vector<engine::Voice> voices() const override {
    std::vector<engine::Voice> list;
    for (const std::string_view name : kKokoroVoiceNames) {
      const auto language = text::language_of_voice(name);
      list.push_back({std::string(name), language ? std::string(text::language_code(*language)) : std::string()});
    }
    return list;
  }

  base::SampleRate sample_rate() const override { return {kKokoroSampleRate}; }

 private:
  class KokoroUtterance final : public engine::Utterance {
   public:
    KokoroUtterance(Kokoro& kokoro, Order order, std::vector<text::Segment> script)
        : kokoro_(kokoro), order_(std::move(order)), script_(std::move(script)) {}
    Result<void> speak(const engine::PcmSink& sink, std::stop_token stop) override {
      return kokoro_.speak(order_, script_, sink, stop);
    }

   private:
    Kokoro& kokoro_;
    const Order order_;
    const std::vector<text::Segment> script_;
  };

  Result<void> speak(const Order& order, const std::vector<text::Segment>& script, const engine::PcmSink& sink,
                     const std::stop_token& stop) {
    Delivery delivery{sink, PiecePace(realtime_.load(std::memory_order_relaxed)),
                      PauseKeeper(model_->is_split() ? kMostHeadOfPieces : kMostHeadOfWhole)};
    for (std::size_t i = 0; i < script.size(); ++i) {
      const text::Segment& segment = script[i];
      const std::size_t pause = samples_of(segment.pause_before);
      const std::size_t pause_behind =
          samples_of(i + 1 < script.size() ? script[i + 1].pause_before : segment.pause_after);
      if (delivery.play_zeros(delivery.pauses.ask(pause)) == Flow::kStop) return fail(cancelled());
      auto said = model_->is_split() ? say_in_pieces(segment, order, pause_behind, delivery, stop)
                                     : say_whole(segment, order, pause_behind, delivery, stop);
      if (!said) return said;
      delivery.is_first = false;
    }
    if (!script.empty()) {
      const std::size_t last = delivery.pauses.ask(samples_of(script.back().pause_after));
      if (delivery.play_zeros(last + delivery.pauses.finish()) == Flow::kStop) return fail(cancelled());
    }
    realtime_.store(delivery.pace.realtime(), std::memory_order_relaxed);
    return {};
  }

  Result<Order> check(const engine::SpeechRequest& request) const {
    if (!std::isfinite(request.speed) || request.speed < kSlowest || request.speed > kFastest) {
      return fail(Code::kInvalidArgument, "speed is from 0.25 to 4");
    }
    auto voices = text::parse_voice_mix(request.voice.empty() ? defaults_.voice : request.voice);
    if (!voices) return fail(voices.error());
    if (auto known = check_voices(*voices); !known) return fail(known.error());
    std::string_view wanted = request.language;
    if (wanted.empty() && request.voice.empty()) wanted = defaults_.language;
    auto language = wanted.empty() ? text::language_of_voice(voices->front().name) : text::parse_language(wanted);
    if (!language) return fail(language.error());
    return Order{std::move(*voices), *language, request.speed};
  }

  Result<Style> style_of(const Order& order, std::size_t ids) const {
    return voices_.style(order.voices, ids == 0 ? 0 : ids - 1);  // row n - 1 was made for n ids
  }

  /// One run of the text side, then the vocoder piece by piece. `pause_behind` samples are asked for behind it.
  Result<void> say_in_pieces(const text::Segment& segment, const Order& order, std::size_t pause_behind,
                             Delivery& delivery, const std::stop_token& stop) const {
    const text::TokenIds tokens = text::tokenize(segment.phonemes);
    if (tokens.ids.empty()) return {};
    const auto style = style_of(order, tokens.ids.size());
    if (!style) return fail(style.error());
    const auto track = model_->run_text_side(tokens.ids, *style, order.speed, stop);
    if (!track) return fail(track.error());

    PiecePolicy policy;
    policy.realtime = delivery.pace.realtime();
    const PiecePlan plan = plan_pieces(track->energy.floats(), policy, delivery.pace.buffered(Clock::now()));
    // A listener need not wait for the silence before the first word; between segments it is the pause of a sentence,
    // unless the text asks for another one.
    if (!delivery.is_first && segment.pause_before.count() == 0 &&
        delivery.play_frames(plan.silence_before) == Flow::kStop) {
      return fail(cancelled());
    }
    PieceJoiner joiner(plan.pieces, JoinPolicy{});
    for (const Piece& piece : plan.pieces) {
      const base::Instant begun = Clock::now();
      auto sound = model_->run_vocoder(*track, static_cast<std::size_t>(piece.context_begin),
                                       static_cast<std::size_t>(piece.context_end), *style, stop);
      if (!sound) return fail(sound.error());
      const auto joined = joiner.add(*sound);
      if (!joined) return fail(joined.error());
      const base::Instant made = Clock::now();  // before the sink, which may block for a slow reader
      std::span<const float> heard = *joined;
      if (&piece == &plan.pieces.front()) {
        const PauseKeeper::Onset onset = delivery.pauses.begin(heard);
        if (delivery.play_zeros(onset.zeros) == Flow::kStop) return fail(cancelled());
        heard = onset.sound;
      }
      if (&piece == &plan.pieces.back()) heard = delivery.pauses.end(heard, pause_behind);
      if (delivery.sink(heard) == Flow::kStop || stop.stop_requested()) return fail(cancelled());
      delivery.pace.on_piece(piece, std::ssize(heard), begun, made);
    }
    if (pause_behind == 0 && delivery.play_frames(plan.silence_after) == Flow::kStop) return fail(cancelled());
    return {};
  }

  Result<void> say_whole(const text::Segment& segment, const Order& order, std::size_t pause_behind, Delivery& delivery,
                         const std::stop_token& stop) const {
    const text::TokenIds tokens = text::tokenize(segment.phonemes);
    if (tokens.ids.empty()) return {};
    const auto style = style_of(order, tokens.ids.size());
    if (!style) return fail(style.error());
    auto sound = model_->run_whole(tokens.ids, *style, order.speed, stop);
    if (!sound) return fail(sound.error());
    const PauseKeeper::Onset onset = delivery.pauses.begin(*sound);
    if (delivery.play_zeros(onset.zeros) == Flow::kStop) return fail(cancelled());
    const std::span<const float> heard = delivery.pauses.end(onset.sound, pause_behind);
    return delivery.sink(heard) == Flow::kStop ? fail(cancelled()) : Result<void>{};
  }

  const std::unique_ptr<const KokoroModel> model_;
  const KokoroVoices voices_;
  const KokoroDefaults defaults_;
  const text::Phonemizer phonemizer_;
  std::atomic<double> realtime_{PiecePolicy{}.realtime};  // as the last request measured it
};

}  // namespace

Result<std::unique_ptr<engine::Engine>> open_kokoro(std::shared_ptr<const OrtLibrary> library, const KokoroFiles& files,
                                                    const KokoroDefaults& defaults,
                                                    const engine::LoadProgress& progress, std::stop_token stop) {
  auto voices = KokoroVoices::open(files.voices);
  if (!voices) return fail(voices.error());
  std::shared_ptr<const text::Lexicon> lexicon;  // shared because the phonemizer may outlive this call's engine
  if (!files.lexicon.empty()) {
    auto opened = text::Lexicon::open(files.lexicon);
    if (!opened) return fail(opened.error());
    lexicon = std::make_shared<const text::Lexicon>(std::move(*opened));
  }
  auto model = files.split_graphs.empty()
                   ? KokoroModel::open_whole(std::move(library), files.model)
                   : KokoroModel::open(std::move(library), files.split_graphs, progress, std::move(stop));
  if (!model) return fail(model.error());
  return std::make_unique<Kokoro>(std::move(*model), std::move(*voices), std::move(lexicon), defaults);
}

}  // namespace hearth::engines::onnx
