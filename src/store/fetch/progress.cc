#include "store/fetch/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace hearth::store {
namespace {

using namespace std::chrono_literals;
constexpr int kBarWidth = 24;

double seconds_since(std::chrono::steady_clock::time_point when) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - when).count();
}

}  // namespace

PullPrinter::Style PullPrinter::style_of(std::FILE* out) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return ::isatty(::fileno(out)) != 0 && !dumb ? Style::kBars : Style::kLines;
}

void PullPrinter::on_wait(const std::string& model) {
  std::fprintf(out_, "%s: another process is fetching it; waiting\n", model.c_str());
  std::fflush(out_);
}

void PullPrinter::on_transfer(const std::string& model, const std::string& what, base::Bytes total) {
  title_ = model + ": " + what;
  total_ = total;
  last_ = base::Bytes{0};
  began_ = std::chrono::steady_clock::now();
  drawn_ = began_ - 1s;
  if (style_ == Style::kBars) {
    draw(last_);
  } else if (total.count > 0) {
    std::fprintf(out_, "%s, %.1f MiB\n", title_.c_str(), total.mib());
  } else {
    std::fprintf(out_, "%s\n", title_.c_str());
  }
  std::fflush(out_);
}

void PullPrinter::on_bytes(base::Bytes done) {
  last_ = std::max(last_, done);
  if (style_ == Style::kLines || std::chrono::steady_clock::now() - drawn_ < 100ms) return;
  draw(last_);
}

void PullPrinter::on_transferred() {
  if (style_ == Style::kBars) std::fputs("\r\033[K", out_);
  std::fflush(out_);
}

void PullPrinter::draw(base::Bytes done) {
  drawn_ = std::chrono::steady_clock::now();
  const double share = total_.count > 0 ? std::min(1.0, done.mib() / total_.mib()) : 0;
  std::string bar(static_cast<std::size_t>(share * kBarWidth), '#');
  bar.resize(kBarWidth, '.');
  const double seconds = std::max(0.001, seconds_since(began_));
  std::fprintf(out_, "\r\033[K%s [%s] %.1f/%.1f MiB, %.1f MiB/s", title_.c_str(), bar.c_str(), done.mib(), total_.mib(),
               done.mib() / seconds);
  std::fflush(out_);
}

void PullPrinter::on_source_failed(const std::string& file, const std::string& source, const base::Error& error) {
  std::fprintf(out_, "%s: not from %s: %s\n", file.c_str(), source.c_str(), error.line().c_str());
  std::fflush(out_);
}

void PullPrinter::on_done(const std::string& model, int fetched, base::Bytes size) {
  if (fetched == 0) {
    std::fprintf(out_, "%s: already here, %.1f MiB\n", model.c_str(), size.mib());
  } else {
    std::fprintf(out_, "%s: %d file%s fetched and verified, %.1f MiB\n", model.c_str(), fetched,
                 fetched == 1 ? "" : "s", size.mib());
  }
  std::fflush(out_);
}

}  // namespace hearth::store
