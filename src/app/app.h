#pragma once

// One running server: owns every part in the order in which they must be built, and taken down in the reverse. This is
// the composition root: nothing but app/ and cli/ knows more than its own neighbours. Threads: made and used by main's
// thread; the parts have their own.

#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/engine_table.h"
#include "app/late_preparations.h"
#include "app/model_observer.h"
#include "base/mutex.h"
#include "base/strand.h"
#include "base/timer_thread.h"
#include "config/load.h"
#include "media/media_program.h"
#include "model/registry.h"
#include "net/http_server.h"
#include "observe/metrics.h"
#include "startup/hardware.h"
#include "startup/journal.h"
#include "startup/process_start.h"
#include "startup/readiness.h"
#include "startup/recorder.h"
#include "startup/runner.h"
#include "store/served_models.h"

namespace hearth::api {
class Api;
}

namespace hearth::app {

/// What a command line asks of the server besides the configuration.
struct ServeOptions {
  bool strict = false;  // a model that fails to load ends the server
  bool quiet = false;   // no timeline on the terminal
};

/// Loads at once on the largest machine; model/policy/load_caps.h makes them fewer where cores or memory are.
inline constexpr int kLanguageLoads = 3;
inline constexpr int kMediaLoads = 2;
/// Pages that are recognised at once, whatever they are pages of: a run of PP-OCR takes up to 900 MB.
inline constexpr int kPagesAtOnce = 2;

class App {
 public:
  /// Reads nothing but the models' names and sizes. kNotFound for a model that is named and not known or not pulled.
  [[nodiscard]] static base::Result<std::unique_ptr<App>> make(config::Loaded loaded, startup::ProcessStart start,
                                                               ServeOptions options);
  ~App();
  /// Listens, starts loading, and serves until request_stop(); then drains. Blocks. An error: it could not listen, or a
  /// model failed under --strict.
  [[nodiscard]] base::Result<void> serve();
  /// Ends serve(): asked by a signal or by --strict. Any thread.
  void request_stop();

 private:
  App(config::Loaded loaded, startup::ProcessStart start, ServeOptions options);
  [[nodiscard]] base::Result<void> choose_models();
  [[nodiscard]] base::Result<void> make_registry();
  [[nodiscard]] base::Result<void> listen();
  [[nodiscard]] base::Result<void> start_models();
  void say_what_loads() const;
  void tell(std::string text);
  void tell_end(const startup::TaskEnd& end);
  void tell_ready();
  void keep_measures() EXCLUDES(measures_);
  void drain();

  const config::Loaded loaded_;
  const ServeOptions options_;
  base::SteadyClock clock_;
  base::TimerThread timers_;
  startup::Recorder recorder_;
  observe::Metrics metrics_;
  const startup::Hardware hardware_;
  Workshop workshop_;
  media::MediaProgram media_;
  startup::Durations last_durations_;  // of earlier starts, from the journal
  std::vector<store::ServedModel> served_;
  std::unique_ptr<startup::Readiness> readiness_;
  std::unique_ptr<ModelObserver> observer_;
  std::latch stop_{1};
  std::once_flag stop_once_;
  // Each pool ends, emptied, before what its tasks work with, and after those that post to it.
  base::ThreadPool start_pool_{"hearth-start", 8};
  base::Strand telling_{start_pool_};  // what writes to the terminal: never on the registry's strand
  std::unique_ptr<LatePreparations> late_preparations_;
  base::Mutex measures_;  // one writer of what was measured
  base::ThreadPool strand_pool_{"hearth-model", 1};
  base::ThreadPool load_pool_{"hearth-load", kLanguageLoads + kMediaLoads};
  base::ThreadPool background_pool_{"hearth-back", 2};
  std::unique_ptr<model::Registry> registry_;
  std::unique_ptr<startup::Runner> runner_;
  base::ThreadPool keep_pool_{"hearth-keep", 1};  // writes to a disk that may be slow: no line waits for it
  std::unique_ptr<api::Api> api_;
  base::ThreadPool request_pool_;
  base::ThreadPool language_pool_;
  base::ThreadPool listen_pool_{"hearth-listen", kSoundsAtOnce};
  base::ThreadPool read_pool_{"hearth-read", kPagesAtOnce};
  base::ThreadPool file_pool_;
  base::ThreadPool page_pool_;  // waits for read_pool_, so it ends first
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace hearth::app
