#pragma once

// What an operator sees of ONNX Runtime: its attributes when it is made, its tensors when it runs. Thin, over the C
// interface, with the first error kept so that an operator checks once. For kokoro_ops*.cc only.

#include <onnxruntime_c_api.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "engines/onnx/kokoro_ops_conv.h"

namespace hearth::engines::onnx {

/// A tensor of at most three dimensions; null `values` for an optional input that is not there.
template <typename T>
struct OpTensor {
  const T* values = nullptr;
  std::array<std::int64_t, 3> dims = {1, 1, 1};  // right-aligned: a vector is [1, 1, n]
  std::size_t rank = 0;
  [[nodiscard]] std::int64_t count() const { return dims[0] * dims[1] * dims[2]; }
  explicit operator bool() const { return values != nullptr; }
};

/// Attributes of a node; a missing one takes its default.
class OpAttributes {
 public:
  OpAttributes(const OrtApi& api, const OrtKernelInfo* info) : api_(api), info_(info) {}
  [[nodiscard]] std::int64_t read_int(const char* name, std::int64_t otherwise) const {
    std::int64_t value = otherwise;
    forgive(api_.KernelInfoGetAttribute_int64(info_, name, &value));
    return value;
  }
  [[nodiscard]] float read_float(const char* name, float otherwise) const {
    float value = otherwise;
    forgive(api_.KernelInfoGetAttribute_float(info_, name, &value));
    return value;
  }

 private:
  void forgive(OrtStatus* status) const {
    if (status != nullptr) api_.ReleaseStatus(status);
  }
  const OrtApi& api_;
  const OrtKernelInfo* info_;
};

/// One run of an operator, on the thread that runs it.
class OpRun {
 public:
  OpRun(const OrtApi& api, OrtKernelContext* context) : api_(api), context_(context) {}
  OpRun(const OpRun&) = delete;
  OpRun& operator=(const OpRun&) = delete;
  ~OpRun() {
    if (status_ != nullptr) api_.ReleaseStatus(status_);
  }

  template <typename T>
  [[nodiscard]] OpTensor<T> input(std::size_t index) {
    OpTensor<T> tensor;
    const OrtValue* value = nullptr;
    std::size_t inputs = 0;
    if (!keep(api_.KernelContext_GetInputCount(context_, &inputs)) || index >= inputs) return tensor;
    if (!keep(api_.KernelContext_GetInput(context_, index, &value)) || value == nullptr) return tensor;
    if (!read_dims(value, tensor.dims, tensor.rank)) return tensor;
    void* values = nullptr;
    if (keep(api_.GetTensorMutableData(const_cast<OrtValue*>(value), &values)))
      tensor.values = static_cast<const T*>(values);
    return tensor;
  }

  /// The only output; null after an error.
  [[nodiscard]] float* output(std::initializer_list<std::int64_t> dims) {
    OrtValue* value = nullptr;
    void* values = nullptr;
    if (!keep(api_.KernelContext_GetOutput(context_, 0, std::data(dims), dims.size(), &value))) return nullptr;
    if (!keep(api_.GetTensorMutableData(value, &values))) return nullptr;
    return static_cast<float*>(values);
  }

  [[nodiscard]] ParallelFor parallel_for() {
    return [this](std::size_t count, const std::function<void(std::size_t)>& body) {
      const auto call = [](void* function, std::size_t index) {
        (*static_cast<const std::function<void(std::size_t)>*>(function))(index);
      };
      if (count <= 1) {
        for (std::size_t i = 0; i < count; ++i) body(i);
        return;
      }
      keep(api_.KernelContext_ParallelFor(context_, call, count, 0,
                                          const_cast<std::function<void(std::size_t)>*>(&body)));
    };
  }

  void refuse(const std::string& why) { keep(api_.CreateStatus(ORT_INVALID_ARGUMENT, why.c_str())); }
  [[nodiscard]] bool failed() const { return status_ != nullptr; }
  /// Hands the first error over, or null.
  [[nodiscard]] OrtStatus* take_status() { return std::exchange(status_, nullptr); }

 private:
  bool keep(OrtStatus* status) {
    if (status == nullptr) return true;
    if (status_ == nullptr) {
      status_ = status;
    } else {
      api_.ReleaseStatus(status);
    }
    return false;
  }

  bool read_dims(const OrtValue* value, std::array<std::int64_t, 3>& dims, std::size_t& rank) {
    OrtTensorTypeAndShapeInfo* info = nullptr;
    if (!keep(api_.GetTensorTypeAndShape(value, &info))) return false;
    bool sound = keep(api_.GetDimensionsCount(info, &rank));
    std::array<std::int64_t, 8> all{};
    if (sound && rank <= all.size()) sound = keep(api_.GetDimensions(info, all.data(), rank));
    api_.ReleaseTensorTypeAndShapeInfo(info);
    if (!sound) return false;
    if (rank > all.size()) {
      refuse("a tensor of more than eight dimensions");
      return false;
    }
    // More than three (packed weights) fold into the first.
    for (std::size_t i = 0; i < rank; ++i) {
      const std::size_t from_right = rank - 1 - i;
      if (from_right < 3) {
        dims[2 - from_right] = all[i] * (from_right == 2 ? dims[0] : 1);
      } else {
        dims[0] *= all[i];
      }
    }
    return true;
  }

  const OrtApi& api_;
  OrtKernelContext* context_;
  OrtStatus* status_ = nullptr;
};

}  // namespace hearth::engines::onnx
