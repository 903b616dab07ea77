#include "engines/llama/prefix_state.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace hearth::engines::llama {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::uint64_t kMagic = 0x3158'4650'4854'5248;  // "HRTHPFX1"

/// As it lies in the file; this machine's byte order, as all that follows.
struct Head {
  std::uint64_t magic = kMagic;
  std::uint64_t tokens = 0;    // how many
  std::uint64_t state = 0;     // bytes
  std::uint64_t checksum = 0;  // of all that follows the head
};

/// Not against forgery: against torn and rotten files, at the speed of memory (30 MB in 4 ms), because a first token
/// waits for it. Four lanes, for one would wait for its own multiplications.
std::uint64_t checksum_of(std::span<const std::byte> bytes) {
  constexpr std::uint64_t kPrime = 0x9E37'79B9'7F4A'7C15;
  constexpr std::size_t kBlock = 32;
  std::array<std::uint64_t, 4> lanes{1, 2, 3, 4};
  const auto mix = [&](const std::byte* from) {
    std::array<std::uint64_t, 4> words{};
    std::memcpy(words.data(), from, kBlock);
    for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] = std::rotl(lanes[i] ^ words[i], 29) * kPrime;
  };
  std::size_t at = 0;
  for (; at + kBlock <= bytes.size(); at += kBlock) mix(bytes.data() + at);
  std::array<std::byte, kBlock> rest{};
  if (at < bytes.size()) std::memcpy(rest.data(), bytes.data() + at, bytes.size() - at);
  mix(rest.data());
  std::uint64_t sum = bytes.size();
  for (const std::uint64_t lane : lanes) sum = std::rotl(sum ^ lane, 31) * kPrime;
  return sum;
}

Head head_of(std::span<const std::byte> bytes) {
  Head head;
  std::memcpy(&head, bytes.data(), sizeof head);
  return head;
}

}  // namespace

Result<PrefixState> PrefixState::open(const std::filesystem::path& path) {
  auto file = base::MappedFile::open(path);
  if (!file) return fail(file.error());
  const auto bytes = file->bytes();
  const auto damaged = [&] { return fail(Code::kCorrupt, path.string() + " is no prompt prefix, or not a whole one"); };
  if (bytes.size() < sizeof(Head)) return damaged();
  const Head head = head_of(bytes);
  const std::size_t body = bytes.size() - sizeof(Head);
  if (head.magic != kMagic || head.tokens == 0 || head.tokens > body / sizeof(llama_token)) return damaged();
  if (head.state != body - head.tokens * sizeof(llama_token)) return damaged();
  std::vector<llama_token> tokens(head.tokens);
  std::memcpy(tokens.data(), bytes.data() + sizeof(Head), tokens.size() * sizeof(llama_token));
  return PrefixState(path, std::move(*file), std::move(tokens));
}

Result<void> PrefixState::verify() const {
  const auto bytes = file_.bytes();
  if (checksum_of(bytes.subspan(sizeof(Head))) == head_of(bytes).checksum) return {};
  return fail(Code::kCorrupt, path_.string() + " is damaged");
}

std::span<const std::byte> PrefixState::state() const {
  return file_.bytes().subspan(sizeof(Head) + tokens_.size() * sizeof(llama_token));
}

Result<void> PrefixState::write(const std::filesystem::path& path, std::span<const llama_token> tokens,
                                std::span<const std::byte> state) {
  std::vector<std::byte> body(tokens.size_bytes() + state.size());
  std::memcpy(body.data(), tokens.data(), tokens.size_bytes());
  std::memcpy(body.data() + tokens.size_bytes(), state.data(), state.size());
  const Head head{kMagic, tokens.size(), state.size(), checksum_of(body)};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wbe"), &std::fclose);
  if (!file) return fail(base::error_from_errno(errno, "writing " + path.string()));
  const bool is_whole = std::fwrite(&head, sizeof head, 1, file.get()) == 1 &&
                        std::fwrite(body.data(), 1, body.size(), file.get()) == body.size() &&
                        std::fflush(file.get()) == 0;
  if (!is_whole) return fail(base::error_from_errno(errno, "writing " + path.string()));
  return {};
}

}  // namespace hearth::engines::llama
