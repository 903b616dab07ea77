#include "engines/whisper/ct2_file.h"

#include <optional>
#include <utility>

#include "engines/whisper/byte_reader.h"

namespace hearth::engines::whisper {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::uint32_t kVersion = 6;
// large-v3 has 1,100 variables of rank 3 at most.
constexpr std::uint32_t kMostVariables = 100'000;
constexpr std::uint8_t kMostDims = 4;

std::optional<std::size_t> size_of(std::uint8_t type) {
  constexpr std::size_t kSizes[] = {4, 1, 2, 4, 2};
  if (type >= std::size(kSizes)) return std::nullopt;
  return kSizes[type];
}

std::optional<std::string_view> take_string(ByteReader& reader) {
  const auto length = reader.take_value<std::uint16_t>();
  if (!length || *length == 0) return std::nullopt;
  auto text = reader.take_text(*length);
  if (!text || text->back() != '\0') return std::nullopt;
  text->remove_suffix(1);
  return text;
}

/// Nothing where the sizes do not fit the bytes.
std::optional<Ct2Variable> take_variable(ByteReader& reader) {
  const auto rank = reader.take_value<std::uint8_t>();
  if (!rank || *rank > kMostDims) return std::nullopt;
  Ct2Variable variable;
  // Four dims below 2^32 could overflow the product; no array is larger than its own u32 count of bytes.
  std::uint64_t elements = 1;
  for (int i = 0; i < *rank; ++i) {
    const auto dim = reader.take_value<std::uint32_t>();
    if (!dim || *dim == 0) return std::nullopt;
    elements *= *dim;
    if (elements > UINT32_MAX) return std::nullopt;
    variable.dims.push_back(*dim);
  }
  const auto type = reader.take_value<std::uint8_t>();
  const auto size = type ? size_of(*type) : std::nullopt;
  const auto count = reader.take_value<std::uint32_t>();
  if (!size || !count || *count != elements * *size) return std::nullopt;
  const auto bytes = reader.take(*count);
  if (!bytes) return std::nullopt;
  variable.type = static_cast<Ct2Type>(*type);
  variable.bytes = *bytes;
  return variable;
}

}  // namespace

const Ct2Variable* Ct2File::find(std::string_view name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? nullptr : &found->second;
}

Result<Ct2File> parse_ct2(std::span<const std::byte> bytes) {
  const auto damaged = [](std::string_view where) {
    return fail(Code::kCorrupt, "the CTranslate2 model is damaged: " + std::string(where));
  };
  ByteReader reader(bytes);
  const auto version = reader.take_value<std::uint32_t>();
  if (!version) return damaged("it is empty");
  if (*version != kVersion) {
    return fail(Code::kUnsupported, "a CTranslate2 model of version " + std::to_string(*version) + " instead of 6");
  }
  const auto spec = take_string(reader);
  const auto revision = reader.take_value<std::uint32_t>();
  const auto count = reader.take_value<std::uint32_t>();
  if (!spec || !revision || !count || *count > kMostVariables) return damaged("its head");
  Ct2File file{std::string(*spec), {}};
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto name = take_string(reader);
    if (!name) return damaged("the name of variable " + std::to_string(i));
    auto variable = take_variable(reader);
    if (!variable) return damaged("the sizes of variable " + std::to_string(i));
    if (!file.variables.emplace(std::string(*name), std::move(*variable)).second) {
      return damaged("it holds variable " + std::to_string(i) + " twice");
    }
  }
  return file;
}

}  // namespace hearth::engines::whisper
