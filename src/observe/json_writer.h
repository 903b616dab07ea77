#pragma once

// Writes JSON text, nothing else: for what is served while a start is hot, where a JSON library would cost more than
// the text. Reading JSON is wire's business.
//
//   JsonWriter json;
//   json.begin_object().member("name", "kokoro").member("ms", 93.1);
//   json.key("needs").begin_array().value("probe").end_array();
//   const std::string text = json.end_object().take();

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::observe {

/// Appends `text` in quotes. Control characters are escaped; bytes that are not UTF-8 become U+FFFD, because half the
/// readers refuse the whole document otherwise.
void append_json_string(std::string& out, std::string_view text);

/// `text` with every byte that is not UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

/// Builds one document. Commas and nesting are its business; balance is the caller's. Not thread-safe.
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);  // shortest that reads back; not finite: null
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& value(T number) {
    return integer(static_cast<std::int64_t>(number));
  }
  template <std::same_as<bool> T>
  JsonWriter& value(T truth) {
    return raw(truth ? "true" : "false");
  }
  /// Fixed decimals: times read better with three than with fifteen.
  JsonWriter& fixed(double number, int decimals);
  JsonWriter& null() { return raw("null"); }
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  template <typename T>
  JsonWriter& member(std::string_view name, const T& what) {
    return key(name).value(what);
  }

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& integer(std::int64_t number);
  void separate();
  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace hearth::observe
