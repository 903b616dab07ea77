#include "engines/llama/embedding.h"

#include <common.h>
#include <fmt/core.h>

#include <cstdint>

#include "engines/llama/refusal.h"

namespace hearth::engines::llama {

std::size_t dimensions_of(const json& request, int most) {
  if (!request.contains("dimensions") || request.at("dimensions").is_null()) return static_cast<std::size_t>(most);
  const json& wanted = request.at("dimensions");
  // A number beyond 64 bits is no integer to the parser, one beyond 63 is unsigned and turns negative here.
  const std::int64_t count = wanted.is_number_integer() ? wanted.get<std::int64_t>() : 0;
  if (count < 1 || count > most) {
    throw Refusal(
        400, "invalid_value",
        fmt::format("'dimensions' must be a whole number from 1 to {}, the length of this model's vectors", most),
        "dimensions");
  }
  return static_cast<std::size_t>(count);
}

void shorten(std::vector<float>& vector, std::size_t dimensions, int norm) {
  if (vector.size() <= dimensions) return;
  vector.resize(dimensions);
  common_embd_normalize(vector.data(), vector.data(), static_cast<int>(dimensions), norm);
}

}  // namespace hearth::engines::llama
