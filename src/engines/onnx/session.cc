#include "engines/onnx/session.h"

#include <onnxruntime_c_api.h>

#include <utility>

#include "base/files.h"
#include "engines/onnx/kokoro_ops.h"

namespace hearth::engines::onnx {
namespace {

using base::Code;
using base::Error;
using base::fail;
using base::Result;

Result<void> check(const OrtApi& api, OrtStatus* status, Code code) {
  if (status == nullptr) return {};
  Error error{code, api.GetErrorMessage(status), {}};
  api.ReleaseStatus(status);
  return fail(std::move(error));
}

/// Runs `release` on the way out, whatever the way.
template <typename T, typename Release>
class Owned {
 public:
  explicit Owned(Release release) : release_(release) {}
  ~Owned() {
    if (pointer_ != nullptr) release_(pointer_);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  T** out() { return &pointer_; }
  T* get() const { return pointer_; }

 private:
  T* pointer_ = nullptr;
  Release release_;
};

Result<void> apply(const OrtLibrary& library, OrtSessionOptions* options, const SessionSettings& settings) {
  const OrtApi& api = library.api();
  const auto level = settings.optimise == SessionSettings::Optimise::kYes ? ORT_ENABLE_ALL : ORT_DISABLE_ALL;
  if (auto ok = check(api, api.DisablePerSessionThreads(options), Code::kInternal); !ok) return ok;
  if (auto ok = check(api, api.SetSessionGraphOptimizationLevel(options, level), Code::kInternal); !ok) return ok;
  if (auto ok = check(api, api.SetSessionLogSeverityLevel(options, ORT_LOGGING_LEVEL_ERROR), Code::kInternal); !ok)
    return ok;
  // Lengths vary from call to call: patterns of one would be kept for each.
  if (auto ok = check(api, api.DisableMemPattern(options), Code::kInternal); !ok) return ok;
  // In this mode nobody looks for memory that the nodes could reuse. The global inter-op pool has no thread of its own,
  // so the nodes still run one after the other on the caller's.
  if (auto ok = check(api, api.SetSessionExecutionMode(options, ORT_PARALLEL), Code::kInternal); !ok) return ok;
  for (const auto& [key, value] : settings.config) {
    if (auto ok = check(api, api.AddSessionConfigEntry(options, key.c_str(), value.c_str()), Code::kInternal); !ok)
      return ok;
  }
  if (settings.kokoro_ops == SessionSettings::KokoroOps::kYes) return register_kokoro_ops(library, options);
  return {};
}

template <typename Create>
Result<OrtSession*> create(const OrtLibrary& library, const SessionSettings& settings, Create create_session) {
  const OrtApi& api = library.api();
  Owned<OrtSessionOptions, decltype(api.ReleaseSessionOptions)> options(api.ReleaseSessionOptions);
  if (auto ok = check(api, api.CreateSessionOptions(options.out()), Code::kInternal); !ok) return fail(ok.error());
  if (auto ok = apply(library, options.get(), settings); !ok) return fail(ok.error());
  OrtSession* session = nullptr;
  if (auto ok = check(api, create_session(api, options.get(), &session), Code::kCorrupt); !ok) return fail(ok.error());
  return session;
}

Result<OrtValue*> borrow(const OrtApi& api, const OrtMemoryInfo* memory, const TensorView& view) {
  OrtValue* value = nullptr;
  const auto wrap = [&](auto elements, ONNXTensorElementDataType type) {
    return api.CreateTensorWithDataAsOrtValue(memory, const_cast<void*>(static_cast<const void*>(elements.data())),
                                              elements.size_bytes(), view.shape.data(), view.shape.size(), type,
                                              &value);
  };
  OrtStatus* status = nullptr;
  if (const auto* floats = std::get_if<std::span<const float>>(&view.elements)) {
    status = wrap(*floats, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  } else {
    status = wrap(std::get<std::span<const std::int64_t>>(view.elements), ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
  }
  if (auto ok = check(api, status, Code::kInternal); !ok) return fail(ok.error());
  return value;
}

}  // namespace

Tensor::Tensor(std::shared_ptr<const OrtLibrary> library, OrtValue* value)
    : library_(std::move(library)), value_(value) {
  const OrtApi& api = library_->api();
  OrtTensorTypeAndShapeInfo* info = nullptr;
  if (auto ok = check(api, api.GetTensorTypeAndShape(value_, &info), Code::kInternal); !ok) return;
  std::size_t rank = 0;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  const bool known = check(api, api.GetDimensionsCount(info, &rank), Code::kInternal) &&
                     check(api, api.GetTensorElementType(info, &type), Code::kInternal);
  shape_.resize(rank);
  if (known && check(api, api.GetDimensions(info, shape_.data(), rank), Code::kInternal) &&
      check(api, api.GetTensorShapeElementCount(info, &count_), Code::kInternal)) {
    type_ = type;
  }
  api.ReleaseTensorTypeAndShapeInfo(info);
}

Tensor::Tensor(Tensor&& other) noexcept
    : library_(std::move(other.library_)),
      value_(std::exchange(other.value_, nullptr)),
      shape_(std::move(other.shape_)),
      type_(other.type_),
      count_(other.count_) {}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  std::swap(library_, other.library_);
  std::swap(value_, other.value_);
  std::swap(shape_, other.shape_);
  std::swap(type_, other.type_);
  std::swap(count_, other.count_);
  return *this;
}

Tensor::~Tensor() {
  if (value_ != nullptr) library_->api().ReleaseValue(value_);
}

std::span<const float> Tensor::floats() const {
  void* bytes = nullptr;
  if (type_ != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) return {};
  if (!check(library_->api(), library_->api().GetTensorMutableData(value_, &bytes), Code::kInternal)) return {};
  return {static_cast<const float*>(bytes), count_};
}

Session::Session(std::shared_ptr<const OrtLibrary> library, OrtSession* session, SessionSettings::Arena arena)
    : library_(std::move(library)), session_(session), arena_(arena) {}
Session::Session(Session&& other) noexcept
    : library_(std::move(other.library_)), session_(std::exchange(other.session_, nullptr)), arena_(other.arena_) {}
Session& Session::operator=(Session&& other) noexcept {
  std::swap(library_, other.library_);
  std::swap(session_, other.session_);
  std::swap(arena_, other.arena_);
  return *this;
}
Session::~Session() {
  if (session_ != nullptr) library_->api().ReleaseSession(session_);
}

Result<Session> Session::open(std::shared_ptr<const OrtLibrary> library, const std::string& path,
                              const SessionSettings& settings) {
  auto session = create(*library, settings, [&](const OrtApi& api, OrtSessionOptions* options, OrtSession** out) {
    return api.CreateSession(library->env(), path.c_str(), options, out);
  });
  if (!session) return fail(session.error().code, path + ": " + session.error().message, "run: hearth models verify");
  return Session(std::move(library), session.value(), settings.arena);
}

Result<Session> Session::open(std::shared_ptr<const OrtLibrary> library, std::span<const std::byte> bytes,
                              const SessionSettings& settings) {
  auto session = create(*library, settings, [&](const OrtApi& api, OrtSessionOptions* options, OrtSession** out) {
    return api.CreateSessionFromArray(library->env(), bytes.data(), bytes.size(), options, out);
  });
  if (!session) return fail(session.error());
  return Session(std::move(library), session.value(), settings.arena);
}

Result<std::vector<Tensor>> Session::run(std::span<const char* const> input_names, std::span<const TensorView> inputs,
                                         std::span<const char* const> output_names, std::stop_token stop) const {
  const OrtApi& api = library_->api();
  Owned<OrtMemoryInfo, decltype(api.ReleaseMemoryInfo)> memory(api.ReleaseMemoryInfo);
  Owned<OrtRunOptions, decltype(api.ReleaseRunOptions)> options(api.ReleaseRunOptions);
  if (auto ok =
          check(api, api.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, memory.out()), Code::kInternal);
      !ok) {
    return fail(ok.error());
  }
  if (auto ok = check(api, api.CreateRunOptions(options.out()), Code::kInternal); !ok) return fail(ok.error());
  if (arena_ == SessionSettings::Arena::kOneRun) {
    OrtStatus* status = api.AddRunConfigEntry(options.get(), "memory.enable_memory_arena_shrinkage", "cpu:0");
    if (auto ok = check(api, status, Code::kInternal); !ok) return fail(ok.error());
  }

  std::vector<Tensor> borrowed;
  std::vector<const OrtValue*> values;
  for (const TensorView& view : inputs) {
    auto value = borrow(api, memory.get(), view);
    if (!value) return fail(value.error());
    borrowed.emplace_back(library_, value.value());
    values.push_back(value.value());
  }
  std::vector<OrtValue*> outputs(output_names.size(), nullptr);
  const std::stop_callback terminate(stop, [&] { api.ReleaseStatus(api.RunOptionsSetTerminate(options.get())); });
  auto ran = check(api,
                   api.Run(session_, options.get(), input_names.data(), values.data(), values.size(),
                           output_names.data(), output_names.size(), outputs.data()),
                   Code::kInternal);
  std::vector<Tensor> tensors;
  for (OrtValue* output : outputs) {
    if (output != nullptr) tensors.emplace_back(library_, output);
  }
  if (stop.stop_requested()) return fail(Code::kCancelled, "nobody waits for it any more");
  if (!ran) return fail(ran.error());
  return tensors;
}

Result<std::string> Session::find_metadata(const char* key) const {
  const OrtApi& api = library_->api();
  Owned<OrtModelMetadata, decltype(api.ReleaseModelMetadata)> metadata(api.ReleaseModelMetadata);
  if (auto ok = check(api, api.SessionGetModelMetadata(session_, metadata.out()), Code::kInternal); !ok) {
    return fail(ok.error());
  }
  OrtAllocator* allocator = nullptr;
  if (auto ok = check(api, api.GetAllocatorWithDefaultOptions(&allocator), Code::kInternal); !ok) {
    return fail(ok.error());
  }
  char* value = nullptr;
  if (auto ok =
          check(api, api.ModelMetadataLookupCustomMetadataMap(metadata.get(), allocator, key, &value), Code::kInternal);
      !ok) {
    return fail(ok.error());
  }
  if (value == nullptr) return fail(Code::kNotFound, std::string("the graph has no metadata '") + key + "'");
  std::string text = value;
  allocator->Free(allocator, value);
  return text;
}

Result<Session> open_published(std::shared_ptr<const OrtLibrary> library, const std::filesystem::path& model,
                               const engine::LoadProgress& progress) {
  if (progress) progress(0.0, "open");
  const base::ReadProgress on_read = [&progress](double) {
    if (progress) progress(0.0, "open");
  };
  if (auto cached = base::prefetch_if_cold(model, on_read); !cached) return fail(cached.error());
  SessionSettings settings;
  settings.optimise = SessionSettings::Optimise::kYes;
  auto session = Session::open(std::move(library), model.string(), settings);
  if (session && progress) progress(1.0, "open");
  return session;
}

}  // namespace hearth::engines::onnx
