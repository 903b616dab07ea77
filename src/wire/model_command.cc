#include "wire/model_command.h"

#include <utility>

#include "wire/json_in.h"

namespace hearth::wire {
namespace {
constexpr std::size_t kMaxName = 256;
}

tl::expected<ModelCommand, ApiError> parse_model_command(std::string_view body) {
  auto reader = ObjectReader::open(body);
  if (!reader) return tl::unexpected(std::move(reader.error()));
  ModelCommand command;
  command.model = reader->string("model", ObjectReader::Need::kRequired, kMaxName).value_or("");
  command.wait = reader->boolean("wait").value_or(true);
  if (command.model.find_first_of("/\\") != std::string::npos || command.model.starts_with('.')) {
    reader->set_error(bad_field("model", "'model' is a configured name, not a path; GET /v1/models lists them"));
  }
  if (reader->error()) return tl::unexpected(*reader->error());
  return command;
}

}  // namespace hearth::wire
