#include "engines/onnx/ort_library.h"

#include <dlfcn.h>
#include <onnxruntime_c_api.h>

#include <cstdlib>
#include <system_error>

#include "base/child.h"

namespace hearth::engines::onnx {

using base::Code;
using base::fail;

base::Result<std::shared_ptr<const OrtLibrary>> OrtLibrary::open(const std::filesystem::path& path, int threads) {
  constexpr const char* kRemedy =
      "put libonnxruntime.so.1 beside hearth or name it in HEARTH_ONNXRUNTIME; in a source tree: scripts/bootstrap";
  // Builds of it that are published as packages carry a telemetry client, which keeps an identity on disk and a thread,
  // and looks at this variable when the environment is made. Set by main before there are threads; here for other
  // programs.
  if (std::getenv("ORT_DISABLE_TELEMETRY") == nullptr) ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr)
    return fail(Code::kNotFound, std::string("ONNX Runtime did not open: ") + ::dlerror(), kRemedy);
  using GetApiBase = const OrtApiBase* (*)();
  const auto get_api_base = reinterpret_cast<GetApiBase>(::dlsym(handle, "OrtGetApiBase"));
  if (get_api_base == nullptr) return fail(Code::kUnsupported, path.string() + " is not ONNX Runtime", kRemedy);

  std::shared_ptr<OrtLibrary> library(new OrtLibrary());
  library->version_ = get_api_base()->GetVersionString();
  library->api_ = get_api_base()->GetApi(ORT_API_VERSION);
  library->threads_ = threads < 1 ? 1 : threads;
  if (library->api_ == nullptr) {
    return fail(Code::kUnsupported, "ONNX Runtime " + library->version_ + " is older than this program needs", kRemedy);
  }
  const OrtApi& api = *library->api_;
  OrtThreadingOptions* threading = nullptr;
  OrtStatus* status = api.CreateThreadingOptions(&threading);
  if (status == nullptr) status = api.SetGlobalIntraOpNumThreads(threading, library->threads_);
  if (status == nullptr) status = api.SetGlobalInterOpNumThreads(threading, 1);
  if (status == nullptr) status = api.SetGlobalSpinControl(threading, 0);
  if (status == nullptr) {
    status = api.CreateEnvWithGlobalThreadPools(ORT_LOGGING_LEVEL_ERROR, "hearth", threading, &library->env_);
  }
  if (threading != nullptr) api.ReleaseThreadingOptions(threading);
  if (status != nullptr) {
    const std::string message = api.GetErrorMessage(status);
    api.ReleaseStatus(status);
    return fail(Code::kInternal, "ONNX Runtime made no environment: " + message);
  }
  return library;
}

OrtLibrary::~OrtLibrary() {
  if (env_ != nullptr) api_->ReleaseEnv(env_);
}

std::filesystem::path find_ort_library(const std::filesystem::path& configured) {
  constexpr const char* kSoname = "libonnxruntime.so.1";
  if (!configured.empty()) return configured;
  if (const char* named = std::getenv("HEARTH_ONNXRUNTIME"); named != nullptr && *named != '\0') return named;
  std::error_code ec;
  const std::filesystem::path program = base::program_folder();
  for (const std::filesystem::path& candidate :
       {program / kSoname, program.parent_path() / "lib" / kSoname, std::filesystem::path(HEARTH_ORT_LIBRARY)}) {
    if (std::filesystem::exists(candidate, ec)) return candidate;
  }
  return kSoname;
}

}  // namespace hearth::engines::onnx
