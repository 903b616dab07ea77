#pragma once

// From the one file that Kokoro is published as to the two graphs that the server opens (kokoro_artefact.h): cut,
// optimised, rewritten to the operators of engines/onnx/kokoro_ops.h, in the format that loads fastest. Takes some
// seconds; done once.

#include <filesystem>

#include "base/result.h"
#include "engines/onnx/ort_library.h"

namespace hearth::engines::onnx::graph {

struct KokoroArtefactOptions {
  enum class Fuse { kNo, kYes };
  /// kNo leaves the operators that ONNX Runtime has: to compare the kernels with.
  Fuse fuse = Fuse::kYes;
};

/// Writes both files into `folder`, each atomically. kUnsupported if `model` is not Kokoro v1.0, kCorrupt if it is
/// damaged, kIo if the disk is full; what was in the folder then still stands.
[[nodiscard]] base::Result<void> write_kokoro_artefact(const OrtLibrary& library, const std::filesystem::path& model,
                                                       const std::filesystem::path& folder,
                                                       const KokoroArtefactOptions& options = {});

}  // namespace hearth::engines::onnx::graph
