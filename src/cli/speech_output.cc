#include "cli/speech_output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "audio/loudspeaker.h"
#include "audio/wav.h"
#include "cli/partial_file.h"

namespace hearth::cli {
namespace {

using base::fail;
using base::Result;

class FileOutput final : public SpeechOutput {
 public:
  FileOutput(PartialFile file, audio::AudioFormat format, base::SampleRate rate)
      : file_(std::move(file)), format_(format), rate_(rate) {}
  Result<void> write(std::string_view bytes) override {
    size_ += bytes.size();
    return file_.write(bytes);
  }
  Result<void> finish() override {
    if (format_ == audio::AudioFormat::kWav && size_ >= audio::kWavHeaderSize) {
      // The header was written for a stream of unknown length; now the length is known.
      const auto header = audio::wav_header(rate_, static_cast<std::int64_t>((size_ - audio::kWavHeaderSize) / 2));
      if (auto written = file_.write_at_begin({header.data(), header.size()}); !written) return written;
    }
    return file_.publish();
  }

 private:
  PartialFile file_;
  const audio::AudioFormat format_;
  const base::SampleRate rate_;
  std::size_t size_ = 0;
};

/// Into a pipe, a device or standard output, as it comes.
class StreamOutput final : public SpeechOutput {
 public:
  /// `file` stays its caller's where that is standard output.
  StreamOutput(std::FILE* file, std::string name) : file_(file), name_(std::move(name)) {}
  ~StreamOutput() override {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }
  Result<void> write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size() && std::fflush(file_) == 0) return {};
    return fail(base::error_from_errno(errno, "writing to " + name_));
  }
  Result<void> finish() override { return {}; }

 private:
  std::FILE* const file_;
  const std::string name_;
};

class LoudspeakerOutput final : public SpeechOutput {
 public:
  explicit LoudspeakerOutput(std::unique_ptr<audio::Loudspeaker> loudspeaker) : loudspeaker_(std::move(loudspeaker)) {}
  Result<void> write(std::string_view bytes) override {
    pending_ += bytes;
    std::vector<float> samples(pending_.size() / 2);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      std::int16_t sample = 0;
      std::memcpy(&sample, pending_.data() + 2 * i, sizeof sample);
      samples[i] = static_cast<float>(sample) / 32768.0F;
    }
    pending_.erase(0, 2 * samples.size());
    return loudspeaker_->play(samples);
  }
  Result<void> finish() override { return loudspeaker_->drain(); }

 private:
  std::unique_ptr<audio::Loudspeaker> loudspeaker_;
  std::string pending_;  // half a sample, where a block of the network cut one
};

}  // namespace

Result<std::unique_ptr<SpeechOutput>> open_speech_output(const std::string& target, audio::AudioFormat format,
                                                         base::SampleRate rate) {
  if (target == "-") return std::make_unique<StreamOutput>(stdout, "standard output");
  if (target.empty()) {
    auto loudspeaker = audio::open_loudspeaker(rate);
    if (!loudspeaker) return fail(loudspeaker.error());
    return std::make_unique<LoudspeakerOutput>(std::move(*loudspeaker));
  }
  std::error_code ec;
  if (std::filesystem::exists(target, ec) && !std::filesystem::is_regular_file(target, ec)) {
    std::FILE* file = std::fopen(target.c_str(), "wb");
    if (file == nullptr) return fail(base::error_from_errno(errno, "writing " + target));
    return std::make_unique<StreamOutput>(file, target);
  }
  auto file = PartialFile::open(target);
  if (!file) return fail(file.error());
  return std::make_unique<FileOutput>(std::move(*file), format, rate);
}

}  // namespace hearth::cli
