#include "engines/whisper/context.h"

#include <sys/mman.h>
#include <unistd.h>
#include <whisper.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "engines/whisper/ggml_file.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::fail;
using base::Result;

void log_foreign(ggml_log_level, const char* text, void*) {
  if (!base::log_enabled(base::LogLevel::kDebug)) return;
  std::string_view line(text == nullptr ? "" : text);
  while (line.ends_with('\n')) line.remove_suffix(1);
  if (!line.empty()) base::log_line(base::LogLevel::kDebug, line);
}

/// Gives whisper.cpp the bytes of a mapped file, and never more than there are.
class Feeder {
 public:
  Feeder(std::span<const std::byte> bytes, const engine::LoadProgress& progress, const std::stop_token& stop)
      : bytes_(bytes), progress_(progress), stop_(stop) {}

  whisper_model_loader loader() {
    whisper_model_loader loader{};
    loader.context = this;
    loader.read = [](void* self, void* output, std::size_t size) {
      return static_cast<Feeder*>(self)->read({static_cast<std::byte*>(output), size});
    };
    loader.eof = [](void* self) { return static_cast<Feeder*>(self)->ended_; };
    loader.close = [](void*) {};
    return loader;
  }

 private:
  /// What is missing is zeros, which whisper.cpp takes for the end where it looks for one. After a stop weights are
  /// left as they are: the rest of the load is quick, and whisper.cpp frees only a model that it has loaded.
  std::size_t read(std::span<std::byte> output) {
    if (output.size() >= kReported && output.size() <= bytes_.size() - at_ && stop_.stop_requested()) {
      at_ += output.size();
      return output.size();
    }
    const std::size_t count = std::min(output.size(), bytes_.size() - at_);
    std::memcpy(output.data(), bytes_.data() + at_, count);
    std::memset(output.data() + count, 0, output.size() - count);
    ended_ = count < output.size();
    at_ += count;
    if (at_ - forgotten_ >= kForgotten) forget_what_was_read();
    if (progress_ && output.size() >= kReported) {
      progress_(static_cast<double>(at_) / static_cast<double>(bytes_.size()), "open");
    }
    return count;
  }

  /// Every weight is there twice for a moment, in the file and in whisper.cpp's memory: so no more than a few of them
  /// are in both at once. The file stays in the page cache.
  void forget_what_was_read() {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t end = at_ / page * page;
    auto* begin = const_cast<std::byte*>(bytes_.data() + forgotten_);
    static_cast<void>(::madvise(begin, end - forgotten_, MADV_DONTNEED));
    forgotten_ = end;
  }

  static constexpr std::size_t kForgotten = 8 << 20;
  static constexpr std::size_t kReported = 1 << 20;  // a tensor, not a number or a token
  const std::span<const std::byte> bytes_;
  const engine::LoadProgress& progress_;
  const std::stop_token& stop_;
  std::size_t at_ = 0;
  std::size_t forgotten_ = 0;  // bytes from the beginning; whole pages
  bool ended_ = false;
};

}  // namespace

void ContextDeleter::operator()(whisper_context* context) const { whisper_free(context); }
void StateDeleter::operator()(whisper_state* state) const { whisper_free_state(state); }

Result<ContextPointer> open_context(const std::filesystem::path& model, const engine::LoadProgress& progress,
                                    const std::stop_token& stop) {
  if (progress) progress(0.0, "prefetch");
  const base::ReadProgress on_read = [&progress](double) {
    if (progress) progress(0.0, "prefetch");
  };
  if (auto read = base::prefetch_if_cold(model, on_read); !read) return fail(read.error());
  const auto file = base::MappedFile::open(model, base::MappedFile::Prefetch::kYes);
  if (!file) return fail(file.error());
  if (progress) progress(0.0, "open");
  const auto checked = check_ggml(file->bytes());
  if (!checked) {
    return fail(checked.error().code, model.string() + ": " + checked.error().message, checked.error().remedy);
  }
  whisper_log_set(log_foreign, nullptr);  // of the process: whoever sets it last, all of ggml logs there
  whisper_context_params params = whisper_context_default_params();
  params.use_gpu = false;
  params.flash_attn = true;  // the same words in 5 to 8 % less time
  Feeder feeder(file->bytes(), progress, stop);
  whisper_model_loader loader = feeder.loader();
  try {
    ContextPointer context(whisper_init_with_params_no_state(&loader, params));
    if (stop.stop_requested()) return fail(Code::kCancelled, "stopped");
    if (!context) return fail(Code::kCorrupt, model.string() + " is not a Whisper model that whisper.cpp can open");
    return context;
  } catch (const std::exception& error) {
    return fail(Code::kCorrupt, model.string() + " cannot be opened: " + error.what());
  }
}

Result<StatePointer> make_state(whisper_context& context) {
  try {
    if (StatePointer state{whisper_init_state(&context)}) return state;
  } catch (const std::exception&) {
    // the same as null: it ran out of memory
  }
  return fail(Code::kExhausted, "there is no memory for another transcription", "unload a model, or try again later");
}

}  // namespace hearth::engines::whisper
