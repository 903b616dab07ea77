#include "store/fetch/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "base/spawn.h"

namespace hearth::store {
namespace {

using base::fail;
using base::Result;

constexpr int kTickMillis = 200;

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> lines;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    if (!changes.contains(std::string(line.substr(0, line.find('='))))) lines.emplace_back(line);
  }
  for (const auto& [name, value] : changes) lines.push_back(name + "=" + value);
  return lines;
}

void keep_tail(std::string& text) {
  if (text.size() > kMaxChildOutput) text.erase(0, text.size() - kMaxChildOutput);
}

/// Reads what the child says until it closes its outputs.
void follow(int from, std::string& output, const std::function<void()>& on_tick) {
  char block[4096];
  for (;;) {
    pollfd waiting{from, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kTickMillis);
    if (ready < 0 && errno != EINTR) return;
    if (ready > 0) {
      const ssize_t n = ::read(from, block, sizeof block);
      if (n == 0 || (n < 0 && errno != EINTR)) return;
      if (n > 0) output.append(block, static_cast<std::size_t>(n));
      keep_tail(output);
    }
    if (on_tick) on_tick();
  }
}

}  // namespace

bool is_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string candidate = std::string(rest.substr(0, colon)) + "/" + name;
    if (colon > 0 && ::access(candidate.c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return false;
}

Result<ChildResult> run_child(const ChildCommand& command, const std::function<void()>& on_tick) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(base::error_from_errno(errno, "starting " + command.words.at(0)));
  const std::string& name = command.words.at(0);
  const auto child =
      base::spawn({command.words, base::kNoStream, ends[1], ends[1], environment_with(command.environment)});
  ::close(ends[1]);
  if (!child) {
    ::close(ends[0]);
    return fail(child.error());
  }
  ChildResult result;
  follow(ends[0], result.last_output, on_tick);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0) {
    if (errno != EINTR) return fail(base::error_from_errno(errno, "waiting for " + name));
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace hearth::store
