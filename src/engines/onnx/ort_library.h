#pragma once

// ONNX Runtime as a library that is opened when the first ONNX model needs it: 29 MB of relocations have no place in a
// start that serves none. Everything goes through its C interface, so nothing of it is linked. Foreign types stop in
// this folder.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

struct OrtApi;
struct OrtEnv;

namespace hearth::engines::onnx {

/// The opened library, its one environment and its one global thread pool, shared by every session of the process.
/// Immutable after open(); any thread. Never unloaded: ONNX Runtime does not survive that.
class OrtLibrary {
 public:
  /// Opens `path` and makes the environment with `threads` compute threads (the calling thread counts as one), which
  /// sleep when idle: a spinning pool burns a core of everybody else's. Blocks for some 20 ms. kNotFound when the
  /// library is missing, kUnsupported when it is too old for the interface that this program was built against.
  [[nodiscard]] static base::Result<std::shared_ptr<const OrtLibrary>> open(const std::filesystem::path& path,
                                                                            int threads);
  ~OrtLibrary();
  OrtLibrary(const OrtLibrary&) = delete;
  OrtLibrary& operator=(const OrtLibrary&) = delete;

  [[nodiscard]] const OrtApi& api() const { return *api_; }
  [[nodiscard]] const OrtEnv* env() const { return env_; }
  /// "1.31.1": part of every artefact's key, because an optimised graph belongs to the library that wrote it.
  [[nodiscard]] const std::string& version() const { return version_; }
  /// The compute threads, the caller's among them: what a run's work can be shared out among. 1 or more.
  [[nodiscard]] int threads() const { return threads_; }

 private:
  OrtLibrary() = default;
  const OrtApi* api_ = nullptr;
  OrtEnv* env_ = nullptr;
  std::string version_;
  int threads_ = 1;
};

/// Where the library may be, best first: `configured` (if not empty), $HEARTH_ONNXRUNTIME, beside the program, ../lib,
/// where the build put it, the system's. The first that exists is returned; a bare soname is left to the loader.
[[nodiscard]] std::filesystem::path find_ort_library(const std::filesystem::path& configured = {});

}  // namespace hearth::engines::onnx
