#include "engines/ggml/memory.h"

#include <ggml-backend.h>
#include <ggml.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/thread_pool.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // newer than Debian 12's headers
#endif

namespace hearth::engines::ggml {
namespace {

constexpr std::size_t kLargePage = 2 << 20;
constexpr std::size_t kLeastNoted = 4 * kLargePage;
constexpr base::Millis kAfterLoad{1'000};  // a start is over by then, and who waited for it is answered
constexpr base::Millis kPause{4};          // one page takes some 0.5 ms

thread_local std::vector<Block>* noted = nullptr;

/// The units of `unit` bytes that lie wholly in `block`.
Block whole_units(Block block, std::size_t unit) {
  const std::size_t head = (unit - reinterpret_cast<std::uintptr_t>(block.data()) % unit) % unit;
  if (head >= block.size()) return {};
  return block.subspan(head, (block.size() - head) / unit * unit);
}

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

/// What nobody has touched yet takes no memory, and shall not.
bool is_in_use(Block large_page) {
  std::array<unsigned char, kLargePage / 4096> pages{};
  if (::mincore(large_page.data(), large_page.size(), pages.data()) != 0) return false;
  const auto count = static_cast<std::ptrdiff_t>(kLargePage / page_size());
  return std::all_of(pages.begin(), pages.begin() + count, [](unsigned char page) { return (page & 1) != 0; });
}

/// False where `stop` came first.
bool pause(base::Millis length, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, length, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

NotedBlocks::NotedBlocks() { noted = &blocks_; }
NotedBlocks::~NotedBlocks() { noted = nullptr; }
std::vector<Block> NotedBlocks::take() { return std::exchange(blocks_, {}); }

base::Bytes move_to_large_pages(std::span<const Block> blocks, const std::stop_token& stop) {
  base::Bytes moved{0};
  for (const Block block : blocks) {
    for (Block rest = whole_units(block, kLargePage); !rest.empty(); rest = rest.subspan(kLargePage)) {
      const Block page = rest.first(kLargePage);
      if (!is_in_use(page)) continue;
      if (::madvise(page.data(), page.size(), MADV_COLLAPSE) != 0) {
        if (errno == EINVAL) return moved;  // this kernel cannot
        continue;
      }
      moved.count += static_cast<std::int64_t>(page.size());
      if (!pause(kPause, stop)) return moved;
    }
  }
  return moved;
}

LargePages::LargePages(std::vector<Block> blocks) {
  if (blocks.empty()) return;
  try {
    mover_ = std::jthread([blocks = std::move(blocks)](const std::stop_token& stop) {
      base::name_this_thread("hearth-large");
      if (!pause(kAfterLoad, stop)) return;
      const base::Bytes moved = move_to_large_pages(blocks, stop);
      base::log_debug("ggml: {:.0f} MiB are in large pages", moved.mib());
    });
  } catch (const std::system_error&) {
    base::log_debug("ggml: no thread is left for large pages");
  }
}

// Two of the library's functions are replaced at link time (--wrap in CMakeLists.txt). Both give what the originals
// give; a version that does not call them is not slower than it was.

void* allocate_for_real(std::size_t size) asm("__real_ggml_aligned_malloc");
void* allocate(std::size_t size) asm("__wrap_ggml_aligned_malloc");
void* allocate(std::size_t size) {
  void* const allocated = allocate_for_real(size);
  if (allocated != nullptr && noted != nullptr && size >= kLeastNoted) {
    noted->emplace_back(static_cast<std::byte*>(allocated), size);
  }
  return allocated;
}

/// A new KV cache is filled with zeros: 94 MB and 45 ms for 4,096 tokens of a small model, most of which no request
/// ever uses. The system gives zeros for pages that are dropped, on first use. Memory that cannot be dropped (locked,
/// of another device, small) is filled as before.
void fill_for_real(ggml_backend_buffer_t buffer, std::uint8_t value) asm("__real_ggml_backend_buffer_clear");
void fill(ggml_backend_buffer_t buffer, std::uint8_t value) asm("__wrap_ggml_backend_buffer_clear");
void fill(ggml_backend_buffer_t buffer, std::uint8_t value) {
  constexpr std::size_t kLeast = 1 << 20;  // below it a system call gains nothing
  noted = nullptr;                         // the first cache comes after the weights
  const std::size_t size = ggml_backend_buffer_get_size(buffer);
  if (value != 0 || size < kLeast || ggml_backend_buffer_get_type(buffer) != ggml_backend_cpu_buffer_type())
    return fill_for_real(buffer, value);
  const Block all(static_cast<std::byte*>(ggml_backend_buffer_get_base(buffer)), size);
  const Block pages = whole_units(all, page_size());
  if (::madvise(pages.data(), pages.size(), MADV_DONTNEED) != 0) return fill_for_real(buffer, value);
  const auto head = static_cast<std::size_t>(pages.data() - all.data());
  std::ranges::fill(all.first(head), std::byte{0});
  std::ranges::fill(all.subspan(head + pages.size()), std::byte{0});
}

}  // namespace hearth::engines::ggml
