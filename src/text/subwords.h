#pragma once

// A token cut into the pieces that misaki looks up apart: "iPhone" i Phone, "B52" B 52, "re-do" re - do, "3.5km" 3.5
// km. PURE; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace hearth::text {

/// Views into `word`, in order. Marks that begin no piece (a lone apostrophe inside) are left out.
[[nodiscard]] std::vector<std::u32string_view> cut_subwords(std::u32string_view word);

}  // namespace hearth::text
