#include "app/whisper_engine.h"

#include <array>
#include <filesystem>
#include <string>
#include <utility>

#include "engines/whisper/convert.h"
#include "engines/whisper/whisper_model.h"

namespace hearth::app {
namespace {

using base::Code;
using base::fail;
using base::Result;
namespace whisper = engines::whisper;

constexpr const char* kConverted = "ggml.bin";

/// What CTranslate2 wrote: weights and tokens apart.
struct Ct2Files {
  const store::LocalFile* model = nullptr;
  const store::LocalFile* vocabulary = nullptr;
  [[nodiscard]] bool are_there() const { return model != nullptr && vocabulary != nullptr; }
};

Ct2Files ct2_files(const store::LocalModel& model) { return {model.file("model.bin"), model.file("vocabulary.txt")}; }

store::ArtefactKey key_of(const Ct2Files& files) {
  const std::array both = {files.model, files.vocabulary};
  return {"whisper-ggml", store::joined_digests(both), "ggml", "", whisper::kConvertVersion};
}

Result<store::Artefact> ensure_converted(const Ct2Files& files, Workshop& workshop, const Preparing& how) {
  const auto convert = [&](const std::filesystem::path& folder) {
    return whisper::convert_ct2_files(files.model->path, files.vocabulary->path, folder / kConverted, how.stop);
  };
  return workshop.ensure_artefact(key_of(files), convert, how);
}

/// The one file of a model that is in ggml's format already.
Result<std::filesystem::path> own_file(const store::LocalModel& model) {
  const store::LocalFile* only = nullptr;
  for (const store::LocalFile& file : model.files) {
    if (file.path.extension() != ".bin" && model.files.size() > 1) continue;
    if (only != nullptr) {
      return fail(Code::kInvalidArgument, model.folder.string() + " has several .bin files",
                  "point `path` at one of them");
    }
    only = &file;
  }
  if (only != nullptr) return only->path;
  return fail(Code::kNotFound, model.name + " has no Whisper model in it", "run: hearth models pull " + model.name);
}

}  // namespace

Opened load_whisper(const Loading& loading) {
  const auto& [served, model, workshop, progress, stop] = loading;
  std::filesystem::path path;
  if (const Ct2Files files = ct2_files(model); files.are_there()) {
    if (progress) progress(0.0, "convert");
    auto converted = ensure_converted(files, workshop, preparing_for(loading, "convert"));
    if (!converted) return fail(converted.error());
    path = converted->file(kConverted);
  } else {
    auto own = own_file(model);
    if (!own) return fail(own.error());
    path = std::move(*own);
  }
  whisper::WhisperSettings settings;
  settings.most_calls = kSoundsAtOnce;
  settings.threads = served.config.threads > 0 ? served.config.threads : workshop.threads();
  return whisper::open_whisper(path, settings, progress, stop);
}

// A second of reading and writing, in this process: nothing to look after.
Result<void> prepare_whisper(const store::LocalModel& model, Workshop& workshop, const Preparing& how) {
  const Ct2Files files = ct2_files(model);
  if (!files.are_there()) return {};
  auto converted = ensure_converted(files, workshop, how);
  if (!converted) return fail(converted.error());
  return {};
}

bool is_whisper_prepared(const store::LocalModel& model, Workshop& workshop) {
  const Ct2Files files = ct2_files(model);
  return !files.are_there() || workshop.artefacts().find(key_of(files)).has_value();
}

}  // namespace hearth::app
