#include "engines/onnx/graph/artefact_bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "base/files.h"
#include "engines/onnx/graph/kokoro_artefact.h"
#include "engines/onnx/ort_library.h"
#include "engines/onnx/session.h"

namespace hearth::engines::onnx::graph {
namespace {

using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kStyleSize = 256;

struct Cost {
  double wall_ms = 0;
  double cpu_ms = 0;  // of all threads of the process
};

double cpu_milliseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto in_ms = [](timeval time) {
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_usec);
  };
  return in_ms(usage.ru_utime) + in_ms(usage.ru_stime);
}

class Stopwatch {
 public:
  [[nodiscard]] Cost read() const {
    return {std::chrono::duration<double, std::milli>(Clock::now() - start_).count(), cpu_milliseconds() - cpu_};
  }

 private:
  Clock::time_point start_ = Clock::now();
  double cpu_ = cpu_milliseconds();
};

struct Opened {
  base::MappedFile file;  // outlives the session, which points into it
  std::optional<Session> session;
  Cost cost;
};

Result<Opened> open(const std::shared_ptr<const OrtLibrary>& library, const std::filesystem::path& path) {
  const Stopwatch watch;
  auto file = base::MappedFile::open(path, base::MappedFile::Prefetch::kNo);
  if (!file) return fail(file.error());
  SessionSettings settings;
  settings.kokoro_ops = SessionSettings::KokoroOps::kYes;
  settings.config = {{"session.use_ort_model_bytes_directly", "1"},
                     {"session.use_ort_model_bytes_for_initializers", "1"},
                     {"session.disable_prepacking", "1"}};
  auto session = Session::open(library, file->bytes(), settings);
  if (!session) return fail(session.error());
  Opened opened{std::move(*file), std::move(*session), {}};
  opened.cost = watch.read();
  return opened;
}

template <typename T>
Result<std::vector<T>> read_values(const std::filesystem::path& path) {
  const auto bytes = base::read_file(path);
  if (!bytes) return fail(bytes.error());
  std::vector<T> values(bytes->size() / sizeof(T));
  std::memcpy(values.data(), bytes->data(), values.size() * sizeof(T));
  return values;
}

Result<std::vector<std::int64_t>> read_tokens(const std::filesystem::path& path) {
  if (!path.empty()) return read_values<std::int64_t>(path);
  std::vector<std::int64_t> tokens(42, 0);
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) tokens[i] = 43 + static_cast<std::int64_t>(i * 37 % 100);
  return tokens;
}

Result<std::vector<float>> read_style(const std::filesystem::path& path, std::size_t tokens) {
  if (path.empty()) {
    std::vector<float> style(kStyleSize);
    for (std::size_t i = 0; i < kStyleSize; ++i) style[i] = 0.2F * std::sin(static_cast<float>(i * i));
    return style;
  }
  auto rows = read_values<float>(path);
  if (!rows) return rows;
  const std::size_t first = (tokens - 2) * kStyleSize;
  if (first + kStyleSize > rows->size()) return fail(base::Code::kInvalidArgument, path.string() + " has too few rows");
  return std::vector<float>(rows->begin() + static_cast<std::ptrdiff_t>(first),
                            rows->begin() + static_cast<std::ptrdiff_t>(first + kStyleSize));
}

}  // namespace

Result<void> bench_artefact(const BenchOptions& options) {
  const Stopwatch library_watch;
  auto library = OrtLibrary::open(options.library, options.threads);
  if (!library) return fail(library.error());
  const Cost library_cost = library_watch.read();

  const Stopwatch load_watch;
  auto later = std::async(std::launch::async, [&] { return open(*library, options.folder / kVocoderFile); });
  auto text_side = open(*library, options.folder / kTextSideFile);
  auto vocoder = later.get();
  const Cost load = load_watch.read();
  if (!text_side) return fail(text_side.error());
  if (!vocoder) return fail(vocoder.error());
  std::printf("library %.1f ms, load %.1f ms (text side %.1f, vocoder %.1f), %.0f ms of CPU\n", library_cost.wall_ms,
              load.wall_ms, text_side->cost.wall_ms, vocoder->cost.wall_ms, load.cpu_ms);

  const auto tokens = read_tokens(options.tokens_file);
  if (!tokens || tokens->size() < 3) return fail(base::Code::kInvalidArgument, "no tokens to speak");
  const auto style = read_style(options.style_file, tokens->size());
  if (!style) return fail(style.error());
  const float speed = 1.0F;
  const std::array<TensorView, 3> inputs = {
      TensorView{std::span<const std::int64_t>(*tokens), {1, static_cast<std::int64_t>(tokens->size())}},
      TensorView{std::span<const float>(*style), {1, kStyleSize}}, TensorView{std::span<const float>(&speed, 1), {1}}};
  for (int run = 0; run < options.runs; ++run) {
    const Stopwatch text_watch;
    auto frames = text_side->session->run(kTextSideInputs, inputs, kTextSideOutputs, {});
    if (!frames) return fail(frames.error());
    const Cost text_cost = text_watch.read();
    const std::array<TensorView, 4> track = {TensorView{(*frames)[0].floats(), (*frames)[0].shape()},
                                             TensorView{(*frames)[1].floats(), (*frames)[1].shape()},
                                             TensorView{(*frames)[2].floats(), (*frames)[2].shape()}, inputs[1]};
    const Stopwatch vocoder_watch;
    const auto sound = vocoder->session->run(kVocoderInputs, track, kVocoderOutputs, {});
    if (!sound) return fail(sound.error());
    const Cost vocoder_cost = vocoder_watch.read();
    const auto samples = sound->front().floats();
    const double seconds = static_cast<double>(samples.size()) / 24'000;
    std::printf(
        "run %d: %zu tokens, %.2f s; text side %.1f ms (CPU %.0f), vocoder %.1f ms (CPU %.0f), RTF %.3f (CPU %.3f)\n",
        run, tokens->size(), seconds, text_cost.wall_ms, text_cost.cpu_ms, vocoder_cost.wall_ms, vocoder_cost.cpu_ms,
        (text_cost.wall_ms + vocoder_cost.wall_ms) / 1e3 / seconds,
        (text_cost.cpu_ms + vocoder_cost.cpu_ms) / 1e3 / seconds);
    if (!options.dump.empty() && run + 1 == options.runs) {
      const std::string_view bytes(reinterpret_cast<const char*>(samples.data()), samples.size_bytes());
      if (auto done = base::write_file_atomically(options.dump, bytes); !done) return done;
    }
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("peak resident %ld MiB\n", usage.ru_maxrss / 1024);
  return {};
}

}  // namespace hearth::engines::onnx::graph
