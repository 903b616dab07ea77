#pragma once

#include <dlfcn.h>

namespace hearth::base {

/// Looks up `name` in a library that ::dlopen gave, as a function of `out`'s type. False, with `out` null, when it has
/// none of that name. Any thread.
template <typename Function>
[[nodiscard]] bool find_symbol(void* library, const char* name, Function& out) {
  out = reinterpret_cast<Function>(::dlsym(library, name));
  return out != nullptr;
}

}  // namespace hearth::base
