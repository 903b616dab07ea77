#pragma once

#include <string>
#include <string_view>

#include "wire/openai_error.h"

namespace hearth::wire {

/// The body of POST /models/load and /models/unload: {"model": name, "wait": bool}. The name is one of the
/// configuration's, never a path: anything that looks like one is refused before it is looked up.
struct ModelCommand {
  std::string model;
  bool wait = true;  // load: answer when it is ready; unload: wait for running requests instead of 409
};

[[nodiscard]] tl::expected<ModelCommand, ApiError> parse_model_command(std::string_view body);

}  // namespace hearth::wire
