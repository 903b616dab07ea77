#include "wire/json_in.h"

#include <cmath>
#include <cstdio>
#include <utility>

#include "wire/json_text.h"

namespace hearth::wire {
namespace {

std::string type_of(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::string:
      return "a string";
    case nlohmann::json::value_t::boolean:
      return "a boolean";
    case nlohmann::json::value_t::array:
      return "an array";
    case nlohmann::json::value_t::object:
      return "an object";
    case nlohmann::json::value_t::null:
      return "null";
    default:
      return "a number";
  }
}

ApiError wrong_type(std::string_view name, std::string_view wanted, const nlohmann::json& value) {
  return bad_field(name, "'" + std::string(name) + "' must be " + std::string(wanted) + ", not " + type_of(value),
                   "invalid_type");
}

std::string plain(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

}  // namespace

ApiError bad_field(std::string_view param, std::string message, std::string code) {
  return make_api_error(base::Error{base::Code::kInvalidArgument, std::move(message), {}}, std::string(param),
                        std::move(code));
}

tl::expected<ObjectReader, ApiError> ObjectReader::open(std::string_view body) {
  const auto fail = [](std::string message) {
    return tl::unexpected(make_api_error(base::Error{base::Code::kInvalidArgument, std::move(message), {}},
                                         std::nullopt, "invalid_json"));
  };
  if (body.empty()) return fail("the body is empty; send a JSON object");
  if (const auto checked = check_json_text(body); !checked) return fail(checked.error().message);
  try {
    nlohmann::json parsed = nlohmann::json::parse(body);
    if (!parsed.is_object()) return fail("the body must be a JSON object, not " + type_of(parsed));
    return ObjectReader(std::move(parsed));
  } catch (const nlohmann::json::parse_error& error) {
    return fail("the body is not valid JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception&) {
    return fail("the body holds a number that is out of range");
  }
}

const nlohmann::json* ObjectReader::find(std::string_view name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> ObjectReader::check_string(const nlohmann::json& value, std::string_view name,
                                                      std::size_t max_bytes) {
  if (!value.is_string()) {
    set_error(wrong_type(name, "a string", value));
    return std::nullopt;
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > max_bytes) {
    set_error(bad_field(name,
                        "'" + std::string(name) + "' has " + std::to_string(text.size()) + " bytes; at most " +
                            std::to_string(max_bytes) + " are taken",
                        "string_above_max_length"));
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> ObjectReader::string(std::string_view name, Need need, std::size_t max_bytes) {
  const nlohmann::json* value = find(name);
  if (value != nullptr) return check_string(*value, name, max_bytes);
  if (need == Need::kRequired) {
    set_error(bad_field(name, "'" + std::string(name) + "' is missing", "missing_required_parameter"));
  }
  return std::nullopt;
}

std::optional<std::string> ObjectReader::string_or_id(std::string_view name, std::size_t max_bytes) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) {
    const auto id = value->find("id");
    if (id == value->end()) {
      set_error(bad_field(name, "'" + std::string(name) + "' is an object without 'id'"));
      return std::nullopt;
    }
    return check_string(*id, std::string(name) + ".id", max_bytes);
  }
  if (!value->is_string()) {
    set_error(wrong_type(name, "a string or an object with 'id'", *value));
    return std::nullopt;
  }
  return check_string(*value, name, max_bytes);
}

std::optional<double> ObjectReader::number(std::string_view name, double least, double most) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) {
    set_error(wrong_type(name, "a number", *value));
    return std::nullopt;
  }
  const double number = value->get<double>();
  if (!(number >= least && number <= most)) {
    set_error(bad_field(name, "'" + std::string(name) + "' must be from " + plain(least) + " to " + plain(most) +
                                  ", not " + plain(number)));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> ObjectReader::boolean(std::string_view name) {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    set_error(wrong_type(name, "true or false", *value));
    return std::nullopt;
  }
  return value->get<bool>();
}

void ObjectReader::set_error(ApiError error) {
  if (!error_) error_ = std::move(error);
}

}  // namespace hearth::wire
