#include "engines/onnx/kokoro_voices.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace hearth::engines::onnx {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kVoiceBytes = kStyleRows * kStyleSize * sizeof(float);

Result<std::size_t> index_of(std::string_view name) {
  const auto found = std::ranges::lower_bound(kKokoroVoiceNames, name);
  if (found == kKokoroVoiceNames.end() || *found != name) {
    return fail(Code::kInvalidArgument, "there is no voice '" + std::string(name) + "'",
                "GET /v1/audio/voices lists them");
  }
  return static_cast<std::size_t>(found - kKokoroVoiceNames.begin());
}

}  // namespace

Result<void> check_voices(std::span<const text::VoiceShare> mix) {
  for (const text::VoiceShare& share : mix) {
    if (auto index = index_of(share.name); !index) return fail(index.error());
  }
  return {};
}

Result<KokoroVoices> KokoroVoices::open(const std::filesystem::path& packed) {
  auto file = base::MappedFile::open(packed);
  if (!file) return fail(file.error());
  if (file->bytes().size() != kVoiceBytes * kKokoroVoiceNames.size()) {
    return fail(Code::kCorrupt, packed.string() + " does not hold the voices", "run: hearth models pull kokoro");
  }
  return KokoroVoices(std::move(file.value()));
}

Result<Style> KokoroVoices::style(std::span<const text::VoiceShare> mix, std::size_t ids) const {
  const std::size_t row = std::min(ids, kStyleRows - 1);
  Style sum{};
  for (const text::VoiceShare& share : mix) {
    const auto index = index_of(share.name);
    if (!index) return fail(index.error());
    Style one;
    std::memcpy(one.data(), file_.bytes().data() + *index * kVoiceBytes + row * sizeof one, sizeof one);
    for (std::size_t i = 0; i < kStyleSize; ++i) sum[i] += share.weight * one[i];
  }
  return sum;
}

}  // namespace hearth::engines::onnx
