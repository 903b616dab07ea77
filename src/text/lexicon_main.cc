// hearth-lexicon MISAKI_DATA_DIR TEXTBLOB_EN_DIR TABLE: compiles the pronunciation table, then opens and verifies it.

#include <cstdio>

#include "text/lexicon.h"
#include "text/lexicon_compiler.h"

int main(int argc, char** argv) {
  using namespace hearth;  // NOLINT(google-build-using-namespace)
  if (argc != 4) {
    std::fputs("usage: hearth-lexicon MISAKI_DATA_DIR TEXTBLOB_EN_DIR TABLE\n", stderr);
    return 2;
  }
  base::Result<void> done = text::compile_lexicon(text::lexicon_sources_in(argv[1], argv[2]), argv[3]);
  if (done) {
    const base::Result<text::Lexicon> table = text::Lexicon::open(argv[3]);
    done = table ? table->verify() : base::Result<void>{base::fail(table.error())};
  }
  if (!done) {
    std::fprintf(stderr, "hearth-lexicon: %s\n", done.error().line().c_str());
    return 1;
  }
  return 0;
}
