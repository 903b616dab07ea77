#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "app/app.h"
#include "base/log.h"
#include "cli/completion_words.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "startup/process_start.h"

namespace hearth::cli {
namespace {

/// Blocks the signals that end a server in every thread made after it, so that one thread can wait for them.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace

int run_serve(int argc, char** argv) {
  const startup::ProcessStart start = startup::measure_process_start();
  CLI::App cli(
      "Serve the models of this machine over HTTP, OpenAI-compatible. Models load while it already listens; what is\n"
      "ready when is printed, and served at /startup.",
      "hearth serve");
  ConfigFlags flags(cli);
  flags.add_value(cli, "--host", "server.host", "Address to listen on (127.0.0.1)");
  flags.add_value(cli, "--port,-p", "server.port", "Port to listen on (8000); 0 takes any free one");
  flags.add_value(cli, "--models", "server.models", "Load exactly these, by name, separated by commas")
      ->type_name(kModelsValue);
  flags.add_value(cli, "--api-key", "server.api_keys", "Ask for this key; better kept in HEARTH_API_KEY");
  flags.add_value(cli, "--threads", "compute.threads", "Compute threads (0: as many as cores)");
  flags.add_value(cli, "--log-level", "log.level", "debug, info, warning, error or off");
  flags.add_switch(cli, "--insecure", "server.insecure", "true", "Serve beyond this machine without a key");
  app::ServeOptions options;
  cli.add_flag("--strict", options.strict, "End when a model that loads at the start fails");
  cli.add_flag("--quiet", options.quiet, "Print no timeline");
  cli.footer(
      "Example:  hearth serve --port 8001 --models kokoro\n"
      "          curl http://127.0.0.1:8001/v1/audio/speech -H 'Content-Type: application/json' \\\n"
      "               -d '{\"model\":\"kokoro\",\"input\":\"Good morning.\"}' -o good-morning.mp3");
  if (const auto code = parse(cli, argc, argv)) return *code;

  auto loaded = flags.load();
  if (!loaded) return complain("serve", loaded.error());
  base::set_log_level(loaded->config().log_level);
  for (const std::string& warning : loaded->resolved.warnings) base::log_warning("{}", warning);
  if (auto safe = config::check_exposure(loaded->resolved); !safe) return complain("serve", safe.error());

  const sigset_t signals = block_end_signals();
  auto app = app::App::make(std::move(*loaded), start, options);
  if (!app) return complain("serve", app.error());
  std::jthread waiter([&signals, &app](const std::stop_token& stop) {
    // A short wait at a time, so that a server that ends by itself can take this thread down.
    constexpr timespec kTick{.tv_sec = 0, .tv_nsec = 200'000'000};
    bool is_ending = false;
    while (!stop.stop_requested()) {
      const int signal = sigtimedwait(&signals, nullptr, &kTick);
      if (signal < 0) continue;
      if (is_ending) std::_Exit(128 + signal);  // the second one means now
      is_ending = true;
      (*app)->request_stop();
    }
  });
  auto served = (*app)->serve();
  const int code = served ? 0 : complain("serve", served.error());
  // Everything that clients or disks wait for is done; taking memory apart piece by piece would only delay the restart.
  std::fflush(stdout);  // not standard error: a terminal that is held would hold this too
  std::_Exit(code);
}

}  // namespace hearth::cli
