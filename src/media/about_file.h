#pragma once

#include <string>

#include "base/result.h"

namespace hearth::media {

/// "the PDF cannot be read: it is locked by a password". What is not about the file stays as it is.
[[nodiscard]] inline base::Error about_file(const std::string& what, base::Error error) {
  if (error.code == base::Code::kInvalidArgument) error.message = what + " cannot be read: " + error.message;
  return error;
}

}  // namespace hearth::media
