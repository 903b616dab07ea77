// The part of hearth-media for uncommon pictures: FFmpeg decodes one, of an animation the first.

#include <memory>
#include <new>
#include <string>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
}

#include "media/ffmpeg_file.h"
#include "media/module.h"

namespace hearth::media {
namespace {

// Pictures alone, and mov, whose family AVIF is of.
constexpr const char* kDemuxers =
    "gif,apng,mov,mp4,m4a,3gp,3g2,mj2,jpegxl_pipe,j2k_pipe,pam_pipe,pbm_pipe,pgm_pipe,pgmyuv_pipe,ppm_pipe,pfm_pipe,"
    "psd_pipe,pcx_pipe,sgi_pipe,sunrast_pipe,qoi_pipe,dds_pipe,exr_pipe,xbm_pipe,xpm_pipe,xwd_pipe,bmp_pipe,jpeg_pipe,"
    "jpegls_pipe,png_pipe,tiff_pipe,webp_pipe,ico";
constexpr unsigned kSeconds = 30;  // of processor time
constexpr int kMostPackets = 64;   // until the first frame

struct FreeScaler {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};

class PictureFile {
 public:
  PictureFile(std::span<const std::byte> file, const Order& order, FrameWriter& out)
      : order_(order), out_(out), file_(file, kDemuxers, AVMEDIA_TYPE_VIDEO) {}

  void run() {
    if (const std::string& wrong = file_.error(); !wrong.empty()) out_.fail(Fault::kBadFile, wrong);
    open_decoder();
    read_frame();
    write();
  }

 private:
  void open_decoder() {
    AVFormatContext* context = file_.context();
    const int index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (index < 0) out_.fail(Fault::kBadFile, "there is no picture in it");
    stream_ = context->streams[index];
    const AVCodec* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
    if (codec == nullptr || codec->type != AVMEDIA_TYPE_VIDEO) {
      out_.fail(Fault::kBadFile, std::string("it is of a kind that is not read (") +
                                     avcodec_get_name(stream_->codecpar->codec_id) + ")");
    }
    decoder_.reset(avcodec_alloc_context3(codec));
    if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), stream_->codecpar) < 0) throw std::bad_alloc();
    decoder_->thread_count = 1;
    decoder_->max_pixels = order_.most_pixels;
    decoder_->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK;  // half a picture is none
    if (avcodec_open2(decoder_.get(), codec, nullptr) < 0) out_.fail(Fault::kBadFile, "its header is damaged");
  }

  void read_frame() {
    allow_seconds(kSeconds);
    for (int i = 0; i < kMostPackets; ++i) {
      av_packet_unref(packet_.get());
      const int got = av_read_frame(file_.context(), packet_.get());
      if (got >= 0 && packet_->stream_index != stream_->index) continue;
      const int sent = avcodec_send_packet(decoder_.get(), got < 0 ? nullptr : packet_.get());
      if (sent >= 0 && avcodec_receive_frame(decoder_.get(), frame_.get()) >= 0) return;
      if (got < 0) break;
    }
    out_.fail(Fault::kBadFile, "it is damaged, or larger than what is taken");
  }

  void write() {
    const int width = frame_->width;
    const int height = frame_->height;
    const bool fits = width > 0 && height > 0 && width <= order_.most_side && height <= order_.most_side &&
                      static_cast<long long>(width) * height <= order_.most_pixels;
    if (!fits) {
      out_.fail(Fault::kBadFile, "it has " + std::to_string(width) + " × " + std::to_string(height) + " pixels");
    }
    const std::unique_ptr<SwsContext, FreeScaler> scaler(
        sws_getContext(width, height, static_cast<AVPixelFormat>(frame_->format), width, height, AV_PIX_FMT_RGBA,
                       SWS_POINT, nullptr, nullptr, nullptr));
    if (!scaler) out_.fail(Fault::kBadFile, "its colours are of a form that is not known");
    const std::size_t row = static_cast<std::size_t>(width) * 4;
    std::vector<std::uint8_t> rgba(row * static_cast<std::size_t>(height) +
                                   64);  // the scaler may write a little beyond
    std::uint8_t* const planes[] = {rgba.data(), nullptr, nullptr, nullptr};
    const int strides[] = {static_cast<int>(row), 0, 0, 0};
    if (sws_scale(scaler.get(), frame_->data, frame_->linesize, 0, height, planes, strides) != height) {
      out_.fail(Fault::kBadFile, "its colours cannot be converted");
    }
    // Transparent pixels on white, in place: three bytes are never behind the four that they come from.
    const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    for (std::size_t i = 0; i < pixels; ++i) {
      const unsigned alpha = rgba[i * 4 + 3];
      for (std::size_t c = 0; c < 3; ++c) {
        rgba[i * 3 + c] = static_cast<std::uint8_t>((rgba[i * 4 + c] * alpha + 255U * (255U - alpha)) / 255U);
      }
    }
    out_.write(FrameKind::kDocument, bytes_of(DocumentFrame{1}));
    out_.write(FrameKind::kPage, bytes_of(PageFrame{1, width, height, 0}),
               std::as_bytes(std::span(rgba).first(pixels * 3)));
  }

  const Order& order_;
  FrameWriter& out_;
  FfmpegFile file_;
  AVStream* stream_ = nullptr;  // the context's
  std::unique_ptr<AVCodecContext, CloseDecoder> decoder_;
  const std::unique_ptr<AVPacket, FreePacket> packet_{av_packet_alloc()};
  const std::unique_ptr<AVFrame, FreeFrame> frame_{av_frame_alloc()};
};

std::string prepare() { return prepare_ffmpeg(); }

void run(std::span<const std::byte> file, const Order& order, FrameWriter& out) { PictureFile(file, order, out).run(); }

}  // namespace
}  // namespace hearth::media

extern "C" const hearth::media::Module hearth_media_module{hearth::media::prepare, hearth::media::run};
