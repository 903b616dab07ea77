#include "engines/whisper/convert.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "audio/log_mel.h"
#include "base/files.h"
#include "engines/whisper/ct2_file.h"
#include "engines/whisper/ggml_file.h"
#include "engines/whisper/half.h"
#include "engines/whisper/tensor_plan.h"
#include "engines/whisper/vocabulary.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kBlock = 256 << 10;  // between two looks at the stop token

/// Gathers small values, passes large ones on; remembers the first error, after which it does nothing.
class Writer {
 public:
  explicit Writer(const ByteSink& sink) : sink_(sink) { pending_.reserve(2 * kBlock); }

  void put(std::span<const std::byte> bytes) {
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    if (pending_.size() >= kBlock) flush();
  }
  void put(std::int32_t value) { put(std::as_bytes(std::span(&value, 1))); }
  void put(std::string_view text) {
    put(static_cast<std::int32_t>(text.size()));
    put(std::as_bytes(std::span(text)));
  }
  void put(std::span<const float> values) { put(std::as_bytes(values)); }
  /// REQUIRES nothing to follow.
  [[nodiscard]] Result<void> finish() {
    flush();
    return std::move(result_);
  }
  [[nodiscard]] bool failed() const { return !result_; }

 private:
  void flush() {
    if (result_ && !pending_.empty()) result_ = sink_(pending_);
    pending_.clear();
  }

  const ByteSink& sink_;
  std::vector<std::byte> pending_;
  Result<void> result_;
};

void put_head(Writer& writer, const WhisperShape& shape, const std::vector<std::string>& tokens) {
  writer.put(static_cast<std::int32_t>(kGgmlMagic));
  for (const std::int32_t number : std::bit_cast<std::array<std::int32_t, kShapeNumbers>>(shape)) writer.put(number);
  writer.put(shape.mels);
  writer.put(std::int32_t{audio::LogMel::kBins});
  writer.put(audio::mel_filters(static_cast<std::size_t>(shape.mels)));
  writer.put(static_cast<std::int32_t>(tokens.size()));
  for (const std::string& token : tokens) writer.put(std::string_view(token));
}

void put_widened(Writer& writer, std::span<const std::byte> halfs) {
  std::vector<float> wide(halfs.size() / 2);
  for (std::size_t i = 0; i < wide.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, halfs.data() + 2 * i, sizeof half);
    wide[i] = widen_half(half);
  }
  writer.put(wide);
}

void put_tensor(Writer& writer, const PlannedTensor& tensor, const std::stop_token& stop) {
  writer.put(static_cast<std::int32_t>(tensor.dims.size()));
  writer.put(static_cast<std::int32_t>(tensor.name.size()));
  writer.put(static_cast<std::int32_t>(tensor.type));
  for (auto dim = tensor.dims.rbegin(); dim != tensor.dims.rend(); ++dim) writer.put(*dim);
  writer.put(std::as_bytes(std::span(tensor.name)));
  for (auto rest = tensor.halfs; !rest.empty() && !stop.stop_requested();) {
    const auto block = rest.first(std::min(rest.size(), kBlock));
    rest = rest.subspan(block.size());
    if (tensor.type == TensorType::kF32) {
      put_widened(writer, block);
    } else {
      writer.put(block);
    }
  }
}

/// A file that is written once, front to back.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path)
      : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) {}
  ~OutputFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] Result<void> write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return fail(error());
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }
  /// A full disk may show only now.
  [[nodiscard]] Result<void> close() {
    if (::close(std::exchange(fd_, -1)) != 0) return fail(error());
    return {};
  }
  [[nodiscard]] base::Error error() const { return base::error_from_errno(errno, "writing " + path_.string()); }

 private:
  const std::filesystem::path path_;
  int fd_;
};

}  // namespace

Result<void> convert_ct2(std::span<const std::byte> model, std::string_view vocabulary, const ByteSink& sink,
                         const std::stop_token& stop) {
  const auto file = parse_ct2(model);
  if (!file) return fail(file.error());
  const auto plan = plan_tensors(*file);
  if (!plan) return fail(plan.error());
  if (auto sane = check_shape(plan->shape); !sane) return sane;
  const auto tokens = parse_vocabulary(vocabulary);
  if (!tokens) return fail(tokens.error());

  Writer writer(sink);
  put_head(writer, plan->shape, *tokens);
  for (const PlannedTensor& tensor : plan->tensors) {
    put_tensor(writer, tensor, stop);
    if (writer.failed() || stop.stop_requested()) break;
  }
  auto written = writer.finish();
  if (written && stop.stop_requested()) return fail(Code::kCancelled, "stopped");
  return written;
}

Result<void> convert_ct2_files(const std::filesystem::path& model, const std::filesystem::path& vocabulary,
                               const std::filesystem::path& out, const std::stop_token& stop) {
  // A cold mapping is faulted in page by page, several times slower than plain reads.
  if (auto read = base::prefetch_if_cold(model); !read) return read;
  const auto mapped = base::MappedFile::open(model);
  if (!mapped) return fail(mapped.error());
  const auto words = base::read_file(vocabulary);
  if (!words) return fail(words.error());
  OutputFile file(out);
  if (!file.is_open()) return fail(file.error());
  auto converted = convert_ct2(
      mapped->bytes(), *words, [&](std::span<const std::byte> bytes) { return file.write(bytes); }, stop);
  if (!converted) return converted;
  return file.close();
}

}  // namespace hearth::engines::whisper
