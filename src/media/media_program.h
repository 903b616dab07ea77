#pragma once

// Files that a decoder should not be trusted with: m4a, webm and whatever else FFmpeg reads of sound, PDF, uncommon
// pictures. They are read by a program of its own, hearth-media, which is started when such a file comes, gets the file
// as a sealed piece of memory, answers by a pipe, and has no network, no files, little memory and no time to waste
// (confine.h). Its crashes, libraries and licences stay there. Not here: mixing and resampling (audio/), what is
// written on a page (engines/). One program a file; more files than places wait, sound for sound and pages for pages.
// Any thread; nothing is done before the first file comes. Start reading at media_program.cc, then child.h, and
// media_main.cc for the other side of the pipe.

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "audio/decoder_reader.h"
#include "base/result.h"
#include "image/page_source.h"
#include "media/places.h"

namespace hearth::media {

struct MediaOptions {
  std::filesystem::path program = {};  // empty: hearth-media beside this program
  /// Programs for sound, and as many for pages and pictures: so that long documents keep no sound waiting.
  int most_at_once = 2;
  /// Of a PDF's pages. 200 is what scanners take for text; a line of 8 points is then 22 pixels high.
  double dots_per_inch = 200;
  /// Of one drawn page: A2 at 200 dots per inch is 15 million. Larger pages get fewer dots.
  std::int64_t page_pixels = 25'000'000;
  base::Millis silence{120'000};  // child.h
};

/// What there is of it on this machine.
struct MediaReport {
  struct Part {
    std::string name;  // "sound", "PDF", "pictures"
    /// "FFmpeg 5.1.9, behind limits, no network, seccomp", having tried what must not work.
    base::Result<std::string> found;
  };
  std::vector<Part> parts;
};

class MediaProgram {
 public:
  explicit MediaProgram(MediaOptions options = {});
  /// See audio::OpenOtherSound.
  [[nodiscard]] base::Result<std::unique_ptr<audio::SoundReader>> open_sound(std::string_view bytes,
                                                                             std::string_view name,
                                                                             const std::stop_token& stop);
  /// See image::OpenOther: a PDF's pages, or one picture.
  [[nodiscard]] base::Result<std::unique_ptr<image::PageSource>> open_pages(std::string_view bytes,
                                                                            const image::PageRanges& pages,
                                                                            const image::DecodeLimits& limits,
                                                                            const std::stop_token& stop);
  /// The two as functions, for those who know this room only by them. This outlives them.
  [[nodiscard]] audio::OpenOtherSound sound_opener();
  [[nodiscard]] image::OpenOther page_opener();
  /// Starts each part once and lets it try the walls. Blocks for some 0.2 s.
  [[nodiscard]] MediaReport check();

 private:
  const MediaOptions options_;
  Places sound_places_;
  Places page_places_;
};

}  // namespace hearth::media
