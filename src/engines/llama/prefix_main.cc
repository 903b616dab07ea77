// hearth-prefix MODEL CTX SLOTS THREADS SYSTEM OUT [PROJECTOR]: lets a model read the system prompt in the file SYSTEM
// and writes what it then has in memory to OUT, for servers that start later. Why it did not go well is on standard
// error. Called by the server in the background, and by `hearth models pull`.

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/child.h"
#include "base/files.h"
#include "engines/llama/prefix_writer.h"

namespace {

using namespace hearth;

int complain(const std::string& why) {
  std::fprintf(stderr, "hearth-prefix: %s\n", why.c_str());
  return 1;
}

bool read_number(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  hearth::base::end_with_parent();
  engines::llama::LlamaOptions options;
  options.name = "prefix";
  options.check = engines::llama::GgufDepth::kShape;  // whoever calls has looked
  const bool are_numbers = (argc == 7 || argc == 8) && read_number(argv[2], options.context) &&
                           read_number(argv[3], options.slots) && read_number(argv[4], options.threads);
  if (!are_numbers) return complain("give it MODEL CTX SLOTS THREADS SYSTEM OUT [PROJECTOR]");
  options.model = argv[1];
  if (argc == 8) options.projector = argv[7];
  const auto system = base::read_file(argv[5]);
  if (!system) return complain(system.error().line());
  const auto written = engines::llama::write_prefix(options, *system, argv[6]);
  return written ? 0 : complain(written.error().line());
}
