#include "engines/onnx/graph/ort_rewrite.h"

#include <onnxruntime_c_api.h>

#include <filesystem>

#include "base/files.h"
#include "engines/onnx/kokoro_ops.h"

namespace hearth::engines::onnx::graph {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::operator""_MiB;

constexpr base::Bytes kMostModel = 2047_MiB;  // what protobuf can hold

Result<void> open_once(const OrtLibrary& library, std::string_view model, Rewrite how, const std::string& written) {
  const OrtApi& api = library.api();
  OrtSessionOptions* options = nullptr;
  OrtSession* session = nullptr;
  const auto level = how == Rewrite::kOptimise ? ORT_ENABLE_EXTENDED : ORT_DISABLE_ALL;
  OrtStatus* status = api.CreateSessionOptions(&options);
  if (status == nullptr) status = api.DisablePerSessionThreads(options);
  if (status == nullptr) status = api.SetSessionGraphOptimizationLevel(options, level);
  if (status == nullptr) status = api.SetSessionLogSeverityLevel(options, ORT_LOGGING_LEVEL_ERROR);
  if (status == nullptr) status = api.SetOptimizedModelFilePath(options, written.c_str());
  if (status == nullptr && how == Rewrite::kOrtFormat) {
    status = api.AddSessionConfigEntry(options, "session.save_model_format", "ORT");
  }
  Result<void> done;
  if (status == nullptr) done = register_kokoro_ops(library, options);
  if (status == nullptr && done) {
    status = api.CreateSessionFromArray(library.env(), model.data(), model.size(), options, &session);
  }
  if (status != nullptr) {
    done = fail(Code::kCorrupt, std::string("ONNX Runtime refused the graph: ") + api.GetErrorMessage(status));
    api.ReleaseStatus(status);
  }
  if (session != nullptr) api.ReleaseSession(session);
  if (options != nullptr) api.ReleaseSessionOptions(options);
  return done;
}

}  // namespace

Result<std::string> rewrite_model(const OrtLibrary& library, std::string_view model, Rewrite how) {
  auto folder = base::TempFolder::make("hearth-graph");
  if (!folder) return fail(folder.error());
  const std::filesystem::path written = folder->path() / (how == Rewrite::kOptimise ? "model.onnx" : "model.ort");
  if (auto done = open_once(library, model, how, written.string()); !done) return fail(done.error());
  return base::read_file(written, kMostModel);
}

}  // namespace hearth::engines::onnx::graph
