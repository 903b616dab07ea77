#pragma once

// Inside wire/ only, for .cc files: how JSON is written. Keys keep the order in which they were put.

#include <nlohmann/json.hpp>
#include <string>

namespace hearth::wire {

using Json = nlohmann::ordered_json;

/// Text that is not UTF-8 (it came from a model file or the system) becomes U+FFFD instead of an exception.
[[nodiscard]] inline std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct ApiError;
/// The member "error". In openai_error.cc.
[[nodiscard]] Json error_tree(const ApiError& error);

struct LoadCard;
/// The member "loading" of errors and of what /models/load answers. In openai_error.cc.
[[nodiscard]] Json load_tree(const LoadCard& card);

}  // namespace hearth::wire
