// hearth-probe MODEL WHY THREADS [PROJECTOR]: opens GGUF files that nobody vouches for as the server would, chats,
// shows a small picture where there is a projector, and ends with 0 where that went well. A process of its own with
// limits, because llama.cpp aborts on some damaged files, divides by numbers of others and may take any amount of
// memory. Why it did not go well is written to the file WHY, where it could be told.

#include <ggml.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/child.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/collected_answer.h"
#include "engine/language_model.h"
#include "engines/llama/llama.h"
#include "engines/llama/probe_limits.h"
#include "engines/llama/vision_reader.h"
#include "image/picture.h"

namespace {

using namespace hearth;

constexpr rlim_t kMaxFiles = 64;
constexpr int kMaxThreads = 8;           // each takes address space
constexpr int kBlindContext = 256;       // tokens; probe_limits.cc counts on it
constexpr int kSeeingContext = 4096;     // tokens; the picture must find room, or nobody looks at it
constexpr int kWide = 160, kHigh = 120;  // pixels of the picture

void limit(int what, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(what), &both);
}

const char* why_file = nullptr;

int complain(const std::string& why) {
  if (why_file == nullptr || !base::write_file_atomically(why_file, why)) {
    std::fprintf(stderr, "hearth-probe: %s\n", why.c_str());
  }
  return 1;
}

/// ggml is about to end the process.
void on_abort(const char* message) {
  std::string_view text(message);
  const std::size_t folder = text.substr(0, text.find(':')).rfind('/');
  if (folder != std::string_view::npos) text.remove_prefix(folder + 1);
  complain(std::string(text));
}

base::Bytes size_of(const std::filesystem::path& file) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(file, ec);
  return base::Bytes{ec ? 0 : static_cast<std::int64_t>(size)};
}

base::Result<void> check_headers(const engines::llama::LlamaOptions& options, base::Bytes& bytes) {
  const auto summary = engines::llama::check_gguf_file(options.model, engines::llama::GgufDepth::kWhole);
  if (!summary) return base::fail(summary.error());
  bytes = {};
  for (const auto& part : engines::llama::gguf_parts(options.model, summary->split_count)) bytes += size_of(part);
  if (options.projector.empty()) return {};
  const auto projector = engines::llama::check_gguf_file(options.projector, engines::llama::GgufDepth::kWhole);
  if (!projector) return base::fail(projector.error());
  bytes += size_of(options.projector);
  return {};
}

/// What a model refuses to answer is no fault of its file: only what its engine fails at is an error.
base::Result<void> chat(engine::LanguageModel& model, const std::string& content) {
  engine::CollectedAnswer unread;
  const std::string body = R"({"max_tokens":1,"messages":[{"role":"user","content":)" + content + "}]}";
  return model.answer(engine::LanguageCall::kChatCompletions, body, unread, {});
}

base::Result<void> try_out(const engines::llama::LlamaOptions& options) {
  const auto engine = engines::llama::open_llama(options, {}, {});
  if (!engine) return base::fail(engine.error());
  if (auto warm = (*engine)->warm_up({}); !warm) return warm;
  // A template of the model's own is a program that runs at every chat.
  engine::LanguageModel& model = *(*engine)->language_model();
  if (auto answered = chat(model, R"("Hi")"); !answered || options.projector.empty()) return answered;
  const std::string url = engines::llama::picture_url(image::make_picture(kWide, kHigh));
  return chat(model, R"([{"type":"image_url","image_url":{"url":")" + url + R"("}},{"type":"text","text":"Hi"}])");
}

}  // namespace

int main(int argc, char** argv) {
  hearth::base::end_with_parent();
  ::setenv("GGML_NO_BACKTRACE", "1", 1);  // a debugger would be asked for it, and hold up whoever waits for the verdict
  ggml_set_abort_callback(on_abort);
  engines::llama::LlamaOptions options;
  const std::string_view threads = argc > 3 ? argv[3] : "";
  const auto [end, error] = std::from_chars(threads.data(), threads.data() + threads.size(), options.threads);
  if ((argc != 4 && argc != 5) || error != std::errc() || end != threads.data() + threads.size()) {
    return complain("give it MODEL WHY THREADS [PROJECTOR]");
  }
  options.name = "probe";
  options.model = argv[1];
  why_file = argv[2];
  options.threads = std::clamp(options.threads, 1, kMaxThreads);
  const bool sees = argc == 5;
  if (sees) options.projector = argv[4];
  options.context = sees ? kSeeingContext : kBlindContext;
  options.slots = 1;
  base::Bytes bytes;
  if (auto sound = check_headers(options, bytes); !sound) return complain(sound.error().line());
  const auto limits = engines::llama::probe_limits(
      bytes, sees ? engines::llama::ProbeSight::kSeeing : engines::llama::ProbeSight::kBlind);
  limit(RLIMIT_AS, static_cast<rlim_t>(limits.address.count));
  limit(RLIMIT_CPU, static_cast<rlim_t>(limits.processor.count() / 1000));
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, kMaxFiles);
  const auto tried = try_out(options);
  return tried ? 0 : complain(tried.error().line());
}
