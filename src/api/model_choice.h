#pragma once

// Which model a request means, and whether it can be asked that at all: told by the configuration, before anything is
// loaded for it.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "api/context.h"
#include "model/wait.h"
#include "wire/openai_error.h"

namespace hearth::api {

/// The first model of the configuration that is of this kind; empty where there is none.
[[nodiscard]] std::string first_of_kind(const Context& context, std::string_view kind);

/// A 400 that says `cannot` ("does not speak") of a model that is here and of none of these kinds. Of a name that no
/// model has the registry tells.
[[nodiscard]] std::optional<wire::ApiError> check_kind(const Context& context, std::string_view name,
                                                       std::initializer_list<std::string_view> kinds,
                                                       std::string_view cannot);
[[nodiscard]] wire::ApiError wrong_kind(std::string_view name, std::string_view cannot);

/// `wants_to`: what the body's `wait` says. The header X-Hearth-Wait: 0 says no too.
[[nodiscard]] model::Wait wait_of(const net::HttpRequest& request, bool wants_to);

}  // namespace hearth::api
