#include "wire/sampling_lists.h"

#include <optional>
#include <string>
#include <utility>

namespace hearth::wire {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBiases = 1024;
constexpr std::size_t kMaxBiasText = 16 << 10;  // bytes of all its keys together: 16 for each of the entries
constexpr std::size_t kMaxSamplers = 64;        // there are eleven; names, or letters of one text
constexpr std::size_t kMaxBreaker = 256;        // bytes of one; the library reads the first 40

using Wrong = std::optional<ApiError>;

Wrong check_most(const char* field, std::size_t count, const char* of_what, std::size_t most, const char* code) {
  if (count <= most) return std::nullopt;
  return bad_field(field,
                   "'" + std::string(field) + "' has " + std::to_string(count) + " " + of_what + "; at most " +
                       std::to_string(most) + " are taken",
                   code);
}

std::size_t text_size(const Json& value) {
  return value.is_string() ? value.get_ref<const std::string&>().size() : std::size_t{0};
}

/// {"token or text": bias} or [[token or text, bias]].
Wrong check_logit_bias(const Json& biases) {
  constexpr const char* kField = "logit_bias";
  if (!biases.is_object() && !biases.is_array())
    return bad_field(kField, "'logit_bias' must be an object, or a list of pairs", "invalid_type");
  if (auto wrong = check_most(kField, biases.size(), "entries", kMaxBiases, "array_above_max_length")) return wrong;
  std::size_t text = 0;
  for (const auto& item : biases.items()) {
    if (biases.is_object()) {
      text += item.key().size();
    } else if (item.value().is_array() && !item.value().empty()) {
      text += text_size(item.value().front());
    }
  }
  return check_most(kField, text, "bytes of text", kMaxBiasText, "string_above_max_length");
}

Wrong check_samplers(const Json& samplers) {
  const std::size_t count = samplers.is_string() ? text_size(samplers) : samplers.is_array() ? samplers.size() : 0;
  return check_most("samplers", count, "entries", kMaxSamplers, "array_above_max_length");
}

/// How many they are is judged with the other lists (language_request.cc).
Wrong check_breakers(const Json& breakers) {
  if (!breakers.is_array()) return std::nullopt;
  for (const Json& breaker : breakers) {
    auto wrong = check_most("dry_sequence_breakers", text_size(breaker), "bytes in one text", kMaxBreaker,
                            "string_above_max_length");
    if (wrong) return wrong;
  }
  return std::nullopt;
}

}  // namespace

void check_sampling_lists(ObjectReader& reader) {
  const auto check = [&reader](const char* field, Wrong (*judge)(const Json&)) {
    const auto found = reader.object().find(field);
    if (found == reader.object().end() || found->is_null()) return;
    if (Wrong wrong = judge(*found)) reader.set_error(std::move(*wrong));
  };
  check("logit_bias", check_logit_bias);
  check("samplers", check_samplers);
  check("dry_sequence_breakers", check_breakers);
}

}  // namespace hearth::wire
