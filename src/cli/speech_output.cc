#include "cli/speech_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "audio/loudspeaker.h"
#include "audio/wav.h"

namespace hearth::cli {
namespace {

using base::fail;
using base::Result;

class FileOutput final : public SpeechOutput {
 public:
  FileOutput(std::FILE* file, std::filesystem::path path, std::filesystem::path partial, audio::AudioFormat format,
             base::SampleRate rate)
      : file_(file), path_(std::move(path)), partial_(std::move(partial)), format_(format), rate_(rate) {}
  ~FileOutput() override {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::error_code ignored;
    std::filesystem::remove(partial_, ignored);
  }
  Result<void> write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return complaint();
    size_ += bytes.size();
    return {};
  }
  Result<void> finish() override {
    if (format_ == audio::AudioFormat::kWav && size_ >= audio::kWavHeaderSize) {
      // The header was written for a stream of unknown length; now the length is known.
      const auto header = audio::wav_header(rate_, static_cast<std::int64_t>((size_ - audio::kWavHeaderSize) / 2));
      if (std::fseek(file_, 0, SEEK_SET) != 0 || std::fwrite(header.data(), 1, header.size(), file_) != header.size()) {
        return complaint();
      }
    }
    if (std::fflush(file_) != 0 || ::fsync(fileno(file_)) != 0) return complaint();
    std::error_code ec;
    std::filesystem::rename(partial_, path_, ec);
    if (ec) return fail(base::error_from_errno(ec.value(), "writing " + path_.string()));
    std::fclose(std::exchange(file_, nullptr));
    return {};
  }

 private:
  Result<void> complaint() const { return fail(base::error_from_errno(errno, "writing " + path_.string())); }
  std::FILE* file_;
  const std::filesystem::path path_, partial_;
  const audio::AudioFormat format_;
  const base::SampleRate rate_;
  std::size_t size_ = 0;
};

class StandardOutput final : public SpeechOutput {
 public:
  Result<void> write(std::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0) return {};
    return fail(base::error_from_errno(errno, "writing to standard output"));
  }
  Result<void> finish() override { return {}; }
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
  if (target == "-") return std::make_unique<StandardOutput>();
  if (target.empty()) {
    auto loudspeaker = audio::open_loudspeaker(rate);
    if (!loudspeaker) return fail(loudspeaker.error());
    return std::make_unique<LoudspeakerOutput>(std::move(*loudspeaker));
  }
  const std::filesystem::path path = target;
  const std::filesystem::path partial = target + ".part-" + std::to_string(::getpid());
  std::FILE* file = std::fopen(partial.c_str(), "wb");
  if (file == nullptr) return fail(base::error_from_errno(errno, "writing " + target));
  return std::make_unique<FileOutput>(file, path, partial, format, rate);
}

}  // namespace hearth::cli
