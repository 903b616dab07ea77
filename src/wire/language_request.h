#pragma once

// What every request to a language model passes before the model sees it: only `model` and `stream` are read, the rest
// stays as it came, for the library behind understands it better than a translation would. But it understands too much:
// it downloads what a message links to, takes parameters that are its own affair, and believes any value. Pure. Values
// are judged in language_values.cc, lists of them in sampling_lists.cc, links in picture_links.cc.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/openai_error.h"

namespace hearth::wire {

/// Whose fields a body has.
enum class LanguageShape {
  kChat,        // OpenAI's chat
  kCompletion,  // OpenAI's completions, and llama.cpp's infill
  kResponse,    // OpenAI's responses
  kMessage,     // Anthropic's messages
  kOther,       // embeddings, ranking, tokens: nothing is written
};

/// A picture that a request links to, of a host that is listed.
struct PictureLink {
  std::string url;    // clean (base/web_address.h)
  std::string host;   // for messages
  std::string field;  // of the body, in which it is
  friend bool operator==(const PictureLink&, const PictureLink&) = default;
};

struct LanguageRequest {
  std::string model;  // as the client named it; empty: the server's choice
  bool stream = false;
  bool wait = true;        // false: 503 at once where the model is not loaded
  bool has_media = false;  // pictures, linked or not: what makes a body large
  std::vector<PictureLink> pictures = {};
};

/// Of any of the APIs that a language model answers (engine/language_model.h). Refused: links to media, but for
/// pictures of `image_hosts` (picture_links.h), adapters, slots and parser settings, tools that would run on the
/// server, sizes beyond what a client can mean, and values that mean nothing. The error names the field.
[[nodiscard]] tl::expected<LanguageRequest, ApiError> parse_language_request(
    std::string_view body, LanguageShape shape, std::span<const std::string> image_hosts = {});

/// The same request with `data_urls` in the places of its `pictures`, in their order, and all fields in theirs (a
/// schema's order is a grammar's). `body` was parsed before.
[[nodiscard]] std::string with_pictures(std::string_view body, std::span<const std::string> data_urls);

}  // namespace hearth::wire
