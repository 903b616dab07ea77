// hearth-probe FILE WHY: opens a GGUF file that nobody vouches for as the server would, and ends with 0 where that went
// well. A process of its own with limits, because llama.cpp aborts on some damaged files, divides by numbers of others
// and may take any amount of memory. Why it did not go well is written to the file WHY, where it could be told.

#include <sys/resource.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "base/child.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/collected_answer.h"
#include "engine/language_model.h"
#include "engines/llama/llama.h"

namespace {

using namespace hearth;

constexpr rlim_t kSpare = rlim_t{4} << 30;  // address space beyond the file itself, twice: mapped, and repacked
constexpr rlim_t kSeconds = 120;            // of processor time; a large model's first token takes a few
constexpr rlim_t kMaxFiles = 64;

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

}  // namespace

int main(int argc, char** argv) {
  hearth::base::end_with_parent();
  if (argc != 3) return complain("give it FILE and WHY");
  why_file = argv[2];
  engines::llama::LlamaOptions options;
  options.name = "probe";
  options.model = argv[1];
  options.context = 256;
  options.slots = 1;
  const auto summary = engines::llama::check_gguf_file(options.model, engines::llama::GgufDepth::kWhole);
  if (!summary) return complain(summary.error().line());
  rlim_t bytes = 0;
  for (const auto& part : engines::llama::gguf_parts(options.model, summary->split_count)) {
    std::error_code ec;
    bytes += std::filesystem::file_size(part, ec);
  }
  limit(RLIMIT_AS, 2 * bytes + kSpare);
  limit(RLIMIT_CPU, kSeconds);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, kMaxFiles);
  if (summary->architecture == "clip") return 0;  // a projector is no model by itself; its shape was looked at
  auto engine = engines::llama::open_llama(options, {}, {});
  if (!engine) return complain(engine.error().line());
  if (auto warm = (*engine)->warm_up({}); !warm) return complain(warm.error().line());
  // A template of the model's own is a program that runs at every chat.
  engine::CollectedAnswer unread;
  const auto answered = (*engine)->language_model()->answer(
      engine::LanguageCall::kChatCompletions, R"({"max_tokens":1,"messages":[{"role":"user","content":"Hi"}]})", unread,
      {});
  return answered ? 0 : complain(answered.error().line());
}
