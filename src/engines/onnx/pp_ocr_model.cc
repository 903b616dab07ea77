#include "engines/onnx/pp_ocr_model.h"

#include <algorithm>
#include <array>
#include <future>
#include <utility>

#include "engines/onnx/pp_ocr_layout.h"
#include "image/resize.h"

namespace hearth::engines::onnx {
namespace {

using base::Code;
using base::fail;
using base::Result;
using image::Picture;

constexpr std::array<const char*, 1> kInput = {"x"};
constexpr std::array<const char*, 1> kOutput = {"fetch_name_0"};
constexpr std::array<const char*, 1> kClassOutput = {"save_infer_model/scale_0.tmp_1"};
constexpr int kClassWidth = 192;
constexpr std::size_t kClassBatch = 16;
constexpr float kSureTurned = 0.9F;

SessionSettings settings() {
  SessionSettings settings;
  settings.optimise = SessionSettings::Optimise::kYes;
  // Pages differ in size, and a run takes up to 900 MB: held, that would be the memory of an idle server; without an
  // arena, a fifth of the time went into mapping and clearing pages (measured, 1240 × 1754 pixels).
  settings.arena = SessionSettings::Arena::kOneRun;
  return settings;
}

Result<Session> open_graph(const std::shared_ptr<const OrtLibrary>& library, const std::filesystem::path& path) {
  return Session::open(library, path.string(), settings());
}

/// One input of `count` pictures of width × height, one output whose first dimension is `count`.
Result<Tensor> run(const Session& session, const std::vector<float>& planes, std::size_t count, int width, int height,
                   std::span<const char* const> output, const std::stop_token& stop) {
  const TensorView view{std::span<const float>(planes), {static_cast<std::int64_t>(count), 3, height, width}};
  auto tensors = session.run(kInput, std::span(&view, 1), output, stop);
  if (!tensors) return fail(tensors.error());
  if (tensors->size() != 1 || tensors->front().shape().empty() ||
      tensors->front().shape().front() != static_cast<std::int64_t>(count)) {
    return fail(Code::kCorrupt, "a graph of PP-OCR has outputs that are not known", "run: hearth models verify");
  }
  return std::move(tensors->front());
}

PictureSize size_of(const Picture& picture) { return {picture.width, picture.height}; }

/// `line` at the models' height, at most `width` wide.
Picture fit_line(const Picture& line, int width) {
  return image::resize(line, std::min(line_width(size_of(line)), width), kLineHeight);
}

}  // namespace

PpOcrModel::PpOcrModel(Session detector, Session recogniser, Session classifier, CharacterTable characters)
    : detector_(std::move(detector)),
      recogniser_(std::move(recogniser)),
      classifier_(std::move(classifier)),
      characters_(std::move(characters)) {}

Result<std::unique_ptr<const PpOcrModel>> PpOcrModel::open(const std::shared_ptr<const OrtLibrary>& library,
                                                           const PpOcrFiles& files,
                                                           const engine::LoadProgress& progress,
                                                           const std::stop_token& stop) {
  if (progress) progress(0.0, "open");
  // The recogniser is the longest; it gets the other core while this thread opens the other two.
  auto opening = std::async(std::launch::async, [&]() -> Result<std::pair<Session, CharacterTable>> {
    auto session = open_graph(library, files.recogniser);
    if (!session) return fail(session.error());
    auto lines = session->find_metadata("character");
    if (!lines) return fail(Code::kCorrupt, files.recogniser.string() + ": " + lines.error().message);
    auto characters = CharacterTable::parse(std::move(*lines));
    if (!characters) return fail(characters.error());
    return std::pair(std::move(*session), std::move(*characters));
  });
  auto detector = open_graph(library, files.detector);
  auto classifier = open_graph(library, files.classifier);
  auto recogniser = opening.get();
  if (!detector) return fail(detector.error());
  if (!classifier) return fail(classifier.error());
  if (!recogniser) return fail(recogniser.error());
  if (stop.stop_requested()) return fail(Code::kCancelled, "the load was stopped");
  if (progress) progress(1.0, "open");
  auto& [session, characters] = *recogniser;
  return std::unique_ptr<const PpOcrModel>(
      new PpOcrModel(std::move(*detector), std::move(session), std::move(*classifier), std::move(characters)));
}

Result<std::vector<image::Quad>> PpOcrModel::detect(const Picture& page, const std::stop_token& stop) const {
  const PictureSize size = detector_size(size_of(page));
  std::vector<float> planes;
  append_planes(image::resize(page, size.width, size.height), size.width, planes);
  auto output = run(detector_, planes, 1, size.width, size.height, kOutput, stop);
  if (!output) return fail(output.error());
  const ProbabilityMap map{output->floats(), size.width, size.height};
  if (map.values.size() != static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height)) {
    return fail(Code::kCorrupt, "the detector's map has another size than the page", "run: hearth models verify");
  }
  return find_regions(map, page.width, page.height);
}

Result<std::vector<bool>> PpOcrModel::find_turned(std::span<const Picture> lines, const std::stop_token& stop) const {
  std::vector<bool> turned;
  while (turned.size() < lines.size()) {
    const auto batch = lines.subspan(turned.size(), std::min(kClassBatch, lines.size() - turned.size()));
    std::vector<float> planes;
    for (const Picture& line : batch) append_planes(fit_line(line, kClassWidth), kClassWidth, planes);
    auto output = run(classifier_, planes, batch.size(), kClassWidth, kLineHeight, kClassOutput, stop);
    if (!output) return fail(output.error());
    const std::span<const float> upright_or_turned = output->floats();
    if (upright_or_turned.size() != batch.size() * 2) {
      return fail(Code::kCorrupt, "the classifier of lines has other classes than two", "run: hearth models verify");
    }
    for (std::size_t i = 0; i < batch.size(); ++i) turned.push_back(upright_or_turned[i * 2 + 1] > kSureTurned);
  }
  return turned;
}

Result<std::vector<SpelledLine>> PpOcrModel::recognise(std::span<const Picture> lines,
                                                       const std::stop_token& stop) const {
  std::vector<PictureSize> sizes;
  for (const Picture& line : lines) sizes.push_back(size_of(line));
  std::vector<SpelledLine> spelled(lines.size());
  for (const LineBatch& batch : plan_batches(sizes)) {
    std::vector<float> planes;
    for (const std::size_t i : batch.lines) append_planes(fit_line(lines[i], batch.width), batch.width, planes);
    auto output = run(recogniser_, planes, batch.lines.size(), batch.width, kLineHeight, kOutput, stop);
    if (!output) return fail(output.error());
    const std::span<const float> values = output->floats();
    const std::size_t each = values.size() / batch.lines.size();
    if (output->shape().back() != static_cast<std::int64_t>(characters_.size())) {
      return fail(Code::kCorrupt, "the recogniser has other characters than its table", "run: hearth models verify");
    }
    for (std::size_t i = 0; i < batch.lines.size(); ++i) {
      spelled[batch.lines[i]] = spell(values.subspan(i * each, each), characters_);
    }
  }
  return spelled;
}

}  // namespace hearth::engines::onnx
