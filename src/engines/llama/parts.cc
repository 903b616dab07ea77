#include "engines/llama/parts.h"

#include <algorithm>
#include <cassert>
#include <cstdint>

namespace hearth::engines::llama {
namespace {

using Need = SlotGate::Need;

/// Where the prompt's length is known.
int limit_of(int tokens, int wanted, Need room) {
  const int limit = wanted < 0 ? std::max(room.cells / room.slots - tokens, kLeastAnswer) : wanted;
  return std::min(limit, room.cells - tokens);
}

/// How long a prompt with a picture is, is known on the loop only: one of its answers at a time has all cells.
Part part_of_picture(std::size_t prompt, int answer, int wanted, Need room) {
  const int limit = wanted < 0 ? room.cells / room.slots : std::min(wanted, room.cells);
  return {prompt, answer, 1, limit, {1, room.cells}};
}

}  // namespace

std::vector<Part> parts_of(std::size_t prompt, const Asked& asked, Need room) {
  std::vector<Part> parts;
  if (!asked.tokens) {
    for (int i = 0; i < asked.answers; ++i) parts.push_back(part_of_picture(prompt, i, asked.limit, room));
    return parts;
  }
  const int tokens = *asked.tokens;
  assert(tokens < room.cells);
  const int limit = limit_of(tokens, asked.limit, room);
  const std::int64_t all = tokens + std::int64_t{asked.answers} * std::max(limit, 1);
  if (asked.answers == 1 || (asked.answers <= room.slots && all <= room.cells)) {
    const int cells = static_cast<int>(std::min<std::int64_t>(all, room.cells));
    parts.push_back({prompt, 0, asked.answers, limit, {asked.answers, cells}});
    return parts;
  }
  const int cells = std::min(tokens + std::max(limit, 1), room.cells);
  for (int i = 0; i < asked.answers; ++i) parts.push_back({prompt, i, 1, limit, {1, cells}});
  return parts;
}

Need need_of(const std::vector<Part>& parts, Need room) {
  std::int64_t slots = 0;
  std::int64_t cells = 0;
  for (const Part& part : parts) {
    slots += part.need.slots;
    cells += part.need.cells;
  }
  return {static_cast<int>(std::min<std::int64_t>(slots, room.slots)),
          static_cast<int>(std::min<std::int64_t>(cells, room.cells))};
}

bool Seats::try_take(Need need) {
  if (running_ > 0 && (free_.slots < need.slots || free_.cells < need.cells)) return false;
  ++running_;
  free_.slots -= need.slots;
  free_.cells -= need.cells;
  return true;
}

void Seats::give_back(Need need) {
  --running_;
  free_.slots += need.slots;
  free_.cells += need.cells;
}

}  // namespace hearth::engines::llama
