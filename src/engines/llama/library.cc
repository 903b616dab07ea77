#include "engines/llama/library.h"

#include <ggml.h>
#include <gguf.h>
#include <llama.h>
#include <log.h>

#include <mutex>
#include <string>
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

/// For its log the library writes out every list of a file's header, the whole vocabulary among them, and cuts that to
/// 40 letters. So it is replaced at link time (--wrap in CMakeLists.txt); a version that does not call it is not slower
/// than it was.
std::string show_for_real(const gguf_context* file, int field) asm("__real__Z14gguf_kv_to_strB5cxx11PK12gguf_contexti");
std::string show(const gguf_context* file, int field) asm("__wrap__Z14gguf_kv_to_strB5cxx11PK12gguf_contexti");
std::string show(const gguf_context* file, int field) {
  return gguf_get_kv_type(file, field) == GGUF_TYPE_ARRAY ? "[...]" : show_for_real(file, field);
}

std::string take_complaint() { return std::exchange(complaint(), {}); }

}  // namespace hearth::engines::llama
