// hearth-graph: makes Kokoro's artefact from its published file, and measures it. Apart from the server, which must not
// carry protobuf's static initialisers into every start.

#include <cstdio>
#include <map>
#include <string>

#include "base/child.h"
#include "engines/onnx/graph/artefact_bench.h"
#include "engines/onnx/graph/kokoro_artefact_writer.h"

namespace {

constexpr const char* kUsage =
    "usage: hearth-graph kokoro --model FILE --out FOLDER [--ort LIBRARY] [--fuse no]\n"
    "       hearth-graph bench --dir FOLDER [--ort LIBRARY] [--threads N] [--runs N] [--tokens FILE]\n       [--style "
    "FILE] [--dump FILE]\n";

using Arguments = std::map<std::string, std::string>;

hearth::base::Result<void> run(const std::string& verb, Arguments& arguments) {
  using namespace hearth;                 // NOLINT(google-build-using-namespace)
  using namespace hearth::engines::onnx;  // NOLINT(google-build-using-namespace)
  const auto number = [&](const char* name, int otherwise) {
    return arguments.contains(name) ? std::atoi(arguments[name].c_str()) : otherwise;
  };
  const auto library_path = find_ort_library(arguments["ort"]);
  if (verb == "bench") {
    graph::BenchOptions options;
    options.folder = arguments["dir"];
    options.library = library_path;
    options.threads = number("threads", options.threads);
    options.runs = number("runs", options.runs);
    options.tokens_file = arguments["tokens"];
    options.style_file = arguments["style"];
    options.dump = arguments["dump"];
    return graph::bench_artefact(options);
  }
  const auto library = OrtLibrary::open(library_path, number("threads", 2));
  if (!library) return base::fail(library.error());
  graph::KokoroArtefactOptions options;
  if (arguments["fuse"] == "no") options.fuse = graph::KokoroArtefactOptions::Fuse::kNo;
  return graph::write_kokoro_artefact(**library, arguments["model"], arguments["out"], options);
}

}  // namespace

int main(int argc, char** argv) {
  hearth::base::end_with_parent();
  Arguments arguments;
  const std::string verb = argc > 1 ? argv[1] : "";
  bool sound = (verb == "kokoro" || verb == "bench") && argc % 2 == 0;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    sound = sound && flag.starts_with("--");
    if (sound) arguments[flag.substr(2)] = argv[i + 1];
  }
  if (!sound || (verb == "kokoro" && (!arguments.contains("model") || !arguments.contains("out"))) ||
      (verb == "bench" && !arguments.contains("dir"))) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (const auto done = run(verb, arguments); !done) {
    std::fprintf(stderr, "hearth-graph: %s\n", done.error().line().c_str());
    return 1;
  }
  return 0;
}
