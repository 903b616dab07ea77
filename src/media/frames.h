#pragma once

// What hearth-media says on its standard output: frames, each a head and as many bytes as the head tells, in the
// machine's own byte order (both ends are one machine and one build). The file is its standard input. Whoever reads
// frames treats every number in them as hostile: the program may have been taken over by the file that it reads.
//
//   sound:     kSound  kSamples…  kEnd      pages:  kDocument  kPage…  kEnd
//   picture:   kDocument  kPage  kEnd       check:  kReport  kEnd
//
// kError may stand in any place and ends it.

#include <cstddef>
#include <cstdint>

namespace hearth::media {

enum class FrameKind : std::uint32_t { kError = 1, kReport, kSound, kSamples, kDocument, kPage, kEnd };

struct FrameHead {
  FrameKind kind = FrameKind::kEnd;
  std::uint32_t bytes = 0;
};

/// More than this is in no frame but kPage.
inline constexpr std::size_t kMostFrame = 64 << 10;

/// kSound, before the first samples. kSamples: f32, interleaved.
struct SoundFrame {
  std::int32_t rate = 0;  // Hz
  std::int32_t channels = 0;
  std::int64_t frames = -1;       // that the file promises; -1: it does not say
  std::int64_t least_frames = 0;  // fewer than these, and the file broke off
};

struct DocumentFrame {
  std::int32_t pages = 0;
};

/// Followed by width × height × 3 bytes: red, green, blue, row after row from the top.
struct PageFrame {
  std::int32_t number = 0;  // from 1
  std::int32_t width = 0;   // pixels
  std::int32_t height = 0;  // pixels
  float dots_per_inch = 0;  // 0: not known
};

/// Followed by the message, and behind a line feed what to do about it.
enum class Fault : std::uint32_t {
  kBadFile = 1,  // damaged, locked, too large, not what it says, or wants too much memory
  kCannot,       // this build or machine cannot do it
};

/// How many bytes of address space the program may have beside the file and its libraries' own.
inline constexpr std::uint64_t kSoundMemory = std::uint64_t{512} << 20;
inline constexpr std::uint64_t kPageMemory = std::uint64_t{1536} << 20;

}  // namespace hearth::media
