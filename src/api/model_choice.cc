#include "api/model_choice.h"

#include <algorithm>

#include "api/reply.h"

namespace hearth::api {

std::string first_of_kind(const Context& context, std::string_view kind) {
  const auto snapshot = context.services.registry.snapshot();
  for (const model::ModelSnapshot& model : snapshot->models) {
    if (model.kind == kind) return model.name;
  }
  return {};
}

std::optional<wire::ApiError> check_kind(const Context& context, std::string_view name,
                                         std::initializer_list<std::string_view> kinds, std::string_view cannot) {
  const auto snapshot = context.services.registry.snapshot();
  const model::ModelSnapshot* model = snapshot->find(name);
  if (model == nullptr || std::ranges::find(kinds, model->kind) != kinds.end()) return std::nullopt;
  return wrong_kind(name, cannot);
}

wire::ApiError wrong_kind(std::string_view name, std::string_view cannot) {
  const base::Error error{base::Code::kInvalidArgument, "model '" + std::string(name) + "' " + std::string(cannot), {}};
  return wire::make_api_error(error, "model", "invalid_value");
}

model::Wait wait_of(const net::HttpRequest& request, bool wants_to) {
  return wants_to && !asks_not_to_wait(request) ? model::Wait::forever() : model::Wait::none();
}

}  // namespace hearth::api
