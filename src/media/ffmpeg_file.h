#pragma once

// Inside hearth-media's modules: a file in memory as FFmpeg's demuxers see it, with nothing around it.

#include <cstddef>
#include <span>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace hearth::media {

// How what FFmpeg allocates is given back, for std::unique_ptr.
struct CloseDecoder {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};

class FfmpegFile {
 public:
  /// `demuxers`: the names that are allowed, with commas. Only decoders of `type` are ever opened, also by FFmpeg's own
  /// looking.
  FfmpegFile(std::span<const std::byte> bytes, const char* demuxers, AVMediaType type);
  ~FfmpegFile();
  FfmpegFile(const FfmpegFile&) = delete;
  FfmpegFile& operator=(const FfmpegFile&) = delete;
  /// Why it could not be opened; empty: it could.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] AVFormatContext* context() const { return context_; }

 private:
  static int read(void* self, std::uint8_t* to, int count);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  AVIOContext* io_ = nullptr;
  AVFormatContext* context_ = nullptr;
  std::string error_;
};

/// "FFmpeg 5.1.9". Silences its log, which would repeat a file's words on the server's terminal.
[[nodiscard]] std::string prepare_ffmpeg();
/// What an error number means, in FFmpeg's words.
[[nodiscard]] std::string ffmpeg_error(int number);

}  // namespace hearth::media
