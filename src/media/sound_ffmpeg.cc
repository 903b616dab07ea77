// The sound part of hearth-media: FFmpeg. Only demuxers of files that hold sound, only decoders of sound, no protocol:
// the file is the bytes in memory, and what it refers to elsewhere is not followed.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
}

#include "media/ffmpeg_file.h"
#include "media/module.h"

namespace hearth::media {
namespace {

// Containers and bare streams of sound. Not here: hls, dash, concat, sdp and their like, which name other files.
constexpr const char* kDemuxers =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg,aac,loas,asf,amr,amrnb,amrwb,caf,flv,mp3,flac,wav,w64,aiff,au,ac3,eac3,"
    "dts,mpegts,mpeg,avi,ape,wv,tta,tak,rm,voc,gsm,mpc,mpc8,dsf,truehd,sbc,aptx,g722,codec2";
constexpr int kMostChannels = 64;
constexpr int kBlockFrames = 4096;
constexpr int kMostBad = 200;              // packets in a row that do not decode
constexpr unsigned kSecondsPerBlock = 20;  // of processor time

struct CloseResampler {
  void operator()(SwrContext* context) const { swr_free(&context); }
};

/// From a file's packets to f32 frames of the first one's rate and channels.
class SoundFile {
 public:
  SoundFile(std::span<const std::byte> file, FrameWriter& out)
      : out_(out), file_(file, kDemuxers, AVMEDIA_TYPE_AUDIO) {}

  void run() {
    find_stream();
    open_decoder();
    int bad = 0;
    for (;;) {
      av_packet_unref(packet_.get());
      const int got = av_read_frame(file_.context(), packet_.get());
      if (got == AVERROR(EAGAIN)) continue;
      if (got < 0) {
        // An end that the container did not announce looks like many errors; whether sound is missing is told by
        // counts.
        break;
      }
      if (packet_->stream_index != stream_->index) continue;
      const bool is_good = decode(packet_.get());
      bad = is_good ? 0 : bad + 1;
      if (bad > kMostBad) out_.fail(Fault::kBadFile, "its sound cannot be decoded");
    }
    decode(nullptr);
    if (!has_begun_) out_.fail(Fault::kBadFile, "it holds no sound that can be decoded");
    flush();
  }

 private:
  void find_stream() {
    if (const std::string& wrong = file_.error(); !wrong.empty()) out_.fail(Fault::kBadFile, wrong);
    AVFormatContext* context = file_.context();
    stream_ = best_stream();
    if (stream_ == nullptr || stream_->codecpar->sample_rate <= 0 || stream_->codecpar->ch_layout.nb_channels <= 0 ||
        stream_->codecpar->codec_id == AV_CODEC_ID_NONE) {
      // Only some streams do not say it in front, and looking for it costs.
      avformat_find_stream_info(context, nullptr);
      stream_ = best_stream();
    }
    if (stream_ == nullptr) out_.fail(Fault::kBadFile, "there is no sound in it");
    for (unsigned i = 0; i < context->nb_streams; ++i) {
      if (context->streams[i] != stream_) context->streams[i]->discard = AVDISCARD_ALL;
    }
  }

  AVStream* best_stream() {
    const int index = av_find_best_stream(file_.context(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    return index < 0 ? nullptr : file_.context()->streams[index];
  }

  void open_decoder() {
    const AVCodec* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
    if (codec == nullptr || codec->type != AVMEDIA_TYPE_AUDIO) {
      out_.fail(Fault::kBadFile, std::string("its sound is of a kind that is not known (") +
                                     avcodec_get_name(stream_->codecpar->codec_id) + ")");
    }
    decoder_.reset(avcodec_alloc_context3(codec));
    if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), stream_->codecpar) < 0) throw std::bad_alloc();
    decoder_->pkt_timebase = stream_->time_base;
    decoder_->thread_count = 1;
    if (avcodec_open2(decoder_.get(), codec, nullptr) < 0) {
      out_.fail(Fault::kBadFile, std::string("its ") + codec->name + " sound has a damaged header");
    }
  }

  /// Null: there are no more. False: damaged.
  bool decode(const AVPacket* packet) {
    const int sent = avcodec_send_packet(decoder_.get(), packet);
    if (sent == AVERROR(ENOMEM)) throw std::bad_alloc();
    bool is_good = sent >= 0;
    for (;;) {
      const int got = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return is_good;
      if (got == AVERROR(ENOMEM)) throw std::bad_alloc();
      if (got < 0) return false;
      is_good = true;
      convert();
      av_frame_unref(frame_.get());
    }
  }

  void convert() {
    if (frame_->nb_samples <= 0 || frame_->sample_rate <= 0) return;
    if (!has_begun_) begin();
    if (frame_->format != format_ || frame_->sample_rate != in_rate_ || frame_->ch_layout.nb_channels != in_channels_ ||
        !resampler_) {
      flush();
      open_resampler();
    }
    int left = swr_convert(resampler_.get(), nullptr, 0, const_cast<const std::uint8_t**>(frame_->extended_data),
                           frame_->nb_samples);
    if (left < 0) out_.fail(Fault::kBadFile, "its sound changes its form in a way that is not known");
    drain();
  }

  void begin() {
    SoundFrame head;
    head.rate = rate_ = frame_->sample_rate;
    head.channels = channels_ = frame_->ch_layout.nb_channels;
    if (channels_ < 1 || channels_ > kMostChannels) {
      out_.fail(Fault::kBadFile, "its sound has " + std::to_string(channels_) + " channels; at most 64 are taken");
    }
    promise(head);
    out_.write(FrameKind::kSound, bytes_of(head));
    block_.resize(static_cast<std::size_t>(kBlockFrames) * static_cast<std::size_t>(channels_));
    has_begun_ = true;
  }

  /// What the header says of the length, as far as it is about this stream.
  void promise(SoundFrame& head) {
    const AVFormatContext* context = file_.context();
    const std::string_view kind = context->iformat->name;
    std::int64_t frames = -1;
    if (stream_->duration != AV_NOPTS_VALUE && stream_->duration > 0) {
      frames = av_rescale_q(stream_->duration, stream_->time_base, {1, rate_});
    } else if (context->nb_streams == 1 && context->duration != AV_NOPTS_VALUE && context->duration > 0) {
      frames = av_rescale_q(context->duration, {1, AV_TIME_BASE}, {1, rate_});
    }
    // Others guess from the bit rate.
    const bool is_told = kind.find("mp4") != std::string_view::npos || kind.find("matroska") != std::string_view::npos;
    if (!is_told || frames <= 0) return;
    head.frames = frames;
    const std::int64_t slack = std::max<std::int64_t>(rate_, frames / 50);  // a second, or two in a hundred
    head.least_frames = std::max<std::int64_t>(0, frames - slack);
  }

  void open_resampler() {
    AVChannelLayout from{};
    AVChannelLayout to{};
    // Channels by number, not by place: the server averages them.
    av_channel_layout_default(&from, frame_->ch_layout.nb_channels);
    av_channel_layout_default(&to, channels_);
    SwrContext* made = nullptr;
    const int set = swr_alloc_set_opts2(&made, &to, AV_SAMPLE_FMT_FLT, rate_, &from,
                                        static_cast<AVSampleFormat>(frame_->format), frame_->sample_rate, 0, nullptr);
    resampler_.reset(made);
    av_channel_layout_uninit(&from);
    av_channel_layout_uninit(&to);
    if (set < 0 || swr_init(resampler_.get()) < 0) {
      out_.fail(Fault::kBadFile, "its sound is of a form that is not known");
    }
    format_ = frame_->format;
    in_rate_ = frame_->sample_rate;
    in_channels_ = frame_->ch_layout.nb_channels;
  }

  /// Everything that is in the resampler, in blocks.
  void drain() {
    for (;;) {
      auto* to = reinterpret_cast<std::uint8_t*>(block_.data());
      const int frames = swr_convert(resampler_.get(), &to, block_frames(), nullptr, 0);
      if (frames <= 0) return;
      write(frames);
      if (frames < block_frames()) return;
    }
  }
  void flush() {
    if (resampler_) drain();
  }

  void write(int frames) {
    allow_seconds(kSecondsPerBlock);
    const std::size_t count = static_cast<std::size_t>(frames) * static_cast<std::size_t>(channels_);
    out_.write(FrameKind::kSamples, std::as_bytes(std::span(block_).first(count)));
  }

  /// So that a block is never more than a frame of ours may hold.
  [[nodiscard]] int block_frames() const {
    return std::min<int>(kBlockFrames, static_cast<int>(kMostFrame / sizeof(float)) / channels_);
  }

  FrameWriter& out_;
  FfmpegFile file_;
  AVStream* stream_ = nullptr;  // the context's
  std::unique_ptr<AVCodecContext, CloseDecoder> decoder_;
  std::unique_ptr<SwrContext, CloseResampler> resampler_;
  const std::unique_ptr<AVPacket, FreePacket> packet_{av_packet_alloc()};
  const std::unique_ptr<AVFrame, FreeFrame> frame_{av_frame_alloc()};
  std::vector<float> block_;
  bool has_begun_ = false;
  int rate_ = 0;  // of the first frame; later ones are brought to it
  int channels_ = 0;
  int format_ = -1;  // of the frame before
  int in_rate_ = 0;
  int in_channels_ = 0;
};

std::string prepare() { return prepare_ffmpeg(); }

void run(std::span<const std::byte> file, const Order&, FrameWriter& out) { SoundFile(file, out).run(); }

}  // namespace
}  // namespace hearth::media

extern "C" const hearth::media::Module hearth_media_module{hearth::media::prepare, hearth::media::run};
