// hearth bench startup: starts the configured server from nothing, several times, and says when what was there.

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/child.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "net/http_client.h"
#include "observe/json_writer.h"

namespace hearth::cli {
namespace {

using base::Code;
using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;

constexpr const char* kSentence = "Hello world, how are you today?";

/// Milliseconds from exec.
struct Start {
  double listening = 0, ready = 0, first_audio = 0;
};

/// A server of its own process group, which ends with this object: on failure and on Ctrl-C too.
class Child {
 public:
  static Result<Child> start(const std::vector<std::string>& arguments) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return fail(base::error_from_errno(errno, "making a pipe"));
    const Clock::time_point exec = Clock::now();
    const pid_t parent = ::getpid();
    std::vector<std::string> words = {base::program_folder() / "hearth"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = ::vfork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(127);
      ::dup2(pipe_ends[1], STDOUT_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(pipe_ends[1]);
    if (child < 0) {
      ::close(pipe_ends[0]);
      return fail(base::error_from_errno(errno, "starting the server"));
    }
    return Child(child, pipe_ends[0], exec);
  }
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), out_(std::exchange(other.out_, -1)), exec_(other.exec_) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    if (out_ >= 0) ::close(out_);
  }

  [[nodiscard]] double since_exec() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - exec_).count();
  }

  /// Waits for "listening on http://…:PORT".
  Result<std::uint16_t> read_port(Clock::time_point deadline) const {
    std::string line;
    while (line.find('\n') == std::string::npos) {
      pollfd wait{out_, POLLIN, 0};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0)
        return fail(Code::kTimedOut, "the server did not listen in time");
      char block[256];
      const ssize_t n = ::read(out_, block, sizeof block);
      if (n <= 0) return fail(Code::kInternal, "the server ended before it listened", "its own message is above");
      line.append(block, static_cast<std::size_t>(n));
    }
    const auto colon = line.rfind(':');
    const int port = std::atoi(line.c_str() + colon + 1);
    if (port <= 0 || port > 65535) return fail(Code::kInternal, "the server's first line was: " + line);
    return static_cast<std::uint16_t>(port);
  }

 private:
  Child(pid_t pid, int out, Clock::time_point exec) : pid_(pid), out_(out), exec_(exec) {}
  pid_t pid_;
  int out_;
  Clock::time_point exec_;
};

Result<Start> measure(const std::vector<std::string>& arguments, std::chrono::milliseconds most) {
  auto child = Child::start(arguments);
  if (!child) return fail(child.error());
  const Clock::time_point deadline = Clock::now() + most;
  const auto port = child->read_port(deadline);
  if (!port) return fail(port.error());
  Start start;
  start.listening = child->since_exec();

  net::ClientRequest probe;
  probe.port = *port;
  probe.target = "/readyz";
  for (;;) {
    const auto answer = net::fetch(probe);
    if (answer && answer->status == 200) break;
    if (Clock::now() > deadline)
      return fail(Code::kTimedOut, "not ready in time", "raise --max-ready, or see hearth doctor");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  start.ready = child->since_exec();

  net::ClientRequest speech = probe;
  speech.method = "POST";
  speech.target = "/v1/audio/speech";
  speech.headers = {{"Content-Type", "application/json"}};
  speech.body = std::string(R"({"model":"kokoro","response_format":"pcm","input":")") + kSentence + "\"}";
  const auto spoken = net::fetch(speech, [&](std::string_view) {
    start.first_audio = child->since_exec();
    return net::Flow::kStop;
  });
  if (start.first_audio == 0) {
    return fail(Code::kInternal, "no audio came: " + (spoken ? spoken->body : spoken.error().message));
  }
  return start;
}

struct Column {
  const char* name;
  double Start::*value;
};
constexpr Column kColumns[] = {
    {"listening", &Start::listening}, {"ready", &Start::ready}, {"first audio", &Start::first_audio}};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void print_table(const std::vector<Start>& starts) {
  std::printf("\n%-12s %9s %9s %9s   ms from exec, %zu starts\n", "", "median", "best", "worst", starts.size());
  for (const Column& column : kColumns) {
    std::vector<double> values;
    for (const Start& start : starts) values.push_back(start.*column.value);
    const auto [best, worst] = std::ranges::minmax(values);
    std::printf("%-12s %9.1f %9.1f %9.1f\n", column.name, median(values), best, worst);
  }
}

void print_json(const std::vector<Start>& starts) {
  observe::JsonWriter json;
  json.begin_object().member("unit", "ms from exec").key("starts").begin_array();
  for (const Start& start : starts) {
    json.begin_object().key("listening").fixed(start.listening, 3).key("ready").fixed(start.ready, 3);
    json.key("first_audio").fixed(start.first_audio, 3).end_object();
  }
  std::puts(json.end_array().end_object().take().c_str());
}

int bench_startup(int argc, char** argv) {
  CLI::App cli(
      "Start the configured server from nothing, several times, and say when it listened, was ready and gave its first "
      "sound.",
      "hearth bench startup");
  int runs = 5;
  double max_ready = 120;
  bool as_json = false;
  std::string models, config;
  cli.add_option("-n,--runs", runs, "How often (5)")->check(CLI::Range(1, 1000));
  cli.add_option("--models", models, "As hearth serve --models");
  cli.add_option("--config", config, "As hearth serve --config");
  cli.add_option("--max-ready", max_ready, "Fail when a start takes longer, in seconds (120)")
      ->check(CLI::Range(0.001, 3600.0));
  cli.add_flag("--json", as_json, "Print JSON");
  if (const auto code = parse(cli, argc, argv)) return *code;
  std::vector<std::string> arguments = {"serve", "--port", "0", "--quiet"};
  if (!models.empty()) arguments.insert(arguments.end(), {"--models", models});
  if (!config.empty()) arguments.insert(arguments.end(), {"--config", config});

  std::vector<Start> starts;
  bool too_slow = false;
  for (int run = 0; run < runs; ++run) {
    auto start = measure(arguments, std::chrono::milliseconds(static_cast<std::int64_t>(max_ready * 1000)));
    if (!start) return complain("bench startup", start.error());
    if (!as_json) {
      std::printf("[%d/%d] listening %.1f ms, ready %.1f ms, first audio %.1f ms\n", run + 1, runs, start->listening,
                  start->ready, start->first_audio);
      std::fflush(stdout);
    }
    too_slow = too_slow || start->ready > max_ready * 1000;
    starts.push_back(*start);
  }
  as_json ? print_json(starts) : print_table(starts);
  return too_slow ? 1 : 0;
}

}  // namespace

int run_bench(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "startup") return bench_startup(argc - 1, argv + 1);
  const bool asked = what == "--help" || what == "-h";
  std::fputs("Usage: hearth bench startup [OPTIONS]        hearth bench startup --help tells more\n",
             asked ? stdout : stderr);
  return asked ? 0 : 2;
}

}  // namespace hearth::cli
