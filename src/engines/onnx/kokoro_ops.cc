#include "engines/onnx/kokoro_ops.h"

#include <exception>
#include <string>

#include "engines/onnx/kokoro_ops_context.h"
#include "engines/onnx/kokoro_ops_dense.h"
#include "engines/onnx/kokoro_ops_speech.h"
#include "engines/onnx/ort_library.h"

namespace hearth::engines::onnx {
namespace {

/// A kernel with the interface table it needs to run.
template <typename Kernel>
struct Instance {
  const OrtApi& api;
  Kernel kernel;
};

/// One operator: ONNX Runtime's table of functions, each of which is given it back, and what its kernels have to know.
struct Operator : OrtCustomOp {
  int threads = 1;
};

template <typename Kernel>
Operator describe(int threads) {
  Operator op{};
  op.threads = threads;
  op.version = ORT_API_VERSION;
  op.GetName = [](const OrtCustomOp*) { return Kernel::kName; };
  op.GetExecutionProviderType = [](const OrtCustomOp*) -> const char* { return nullptr; };
  op.GetInputTypeCount = [](const OrtCustomOp*) { return std::size(Kernel::kInputs); };
  op.GetInputType = [](const OrtCustomOp*, std::size_t index) { return Kernel::kInputs[index]; };
  op.GetInputCharacteristic = [](const OrtCustomOp*, std::size_t index) {
    return index < Kernel::kRequired ? INPUT_OUTPUT_REQUIRED : INPUT_OUTPUT_OPTIONAL;
  };
  op.GetInputMemoryType = [](const OrtCustomOp*, std::size_t) { return OrtMemTypeDefault; };
  op.GetOutputTypeCount = [](const OrtCustomOp*) -> std::size_t { return 1; };
  op.GetOutputType = [](const OrtCustomOp*, std::size_t) { return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT; };
  op.GetOutputCharacteristic = [](const OrtCustomOp*, std::size_t) { return INPUT_OUTPUT_REQUIRED; };
  op.GetVariadicInputMinArity = [](const OrtCustomOp*) { return 1; };
  op.GetVariadicInputHomogeneity = [](const OrtCustomOp*) { return 1; };
  op.GetVariadicOutputMinArity = [](const OrtCustomOp*) { return 1; };
  op.GetVariadicOutputHomogeneity = [](const OrtCustomOp*) { return 1; };
  op.GetStartVersion = [](const OrtCustomOp*) { return 1; };
  op.GetEndVersion = [](const OrtCustomOp*) { return 1; };
  op.CreateKernelV2 = [](const OrtCustomOp* self, const OrtApi* api, const OrtKernelInfo* info,
                         void** kernel) -> OrtStatusPtr {
    const Operator& made_by = *static_cast<const Operator*>(self);
    *kernel = new Instance<Kernel>{*api, Kernel(OpAttributes(*api, info), made_by.threads)};
    return nullptr;
  };
  op.KernelDestroy = [](void* kernel) { delete static_cast<Instance<Kernel>*>(kernel); };
  op.KernelComputeV2 = [](void* kernel, OrtKernelContext* context) -> OrtStatusPtr {
    const auto& instance = *static_cast<const Instance<Kernel>*>(kernel);
    OpRun run(instance.api, context);
    try {
      instance.kernel.compute(run);
    } catch (const std::exception& error) {  // memory; it must not cross a C interface
      run.refuse(error.what());
    }
    return run.take_status();
  };
  return op;
}

/// The first session that names a domain enters it into a table of the process. ONNX Runtime looks whether it is there
/// and adds it in two steps, so of two first sessions side by side one may fail. This one fails by itself, having no
/// model, after it has entered the domain and before any other may.
void announce(const OrtApi& api, const OrtEnv* env, OrtCustomOpDomain* domain) {
  OrtSessionOptions* options = nullptr;
  OrtSession* session = nullptr;
  constexpr char kNoModel = 0;
  OrtStatus* status = api.CreateSessionOptions(&options);
  if (status == nullptr) status = api.DisablePerSessionThreads(options);
  if (status == nullptr) status = api.SetSessionLogSeverityLevel(options, ORT_LOGGING_LEVEL_FATAL);
  if (status == nullptr) status = api.AddCustomOpDomain(options, domain);
  if (status == nullptr) status = api.CreateSessionFromArray(env, &kNoModel, sizeof kNoModel, options, &session);
  if (status != nullptr) api.ReleaseStatus(status);
  if (session != nullptr) api.ReleaseSession(session);
  if (options != nullptr) api.ReleaseSessionOptions(options);
}

/// The domain, made at the first use and kept: it must outlive every session.
base::Result<OrtCustomOpDomain*> make_domain(const OrtLibrary& library) {
  const OrtApi& api = library.api();
  const int threads = library.threads();
  static const Operator kOps[] = {describe<QuantConv>(threads), describe<AdaIn>(threads), describe<Spectrum>(threads),
                                  describe<QuantMatMul>(threads), describe<QuantLstm>(threads)};
  OrtCustomOpDomain* domain = nullptr;
  OrtStatus* status = api.CreateCustomOpDomain(kKokoroOpsDomain, &domain);
  for (const Operator& op : kOps) {
    if (status == nullptr) status = api.CustomOpDomain_Add(domain, &op);
  }
  if (status == nullptr) {
    announce(api, library.env(), domain);
    return domain;
  }
  auto failure = base::fail(base::Code::kInternal, std::string("Kokoro's operators: ") + api.GetErrorMessage(status));
  api.ReleaseStatus(status);
  return failure;
}

}  // namespace

base::Result<void> register_kokoro_ops(const OrtLibrary& library, OrtSessionOptions* options) {
  static const base::Result<OrtCustomOpDomain*> kDomain = make_domain(library);
  if (!kDomain) return base::fail(kDomain.error());
  const OrtApi& api = library.api();
  OrtStatus* status = api.AddCustomOpDomain(options, kDomain.value());
  if (status == nullptr) return {};
  auto failure = base::fail(base::Code::kInternal, std::string("Kokoro's operators: ") + api.GetErrorMessage(status));
  api.ReleaseStatus(status);
  return failure;
}

}  // namespace hearth::engines::onnx
