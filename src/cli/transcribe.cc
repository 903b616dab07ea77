// hearth transcribe FILE, or what the microphone hears: through a running server if there is one, else in this process.

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <future>

#include "api/transcript.h"
#include "audio/decoder.h"
#include "audio/encoder.h"
#include "audio/microphone.h"
#include "cli/completion_words.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/reach_model.h"
#include "cli/usual_model.h"
#include "cli/verbs.h"
#include "media/media_program.h"
#include "wire/transcription_languages.h"

namespace hearth::cli {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr base::Bytes kMostBytes{2LL << 30};
constexpr base::Millis kPatience{4 * 3'600'000};  // a long file is silent on the wire until it is done

struct TranscribeOptions {
  std::string file, language, prompt, format, model;
  double temperature = 0;
  double seconds = 0, quiet = 2;
  bool mic = false, translate = false, words = false;
};

volatile std::sig_atomic_t interrupted = 0;

/// What is said into the microphone, as a wav file.
Result<std::string> record(const TranscribeOptions& options, base::Millis longest) {
  constexpr base::SampleRate kRate{16'000};
  auto microphone = audio::open_microphone(kRate);
  if (!microphone) return fail(microphone.error());
  // The first Ctrl-C ends the recording, the second one the program.
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // and no SA_RESTART: a wait for sound ends too
  ::sigaction(SIGINT, &action, nullptr);
  std::fprintf(stderr, "listening; Ctrl-C ends it%s\n", options.quiet > 0 ? ", or silence" : "");
  const double seconds = options.seconds > 0 ? options.seconds : base::to_seconds(longest);
  const auto most = static_cast<std::size_t>(seconds * kRate.hz);
  const base::Millis quiet{static_cast<std::int64_t>(options.quiet * 1000)};
  audio::SpokenWatch watch(kRate, quiet);
  std::vector<float> samples;
  while (interrupted == 0 && samples.size() < most) {
    const auto heard = (*microphone)->read();
    if (!heard) return fail(heard.error());
    samples.insert(samples.end(), heard->begin(), heard->end());
    if (watch.has_ended(*heard) && quiet.count() > 0) break;
  }
  samples.resize(std::min(samples.size(), most));
  if (samples.empty()) return fail(Code::kCancelled, "nothing was recorded");
  return audio::encode_all(audio::AudioFormat::kWav, kRate, samples);
}

Result<std::string> read_sound(const TranscribeOptions& options, const config::Config& config) {
  if (options.mic) return record(options, config.transcription.max_audio);
  return read_input(options.file, kMostBytes);
}

Result<wire::TranscriptionRequest> make_request(const TranscribeOptions& options) {
  wire::TranscriptionRequest request;
  request.model = options.model;
  request.prompt = options.prompt;
  request.temperature = options.temperature;
  request.words = options.words;
  const std::string name = !options.format.empty() ? options.format : options.words ? "verbose_json" : "text";
  const auto format = wire::find_transcript_format(name);
  if (!format) {
    return fail(Code::kInvalidArgument, "there is no format '" + name + "'",
                "take " + std::string(wire::kTranscriptFormatList));
  }
  request.format = *format;
  if (options.words && *format != wire::TranscriptFormat::kVerboseJson) {
    return fail(Code::kInvalidArgument, "--words goes with --format verbose_json");
  }
  if (options.language.empty()) return request;
  const auto code = wire::find_language(options.language);
  if (!code) {
    return fail(Code::kInvalidArgument, "'" + options.language + "' is no language that Whisper knows",
                "use a code such as en, or leave it out");
  }
  request.languages.emplace_back(*code);
  return request;
}

std::vector<net::FormField> fields_of(const wire::TranscriptionRequest& request) {
  std::vector<net::FormField> fields = {{"model", request.model},
                                        {"response_format", std::string(wire::name_of(request.format))},
                                        {"temperature", std::to_string(request.temperature)}};
  for (const std::string& one : request.languages) fields.push_back({"languages[]", one});
  if (!request.prompt.empty()) fields.push_back({"prompt", request.prompt});
  if (request.words) {
    fields.push_back({"timestamp_granularities[]", "word"});
    fields.push_back({"timestamp_granularities[]", "segment"});
  }
  return fields;
}

Result<void> transcribe_through_server(const wire::TranscriptionRequest& request, wire::TranscriptTask task,
                                       const std::string& bytes, const config::Server& server) {
  net::ClientRequest post = make_upload(
      server, task == wire::TranscriptTask::kTranslate ? "/v1/audio/translations" : "/v1/audio/transcriptions",
      fields_of(request), bytes);
  post.silence_time = kPatience;
  const auto answer = net::fetch(post);
  if (!answer) return fail(answer.error());
  if (answer->status != 200) return fail(refusal_of(*answer));
  return print(answer->body);
}

Result<void> transcribe_here(const wire::TranscriptionRequest& request, wire::TranscriptTask task,
                             const std::string& bytes, const config::Loaded& loaded) {
  // The file is decoded while the model loads.
  media::MediaProgram media;
  const audio::DecodeOptions options{.longest = loaded.config().transcription.max_audio, .other = media.sound_opener()};
  auto decoding = std::async(std::launch::async, [&] { return audio::decode(bytes, options); });
  app::Workshop workshop(loaded);
  auto engine = load_here(request.model, workshop);
  const auto sound = decoding.get();
  if (!sound) return fail(sound.error());
  if (!engine) return fail(engine.error());
  engine::Transcriber* transcriber = (*engine)->transcriber();
  if (transcriber == nullptr) return fail(Code::kInvalidArgument, request.model + " does not transcribe");
  const engine::TranscriptionRequest asked = api::to_engine(request, task);
  if (auto valid = transcriber->validate(asked); !valid) return valid;

  wire::TranscriptText text;  // printed as it comes
  Result<void> printed;
  const auto on_segment = [&](const engine::TranscribedSegment& segment) {
    if (request.format == wire::TranscriptFormat::kText) printed = print(text.append(segment.text));
    return printed ? engine::Flow::kContinue : engine::Flow::kStop;
  };
  auto heard = transcriber->transcribe(sound->samples, asked, on_segment, {});
  if (!printed) return printed;
  if (!heard) return fail(heard.error());
  if (request.format == wire::TranscriptFormat::kText) return print("\n");
  return print(wire::transcript_body(api::to_wire(std::move(*heard), task, sound->length()), request));
}

}  // namespace

int run_transcribe(int argc, char** argv) {
  CLI::App cli(
      "Write down what is said in a sound file (wav, flac, ogg, mp3, m4a, webm, …) or to the microphone: through the "
      "server of this "
      "machine if one runs\n"
      "(then nothing needs to be loaded), else in this process. The text goes to standard output.",
      "hearth transcribe");
  ConfigFlags flags(cli);
  TranscribeOptions options;
  auto* file = cli.add_option("FILE", options.file, "The sound; - reads it from standard input");
  auto* mic = cli.add_flag("--mic", options.mic, "Record until Ctrl-C, or until you have spoken and then stopped");
  mic->excludes(file);
  cli.add_option("--seconds", options.seconds, "With --mic: record no longer than this")
      ->check(CLI::Range(0.1, 14'400.0))
      ->needs(mic);
  cli.add_option("--quiet", options.quiet, "With --mic: seconds of silence that end it (2); 0 waits for Ctrl-C")
      ->check(CLI::Range(0.0, 3'600.0))
      ->needs(mic);
  cli.add_option("--model", options.model, "Which model listens (the configuration's first, or whisper-base)")
      ->type_name(kModelValue);
  auto* language = cli.add_option("--language", options.language, "en, de, ja, …; else it is detected");
  cli.add_option("--format", options.format, "text (default), srt or vtt for subtitles, json, verbose_json");
  cli.add_option("--prompt", options.prompt, "What was said before, or how names are spelt");
  cli.add_option("--temperature", options.temperature, "0 to 1 (0)")->check(CLI::Range(0.0, 1.0));
  cli.add_flag("--translate", options.translate, "Into English, whatever is spoken (a multilingual model)")
      ->excludes(language);
  cli.add_flag("--words", options.words, "The time of each word too; implies --format verbose_json");
  ServerFlags server_flags(cli, flags);
  cli.footer(
      "Examples:  hearth transcribe meeting.mp3 --format srt > meeting.srt\n"
      "           hearth say \"Good morning.\" -o - | hearth transcribe -\n"
      "           hearth transcribe --mic");
  if (const auto code = parse(cli, argc, argv)) return *code;
  ::signal(SIGPIPE, SIG_IGN);

  auto loaded = flags.load();
  if (!loaded) return complain("transcribe", loaded.error());
  if (options.model.empty()) options.model = usual_model(*loaded, config::ModelKind::kStt);
  const auto request = make_request(options);
  if (!request) return complain("transcribe", request.error());
  if (!options.mic && options.file.empty()) {
    return complain("transcribe", {Code::kInvalidArgument, "there is nothing to listen to", "give a FILE, or --mic"});
  }
  const auto bytes = read_sound(options, loaded->config());
  if (!bytes) return complain("transcribe", bytes.error());
  const auto task = options.translate ? wire::TranscriptTask::kTranslate : wire::TranscriptTask::kTranscribe;
  const config::Server& server = loaded->config().server;
  const auto done = server_flags.finds_server(server) ? transcribe_through_server(*request, task, *bytes, server)
                                                      : transcribe_here(*request, task, *bytes, *loaded);
  return done ? 0 : complain("transcribe", done.error());
}

}  // namespace hearth::cli
