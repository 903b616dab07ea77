#include "model/id.h"

#include <fmt/format.h>

#include <cstdint>

namespace hearth::model {
namespace {

// Lengths before texts, so that no choice of characters makes two different lists equal.
void append(std::string& out, std::string_view text) { out += fmt::format("{}:{};", text.size(), text); }

}  // namespace

ModelKey ModelKey::make(std::string_view kind, const std::map<std::string, std::string>& files,
                        const std::map<std::string, std::string>& options) {
  ModelKey key;
  append(key.value, kind);
  for (const auto* part : {&files, &options}) {
    key.value += fmt::format("{}[", part->size());
    for (const auto& [name, text] : *part) {
      append(key.value, name);
      append(key.value, text);
    }
    key.value += ']';
  }
  return key;
}

std::string ModelKey::digest() const {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a, 64 bit
  for (const char c : value) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("{:016x}", hash);
}

}  // namespace hearth::model
