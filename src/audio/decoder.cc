#include "audio/decoder.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <new>
#include <string>

#include "audio/resample.h"
#include "audio/samples.h"
#include "audio/wav.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kDecodeBlock = 1 << 15;  // samples of all channels: a third of a second of 48 kHz stereo
constexpr base::SampleRate kLeastRate{1'000};  // below, and above, no recorder records
constexpr base::SampleRate kMostRate{768'000};
constexpr std::string_view kKinds = "send wav, flac, ogg (Opus or Vorbis), mp3, m4a or webm";

std::string seconds(std::int64_t frames, base::SampleRate rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(frames) / rate.hz);
  return text;
}

/// Frames to samples by the average of the channels, and whether all of them were numbers.
bool mix(std::span<const float> interleaved, std::size_t channels, std::span<float> mono) {
  const float share = 1.0F / static_cast<float>(channels);
  unsigned finite = 1;  // no branch in the loop, so that it is vectorised
  for (std::size_t i = 0; i < mono.size(); ++i) {
    float sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += interleaved[i * channels + c];
    mono[i] = sum * share;
    finite &= std::fabs(sum) <= std::numeric_limits<float>::max() ? 1U : 0U;
  }
  return finite != 0;
}

/// One file on its way; the parts of decode() that know how far it is.
class Decoding {
 public:
  Decoding(SoundReader& reader, std::string_view name, const DecodeOptions& options)
      : reader_(reader),
        name_(name),
        options_(options),
        most_frames_(
            static_cast<std::int64_t>(static_cast<double>(options.longest.count()) / 1000.0 * reader.rate().hz)) {}

  Result<Decoded> run(const std::stop_token& stop) {
    const base::SampleRate rate = reader_.rate();
    if (rate < kLeastRate || rate > kMostRate) {
      return fail(Code::kInvalidArgument, the("says that it has " + std::to_string(rate.hz) + " samples a second"));
    }
    const auto promised = reader_.frames();
    if (promised && *promised > most_frames_) return too_long(*promised);
    auto resampler = Resampler::make(rate, options_.rate);
    if (!resampler) return fail(resampler.error());

    Decoded out;
    out.rate = options_.rate;
    // Room that is not written to costs addresses and no memory, so a header that lies costs nothing.
    out.samples.reserve(
        static_cast<std::size_t>(static_cast<double>(promised.value_or(0)) * options_.rate.hz / rate.hz) + 8192);
    out.hold = SampleHold(options_.budget);
    if (auto read = read_all(**resampler, out, stop); !read) return fail(read.error());
    if (promised && reader_.is_exact() && frames_ < *promised) {
      return fail(Code::kInvalidArgument,
                  the("breaks off after " + seconds(frames_, rate) + " of the " + seconds(*promised, rate) +
                      " that its header tells"),
                  "send the whole file");
    }
    if (auto rest = (*resampler)->finish(out.samples); !rest) return fail(rest.error());
    if (out.samples.empty()) return fail(Code::kInvalidArgument, the("holds no sound: it has no samples"));
    for (float& sample : out.samples)
      sample = clean_sample(sample);  // a filter overshoots where the sound is at its loudest
    return out;
  }

 private:
  Result<void> read_all(Resampler& resampler, Decoded& out, const std::stop_token& stop) {
    const std::size_t channels = reader_.channels();
    const std::size_t block = std::max<std::size_t>(1, kDecodeBlock / channels);
    std::vector<float> interleaved(block * channels);
    std::vector<float> mono(block);
    for (;;) {
      if (stop.stop_requested()) return fail(Code::kCancelled, "decoding was stopped");
      auto count = reader_.read(interleaved);
      if (!count) {
        base::Error error = std::move(count.error());
        error.message = the("is damaged after " + seconds(frames_, reader_.rate()) + ": " + error.message);
        return fail(std::move(error));
      }
      if (*count == 0) return {};
      const std::span<float> heard = std::span(mono).first(std::min(*count, block));
      if (!mix(interleaved, channels, heard)) {
        return fail(Code::kInvalidArgument,
                    the("has samples that are no numbers, after " + seconds(frames_, reader_.rate())));
      }
      frames_ += static_cast<std::int64_t>(heard.size());
      if (frames_ > most_frames_) return too_long(frames_);
      if (auto done = resampler.append(heard, out.samples); !done) return done;
      if (!out.hold.grow_to(static_cast<std::int64_t>(out.samples.size()))) {
        return fail(Code::kExhausted, "as much sound as fits in memory is being transcribed already",
                    "ask again when it is done");
      }
    }
  }

  tl::unexpected<base::Error> too_long(std::int64_t frames) const {
    return fail(Code::kInvalidArgument,
                the("is longer than the " + seconds(most_frames_, reader_.rate()) + " that are taken (" +
                    seconds(frames, reader_.rate()) + " or more)"),
                "send it in parts, or raise transcription.max_audio");
  }
  std::string the(const std::string& what) const { return "the " + std::string(name_) + " file " + what; }

  SoundReader& reader_;
  const std::string_view name_;
  const DecodeOptions& options_;
  const std::int64_t most_frames_;
  std::int64_t frames_ = 0;
};

/// The kinds whose header may name a coding that libsndfile does not know and FFmpeg does.
bool may_hold_other_codings(Container container) {
  return container == Container::kWav || container == Container::kAiff || container == Container::kOgg;
}

Result<std::unique_ptr<SoundReader>> open_reader(std::string_view bytes, Container container,
                                                 const OpenOtherSound& other, const std::stop_token& stop) {
  if (container != Container::kUnknown && !is_for_media_program(container)) {
    auto reader = open_sound(bytes, container);
    if (reader || !other || !may_hold_other_codings(container)) return reader;
    auto second = other(bytes, container_name(container), stop);
    return second ? std::move(second) : std::move(reader);
  }
  if (container == Container::kUnknown && looks_like_text(bytes)) {
    return fail(Code::kInvalidArgument, "the file is text, not sound", std::string(kKinds));
  }
  if (!other) {
    return container == Container::kUnknown
               ? fail(Code::kInvalidArgument, "the file is no sound of a kind that is known", std::string(kKinds))
               : fail(Code::kUnsupported, std::string(container_name(container)) + " files need hearth-media",
                      "send wav, flac, ogg or mp3");
  }
  auto reader = other(bytes, container_name(container), stop);
  if (!reader && reader.error().code == Code::kInvalidArgument && reader.error().remedy.empty()) {
    reader.error().remedy = kKinds;
  }
  return reader;
}

}  // namespace

Result<Decoded> decode(SoundReader& reader, std::string_view name, const DecodeOptions& options,
                       const std::stop_token& stop) {
  try {
    return Decoding(reader, name, options).run(stop);
  } catch (const std::bad_alloc&) {
    return fail(Code::kExhausted, "there is not enough memory for the sound of the " + std::string(name) + " file",
                "send it in parts");
  }
}

Result<Decoded> decode(std::string_view bytes, const DecodeOptions& options, std::stop_token stop) {
  if (bytes.empty()) return fail(Code::kInvalidArgument, "the file is empty");
  const Container container = find_container(bytes);
  const std::string name(container_name(container));
  if (const std::int64_t missing = wav_missing_bytes(bytes); container == Container::kWav && missing > 0) {
    return fail(
        Code::kInvalidArgument,
        "the wav file breaks off: " + std::to_string(missing) + " bytes of the sound that its header tells are missing",
        "send the whole file");
  }
  auto reader = open_reader(bytes, container, options.other, stop);
  if (!reader) return fail(reader.error());
  return decode(**reader, name, options, stop);
}

Result<void> check_decoder() {
  const auto header = wav_header({8'000}, 80);
  const std::string silence = std::string(header.begin(), header.end()) + std::string(160, '\0');
  const auto decoded = decode(silence);
  if (!decoded) return fail(decoded.error());
  return {};
}

}  // namespace hearth::audio
