#pragma once

// HTTP messages as plain values: what a handler sees of a request and gives as a response. Pure; no library's type
// appears.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::net {

/// Header fields in order of arrival; names compare without regard to case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;
  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}
  /// Appends, also when the name is there already.
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// Replaces every field of that name by one.
  void set(std::string name, std::string value);
  /// The first of that name, without blanks around it; null where there is none.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

struct HttpRequest {
  std::string method;  // as sent, e.g. "GET"; a token of at most 32 letters
  std::string target;  // as sent: "/v1/models?x=1"
  std::string path;    // the target's part before '?', still percent-encoded; starts with '/', or is "*"
  std::string query;   // the part after '?', still percent-encoded
  Headers headers;
  std::string body;  // at most the limit that the route allows
};

struct HttpResponse {
  int status = 200;
  Headers headers;  // without Content-Length, Transfer-Encoding, Connection and Date, which the server sets
  std::string body;
};

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

/// "a%20b" to "a b" ('+' stays in paths and becomes a blank in queries). Nothing for a malformed escape or a NUL.
enum class PlusSign { kKeep, kBlank };
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, PlusSign plus = PlusSign::kKeep);

/// The first value of `name` in a query such as "a=1&b=2", decoded; "" for a name without '='. Nothing where it is
/// missing or malformed.
[[nodiscard]] std::optional<std::string> find_query(std::string_view query, std::string_view name);

/// Fills target, path and query. Takes "/path?query", "http://host/path" and "*"; false for any other form, for control
/// characters and for an escape that is not two hexadecimal digits.
[[nodiscard]] bool set_target(HttpRequest& request, std::string_view target);

/// "Not Found" for 404; "Status" for a number without a name.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace hearth::net
