#include "engines/whisper/whisper_model.h"

#include <whisper.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>
#include <vector>

#include "audio/samples.h"
#include "engine/transcriber.h"
#include "engines/ggml/memory.h"
#include "engines/whisper/context.h"
#include "engines/whisper/decode.h"
#include "engines/whisper/encoder_window.h"
#include "engines/whisper/heard_so_far.h"
#include "engines/whisper/pieces.h"
#include "engines/whisper/state_pool.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::fail;
using base::Result;
using engine::Flow;
using engine::TranscribedSegment;
using engine::Transcription;
using engine::TranscriptionRequest;

constexpr std::size_t kLongestLanguage = 16;

base::Millis time_of(std::size_t samples) {
  return base::Millis{static_cast<std::int64_t>(samples * 1000 / kSamplesPerSecond)};
}

std::size_t samples_in(base::Millis time) { return static_cast<std::size_t>(time.count()) * kSamplesPerSecond / 1000; }

void shift(TranscribedSegment& segment, base::Millis by) {
  segment.start += by;
  segment.end += by;
  for (engine::TranscribedWord& word : segment.words) {
    word.start += by;
    word.end += by;
  }
}

class WhisperModel final : public engine::Engine, public engine::Transcriber {
 public:
  WhisperModel(ContextPointer context, ggml::LargePages large_pages, StatePointer first,
               const WhisperSettings& settings)
      : context_(std::move(context)),
        large_pages_(std::move(large_pages)),
        threads_(settings.threads),
        text_before_(settings.text_before),
        pool_(settings.most_calls, std::move(first), [this] { return make_state(*context_); }) {}

  engine::Transcriber* transcriber() override { return this; }

  /// A step of everything on sound that is not speech.
  Result<void> warm_up(std::stop_token stop) override {
    auto loan = pool_.borrow(stop);
    if (!loan) return fail(loan.error());
    std::vector<float> hum(kSamplesPerSecond);
    for (std::size_t i = 0; i < hum.size(); ++i) hum[i] = 0.01F * std::sin(0.05F * static_cast<float>(i));
    DecodeOptions options;
    options.threads = threads_;
    const Piece whole{0, hum.size()};
    options.window = encoder_window(std::span(&whole, 1));
    options.most_tokens = 1;
    auto decoded = decode_piece(*context_, *loan, hum, options, {}, stop);
    if (!decoded) return fail(decoded.error());
    return {};
  }

  Result<Transcription> transcribe(std::span<const float> samples, const TranscriptionRequest& request,
                                   const engine::SegmentSink& on_segment, std::stop_token stop) override {
    auto options = check(request);
    if (!options) return fail(options.error());
    if (stop.stop_requested()) return fail(Code::kCancelled, "stopped");
    Transcription transcription;
    const std::vector<Piece> cut = cut_pieces(samples);
    if (options->choice == DecodeOptions::Language::kGiven)
      transcription.language = whisper_lang_str(options->language);
    if (cut.empty()) return transcription;
    options->prompt = prompt_tokens(*context_, request.prompt);
    HeardSoFar heard(std::move(*options), text_before_, whisper_token_eot(context_.get()));
    std::vector<Piece> pieces = cut;
    auto loan = pool_.borrow(stop);
    if (!loan) return fail(loan.error());
    for (std::size_t next = 0; next < pieces.size();) {
      const Piece piece = pieces[next];
      std::size_t heard_until = piece.begin;
      const auto sink = [&](TranscribedSegment segment) {
        heard_until = std::max(heard_until, piece.begin + samples_in(segment.end));
        heard.add(segment);
        shift(segment, time_of(piece.begin));
        transcription.segments.push_back(std::move(segment));
        return on_segment ? on_segment(transcription.segments.back()) : Flow::kContinue;
      };
      DecodeOptions now = heard.options();
      now.window = encoder_window(cut, now.prompt.empty() ? Prompted::kNo : Prompted::kYes);
      const auto speech =
          decode_piece(*context_, *loan, clean(samples.subspan(piece.begin, piece.size())), now, sink, stop);
      if (!speech) return fail(speech.error());
      heard.end_piece(*speech);
      if (now.choice == DecodeOptions::Language::kDetect && speech->is_certain) {
        likely_language_.store(speech->language, std::memory_order_relaxed);
      }
      if (const auto rest = find_unheard(samples, piece, heard_until)) {
        pieces[next] = *rest;
      } else {
        ++next;
      }
    }
    if (const auto language = heard.language()) transcription.language = whisper_lang_str(*language);
    return transcription;
  }

  Result<void> validate(const TranscriptionRequest& request) const override {
    auto options = check(request);
    if (!options) return fail(options.error());
    return {};
  }

 private:
  [[nodiscard]] bool is_multilingual() const { return whisper_is_multilingual(context_.get()) != 0; }

  /// What does not depend on the sound.
  [[nodiscard]] Result<DecodeOptions> check(const TranscriptionRequest& request) const {
    if (!std::isfinite(request.temperature) || request.temperature < 0 || request.temperature > 1) {
      return fail(Code::kInvalidArgument, "temperature is from 0 to 1");
    }
    DecodeOptions options;
    options.threads = threads_;
    options.task = request.task;
    options.words = request.words;
    options.logprobs = request.logprobs;
    options.temperature = request.temperature;
    for (const std::string& code : request.languages) {
      auto language = find_language(code);
      if (!language) return fail(language.error());
      options.candidates.push_back(*language);
    }
    if (options.candidates.size() == 1) {
      options.language = options.candidates.front();
    } else if (is_multilingual()) {
      options.choice = DecodeOptions::Language::kDetect;
      options.language = guess(options.candidates);
    }
    if (request.task == TranscriptionRequest::Task::kTranslate && !is_multilingual()) {
      return fail(Code::kUnsupported, "this model knows English only and cannot translate", "use whisper-base");
    }
    return options;
  }

  /// The likely one, unless it cannot be.
  [[nodiscard]] int guess(const std::vector<int>& candidates) const {
    const int likely = likely_language_.load(std::memory_order_relaxed);
    const bool may_be = candidates.empty() || std::ranges::find(candidates, likely) != candidates.end();
    return may_be ? likely : candidates.front();
  }

  [[nodiscard]] Result<int> find_language(const std::string& code) const {
    std::string lower = code.substr(0, kLongestLanguage);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const int id = code.size() > kLongestLanguage ? -1 : whisper_lang_id(lower.c_str());
    if (id < 0) {
      return fail(Code::kInvalidArgument, "'" + lower + "' is not a language that Whisper knows",
                  "use a code such as en, de or ja, or none to have it detected");
    }
    const bool is_english = id == 0;
    if (!is_english && !is_multilingual()) {
      return fail(Code::kUnsupported, "this model knows English only", "use whisper-base");
    }
    // Older models lack the newest languages: their tokens would be those of a task.
    if (!is_english && whisper_token_lang(context_.get(), id) >= whisper_token_translate(context_.get())) {
      return fail(Code::kUnsupported, "this model does not know '" + lower + "'", "use a large-v3 model");
    }
    return id;
  }

  [[nodiscard]] static std::vector<float> clean(std::span<const float> samples) {
    std::vector<float> cleaned(samples.size());
    std::ranges::transform(samples, cleaned.begin(), audio::clean_sample);
    return cleaned;
  }

  const ContextPointer context_;
  const ggml::LargePages large_pages_;
  const int threads_;
  const TextBefore text_before_;
  StatePool pool_;                        // after what its states refer to
  std::atomic<int> likely_language_ = 0;  // the last that was detected, a guess that saves time; English at first
};

}  // namespace

Result<std::unique_ptr<engine::Engine>> open_whisper(const std::filesystem::path& model,
                                                     const WhisperSettings& settings,
                                                     const engine::LoadProgress& progress, std::stop_token stop) {
  ggml::NotedBlocks noted;
  auto context = open_context(model, progress, stop);
  if (!context) return fail(context.error());
  if (progress) progress(1.0, "buffers");
  auto state = make_state(**context);
  if (!state) return fail(state.error());
  if (stop.stop_requested()) return fail(Code::kCancelled, "stopped");
  return std::make_unique<WhisperModel>(std::move(*context), ggml::LargePages(noted.take()), std::move(*state),
                                        settings);
}

}  // namespace hearth::engines::whisper
