#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "engines/onnx/ort_library.h"

struct OrtSession;
struct OrtSessionOptions;
struct OrtValue;

namespace hearth::engines::onnx {

/// A borrowed tensor for one run: the caller keeps the bytes alive until run() returns.
struct TensorView {
  using Elements = std::variant<std::span<const float>, std::span<const std::int64_t>>;
  Elements elements;
  std::vector<std::int64_t> shape;
};

/// An output of one run; owns its memory.
class Tensor {
 public:
  Tensor(std::shared_ptr<const OrtLibrary> library, OrtValue* value);
  Tensor(Tensor&&) noexcept;
  Tensor& operator=(Tensor&&) noexcept;
  ~Tensor();
  [[nodiscard]] const std::vector<std::int64_t>& shape() const { return shape_; }
  /// The elements, or an empty span where the tensor is of another type.
  [[nodiscard]] std::span<const float> floats() const;

 private:
  std::shared_ptr<const OrtLibrary> library_;
  OrtValue* value_ = nullptr;
  std::vector<std::int64_t> shape_;
  int type_ = 0;
  std::size_t count_ = 0;
};

/// How a graph is opened. The defaults are for an artefact, which is optimised already. No graph is searched for memory
/// that its nodes could reuse, which would be two thirds of Kokoro's load: it is given back after a tensor's last use.
struct SessionSettings {
  enum class Optimise { kNo, kYes };
  Optimise optimise = Optimise::kNo;
  /// Whether the graph uses the operators of kokoro_ops.h.
  enum class KokoroOps { kNo, kYes };
  KokoroOps kokoro_ops = KokoroOps::kNo;
  /// How long the session holds on to freed memory. kKept: for its life, or a long text would fault every page anew;
  /// callers bound the length of one run, and so what is held. kOneRun: until a run ends, for runs that take much,
  /// differ in size, and come seldom.
  enum class Arena { kOneRun, kKept };
  Arena arena = Arena::kKept;
  /// Further entries of ONNX Runtime's session configuration.
  std::vector<std::pair<std::string, std::string>> config;
};

/// One opened graph. run() may be called by several threads at once.
class Session {
 public:
  /// From a file, which may name external weights beside it. kCorrupt when ONNX Runtime refuses the graph.
  [[nodiscard]] static base::Result<Session> open(std::shared_ptr<const OrtLibrary> library, const std::string& path,
                                                  const SessionSettings& settings);
  /// From bytes that must outlive the session (a mapped file).
  [[nodiscard]] static base::Result<Session> open(std::shared_ptr<const OrtLibrary> library,
                                                  std::span<const std::byte> bytes, const SessionSettings& settings);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// Runs the graph. Blocks; a requested `stop` ends it within one node with kCancelled.
  [[nodiscard]] base::Result<std::vector<Tensor>> run(std::span<const char* const> input_names,
                                                      std::span<const TensorView> inputs,
                                                      std::span<const char* const> output_names,
                                                      std::stop_token stop) const;
  /// What the file's author wrote beside the graph under `key`; kNotFound where there is no such key.
  [[nodiscard]] base::Result<std::string> find_metadata(const char* key) const;

 private:
  Session(std::shared_ptr<const OrtLibrary> library, OrtSession* session, SessionSettings::Arena arena);
  std::shared_ptr<const OrtLibrary> library_;  // shared because the session must not outlive the environment
  OrtSession* session_ = nullptr;
  SessionSettings::Arena arena_ = SessionSettings::Arena::kKept;
};

/// A graph as it was published, optimised while it is opened; read into the page cache first where it is not there.
/// Tells `progress`, which may be empty. Errors: those of the file, and Session::open's.
[[nodiscard]] base::Result<Session> open_published(std::shared_ptr<const OrtLibrary> library,
                                                   const std::filesystem::path& model,
                                                   const engine::LoadProgress& progress);

}  // namespace hearth::engines::onnx
