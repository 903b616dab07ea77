// Opus in Ogg by libopus and libogg, as RFC 7845 lays it out: a page with OpusHead, a page with OpusTags, then pages of
// 20 ms packets. Positions count at 48 kHz whatever the input's rate. The last page's position says where the sound
// truly ends.

#include <ogg/ogg.h>
#include <opus/opus.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "audio/encoder_kinds.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr int kClock = 48'000;
constexpr int kPacketMillis = 20;
constexpr int kPacketClock = kClock * kPacketMillis / 1000;
constexpr int kPacketsPerPage = 5;         // 100 ms: a player starts on the first page
constexpr std::size_t kMaxPacket = 1'500;  // a 20 ms mono packet never passes 1,275 bytes
constexpr int kSerial = 0x68727468;
constexpr int kBits = 48'000;  // a second: transparent for one voice

struct DestroyOpus {
  void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
};
using Opus = std::unique_ptr<OpusEncoder, DestroyOpus>;

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

class OpusOggEncoder final : public Encoder {
 public:
  OpusOggEncoder(Opus opus, base::SampleRate rate, int lookahead, const EncoderOptions& options)
      : Encoder(AudioFormat::kOpus, options),
        opus_(std::move(opus)),
        rate_(rate.hz),
        pre_skip_(lookahead * (kClock / rate.hz)),
        packet_(static_cast<std::size_t>(rate.hz * kPacketMillis / 1000)) {
    pending_.reserve(packet_);
    ogg_stream_init(&stream_, kSerial);
  }
  ~OpusOggEncoder() override { ogg_stream_clear(&stream_); }

 private:
  Result<void> start(std::string& out) override {
    std::string head = "OpusHead";
    put(head, 1, 1);  // version
    put(head, 1, 1);  // channels
    put(head, static_cast<std::uint32_t>(pre_skip_), 2);
    put(head, static_cast<std::uint32_t>(rate_), 4);  // of the input; for information only
    put(head, 0, 2);                                  // gain
    put(head, 0, 1);                                  // mapping family: mono or stereo
    add_packet(head, 0, false);
    write_pages(out);
    const std::string_view vendor = opus_get_version_string();
    std::string tags = "OpusTags";
    put(tags, static_cast<std::uint32_t>(vendor.size()), 4);
    tags += vendor;
    put(tags, 0, 4);  // no comments
    add_packet(tags, 0, false);
    write_pages(out);
    return {};
  }

  Result<void> append(std::span<const float> samples, std::string& out) override {
    heard_ += static_cast<std::int64_t>(samples.size());
    while (!samples.empty()) {
      const std::size_t n = std::min(samples.size(), packet_ - pending_.size());
      pending_.insert(pending_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(n));
      samples = samples.subspan(n);
      if (pending_.size() < packet_) break;
      if (auto done = compress(false, out); !done) return done;
    }
    write_pages(out);
    return {};
  }

  Result<void> close(std::string& out) override {
    // Silence pushes the last samples through the codec's look-ahead; an empty sound still needs one page to end on.
    const std::int64_t end = pre_skip_ + heard_ * (kClock / rate_);
    bool last = false;
    do {
      pending_.resize(packet_);
      last = position_ + kPacketClock >= end;
      if (auto done = compress(last, out); !done) return done;
    } while (!last);
    write_pages(out);
    return {};
  }

  /// Turns the full pending_ into one packet.
  Result<void> compress(bool last, std::string& out) {
    std::array<unsigned char, kMaxPacket> bytes;
    const int size = opus_encode_float(opus_.get(), pending_.data(), static_cast<int>(packet_), bytes.data(),
                                       static_cast<opus_int32>(bytes.size()));
    pending_.clear();
    if (size < 0) return fail(Code::kInternal, std::string("the opus encoder failed: ") + opus_strerror(size));
    position_ += kPacketClock;
    const std::int64_t end = pre_skip_ + heard_ * (kClock / rate_);
    add_packet({reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size)},
               last ? std::min(position_, end) : position_, last);
    if (++packets_on_page_ == kPacketsPerPage) write_pages(out);
    return {};
  }

  void add_packet(std::string_view bytes, std::int64_t position, bool last) {
    ogg_packet packet{};
    // libogg takes a mutable pointer but only copies from it.
    packet.packet = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    packet.bytes = static_cast<long>(bytes.size());
    packet.b_o_s = packets_ == 0 ? 1 : 0;
    packet.e_o_s = last ? 1 : 0;
    packet.granulepos = position;
    packet.packetno = packets_++;
    ogg_stream_packetin(&stream_, &packet);
  }

  /// Whole packets leave at once, however small the page.
  void write_pages(std::string& out) {
    ogg_page page;
    while (ogg_stream_flush(&stream_, &page) != 0) {
      out.append(reinterpret_cast<const char*>(page.header), static_cast<std::size_t>(page.header_len));
      out.append(reinterpret_cast<const char*>(page.body), static_cast<std::size_t>(page.body_len));
    }
    packets_on_page_ = 0;
  }

  const Opus opus_;
  const int rate_;
  const int pre_skip_;        // at 48 kHz
  const std::size_t packet_;  // samples at the input's rate
  std::vector<float> pending_;
  std::int64_t heard_ = 0;     // samples at the input's rate
  std::int64_t position_ = 0;  // at 48 kHz, the end of the last packet
  std::int64_t packets_ = 0;
  int packets_on_page_ = 0;
  ogg_stream_state stream_{};
};

}  // namespace

MadeEncoder make_opus_encoder(base::SampleRate rate, const EncoderOptions& options) {
  if (rate.hz != 8'000 && rate.hz != 12'000 && rate.hz != 16'000 && rate.hz != 24'000 && rate.hz != kClock) {
    return fail(Code::kUnsupported, "opus cannot carry " + std::to_string(rate.hz) + " Hz", "use 24,000 Hz");
  }
  int error = OPUS_OK;
  Opus opus(opus_encoder_create(rate.hz, 1, OPUS_APPLICATION_AUDIO, &error));
  if (!opus) return fail(Code::kExhausted, std::string("no opus encoder: ") + opus_strerror(error));
  opus_encoder_ctl(opus.get(), OPUS_SET_BITRATE(kBits));
  opus_encoder_ctl(opus.get(), OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
  opus_encoder_ctl(opus.get(), OPUS_SET_COMPLEXITY(5));
  opus_int32 lookahead = 0;
  opus_encoder_ctl(opus.get(), OPUS_GET_LOOKAHEAD(&lookahead));
  return std::make_unique<OpusOggEncoder>(std::move(opus), rate, lookahead, options);
}

}  // namespace hearth::audio
