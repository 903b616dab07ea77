#include "cli/partial_file.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace hearth::cli {
namespace {

using base::fail;
using base::Result;

constexpr int kMostLinks = 40;  // as the kernel follows
constexpr std::array kEndSignals = {SIGINT, SIGTERM, SIGHUP};

// For the handler of a signal, which may use nothing that is not plain memory.
std::array<char, PATH_MAX> partial_name{};
volatile std::sig_atomic_t has_partial = 0;

void remove_partial_and_end(int signal) {
  if (has_partial != 0) ::unlink(partial_name.data());
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

/// The first name that has room in the handler's memory; a longer one cannot be opened anyway.
void remove_on_signals(const std::string& name) {
  if (name.size() >= partial_name.size()) return;
  std::memcpy(partial_name.data(), name.c_str(), name.size() + 1);
  has_partial = 1;
  struct sigaction action {};
  action.sa_handler = remove_partial_and_end;
  for (const int signal : kEndSignals) {
    struct sigaction before {};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
      ::sigaction(signal, &action, nullptr);
  }
}

std::filesystem::path behind_links(std::filesystem::path path) {
  std::error_code ec;
  for (int i = 0; i < kMostLinks && std::filesystem::is_symlink(path, ec); ++i) {
    const std::filesystem::path next = std::filesystem::read_symlink(path, ec);
    if (ec) break;
    path = path.parent_path() / next;  // an absolute one replaces the parent
  }
  return path;
}

}  // namespace

Result<PartialFile> PartialFile::open(const std::filesystem::path& path) {
  std::filesystem::path real = behind_links(path);
  std::filesystem::path partial = real.string() + ".part-" + std::to_string(::getpid());
  remove_on_signals(partial.string());
  std::FILE* file = std::fopen(partial.c_str(), "wb");
  if (file == nullptr) {
    const int error = errno;
    has_partial = 0;
    return fail(base::error_from_errno(error, "writing " + path.string()));
  }
  return PartialFile(file, std::move(real), std::move(partial));
}

PartialFile::~PartialFile() {
  if (!file_) return;
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
  has_partial = 0;
}

Result<void> PartialFile::complaint() const { return fail(base::error_from_errno(errno, "writing " + path_.string())); }

Result<void> PartialFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) return complaint();
  return {};
}

Result<void> PartialFile::write_at_begin(std::string_view bytes) {
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0) return complaint();
  return write(bytes);
}

Result<void> PartialFile::publish() {
  if (std::fflush(file_.get()) != 0 || ::fsync(fileno(file_.get())) != 0) return complaint();
  std::error_code ec;
  std::filesystem::rename(partial_, path_, ec);
  if (ec) return fail(base::error_from_errno(ec.value(), "writing " + path_.string()));
  has_partial = 0;
  file_.reset();
  return {};
}

}  // namespace hearth::cli
