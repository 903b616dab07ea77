#include "store/fetch_program.h"

#include <unistd.h>

#include <sstream>

#include "base/child.h"
#include "base/environment.h"

namespace hearth::store {

using base::Code;
using base::fail;

base::Result<std::filesystem::path> find_fetch_program() {
  const std::filesystem::path here = base::program_folder();
  for (const std::filesystem::path& program : {here / "hearth-fetch", here / "../libexec/hearth/hearth-fetch"}) {
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return fail(Code::kNotFound, "the program hearth-fetch is not in " + here.string(),
              "build it with `make build`, or install the whole package");
}

base::Result<std::vector<std::string>> check_fetch_program() {
  const auto program = find_fetch_program();
  if (!program) return fail(program.error());
  auto said = base::read_program(*program, {"--check"}, base::Bytes{4'096},
                                 {.limit = base::Millis{30'000}, .environment = base::environment_without_keys()});
  if (!said) return fail(Code::kInternal, "it does not start", "install libcurl4 and libarchive13");
  std::vector<std::string> lines;
  std::istringstream text(*said);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

base::Result<Fetched> run_fetch(const FetchRequest& request) {
  const auto program = find_fetch_program();
  if (!program) return fail(program.error());
  std::vector<std::string> arguments;
  if (request.config) {
    arguments.emplace_back("--config");
    arguments.push_back(request.config->string());
  }
  if (request.accept_licence) arguments.emplace_back("--accept-licence");
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), request.names.begin(), request.names.end());
  const auto ran = base::run_program(*program, arguments, {.environment = base::environment_without_keys()});
  return ran ? Fetched::kAll : Fetched::kNotAll;
}

}  // namespace hearth::store
