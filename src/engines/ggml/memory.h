#pragma once

// Where ggml has its memory: a new cache that costs nothing until it is used (memory.cc), and weights that move into
// large pages once the model serves.

#include <cstddef>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/units.h"

namespace hearth::engines::ggml {

using Block = std::span<std::byte>;

/// Notes the large blocks that ggml allocates on this thread until a cache is made or it ends: of a load, the weights
/// that are laid out anew for the processor. Not the memory that is computed with: it gains nothing by large pages.
/// One at a time on a thread.
class NotedBlocks {
 public:
  NotedBlocks();
  ~NotedBlocks();
  NotedBlocks(const NotedBlocks&) = delete;
  NotedBlocks& operator=(const NotedBlocks&) = delete;
  [[nodiscard]] std::vector<Block> take();

 private:
  std::vector<Block> blocks_;
};

/// Moves what is in use of `blocks` into pages of 2 MiB (madvise(2), MADV_COLLAPSE, Linux 6.1), a little at a time with
/// pauses, so that who computes with it meanwhile waits for less than a millisecond. A hint: does nothing where the
/// system has none to give. What was freed meanwhile is left alone, or moved for whoever has it now, who sees no
/// difference. Blocks until it is done, or soon after `stop`. Returns how much lies in large pages.
base::Bytes move_to_large_pages(std::span<const Block> blocks, const std::stop_token& stop);

/// move_to_large_pages() on a thread of its own, some time after a load. A token of a small model looks at 25,000 pages
/// of 4 KiB for its weights, which takes 5 to 10 % of its time. Not during the load: a start would wait for them where
/// the system has to make room first, or a virtual machine has to ask its host. Ends with the model.
class LargePages {
 public:
  LargePages() = default;
  explicit LargePages(std::vector<Block> blocks);

 private:
  std::jthread mover_;
};

}  // namespace hearth::engines::ggml
