#include "engines/ggml/memory.h"

#include <ggml-backend.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace hearth::engines::ggml {
namespace {

constexpr std::size_t kSize = 32 << 20;

struct Free {
  void operator()(ggml_backend_buffer* buffer) const { ggml_backend_buffer_free(buffer); }
};
using Buffer = std::unique_ptr<ggml_backend_buffer, Free>;

Buffer allocate(std::size_t size = kSize) {
  return Buffer(ggml_backend_buft_alloc_buffer(ggml_backend_cpu_buffer_type(), size));
}

Block bytes_of(const Buffer& buffer) {
  return {static_cast<std::byte*>(ggml_backend_buffer_get_base(buffer.get())),
          ggml_backend_buffer_get_size(buffer.get())};
}

bool is_all(Block bytes, int value) {
  return std::ranges::all_of(bytes, [value](std::byte byte) { return byte == std::byte(value); });
}

/// What the kernel says of the mapping that has the middle of the block, in KiB.
std::int64_t kib_of(Block block, const std::string& field) {
  const auto middle = reinterpret_cast<std::uintptr_t>(block.data()) + block.size() / 2;
  std::ifstream maps("/proc/self/smaps");
  bool is_here = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::istringstream words(line);
    if (words >> std::hex >> begin >> dash >> end && dash == '-') is_here = begin <= middle && middle < end;
    if (is_here && line.starts_with(field + ":")) return std::stoll(line.substr(field.size() + 1));
  }
  return -1;
}

std::ptrdiff_t pages_in_use(Block block) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  auto* const begin = reinterpret_cast<std::byte*>(reinterpret_cast<std::uintptr_t>(block.data()) / page * page);
  std::vector<unsigned char> pages(block.size() / page);
  if (::mincore(begin, pages.size() * page, pages.data()) != 0) return -1;
  return std::ranges::count_if(pages, [](unsigned char state) { return (state & 1) != 0; });
}

TEST(GgmlMemoryTest, WhatIsInUseMovesAndIsWhatItWas) {
  NotedBlocks noted;
  const Buffer weights = allocate();
  const std::vector<Block> blocks = noted.take();
  ASSERT_EQ(blocks.size(), 1U);
  std::ranges::fill(bytes_of(weights), std::byte{7});
  const base::Bytes moved = move_to_large_pages(blocks, {});
  if (moved.count == 0) GTEST_SKIP() << "this system has no large page to give";
  EXPECT_GE(kib_of(bytes_of(weights), "AnonHugePages") * 1024, moved.count);
  EXPECT_TRUE(is_all(bytes_of(weights), 7));
}

TEST(GgmlMemoryTest, WhatNobodyHasTouchedStaysUntouched) {
  NotedBlocks noted;
  const Buffer scratch = allocate();
  EXPECT_EQ(move_to_large_pages(noted.take(), {}).count, 0);
  const Block middle = bytes_of(scratch).subspan(kSize / 4, kSize / 2);
  EXPECT_EQ(pages_in_use(middle), 0);
}

TEST(GgmlMemoryTest, WhatWasFreedIsLeftAlone) {
  NotedBlocks noted;
  allocate().reset();
  const std::vector<Block> blocks = noted.take();
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(move_to_large_pages(blocks, {}).count, 0);
}

TEST(GgmlMemoryTest, AStopEndsTheMove) {
  NotedBlocks noted;
  const Buffer weights = allocate();
  std::ranges::fill(bytes_of(weights), std::byte{7});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_LE(move_to_large_pages(noted.take(), stop.get_token()).count, 2 << 20);
}

TEST(GgmlMemoryTest, OnlyLargeBlocksOfThisThreadAreNotedWhileSomebodyNotes) {
  const Buffer before = allocate();
  NotedBlocks noted;
  const Buffer small = allocate(1 << 20);
  std::jthread([] { allocate().reset(); }).join();
  EXPECT_TRUE(noted.take().empty());
}

TEST(GgmlMemoryTest, WhatComesAfterTheFirstCacheIsNotNoted) {
  const Buffer cache = allocate();
  NotedBlocks noted;
  const Buffer weights = allocate();
  ggml_backend_buffer_clear(cache.get(), 0);
  const Buffer scratch = allocate();
  EXPECT_EQ(noted.take().size(), 1U);
}

TEST(GgmlMemoryTest, ACacheThatIsClearedIsZeroFromEndToEnd) {
  const Buffer cache = allocate();
  std::ranges::fill(bytes_of(cache), std::byte{7});
  ggml_backend_buffer_clear(cache.get(), 0);
  EXPECT_TRUE(is_all(bytes_of(cache), 0));
}

TEST(GgmlMemoryTest, WhatIsFilledWithAnythingElseIsFilled) {
  const Buffer cache = allocate();
  ggml_backend_buffer_clear(cache.get(), 9);
  EXPECT_TRUE(is_all(bytes_of(cache), 9));
}

}  // namespace
}  // namespace hearth::engines::ggml
