#include "media/ffmpeg_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

namespace hearth::media {
namespace {

constexpr int kBuffer = 64 << 10;
constexpr int kMostStreams = 64;
constexpr std::int64_t kProbeBytes = 5 << 20;
constexpr std::int64_t kProbeTime = 10 * AV_TIME_BASE;  // of the file's own time

/// What a file refers to elsewhere is not opened.
int refuse_file(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EACCES); }

std::string decoder_names(AVMediaType type) {
  std::string names;
  void* at = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&at)) {
    if (codec->type != type || av_codec_is_decoder(codec) == 0) continue;
    if (!names.empty()) names += ',';
    names += codec->name;
  }
  return names;
}

}  // namespace

FfmpegFile::FfmpegFile(std::span<const std::byte> bytes, const char* demuxers, AVMediaType type) : bytes_(bytes) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
  io_ = avio_alloc_context(buffer, kBuffer, 0, this, &FfmpegFile::read, nullptr, &FfmpegFile::seek);
  context_ = avformat_alloc_context();
  if (buffer == nullptr || io_ == nullptr || context_ == nullptr) throw std::bad_alloc();
  context_->pb = io_;
  context_->flags |= AVFMT_FLAG_CUSTOM_IO;
  context_->io_open = &refuse_file;
  context_->format_whitelist = av_strdup(demuxers);
  context_->codec_whitelist = av_strdup(decoder_names(type).c_str());
  context_->protocol_whitelist = av_strdup("none");
  context_->max_streams = kMostStreams;
  context_->probesize = kProbeBytes;
  context_->max_analyze_duration = kProbeTime;
  const int opened = avformat_open_input(&context_, nullptr, nullptr, nullptr);  // frees the context where it fails
  if (opened == AVERROR(ENOMEM)) throw std::bad_alloc();
  if (opened == AVERROR_INVALIDDATA || opened == AVERROR(EINVAL)) {
    error_ = "it is damaged in its header, or of a kind that is not read";
  } else if (opened < 0) {
    error_ = "it is damaged in its header (" + ffmpeg_error(opened) + ")";
  }
}

FfmpegFile::~FfmpegFile() {
  avformat_close_input(&context_);
  if (io_ != nullptr) av_freep(&io_->buffer);
  avio_context_free(&io_);
}

int FfmpegFile::read(void* self, std::uint8_t* to, int count) {
  auto& file = *static_cast<FfmpegFile*>(self);
  const std::size_t n = std::min(static_cast<std::size_t>(std::max(count, 0)), file.bytes_.size() - file.at_);
  if (n == 0) return AVERROR_EOF;
  std::memcpy(to, file.bytes_.data() + file.at_, n);
  file.at_ += n;
  return static_cast<int>(n);
}

std::int64_t FfmpegFile::seek(void* self, std::int64_t offset, int whence) {
  auto& file = *static_cast<FfmpegFile*>(self);
  const auto size = static_cast<std::int64_t>(file.bytes_.size());
  if ((whence & AVSEEK_SIZE) != 0) return size;
  whence &= ~AVSEEK_FORCE;
  const std::int64_t from = whence == SEEK_CUR ? static_cast<std::int64_t>(file.at_) : whence == SEEK_END ? size : 0;
  if (offset < -from || offset > size - from) return AVERROR(EINVAL);
  file.at_ = static_cast<std::size_t>(from + offset);
  return from + offset;
}

std::string prepare_ffmpeg() {
  av_log_set_level(AV_LOG_QUIET);
  return std::string("FFmpeg ") + av_version_info();
}

std::string ffmpeg_error(int number) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(number, text.data(), text.size());
  return text.data();
}

}  // namespace hearth::media
