#include "engines/whisper/decode.h"

#include <whisper.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <exception>
#include <ranges>
#include <string_view>
#include <utility>

#include "engines/whisper/pieces.h"
#include "engines/whisper/word_times.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::fail;
using base::Result;
using engine::Flow;
using engine::TranscribedSegment;
using Request = engine::TranscriptionRequest;

// whisper.cpp looks at nothing shorter than 0.1 s, and reads 200 samples without asking how many there are.
constexpr std::size_t kLeastSamples = kSamplesPerSecond;
// More than its tokens can spell; whisper.cpp splits a text by a regular expression, which recurses by length.
constexpr std::size_t kPromptBytes = 2000;
constexpr double kTemperatureStep = 0.2;  // as OpenAI's own implementation
constexpr int kTriesAtTemperature = 2;
constexpr int kStateWasFreed = -7;  // whisper_full's answer when its cache could not grow
// How likely nobody speaks, by the model. Measured: speech in loud noise up to 0.26, noise 0.28 to 0.9.
constexpr double kSilence = 0.4;
constexpr double kDoubt = 0.27;              // enough at a second try; and no language is certain above it
constexpr double kSure = -0.3;               // mean log probability of a token: above it, it was said
constexpr float kAnchorProbability = 0.01F;  // whisper.cpp's own threshold for a token's time
constexpr float kPromptedBelow = 0.5F;       // whisper.cpp leaves the prompt out at this temperature and above
constexpr base::Millis kTick{10};

/// What can be said in so much sound, in the scripts that need the most tokens: a fraction of a second of noise must
/// not be read as a page, six temperatures long.
int most_tokens_in(std::size_t samples) { return 32 + static_cast<int>(samples * 40 / kSamplesPerSecond); }

/// Not only spaces, punctuation and notes: an ASCII letter or digit, or a character outside U+2000 … U+2FFF.
bool has_words(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80 ? std::isalnum(byte) != 0 : byte != 0xE2) return true;
    if (byte == 0xE2) i += 2;
  }
  return false;
}

/// One call of whisper_full with all that its callbacks need. They run on the calling thread; where whisper.cpp calls
/// from threads of its own, it is not for a first token, and nothing is done.
class Run {
 public:
  Run(whisper_context& context, whisper_state* state, std::span<const float> samples, const DecodeOptions& options,
      const engine::SegmentSink& sink, const std::stop_token& stop)
      : context_(context), state_(state), samples_(samples), options_(options), sink_(sink), stop_(stop) {
    if (options.words == Request::Words::kYes) loudness_ = loudness_of(samples);
  }

  /// whisper_full's answer. A second start is of the same sound in the language that the first one found.
  int start(int language, DecodeOptions::Language choice) {
    language_ = language;
    is_detecting_ = choice == DecodeOptions::Language::kDetect;
    found_language_.reset();
    windows_ = 0;
    whisper_full_params params = whisper_full_default_params(WHISPER_SAMPLING_GREEDY);
    params.n_threads = options_.threads;
    params.audio_ctx = options_.window;
    params.language = whisper_lang_str(language);
    params.translate = options_.task == Request::Task::kTranslate;
    params.prompt_tokens = options_.prompt.data();
    params.prompt_n_tokens = static_cast<int>(options_.prompt.size());
    params.suppress_nst = true;  // as OpenAI's own implementation: no [MUSIC], no notes
    params.print_progress = false;
    params.print_timestamps = false;
    params.greedy.best_of = kTriesAtTemperature;
    params.temperature = static_cast<float>(options_.temperature);
    // A temperature that was asked for is kept to.
    const bool may_rise = options_.temperature <= 0 && !options_.most_tokens;
    params.temperature_inc = may_rise ? static_cast<float>(kTemperatureStep) : 0.0F;
    params.max_tokens = options_.most_tokens.value_or(most_tokens_in(samples_.size()));
    params.abort_callback = [](void* self) { return static_cast<Run*>(self)->is_over(); };
    params.abort_callback_user_data = this;
    params.encoder_begin_callback = [](whisper_context*, whisper_state*, void* self) {
      return static_cast<Run*>(self)->on_window();
    };
    params.encoder_begin_callback_user_data = this;
    params.logits_filter_callback = [](whisper_context*, whisper_state*, const whisper_token_data*, int count,
                                       float* logits, void* self) {
      if (count == 0) static_cast<Run*>(self)->on_first_logits(logits);
    };
    params.logits_filter_callback_user_data = this;
    params.new_segment_callback = [](whisper_context*, whisper_state*, int count, void* self) {
      static_cast<Run*>(self)->on_segments(count);
    };
    params.new_segment_callback_user_data = this;
    return whisper_full_with_state(&context_, state_, params, samples_.data(), static_cast<int>(samples_.size()));
  }

  [[nodiscard]] std::optional<int> found_language() const { return found_language_; }
  [[nodiscard]] bool is_cancelled() const { return is_cancelled_ || stop_.stop_requested(); }
  [[nodiscard]] bool is_certain() const { return is_certain_; }

 private:
  [[nodiscard]] bool is_over() const { return is_cancelled() || found_language_.has_value(); }

  /// Before the encoder looks at the next window; false ends the run.
  bool on_window() {
    ++windows_;
    tries_ = 0;
    // What the first start asked, so that the second one answers as if the guess had been right.
    silence_ = windows_ == 1 ? first_silence_ : std::nullopt;
    is_invented_ = false;
    return !is_over();
  }

  /// The prompt has been read, once for every temperature that is tried on a window. `logits` are of the first token.
  void on_first_logits(float* logits) {
    ++tries_;
    // How whisper_full writes the prompt of a later window only it knows.
    const bool can_restore = windows_ == 1 && is_multilingual();
    if (can_restore && (is_detecting_ || (tries_ == 2 && !silence_))) {
      const int spoken = ask_at_start();
      // Where nobody seems to speak, too: what is said after a ringing must not be read in the guessed language.
      if (std::exchange(is_detecting_, false) && spoken != language_) {
        found_language_ = spoken;
        return;
      }
      restore_prompt();
    }
    // As OpenAI's own implementation: where the model fails and thinks that nobody speaks, nobody does.
    if (tries_ > 1 && is_silent(silence_.value_or(0.0))) say_nothing(logits);
  }

  [[nodiscard]] bool is_multilingual() const { return whisper_is_multilingual(&context_) != 0; }
  /// A second try needs less to be silence: what cannot be written at once is rarely speech.
  [[nodiscard]] bool is_silent(double probability) const { return probability > (tries_ > 1 ? kDoubt : kSilence); }

  /// Looks at what the model would write in the place of the language, without asking the encoder again: which
  /// language, and into silence_ how likely nobody speaks. whisper.cpp 1.8.5 reads the latter from the wrong place
  /// where the prompt has more than one token. Leaves the decoder with another prompt.
  int ask_at_start() {
    const whisper_token start = whisper_token_sot(&context_);
    if (whisper_decode_with_state(&context_, state_, &start, 1, 0, options_.threads) != 0) return language_;
    const float* logits = whisper_get_logits_from_state(state_);
    const std::span all(logits, static_cast<std::size_t>(whisper_n_vocab(&context_)));
    const float top = *std::ranges::max_element(all);
    double sum = 0;
    for (const float logit : all) sum += std::exp(static_cast<double>(logit - top));
    silence_ = std::exp(static_cast<double>(logits[whisper_token_nosp(&context_)] - top)) / sum;
    if (windows_ == 1) first_silence_ = silence_;
    return loudest_language(logits);
  }

  void restore_prompt() {
    const std::vector<whisper_token> prompt = whole_prompt();
    static_cast<void>(whisper_decode_with_state(&context_, state_, prompt.data(), static_cast<int>(prompt.size()), 0,
                                                options_.threads));
  }

  void say_nothing(float* logits) const {
    const whisper_token end = whisper_token_eot(&context_);
    std::fill_n(logits, whisper_n_vocab(&context_), -INFINITY);
    logits[end] = 0;
  }

  [[nodiscard]] int loudest_language(const float* logits) const {
    const auto loudness = [&](int id) { return logits[whisper_token_lang(&context_, id)]; };
    if (!options_.candidates.empty()) return std::ranges::max(options_.candidates, {}, loudness);
    const int count =
        std::min(whisper_lang_max_id() + 1, whisper_token_translate(&context_) - whisper_token_sot(&context_) - 1);
    return std::ranges::max(std::views::iota(0, count), {}, loudness);
  }

  /// As whisper_full writes it for the first window.
  [[nodiscard]] std::vector<whisper_token> whole_prompt() const {
    std::vector<whisper_token> prompt;
    if (!options_.prompt.empty() && static_cast<float>(options_.temperature) < kPromptedBelow) {
      prompt.push_back(whisper_token_prev(&context_));
      prompt.insert(prompt.end(), options_.prompt.begin(), options_.prompt.end());
    }
    const bool is_translation = options_.task == Request::Task::kTranslate;
    prompt.push_back(whisper_token_sot(&context_));
    prompt.push_back(whisper_token_lang(&context_, language_));
    prompt.push_back(is_translation ? whisper_token_translate(&context_) : whisper_token_transcribe(&context_));
    return prompt;
  }

  void on_segments(int count) {
    const int all = whisper_full_n_segments_from_state(state_);
    for (int i = all - count; i < all && !is_over(); ++i) {
      TranscribedSegment segment = read_segment(i);
      if (!sink_ || !has_words(segment.text)) continue;
      if (is_multilingual()) {
        // The window is done, so that its prompt is not needed any more. Speech that is sure of itself is not asked.
        if (!silence_ && segment.average_logprob < kSure) ask_at_start();
        segment.no_speech_probability = silence_.value_or(0.0);
      }
      // What follows an invention in the same window repeats it, ever surer.
      is_invented_ = is_invented_ || (is_silent(segment.no_speech_probability) && segment.average_logprob < kSure);
      if (is_invented_) continue;
      is_certain_ = is_certain_ || segment.no_speech_probability <= kDoubt;
      if (sink_(segment) == Flow::kStop) is_cancelled_ = true;
    }
  }

  [[nodiscard]] TranscribedSegment read_segment(int index) const {
    const auto length = static_cast<std::int64_t>(samples_.size() / (kSamplesPerSecond / 100));
    const std::int64_t start =
        std::clamp<std::int64_t>(whisper_full_get_segment_t0_from_state(state_, index), 0, length);
    const std::int64_t end = std::clamp(whisper_full_get_segment_t1_from_state(state_, index), start, length);
    TranscribedSegment segment;
    segment.text = whisper_full_get_segment_text_from_state(state_, index);
    segment.start = start * kTick;
    segment.end = end * kTick;
    segment.no_speech_probability = whisper_full_get_segment_no_speech_prob_from_state(state_, index);
    segment.temperature = options_.temperature + kTemperatureStep * std::max(0, tries_ - 1);
    std::vector<HeardToken> heard;
    std::int64_t last_anchor = start;
    const int count = whisper_full_n_tokens_from_state(state_, index);
    for (int i = 0; i < count; ++i) {
      const whisper_token_data token = whisper_full_get_token_data_from_state(state_, index, i);
      segment.tokens.push_back(token.id);
      segment.average_logprob += static_cast<double>(token.plog) / count;
      if (token.id >= whisper_token_eot(&context_)) continue;  // a time, or another mark that is no text
      if (options_.logprobs == Request::Logprobs::kYes) {
        segment.logprobs.push_back({whisper_token_to_str(&context_, token.id), token.plog});
      }
      if (options_.words == Request::Words::kNo) continue;
      HeardToken one{whisper_token_to_str(&context_, token.id), token.p, std::nullopt};
      const std::int64_t time = 2LL * (token.tid - whisper_token_beg(&context_));
      if (token.pt > kAnchorProbability && token.ptsum > kAnchorProbability && time > last_anchor && time < end) {
        one.anchor = last_anchor = time;
      }
      heard.push_back(std::move(one));
    }
    for (HeardWord& word : time_words(heard, start, end, loudness_)) {
      segment.words.push_back({std::move(word.text), word.start * kTick, word.end * kTick, word.probability});
    }
    return segment;
  }

  whisper_context& context_;
  whisper_state* const state_;
  const std::span<const float> samples_;
  const DecodeOptions& options_;
  const engine::SegmentSink& sink_;
  const std::stop_token& stop_;
  std::vector<float> loudness_;
  int language_ = 0;
  int windows_ = 0;
  int tries_ = 0;                  // temperatures, in this window
  std::optional<double> silence_;  // how likely nobody speaks in this window, where that was asked
  std::optional<double> first_silence_;
  bool is_invented_ = false;  // what the model writes in this window: nobody speaks
  bool is_certain_ = false;   // a segment came of what is hardly silence
  bool is_detecting_ = false;
  std::optional<int> found_language_;  // another one than was guessed
  bool is_cancelled_ = false;          // by the sink
};

}  // namespace

Result<PieceSpeech> decode_piece(whisper_context& context, StatePool::Loan& loan, std::span<const float> samples,
                                 const DecodeOptions& options, const engine::SegmentSink& sink,
                                 const std::stop_token& stop) {
  std::vector<float> padded;
  if (samples.size() < kLeastSamples) {
    padded.assign(samples.begin(), samples.end());
    padded.resize(kLeastSamples);
    samples = padded;
  }
  try {
    Run run(context, loan.get(), samples, options, sink, stop);
    int language = options.language;
    int answer = run.start(language, options.choice);
    if (const auto found = run.found_language(); found && !run.is_cancelled()) {
      language = *found;
      answer = run.start(language, DecodeOptions::Language::kGiven);
    }
    if (answer == kStateWasFreed) loan.forget();
    if (run.is_cancelled()) return fail(Code::kCancelled, "the listener has gone");
    if (answer == kStateWasFreed) return fail(Code::kExhausted, "there is no memory to transcribe with");
    if (answer != 0) return fail(Code::kInternal, "whisper.cpp failed with " + std::to_string(answer));
    return PieceSpeech{language, run.is_certain()};
  } catch (const std::exception& error) {
    loan.discard();
    return fail(Code::kInternal, std::string("whisper.cpp failed: ") + error.what());
  }
}

std::vector<std::int32_t> prompt_tokens(whisper_context& context, const std::string& prompt) {
  if (prompt.empty()) return {};
  std::size_t begin = prompt.size() > kPromptBytes ? prompt.size() - kPromptBytes : 0;
  while (begin > 0 && begin < prompt.size() && (static_cast<unsigned char>(prompt[begin]) & 0xC0U) == 0x80) ++begin;
  // With a space before it a first word is the token that it is amid a sentence.
  std::string text = prompt.substr(begin);
  if (!text.starts_with(' ')) text.insert(text.begin(), ' ');
  std::vector<whisper_token> tokens(text.size());
  try {
    const int count = whisper_tokenize(&context, text.c_str(), tokens.data(), static_cast<int>(tokens.size()));
    tokens.resize(static_cast<std::size_t>(std::max(count, 0)));
  } catch (const std::exception&) {
    return {};  // a prompt is a hint
  }
  if (tokens.size() > kMostPromptTokens) tokens.erase(tokens.begin(), tokens.end() - kMostPromptTokens);
  return tokens;
}

}  // namespace hearth::engines::whisper
