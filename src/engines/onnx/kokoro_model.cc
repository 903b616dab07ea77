#include "engines/onnx/kokoro_model.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <string>
#include <utility>

#include "engines/onnx/graph/kokoro_artefact.h"
#include "engines/onnx/kokoro_pieces.h"
#include "text/tokens.h"

namespace hearth::engines::onnx {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kChannels = 512;  // of the features between the graphs
// 510 ids of at most 50 frames each, at a quarter of the pace: what is longer is no speech.
constexpr std::size_t kMostFrames = 110'000;

/// As graph/kokoro_artefact.h explains.
SessionSettings artefact_settings() {
  SessionSettings settings;
  settings.kokoro_ops = SessionSettings::KokoroOps::kYes;
  settings.config = {{"session.load_model_format", "ORT"},
                     {"session.use_ort_model_bytes_directly", "1"},
                     {"session.use_ort_model_bytes_for_initializers", "1"},
                     {"session.disable_prepacking", "1"}};
  return settings;
}

base::Error bad_output(const char* what) {
  return {Code::kCorrupt, std::string("Kokoro's text side gave ") + what, "run: hearth models verify kokoro"};
}

/// Rows of `source` ([rows, columns]) cut to the columns [begin, end).
std::vector<float> columns(std::span<const float> source, std::size_t rows, std::size_t begin, std::size_t end) {
  const std::size_t width = source.size() / rows;
  std::vector<float> cut;
  cut.reserve(rows * (end - begin));
  for (std::size_t row = 0; row < rows; ++row) {
    const float* line = source.data() + row * width;
    cut.insert(cut.end(), line + begin, line + end);
  }
  return cut;
}

}  // namespace

Result<KokoroModel::Graph> KokoroModel::open_graph(std::shared_ptr<const OrtLibrary> library,
                                                   const std::filesystem::path& file,
                                                   const base::ReadProgress& on_read) {
  // Faults of a cold mapping are slow; a warm one is left to fault where it is read.
  if (auto cached = base::prefetch_if_cold(file, on_read); !cached) return fail(cached.error());
  auto mapped = base::MappedFile::open(file);
  if (!mapped) return fail(mapped.error());
  auto session = Session::open(std::move(library), mapped->bytes(), artefact_settings());
  if (!session)
    return fail(session.error().code, file.string() + ": " + session.error().message, session.error().remedy);
  return Graph{std::move(mapped.value()), std::move(session.value())};
}

Result<std::unique_ptr<KokoroModel>> KokoroModel::open(std::shared_ptr<const OrtLibrary> library,
                                                       const std::filesystem::path& artefact,
                                                       const engine::LoadProgress& progress, std::stop_token stop) {
  std::atomic<double> reached{0.0};  // a sign of life of one does not take back what the other has reached
  const auto show = [&](double) {
    if (progress) progress(reached.load(), "open");
  };
  show(0.0);
  // The vocoder is the longer one; it gets the other core while this thread opens the text side.
  auto vocoder = std::async(std::launch::async, [&] { return open_graph(library, artefact / kVocoderFile, show); });
  auto text_side = open_graph(library, artefact / kTextSideFile, show);
  reached = 0.5;
  show(0.5);
  auto opened = vocoder.get();
  if (!text_side) return fail(text_side.error());
  if (!opened) return fail(opened.error());
  if (stop.stop_requested()) return fail(Code::kCancelled, "the load was stopped");
  if (progress) progress(1.0, "open");
  return std::unique_ptr<KokoroModel>(new KokoroModel(std::move(text_side.value()), std::move(opened.value())));
}

Result<std::unique_ptr<KokoroModel>> KokoroModel::open_whole(std::shared_ptr<const OrtLibrary> library,
                                                             const std::filesystem::path& file) {
  SessionSettings settings;
  settings.optimise = SessionSettings::Optimise::kYes;
  auto session = Session::open(std::move(library), file.string(), settings);
  if (!session) return fail(session.error());
  return std::unique_ptr<KokoroModel>(new KokoroModel(Graph{{}, std::move(session.value())}, std::nullopt));
}

Result<std::vector<Tensor>> KokoroModel::run_first(std::span<const std::int64_t> ids, const Style& style, double speed,
                                                   std::span<const char* const> outputs, std::stop_token stop) const {
  if (ids.empty() || ids.size() > text::kMaxIds) return fail(Code::kInternal, "a segment has 1 to 510 phoneme ids");
  std::vector<std::int64_t> padded(ids.size() + 2, 0);
  std::ranges::copy(ids, padded.begin() + 1);
  const float pace = static_cast<float>(speed);
  const auto length = static_cast<std::int64_t>(padded.size());
  const std::array<TensorView, 3> inputs = {TensorView{std::span<const std::int64_t>(padded), {1, length}},
                                            TensorView{std::span<const float>(style), {1, kStyleSize}},
                                            TensorView{std::span<const float>(&pace, 1), {1}}};
  return first_.session.run(kTextSideInputs, inputs, outputs, std::move(stop));
}

Result<std::vector<float>> KokoroModel::run_whole(std::span<const std::int64_t> ids, const Style& style, double speed,
                                                  std::stop_token stop) const {
  if (is_split()) return fail(Code::kInternal, "the model is split");
  auto outputs = run_first(ids, style, speed, kVocoderOutputs, std::move(stop));
  if (!outputs) return fail(outputs.error());
  const auto sound = outputs->front().floats();
  return std::vector<float>(sound.begin(), sound.end());
}

Result<SpeechTrack> KokoroModel::run_text_side(std::span<const std::int64_t> ids, const Style& style, double speed,
                                               std::stop_token stop) const {
  if (!is_split()) return fail(Code::kInternal, "the model is not split");
  auto outputs = run_first(ids, style, speed, kTextSideOutputs, std::move(stop));
  if (!outputs) return fail(outputs.error());
  Tensor& features = (*outputs)[0];
  const auto& shape = features.shape();
  if (shape.size() != 3 || shape[1] != static_cast<std::int64_t>(kChannels))
    return fail(bad_output("features of another shape"));
  const auto frames = static_cast<std::size_t>(shape[2]);
  if (frames == 0 || frames > kMostFrames) return fail(bad_output("an impossible length"));
  if ((*outputs)[1].floats().size() != 2 * frames || (*outputs)[2].floats().size() != 2 * frames) {
    return fail(bad_output("a pitch or energy of another length"));
  }
  return SpeechTrack{frames, std::move(features), std::move((*outputs)[1]), std::move((*outputs)[2])};
}

Result<std::vector<float>> KokoroModel::run_vocoder(const SpeechTrack& track, std::size_t begin, std::size_t end,
                                                    const Style& style, std::stop_token stop) const {
  if (!is_split() || begin >= end || end > track.frames) return fail(Code::kInternal, "a piece outside its track");
  const std::size_t frames = end - begin;
  const auto features = columns(track.features.floats(), kChannels, begin, end);
  const auto count = static_cast<std::int64_t>(frames);
  const std::array<TensorView, 4> inputs = {
      TensorView{std::span<const float>(features), {1, kChannels, count}},
      TensorView{track.f0.floats().subspan(2 * begin, 2 * frames), {1, 2 * count}},
      TensorView{track.energy.floats().subspan(2 * begin, 2 * frames), {1, 2 * count}},
      TensorView{std::span<const float>(style), {1, kStyleSize}}};
  auto outputs = vocoder_->session.run(kVocoderInputs, inputs, kVocoderOutputs, std::move(stop));
  if (!outputs) return fail(outputs.error());
  const auto sound = outputs->front().floats();
  if (sound.size() < frames * kSamplesPerFrame) return fail(bad_output("less sound than frames"));
  return std::vector<float>(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(frames * kSamplesPerFrame));
}

}  // namespace hearth::engines::onnx
