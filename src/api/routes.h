#pragma once

// Every route of the server, in one table. Adding one is a line in routes.cc and a function in its family's file.

#include <span>
#include <string>
#include <string_view>

#include "api/context.h"
#include "api/guard.h"

namespace hearth::api {

// kCommand: a few words of JSON, read on the I/O thread; kMediaJson: JSON that may have pictures in it; kForm:
// multipart/form-data with a file, up to max_upload; kFile: that, or JSON with the file in it.
enum class Body { kNone, kCommand, kJson, kMediaJson, kForm, kFile };

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/v1/models/{}": {} is one whole segment
  std::string_view label;    // in metrics
  Access access = Access::kKey;
  Body body = Body::kNone;
  Handler handler = nullptr;
  wire::ErrorShape errors = wire::ErrorShape::kOpenAi;
};

[[nodiscard]] std::span<const Route> routes();

/// What a method and path mean. Exactly one of: `route`, or `allow` (the path exists for these methods only: 405, or
/// the answer to OPTIONS), or neither (404).
struct Match {
  const Route* route = nullptr;
  std::string parameter;
  std::string allow;  // "GET, HEAD, OPTIONS"
};

/// HEAD is GET. `path` is still percent-encoded; a segment is decoded after the path was split, so that %2F cannot make
/// one.
[[nodiscard]] Match find_route(std::span<const Route> table, std::string_view method, std::string_view path);

}  // namespace hearth::api
