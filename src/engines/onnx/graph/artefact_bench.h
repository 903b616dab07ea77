#pragma once

// Times how an artefact loads, in the first load of a process, and how it runs; writes the sound for comparison.

#include <filesystem>
#include <string>

#include "base/result.h"

namespace hearth::engines::onnx::graph {

struct BenchOptions {
  std::filesystem::path folder;
  std::filesystem::path library;
  int threads = 2;
  int runs = 3;
  std::filesystem::path tokens_file;  // i64, pads included; empty: a fixed made-up sequence
  std::filesystem::path style_file;   // a voice: rows of 256 × f32; empty: a fixed made-up style
  std::filesystem::path dump;         // where the sound of the last run goes, f32; empty: nowhere
};

/// Prints one line for the load and one for the runs.
[[nodiscard]] base::Result<void> bench_artefact(const BenchOptions& options);

}  // namespace hearth::engines::onnx::graph
