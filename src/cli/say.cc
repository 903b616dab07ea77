// hearth say TEXT: through a running server if there is one, else in this process.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>

#include "app/engine_table.h"
#include "audio/encoder.h"
#include "base/log.h"
#include "cli/completion_words.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/reach_model.h"
#include "cli/speech_output.h"
#include "cli/usual_model.h"
#include "cli/verbs.h"
#include "cli/voice_list.h"
#include "engine/speech_synthesizer.h"
#include "net/http_client.h"
#include "observe/json_writer.h"
#include "wire/openai_names.h"

namespace hearth::cli {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr base::SampleRate kRate{24'000};

struct SayOptions {
  std::string text, output, voice, language, format, model;
  std::optional<double> speed;
  bool list_voices = false;
};

/// What the command line leaves open, from the configuration. What that leaves to its defaults stays open: a server has
/// a configuration of its own.
void fill_in(SayOptions& options, const config::Loaded& loaded) {
  const config::Speech& speech = loaded.config().speech;
  const auto is_set = [&](std::string_view key) {
    return loaded.resolved.origin(key).kind != config::Origin::Kind::kDefault;
  };
  if (options.model.empty()) options.model = usual_model(loaded, config::ModelKind::kTts);
  if (options.voice.empty() && is_set("speech.voice")) options.voice = speech.voice;
  if (options.language.empty() && is_set("speech.language")) options.language = speech.language;
  if (!options.speed && is_set("speech.speed")) options.speed = speech.speed;
}

/// What --format says, else what the file's name ends with, else what the configuration says.
Result<audio::AudioFormat> choose_format(const SayOptions& options, const config::Loaded& loaded) {
  if (options.output.empty()) return audio::AudioFormat::kPcm;
  if (!options.format.empty()) {
    if (const auto format = audio::find_format(options.format)) return *format;
    return fail(Code::kInvalidArgument, "there is no format '" + options.format + "'",
                "take " + std::string(audio::kFormatList));
  }
  if (options.output != "-") {
    if (const auto format = audio::find_format_of_file(options.output)) return *format;
  }
  if (loaded.resolved.origin("speech.format").kind != config::Origin::Kind::kDefault) {
    if (const auto format = audio::find_format(config::name_of(loaded.config().speech.format))) return *format;
  }
  if (options.output == "-") return audio::AudioFormat::kWav;
  return fail(Code::kInvalidArgument, "the name " + options.output + " tells no sound format",
              "end it with .wav, .mp3, .flac or .opus, or say --format");
}

Result<void> say_through_server(const SayOptions& options, const config::Server& server, audio::AudioFormat format,
                                SpeechOutput& output) {
  observe::JsonWriter body;
  body.begin_object().member("model", options.model).member("input", options.text);
  body.member("response_format", std::string(audio::format_name(format)));
  if (options.speed) body.member("speed", *options.speed);
  if (!options.voice.empty()) body.member("voice", options.voice);
  if (!options.language.empty()) body.member("language", options.language);
  const net::ClientRequest request =
      make_post(server, "/v1/audio/speech", "application/json", body.end_object().take());
  Result<void> written;
  const auto answer = net::fetch(request, [&](std::string_view bytes) {
    written = output.write(bytes);
    return written ? net::Flow::kContinue : net::Flow::kStop;
  });
  if (!written) return written;
  if (!answer) return fail(answer.error());
  if (answer->status != 200) return fail(refusal_of(*answer));
  return {};
}

Result<void> say_here(const SayOptions& options, const config::Loaded& loaded, audio::AudioFormat format,
                      SpeechOutput& output) {
  app::Workshop workshop(loaded);
  auto engine = load_here(options.model, workshop);
  if (!engine) return fail(engine.error());
  engine::SpeechSynthesizer* speech = (*engine)->speech_synthesizer();
  if (speech == nullptr) return fail(Code::kInvalidArgument, options.model + " does not speak");
  auto encoder = audio::make_encoder(format, speech->sample_rate(), {});
  if (!encoder) return fail(encoder.error());

  Result<void> written;
  const auto pass_on = [&](const Result<std::string>& bytes) {
    written = bytes ? output.write(*bytes) : fail(bytes.error());
    return written ? engine::Flow::kContinue : engine::Flow::kStop;
  };
  engine::SpeechRequest request{options.text, wire::resolve_voices(options.voice), options.language,
                                options.speed.value_or(1.0)};
  auto said =
      speech->synthesize(request, [&](std::span<const float> pcm) { return pass_on((*encoder)->encode(pcm)); }, {});
  if (!written) return written;
  if (!said) return said;
  pass_on((*encoder)->finish());
  return written;
}

Result<void> list_voices(const SayOptions& options, const config::Loaded& loaded, bool through_server) {
  const auto voices =
      through_server ? ask_voices(loaded.config().server, options.model) : find_voices(loaded, options.model);
  if (!voices) return fail(voices.error());
  for (const engine::Voice& voice : *voices) std::printf("%-16s %s\n", voice.name.c_str(), voice.language.c_str());
  if (std::fflush(stdout) != 0) return fail(base::error_from_errno(errno, "writing to standard output"));
  return {};
}

}  // namespace

int run_say(int argc, char** argv) {
  CLI::App cli(
      "Speak a text to a file, to standard output or to the loudspeaker: through the server of this machine if one "
      "runs\n"
      "(then nothing needs to be loaded), else in this process.",
      "hearth say");
  ConfigFlags flags(cli);
  SayOptions options;
  cli.add_option("TEXT", options.text, "What to say; - reads it from standard input");
  cli.add_option("-o,--output", options.output,
                 "File (.wav .mp3 .flac .opus), or - for standard output; else the loudspeaker")
      ->type_name("FILE");
  cli.add_option("--voice", options.voice, "A voice or a mix: af_heart, \"af_bella(2)+af_sky(1)\"");
  cli.add_option("--language", options.language,
                 "en-us, en-gb, es, fr-fr, hi, it, ja, pt-br, zh; else the voice's own");
  cli.add_option("--speed", options.speed, "0.25 to 4 (the configuration's, or 1)");
  cli.add_option(
      "--format", options.format,
      "wav, mp3, flac, opus or pcm; else by the file's name, else the configuration's; wav on standard output");
  cli.add_option("--model", options.model, "Which model speaks (the configuration's first, or kokoro)")
      ->type_name(kModelValue);
  cli.add_flag("--list-voices", options.list_voices, "Print each voice and its language instead");
  ServerFlags server_flags(cli, flags);
  cli.footer("Example:  hearth say \"Good [pause:300ms] morning.\" -o good-morning.wav");
  if (const auto code = parse(cli, argc, argv)) return *code;
  ::signal(SIGPIPE, SIG_IGN);

  auto loaded = flags.load();
  if (!loaded) return complain("say", loaded.error());
  fill_in(options, *loaded);
  const config::Server& server = loaded->config().server;
  if (options.list_voices) {
    const auto listed = list_voices(options, *loaded, server_flags.finds_server(server));
    return listed ? 0 : complain("say", listed.error());
  }
  if (options.text.empty()) {
    complain("say", {Code::kInvalidArgument, "there is nothing to say", "give a TEXT, or - for standard input"});
    return 2;
  }
  if (options.text == "-") {
    auto text = read_input("-", kMostText);
    if (!text) return complain("say", text.error());
    options.text = std::move(*text);
  }
  const auto format = choose_format(options, *loaded);
  if (!format) return complain("say", format.error());
  const bool through_server = server_flags.finds_server(server);
  auto output = open_speech_output(options.output, *format, kRate);
  if (!output) return complain("say", output.error());
  auto said = through_server ? say_through_server(options, server, *format, **output)
                             : say_here(options, *loaded, *format, **output);
  if (said) said = (*output)->finish();
  return said ? 0 : complain("say", said.error());
}

}  // namespace hearth::cli
