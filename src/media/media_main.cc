// hearth-media: reads one file that may have been made to do harm, and tells by frames (frames.h) what is in it.
// Started by the server when such a file comes (media_program.h); the file is its standard input. What parses it
// (FFmpeg, poppler) is in modules, opened before the walls go up (confine.h).
//
//   hearth-media sound < FILE               hearth-media picture PIXELS SIDE < FILE
//   hearth-media pages 1-3,7 DPI PIXELS SIDE < FILE
//   hearth-media check sound|pages|picture

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "media/confine.h"
#include "media/module.h"

namespace hearth::media {
namespace {

constexpr unsigned kSecondsToOpen = 30;  // of processor time until the first frame

struct Part {
  std::string_view verb;
  const char* module;  // beside the program
  Reading reading;
  std::uint64_t memory;
  std::string_view needs;  // for people
  std::string_view packages;
};
constexpr std::array kParts = {
    Part{"sound", "hearth-media-sound.so", Reading::kNothing, kSoundMemory, "FFmpeg",
         "libavformat59 libavcodec59 libswresample4"},
    Part{"pages", "hearth-media-pages.so", Reading::kFonts, kPageMemory, "poppler", "libpoppler-cpp0v5"},
    Part{"picture", "hearth-media-picture.so", Reading::kNothing, kPageMemory, "FFmpeg",
         "libavformat59 libavcodec59 libswscale6"},
};

void write_all(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(1);  // nobody reads any more
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

const Part* find_part(std::string_view verb) {
  for (const Part& part : kParts) {
    if (part.verb == verb) return &part;
  }
  return nullptr;
}

std::string program_folder() {
  std::array<char, 4096> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  const std::string_view whole(path.data(), n < 0 ? 0 : static_cast<std::size_t>(n));
  return std::string(whole.substr(0, whole.rfind('/') + 1));
}

const Module* open_module(const Part& part, FrameWriter& out) {
  const std::string path = program_folder() + part.module;
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    const bool is_built = ::access(path.c_str(), R_OK) == 0;
    if (!is_built) {
      out.fail(Fault::kCannot, "this build of hearth-media does without " + std::string(part.needs),
               "install what scripts/packages.txt lists, and build again");
    }
    out.fail(Fault::kCannot, why == nullptr ? "a module does not open" : why,
             "install them: apt-get install " + std::string(part.packages));
  }
  const auto* module = static_cast<const Module*>(::dlsym(library, kModuleSymbol));
  if (module == nullptr) out.fail(Fault::kCannot, std::string(part.module) + " is not of this build", "build it again");
  return module;
}

std::span<const std::byte> map_file(FrameWriter& out) {
  struct stat file {};
  if (::fstat(STDIN_FILENO, &file) != 0 || !S_ISREG(file.st_mode)) out.fail(Fault::kCannot, "there is no file to read");
  if (file.st_size == 0) out.fail(Fault::kBadFile, "it is empty");
  void* at = ::mmap(nullptr, static_cast<std::size_t>(file.st_size), PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
  if (at == MAP_FAILED) out.fail(Fault::kBadFile, "it cannot be mapped");
  return {static_cast<const std::byte*>(at), static_cast<std::size_t>(file.st_size)};
}

template <typename Number>
bool read_number(std::string_view word, Number& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size();
}

/// "1-3,7,9-". These words come from the server, not from a file.
bool read_pages(std::string_view words, std::vector<PageSpan>& pages) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(','));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    const std::size_t dash = word.find('-');
    PageSpan span;
    if (!read_number(word.substr(0, dash), span.first)) return false;
    span.last = span.first;
    if (dash != std::string_view::npos) {
      const std::string_view last = word.substr(dash + 1);
      span.last = kToTheEnd;
      if (!last.empty() && !read_number(last, span.last)) return false;
    }
    if (span.first < 1 || span.last < span.first) return false;
    pages.push_back(span);
  }
  return !pages.empty();
}

bool read_order(std::span<char*> words, const Part& part, Order& order) {
  if (part.verb == "sound") return words.empty();
  if (part.verb == "pages") {
    if (words.size() != 4 || !read_pages(words[0], order.pages)) return false;
    order.dots_per_inch = std::strtod(words[1], nullptr);
    words = words.subspan(2);
  }
  return words.size() == 2 && read_number(std::string_view(words[0]), order.most_pixels) &&
         read_number(std::string_view(words[1]), order.most_side) && order.dots_per_inch >= 1;
}

/// Says what holds, having tried it.
void check(const Part& part, FrameWriter& out) {
  const Module* module = open_module(part, out);
  std::string report = module->prepare();
  std::string walls;
  std::string why;
  if (!confine(part.reading, part.memory, walls, why)) out.fail(Fault::kCannot, why);
  if (const std::string hole = find_hole(); !hole.empty()) out.fail(Fault::kCannot, hole, "tell its makers");
  const bool finds_fonts = part.reading == Reading::kFonts && walls.find("no Landlock") == std::string::npos;
  if (const std::string lack = finds_fonts ? find_lack() : ""; !lack.empty())
    out.fail(Fault::kCannot, lack, "tell its makers");
  report += ", behind " + walls;
  out.write(FrameKind::kReport, std::as_bytes(std::span(report)));
  out.write(FrameKind::kEnd, {});
}

void read_file(const Part& part, const Order& order, FrameWriter& out) {
  const std::span<const std::byte> file = map_file(out);
  const Module* module = open_module(part, out);
  module->prepare();
  std::string walls;
  std::string why;
  if (!confine(part.reading, part.memory, walls, why)) {
    out.fail(Fault::kCannot, why, "run the server where the kernel has seccomp");
  }
  allow_seconds(kSecondsToOpen);
  try {
    module->run(file, order, out);
  } catch (const std::bad_alloc&) {
    out.fail(Fault::kBadFile, "it wants more memory than a file may have");
  } catch (const std::exception& error) {
    out.fail(Fault::kBadFile, error.what());
  }
  out.write(FrameKind::kEnd, {});
}

int run(std::span<char*> words) {
  FrameWriter out;
  const bool is_check = words.size() == 2 && std::string_view(words[0]) == "check";
  const Part* part = words.empty() ? nullptr : find_part(words[is_check ? 1 : 0]);
  Order order;
  if (part == nullptr || (!is_check && !read_order(words.subspan(1), *part, order))) {
    std::fputs(
        "hearth-media is started by hearth: sound | pages RANGES DPI PIXELS SIDE | picture PIXELS SIDE | check PART\n",
        stderr);
    return 2;
  }
  is_check ? check(*part, out) : read_file(*part, order, out);
  return 0;
}

}  // namespace

void FrameWriter::write(FrameKind kind, std::span<const std::byte> payload) { write(kind, payload, {}); }

void FrameWriter::write(FrameKind kind, std::span<const std::byte> front, std::span<const std::byte> rest) {
  const FrameHead head{kind, static_cast<std::uint32_t>(front.size() + rest.size())};
  write_all(bytes_of(head));
  write_all(front);
  write_all(rest);
}

void FrameWriter::fail(Fault fault, std::string_view message, std::string_view remedy) {
  std::string text(message.substr(0, 1000));
  if (!remedy.empty()) text.append("\n").append(remedy);
  write(FrameKind::kError, bytes_of(fault), std::as_bytes(std::span(text)));
  ::_exit(0);
}

void allow_seconds(unsigned seconds) {
  rusage used{};
  rlimit limit{};
  if (::getrusage(RUSAGE_SELF, &used) != 0 || ::getrlimit(RLIMIT_CPU, &limit) != 0) return;
  const auto spent = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  limit.rlim_cur = std::min(limit.rlim_max, spent + seconds + 1);
  ::setrlimit(RLIMIT_CPU, &limit);
}

}  // namespace hearth::media

int main(int argc, char** argv) {
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::signal(SIGPIPE, SIG_DFL);
  hearth::media::limit_process();
  const int code = hearth::media::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
  ::_exit(code);  // the libraries' own endings have nothing to give back, and walls in their way
}
