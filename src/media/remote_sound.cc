#include "media/remote_sound.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "media/about_file.h"

namespace hearth::media {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::int32_t kMostChannels = 64;

class RemoteSound final : public audio::SoundReader {
 public:
  RemoteSound(std::unique_ptr<Child> child, MemoryFile file, const SoundFrame& head, std::stop_token stop)
      : file_(std::move(file)), child_(std::move(child)), head_(head), stop_(std::move(stop)) {}

  Result<std::size_t> read(std::span<float> interleaved) override {
    while (left_ == 0 && !has_ended_) {
      if (auto next = begin_block(); !next) return fail(next.error());
    }
    if (has_ended_) return 0;
    const std::size_t frames = std::min(left_, interleaved.size() / channels());
    auto got = child_->read(std::as_writable_bytes(interleaved.first(frames * channels())), stop_);
    if (!got) return fail(got.error());
    left_ -= frames;
    heard_ += static_cast<std::int64_t>(frames);
    return frames;
  }
  base::SampleRate rate() const override { return {head_.rate}; }
  std::size_t channels() const override { return static_cast<std::size_t>(head_.channels); }
  std::optional<std::int64_t> frames() const override {
    return head_.frames > 0 ? std::optional(head_.frames) : std::nullopt;
  }
  // Some frames more or fewer mean nothing; that many are missing is told at the end.
  bool is_exact() const override { return false; }

 private:
  Result<void> begin_block() {
    auto head = child_->next(stop_);
    if (!head) return fail(head.error());
    if (head->kind == FrameKind::kEnd) {
      has_ended_ = true;
      if (heard_ >= head_.least_frames) return {};
      char text[80];
      std::snprintf(text, sizeof text, "it breaks off; its header tells %.1f s",
                    static_cast<double>(head_.frames) / head_.rate);
      return fail(Code::kInvalidArgument, text, "send the whole file");
    }
    const std::size_t frame = channels() * sizeof(float);
    if (head->kind != FrameKind::kSamples || head->bytes == 0 || head->bytes % frame != 0) return Child::nonsense();
    left_ = head->bytes / frame;
    return {};
  }

  const MemoryFile file_;
  const std::unique_ptr<Child> child_;
  const SoundFrame head_;
  const std::stop_token stop_;
  std::size_t left_ = 0;    // frames of this block
  std::int64_t heard_ = 0;  // frames
  bool has_ended_ = false;
};

}  // namespace

Result<std::unique_ptr<audio::SoundReader>> open_remote_sound(std::unique_ptr<Child> child, MemoryFile file,
                                                              const std::string& what, const std::stop_token& stop) {
  const auto head = child->next(stop);
  if (!head) return fail(about_file(what, head.error()));
  if (head->kind != FrameKind::kSound) return Child::nonsense();
  const auto sound = child->read_as<SoundFrame>(*head, stop);
  if (!sound) return fail(about_file(what, sound.error()));
  const bool is_sane = sound->rate > 0 && sound->channels > 0 && sound->channels <= kMostChannels &&
                       sound->frames >= -1 && sound->least_frames >= 0;
  if (!is_sane) return Child::nonsense();
  return std::make_unique<RemoteSound>(std::move(child), std::move(file), *sound, stop);
}

}  // namespace hearth::media
