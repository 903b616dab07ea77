#include "engines/onnx/kokoro_ops.h"

#include <exception>
#include <string>

#include "engines/onnx/kokoro_ops_context.h"
#include "engines/onnx/kokoro_ops_dense.h"
#include "engines/onnx/kokoro_ops_speech.h"

namespace hearth::engines::onnx {
namespace {

/// A kernel with the interface table it needs to run.
template <typename Kernel>
struct Instance {
  const OrtApi& api;
  Kernel kernel;
};

/// ONNX Runtime's table of functions for one operator.
template <typename Kernel>
OrtCustomOp describe() {
  OrtCustomOp op{};
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
  op.CreateKernelV2 = [](const OrtCustomOp*, const OrtApi* api, const OrtKernelInfo* info,
                         void** kernel) -> OrtStatusPtr {
    *kernel = new Instance<Kernel>{*api, Kernel(*api, OpAttributes(*api, info))};
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
base::Result<OrtCustomOpDomain*> make_domain(const OrtApi& api, const OrtEnv* env) {
  static const OrtCustomOp kOps[] = {describe<QuantConv>(), describe<AdaIn>(), describe<Spectrum>(),
                                     describe<QuantMatMul>(), describe<QuantLstm>()};
  OrtCustomOpDomain* domain = nullptr;
  OrtStatus* status = api.CreateCustomOpDomain(kKokoroOpsDomain, &domain);
  for (const OrtCustomOp& op : kOps) {
    if (status == nullptr) status = api.CustomOpDomain_Add(domain, &op);
  }
  if (status == nullptr) {
    announce(api, env, domain);
    return domain;
  }
  auto failure = base::fail(base::Code::kInternal, std::string("Kokoro's operators: ") + api.GetErrorMessage(status));
  api.ReleaseStatus(status);
  return failure;
}

}  // namespace

base::Result<void> register_kokoro_ops(const OrtApi& api, const OrtEnv* env, OrtSessionOptions* options) {
  static const base::Result<OrtCustomOpDomain*> kDomain = make_domain(api, env);
  if (!kDomain) return base::fail(kDomain.error());
  OrtStatus* status = api.AddCustomOpDomain(options, kDomain.value());
  if (status == nullptr) return {};
  auto failure = base::fail(base::Code::kInternal, std::string("Kokoro's operators: ") + api.GetErrorMessage(status));
  api.ReleaseStatus(status);
  return failure;
}

}  // namespace hearth::engines::onnx
