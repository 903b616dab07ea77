#include "engines/llama/library.h"

#include <ggml-backend.h>
#include <ggml.h>
#include <gguf.h>
#include <llama.h>
#include <log.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/log.h"

namespace hearth::engines::llama {
namespace {

constexpr std::size_t kMaxComplaint = 400;  // bytes; enough for the two sentences of a failed load

/// llama.cpp tells why a load failed by its log only, on the thread that loads.
std::string& complaint() {
  thread_local std::string text;
  return text;
}

void on_log(ggml_log_level level, const char* text, void*) {
  std::string_view line(text);
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (line.empty() || line == ".") return;  // dots are its progress bar
  if (level == GGML_LOG_LEVEL_ERROR) {
    std::string& kept = complaint();
    if (kept.size() < kMaxComplaint) kept.append(kept.empty() ? "" : "; ").append(line.substr(0, kMaxComplaint));
  }
  base::log_debug("llama: {}", line);
}

}  // namespace

void ensure_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    // The library around llama.cpp has a log of its own with a thread of its own, which can only write to a stream.
    common_log_set_verbosity_thold(-1);
    llama_log_set(on_log, nullptr);
    llama_backend_init();
  });
}

// Two of the library's functions are replaced at link time (--wrap in CMakeLists.txt), because a load would spend a
// third of its time in them. Both give what the originals give; a version that does not call them is not slower than it
// was.

/// A new KV cache is filled with zeros: 94 MB and 45 ms for 4,096 tokens of a small model, most of which no request
/// ever uses. The system gives zeros for pages that are dropped, on first use. Memory that cannot be dropped (locked,
/// of another device, small) is filled as before.
void fill_for_real(ggml_backend_buffer_t buffer, std::uint8_t value) asm("__real_ggml_backend_buffer_clear");
void fill(ggml_backend_buffer_t buffer, std::uint8_t value) asm("__wrap_ggml_backend_buffer_clear");
void fill(ggml_backend_buffer_t buffer, std::uint8_t value) {
  constexpr std::size_t kLeast = 1 << 20;  // below it a system call gains nothing
  const std::size_t size = ggml_backend_buffer_get_size(buffer);
  if (value != 0 || size < kLeast || ggml_backend_buffer_get_type(buffer) != ggml_backend_cpu_buffer_type())
    return fill_for_real(buffer, value);
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  auto* const begin = static_cast<std::uint8_t*>(ggml_backend_buffer_get_base(buffer));
  const std::size_t head = (page - reinterpret_cast<std::uintptr_t>(begin) % page) % page;
  const std::size_t whole = (size - head) / page * page;
  if (::madvise(begin + head, whole, MADV_DONTNEED) != 0) return fill_for_real(buffer, value);
  std::memset(begin, 0, head);
  std::memset(begin + head + whole, 0, size - head - whole);
}

/// For its log it writes out every list of a file's header, the whole vocabulary among them, and cuts that to 40
/// letters.
std::string show_for_real(const gguf_context* file, int field) asm("__real__Z14gguf_kv_to_strB5cxx11PK12gguf_contexti");
std::string show(const gguf_context* file, int field) asm("__wrap__Z14gguf_kv_to_strB5cxx11PK12gguf_contexti");
std::string show(const gguf_context* file, int field) {
  return gguf_get_kv_type(file, field) == GGUF_TYPE_ARRAY ? "[...]" : show_for_real(file, field);
}

std::string take_complaint() { return std::exchange(complaint(), {}); }

}  // namespace hearth::engines::llama
