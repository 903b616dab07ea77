#include "media/media_program.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/child.h"
#include "image/decode.h"
#include "media/child.h"
#include "media/remote_pages.h"
#include "media/remote_sound.h"

namespace hearth::media {
namespace {

using base::Code;
using base::fail;
using base::Result;

MediaOptions with_program(MediaOptions options) {
  if (options.program.empty()) options.program = base::program_folder() / "hearth-media";
  options.most_at_once = std::max(1, options.most_at_once);
  return options;
}

/// A file that cannot be read because something of ours is not there is no fault of whoever sent it, and no 404 either.
base::Error cannot(const std::string& what, base::Error error) {
  if (error.code != Code::kNotFound && error.code != Code::kUnsupported) return error;
  return {Code::kUnsupported, what + " needs hearth-media: " + error.message, std::move(error.remedy)};
}

std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

Result<std::string> ask(const ChildPlan& plan, Places& places) {
  const auto nothing = MemoryFile::make({});
  if (!nothing) return fail(nothing.error());
  auto child = Child::start(plan, *nothing, places, {});
  if (!child) return fail(child.error());
  const auto head = (*child)->next({});
  if (!head) return fail(head.error());
  if (head->kind != FrameKind::kReport) return Child::nonsense();
  std::string text(head->bytes, '\0');
  if (auto got = (*child)->read(std::as_writable_bytes(std::span(text)), {}); !got) return fail(got.error());
  return text;
}

}  // namespace

MediaProgram::MediaProgram(MediaOptions options)
    : options_(with_program(std::move(options))),
      sound_places_(options_.most_at_once),
      page_places_(options_.most_at_once) {}

Result<std::unique_ptr<audio::SoundReader>> MediaProgram::open_sound(std::string_view bytes, std::string_view name,
                                                                     const std::stop_token& stop) {
  const std::string what = "the " + std::string(name) + " file";
  auto file = MemoryFile::make(bytes);
  if (!file) return fail(file.error());
  auto child = Child::start({options_.program, {"sound"}, options_.silence}, *file, sound_places_, stop);
  if (!child) return fail(cannot(what, child.error()));
  auto reader = open_remote_sound(std::move(*child), std::move(*file), what, stop);
  if (!reader) return fail(cannot(what, reader.error()));
  return reader;
}

Result<std::unique_ptr<image::PageSource>> MediaProgram::open_pages(std::string_view bytes,
                                                                    const image::PageRanges& pages,
                                                                    const image::DecodeLimits& limits,
                                                                    const std::stop_token& stop) {
  const bool is_pdf = image::sniff(bytes) == image::Format::kPdf;
  const std::string what = is_pdf ? "the PDF" : "the picture";
  auto file = MemoryFile::make(bytes);
  if (!file) return fail(file.error());
  const std::int64_t pixels = is_pdf ? std::min(options_.page_pixels, limits.pixels) : limits.pixels;
  const std::vector<std::string> size = {std::to_string(pixels), std::to_string(limits.side)};
  const StartPages start = [this, is_pdf, size](const MemoryFile& input, const std::string& wanted,
                                                const std::stop_token& stopping) {
    ChildPlan plan{options_.program, {is_pdf ? "pages" : "picture"}, options_.silence};
    if (is_pdf) plan.words.insert(plan.words.end(), {wanted, decimal(options_.dots_per_inch)});
    plan.words.insert(plan.words.end(), size.begin(), size.end());
    return Child::start(plan, input, page_places_, stopping);
  };
  return open_remote_pages(start, std::move(*file), what, pages, limits, stop).map_error([&](const base::Error& error) {
    return cannot(what, error);
  });
}

audio::OpenOtherSound MediaProgram::sound_opener() {
  return [this](std::string_view bytes, std::string_view name, const std::stop_token& stop) {
    return open_sound(bytes, name, stop);
  };
}

image::OpenOther MediaProgram::page_opener() {
  return [this](std::string_view bytes, const image::PageRanges& pages, const image::DecodeLimits& limits,
                const std::stop_token& stop) { return open_pages(bytes, pages, limits, stop); };
}

MediaReport MediaProgram::check() {
  MediaReport report;
  for (const auto& [name, word] : {std::pair{"sound", "sound"}, {"PDF", "pages"}, {"pictures", "picture"}}) {
    Places& places = std::string_view(word) == "sound" ? sound_places_ : page_places_;
    report.parts.push_back({name, ask({options_.program, {"check", word}, options_.silence}, places)});
  }
  return report;
}

}  // namespace hearth::media
