#include "engines/whisper/ggml_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "audio/log_mel.h"
#include "engines/whisper/byte_reader.h"
#include "engines/whisper/tensor_table.h"
#include "engines/whisper/vocabulary.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::fail;
using base::Result;

// Of all Whisper models: English only, multilingual, large-v3. From it whisper.cpp tells where the special tokens are.
constexpr std::int32_t kSmallestVocabulary = 51'864;
constexpr std::int32_t kFirstMultilingual = 51'865;
constexpr std::int32_t kLargestVocabulary = 51'866;
constexpr std::int32_t kMostLayers = 128;
constexpr std::int32_t kWidest = 8192;  // large: 1280
constexpr std::int32_t kLongestToken = 256;
constexpr std::int32_t kLongestName = 128;
constexpr std::int32_t kMostRank = 3;
constexpr std::int64_t kMostElements = INT32_MAX;    // of a tensor: whisper.cpp counts them in 32 bits
constexpr std::int32_t kQuantisationVersion = 1000;  // a factor in the file type

/// Elements and bytes of a block, for the types that whisper.cpp's own quantiser writes.
struct BlockType {
  std::int32_t file_type;    // ggml_ftype
  std::int32_t tensor_type;  // ggml_type
  std::int64_t elements;
  std::int64_t bytes;
};
constexpr BlockType kTypes[] = {
    {0, 0, 1, 4},   {1, 1, 1, 2},      {2, 2, 32, 18},     {3, 3, 32, 20},     {7, 8, 32, 34},     {8, 6, 32, 22},
    {9, 7, 32, 24}, {10, 10, 256, 84}, {11, 11, 256, 110}, {12, 12, 256, 144}, {13, 13, 256, 176}, {14, 14, 256, 210},
};

using WantedTable = std::map<std::string, WantedTensor, std::less<>>;

const BlockType* find_type(std::int32_t number, std::int32_t BlockType::*field) {
  const auto found = std::ranges::find(kTypes, number, field);
  return found == std::end(kTypes) ? nullptr : found;
}

const BlockType* weights_type(const WhisperShape& shape) {
  return shape.file_type < 0 ? nullptr : find_type(shape.file_type % kQuantisationVersion, &BlockType::file_type);
}

bool is_within(std::int32_t value, std::int32_t least, std::int32_t most) { return value >= least && value <= most; }

bool skip_filters(ByteReader& reader, const WhisperShape& shape) {
  const auto rows = reader.take_value<std::int32_t>();
  const auto columns = reader.take_value<std::int32_t>();
  if (!rows || !columns || *rows != shape.mels || *columns != audio::LogMel::kBins) return false;
  return reader.take(static_cast<std::size_t>(*rows) * audio::LogMel::kBins * sizeof(float)).has_value();
}

bool skip_tokens(ByteReader& reader, const WhisperShape& shape) {
  const auto count = reader.take_value<std::int32_t>();
  if (!count || !is_within(*count, kSpelledTokens, shape.vocabulary)) return false;
  bool has_space = false;  // whisper.cpp looks for it by name, and throws on a thread of its own where it is not
  for (std::int32_t i = 0; i < *count; ++i) {
    const auto length = reader.take_value<std::int32_t>();
    if (!length || !is_within(*length, 0, kLongestToken)) return false;
    const auto text = reader.take_text(static_cast<std::size_t>(*length));
    if (!text) return false;
    has_space = has_space || *text == " ";
  }
  return has_space;
}

/// Whether ggml's type `number` is what a file of `weights` has for such a tensor.
bool is_right_type(WantedTensor::Kind kind, const BlockType& type, const BlockType& weights) {
  switch (kind) {
    case WantedTensor::Kind::kExact:
      return type.tensor_type == 0;
    case WantedTensor::Kind::kConvolution:
      return type.tensor_type == (weights.tensor_type == 0 ? 0 : 1);
    case WantedTensor::Kind::kMatrix:
      return &type == &weights;
  }
  return false;
}

/// Takes a tensor out of `wanted`. Its name, or what can be told of it, where it is not the one that is wanted.
std::optional<std::string> skip_tensor(ByteReader& reader, const BlockType& weights, WantedTable& wanted) {
  const auto rank = reader.take_value<std::int32_t>();
  const auto length = reader.take_value<std::int32_t>();
  const auto number = reader.take_value<std::int32_t>();
  if (!number || !is_within(*rank, 1, kMostRank) || !is_within(*length, 1, kLongestName)) return "a tensor";
  std::array<std::int64_t, kMostRank> dims{1, 1, 1};
  for (std::int32_t i = 0; i < *rank; ++i) {
    const auto dim = reader.take_value<std::int32_t>();
    if (!dim) return "a tensor";
    dims[static_cast<std::size_t>(i)] = *dim;
  }
  const auto name = reader.take_text(static_cast<std::size_t>(*length));
  if (!name) return "a tensor";
  const auto found = wanted.find(*name);
  const BlockType* type = find_type(*number, &BlockType::tensor_type);
  const bool is_right = found != wanted.end() && type != nullptr && dims == found->second.dims &&
                        is_right_type(found->second.kind, *type, weights);
  if (!is_right) return std::string(*name);
  wanted.erase(found);
  const std::int64_t size = dims[0] * dims[1] * dims[2] / type->elements * type->bytes;
  if (!reader.take(static_cast<std::size_t>(size))) return "the end";
  return std::nullopt;
}

}  // namespace

bool GgmlSummary::is_multilingual() const { return shape.vocabulary >= kFirstMultilingual; }

Result<void> check_shape(const WhisperShape& shape) {
  const BlockType* type = weights_type(shape);
  if (type == nullptr) {
    return fail(Code::kUnsupported, "a Whisper model of ggml's file type " + std::to_string(shape.file_type),
                "use f16, q8_0, q5_0, q5_1, q4_0, q4_1 or a K type");
  }
  const bool is_whisper = is_within(shape.vocabulary, kSmallestVocabulary, kLargestVocabulary) &&
                          shape.audio_context == kAudioContext && shape.text_context == kTextContext &&
                          (shape.mels == 80 || shape.mels == 128);
  if (!is_whisper) return fail(Code::kUnsupported, "the numbers in the file are not those of a Whisper model");
  const auto is_side = [](std::int32_t state, std::int32_t heads, std::int32_t layers) {
    return is_within(state, 1, kWidest) && is_within(heads, 1, state) && state % heads == 0 &&
           is_within(layers, 1, kMostLayers);
  };
  const bool is_sane = is_side(shape.audio_state, shape.audio_heads, shape.audio_layers) &&
                       is_side(shape.text_state, shape.text_heads, shape.text_layers) &&
                       shape.audio_state == shape.text_state && shape.audio_state % type->elements == 0 &&
                       std::int64_t{shape.vocabulary} * shape.text_state <= kMostElements;
  if (!is_sane) return fail(Code::kCorrupt, "the numbers at the start of the Whisper model do not fit each other");
  return {};
}

Result<GgmlSummary> check_ggml(std::span<const std::byte> file) {
  ByteReader reader(file);
  const auto magic = reader.take_value<std::uint32_t>();
  if (!magic || *magic != kGgmlMagic) {
    return fail(Code::kCorrupt, "this is no Whisper model in ggml's format",
                "GGUF files and others are not understood");
  }
  const auto numbers = reader.take_value<std::array<std::int32_t, kShapeNumbers>>();
  if (!numbers) return fail(Code::kCorrupt, "the Whisper model is cut short");
  GgmlSummary summary{std::bit_cast<WhisperShape>(*numbers)};
  if (auto sane = check_shape(summary.shape); !sane) return fail(sane.error());
  if (!skip_filters(reader, summary.shape)) return fail(Code::kCorrupt, "the Whisper model's mel filters are damaged");
  if (!skip_tokens(reader, summary.shape)) return fail(Code::kCorrupt, "the Whisper model's tokens are damaged");
  const BlockType& weights = *weights_type(summary.shape);
  WantedTable wanted = wanted_tensors(summary.shape);
  while (!reader.at_end()) {
    const auto wrong = skip_tensor(reader, weights, wanted);
    if (wrong) return fail(Code::kCorrupt, "the Whisper model is damaged or cut short at " + *wrong);
  }
  if (!wanted.empty()) return fail(Code::kCorrupt, "the Whisper model lacks " + wanted.begin()->first);
  return summary;
}

}  // namespace hearth::engines::whisper
