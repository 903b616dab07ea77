#include "engines/llama/gguf_check.h"

#include <fmt/core.h>
#include <ggml.h>

#include <array>
#include <cstring>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/files.h"

namespace hearth::engines::llama {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::uint64_t kMaxKey = 1024;         // bytes; the longest known key has 60
constexpr std::uint64_t kMaxEntries = 1 << 16;  // key-value pairs; models have about 30
constexpr std::uint64_t kMaxTensors = 1 << 17;  // the largest mixture of experts has a few thousand
constexpr std::uint64_t kMaxTokens = 1 << 22;   // the largest vocabulary has 262,144
constexpr std::uint64_t kMaxAlignment = 1 << 20;
constexpr std::uint64_t kMaxDims = 4;
constexpr int kMaxParts = 1024;

// The format's own numbers.
enum Type : std::uint32_t { kU8, kI8, kU16, kI16, kU32, kI32, kF32, kBool, kString, kArray, kU64, kI64, kF64, kTypes };
constexpr std::array<std::uint64_t, kTypes> kWidth = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

struct Value {
  Type type = kU8;  // of the elements where it is an array
  bool is_array = false;
  std::uint64_t count = 1;
  std::span<const std::byte> bytes;  // of a string its characters; of an array of strings their lengths too
};

/// Takes bytes from the front, never more than there are.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t left() const { return bytes_.size() - position_; }
  [[nodiscard]] std::span<const std::byte> since(std::uint64_t begin) const {
    return bytes_.subspan(begin, position_ - begin);
  }
  template <typename T>
  [[nodiscard]] bool take(T& value) {
    if (left() < sizeof(T)) return false;
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return true;
  }
  [[nodiscard]] bool skip(std::uint64_t count) {
    if (left() < count) return false;
    position_ += count;
    return true;
  }
  [[nodiscard]] bool take_string(std::string_view& text) {
    std::uint64_t length = 0;
    if (!take(length) || !skip(length)) return false;
    const auto taken = since(position_ - length);
    text = {reinterpret_cast<const char*>(taken.data()), taken.size()};
    return true;
  }

 private:
  const std::span<const std::byte> bytes_;
  std::uint64_t position_ = 0;
};

tl::unexpected<base::Error> corrupt(std::string what) {
  return fail(Code::kCorrupt, "not a sound GGUF file: " + std::move(what), "fetch the file again");
}

std::string quoted(std::string_view name) { return "'" + std::string(name.substr(0, 80)) + "'"; }

/// One header on its way from bytes to a summary.
class Check {
 public:
  Check(std::span<const std::byte> file, GgufDepth depth) : reader_(file), depth_(depth) {}

  Result<GgufSummary> run() {
    std::uint64_t tensors = 0;
    std::uint64_t entries = 0;
    if (auto ok = read_top(tensors, entries); !ok) return fail(ok.error());
    for (std::uint64_t i = 0; i < entries; ++i) {
      if (auto ok = read_entry(); !ok) return fail(ok.error());
    }
    if (auto ok = summarise(); !ok) return fail(ok.error());
    if (auto ok = check_vocabulary(); !ok) return fail(ok.error());
    for (std::uint64_t i = 0; i < tensors; ++i) {
      if (auto ok = read_tensor(); !ok) return fail(ok.error());
    }
    const std::uint64_t data = (reader_.position() + alignment_ - 1) / alignment_ * alignment_;
    const std::uint64_t file_size = reader_.position() + reader_.left();
    if (tensors > 0 && (data > file_size || unpadded_end_ > file_size - data))
      return corrupt(fmt::format("it is cut short: its tensors end at byte {} of {}", data + unpadded_end_, file_size));
    summary_.tensors = static_cast<std::int64_t>(tensors);
    return summary_;
  }

 private:
  Result<void> read_top(std::uint64_t& tensors, std::uint64_t& entries) {
    std::array<char, 4> magic{};
    std::uint32_t version = 0;
    if (!reader_.take(magic) || std::string_view(magic.data(), 4) != "GGUF") {
      return corrupt("it does not begin with GGUF");
    }
    if (!reader_.take(version)) return corrupt("it ends within its first line");
    if (version != 2 && version != 3) {
      const bool is_swapped = (version & 0xffffU) == 0;
      return fail(Code::kUnsupported,
                  is_swapped ? "the GGUF file is of a big-endian machine"
                             : fmt::format("GGUF version {} is not known", version),
                  "convert it to GGUF version 3");
    }
    if (!reader_.take(tensors) || !reader_.take(entries)) return corrupt("it ends within its first line");
    if (tensors > kMaxTensors) return corrupt(fmt::format("it claims {} tensors", tensors));
    if (entries > kMaxEntries) return corrupt(fmt::format("it claims {} fields", entries));
    return {};
  }

  Result<void> read_entry() {
    std::string_view key;
    std::uint32_t type = 0;
    Value value;
    if (!reader_.take_string(key) || !reader_.take(type)) return corrupt("it ends amid its fields");
    if (key.empty() || key.size() > kMaxKey) return corrupt(fmt::format("a field's name has {} bytes", key.size()));
    if (type == kArray) {
      value.is_array = true;
      if (!reader_.take(type) || !reader_.take(value.count)) return corrupt("it ends amid its fields");
    }
    if (type >= kTypes || type == kArray)
      return corrupt(fmt::format("{} is of the unknown type {}", quoted(key), type));
    value.type = static_cast<Type>(type);
    if (!read_value(value)) return corrupt(quoted(key) + " is longer than the file");
    if (!values_.emplace(key, value).second) return corrupt(quoted(key) + " occurs twice");
    return {};
  }

  bool read_value(Value& value) {
    const std::uint64_t begin = reader_.position();
    if (value.type != kString) {
      const std::uint64_t width = kWidth[value.type];
      if (value.count > reader_.left() / width || !reader_.skip(value.count * width)) return false;
      value.bytes = reader_.since(begin);
      return true;
    }
    std::string_view text;
    if (value.count > reader_.left() / sizeof(std::uint64_t)) return false;  // the least that a string takes
    for (std::uint64_t i = 0; i < value.count; ++i) {
      if (!reader_.take_string(text)) return false;
    }
    value.bytes = value.is_array ? reader_.since(begin) : std::as_bytes(std::span(text));
    return true;
  }

  [[nodiscard]] const Value* find(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::optional<std::int64_t> find_integer(std::string_view key) const {
    const Value* value = find(key);
    if (value == nullptr || value->is_array) return std::nullopt;
    Reader reader(value->bytes);
    const auto as = [&]<typename T>(T number) -> std::optional<std::int64_t> {
      if (!reader.take(number) || !std::in_range<std::int64_t>(number)) return std::nullopt;
      return static_cast<std::int64_t>(number);
    };
    switch (value->type) {
      case kU8:
        return as(std::uint8_t{});
      case kU16:
        return as(std::uint16_t{});
      case kU32:
        return as(std::uint32_t{});
      case kI32:
        return as(std::int32_t{});
      case kU64:
        return as(std::uint64_t{});
      case kI64:
        return as(std::int64_t{});
      default:
        return std::nullopt;
    }
  }

  Result<void> summarise() {
    if (const Value* value = find("general.alignment")) {
      const auto alignment = find_integer("general.alignment");
      if (value->type != kU32 || !alignment || *alignment <= 0 ||
          static_cast<std::uint64_t>(*alignment) > kMaxAlignment || (*alignment & (*alignment - 1)) != 0)
        return corrupt("general.alignment is no power of two");
      alignment_ = static_cast<std::uint64_t>(*alignment);
    }
    summary_.split_count = static_cast<int>(std::max<std::int64_t>(1, find_integer("split.count").value_or(1)));
    summary_.split_index = static_cast<int>(find_integer("split.no").value_or(0));
    if (summary_.split_count > kMaxParts || summary_.split_index < 0 || summary_.split_index >= summary_.split_count)
      return corrupt(fmt::format("it says it is part {} of {}", summary_.split_index, summary_.split_count));
    const Value* name = find("general.architecture");
    if (name == nullptr) {
      if (summary_.split_index > 0) return {};  // only the first part has the model's fields
      return corrupt("general.architecture is missing");
    }
    if (name->is_array || name->type != kString) return corrupt("general.architecture is no text");
    summary_.architecture.assign(reinterpret_cast<const char*>(name->bytes.data()), name->bytes.size());
    if (summary_.architecture.size() > 64) return corrupt("general.architecture is no name");
    summary_.training_context = find_integer(summary_.architecture + ".context_length").value_or(0);
    summary_.pooling = find_integer(summary_.architecture + ".pooling_type");
    return {};
  }

  Result<void> check_vocabulary() {
    const Value* tokens = find("tokenizer.ggml.tokens");
    if (tokens == nullptr) return {};
    if (!tokens->is_array || tokens->type != kString) return corrupt("tokenizer.ggml.tokens is no list of texts");
    if (tokens->count == 0 || tokens->count > kMaxTokens)
      return corrupt(fmt::format("its vocabulary has {} tokens", tokens->count));
    summary_.tokens = static_cast<std::int64_t>(tokens->count);
    // llama.cpp takes the element type for granted.
    for (const auto& [key, type] : {std::pair("tokenizer.ggml.scores", kF32), {"tokenizer.ggml.token_type", kI32}}) {
      const Value* list = find(key);
      if (list != nullptr && (!list->is_array || list->type != type || list->count < tokens->count))
        return corrupt(quoted(key) + " does not fit the vocabulary");
    }
    for (const auto& [key, value] : values_) {
      if (!key.starts_with("tokenizer.ggml.") || !key.ends_with("_token_id")) continue;
      const auto id = find_integer(key);
      // All bits set says "none" in files of several converters.
      if (id && *id != std::numeric_limits<std::uint32_t>::max() && (*id < -1 || *id >= summary_.tokens))
        return corrupt(fmt::format("{} is {}, but there are {} tokens", quoted(key), *id, summary_.tokens));
    }
    const Value* merges = find("tokenizer.ggml.merges");
    if (merges != nullptr && (!merges->is_array || merges->type != kString))
      return corrupt("tokenizer.ggml.merges is no list of texts");
    if (depth_ == GgufDepth::kShape) return {};
    if (auto ok = check_tokens(*tokens); !ok) return ok;
    return merges == nullptr ? Result<void>{} : check_merges(*merges);
  }

  static Result<void> check_tokens(const Value& tokens) {
    std::unordered_set<std::string_view> seen;
    seen.reserve(tokens.count);
    Reader reader(tokens.bytes);
    std::string_view text;
    for (std::uint64_t i = 0; i < tokens.count && reader.take_string(text); ++i) {
      if (!seen.insert(text).second) return corrupt(fmt::format("token {} is there before: {}", i, quoted(text)));
    }
    return {};
  }

  static Result<void> check_merges(const Value& merges) {
    Reader reader(merges.bytes);
    std::string_view text;
    for (std::uint64_t i = 0; i < merges.count && reader.take_string(text); ++i) {
      const std::size_t gap = text.find(' ', 1);  // a word may begin with a blank of its own
      if (gap == std::string_view::npos || gap + 1 >= text.size())
        return corrupt(fmt::format("merge {} is not two words: {}", i, quoted(text)));
    }
    return {};
  }

  Result<void> read_tensor() {
    std::string_view name;
    std::uint32_t dims = 0;
    std::uint32_t type = 0;
    std::uint64_t offset = 0;
    if (!reader_.take_string(name) || !reader_.take(dims)) return corrupt("it ends amid its tensors' names");
    if (name.empty() || name.size() >= GGML_MAX_NAME)
      return corrupt("a tensor's name has " + std::to_string(name.size()) + " bytes");
    if (!tensor_names_.insert(name).second) return corrupt("tensor " + quoted(name) + " occurs twice");
    if (dims == 0 || dims > kMaxDims) return corrupt(fmt::format("tensor {} has {} dimensions", quoted(name), dims));
    std::array<std::uint64_t, kMaxDims> shape = {1, 1, 1, 1};
    for (std::uint32_t i = 0; i < dims; ++i) {
      if (!reader_.take(shape[i])) return corrupt("it ends amid its tensors' names");
    }
    if (!reader_.take(type) || !reader_.take(offset)) return corrupt("it ends amid its tensors' names");
    const auto bytes = size_of(name, shape, type);
    if (!bytes) return fail(bytes.error());
    // ggml wants them one after the other.
    if (offset != next_offset_)
      return corrupt(fmt::format("tensor {} is at {}, not {}", quoted(name), offset, next_offset_));
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max() / 4;
    if (*bytes > most || next_offset_ > most) return corrupt("tensor " + quoted(name) + " is too large");
    unpadded_end_ = next_offset_ + *bytes;
    next_offset_ = (unpadded_end_ + alignment_ - 1) / alignment_ * alignment_;
    return {};
  }

  static Result<std::uint64_t> size_of(std::string_view name, std::span<const std::uint64_t> shape,
                                       std::uint32_t type) {
    if (type >= GGML_TYPE_COUNT || ggml_blck_size(static_cast<ggml_type>(type)) == 0) {
      return fail(Code::kUnsupported, fmt::format("tensor {} is of the unknown type {}", quoted(name), type),
                  "take a model in another quantisation");
    }
    const auto block = static_cast<std::uint64_t>(ggml_blck_size(static_cast<ggml_type>(type)));
    std::uint64_t elements = 1;
    for (const std::uint64_t side : shape) {
      if (side == 0 || side > std::numeric_limits<std::int64_t>::max() / elements)
        return corrupt("tensor " + quoted(name) + " has an impossible shape");
      elements *= side;
    }
    if (shape[0] % block != 0)
      return corrupt(fmt::format("tensor {} has rows of {}, not a multiple of {}", quoted(name), shape[0], block));
    const std::uint64_t blocks = elements / block;
    const std::uint64_t width = ggml_type_size(static_cast<ggml_type>(type));
    if (blocks > std::numeric_limits<std::uint64_t>::max() / width)
      return corrupt("tensor " + quoted(name) + " has an impossible shape");
    return blocks * width;
  }

  Reader reader_;
  const GgufDepth depth_;
  GgufSummary summary_;
  std::uint64_t alignment_ = 32;
  std::uint64_t next_offset_ = 0;   // of the tensor after the last, from the begin of the data
  std::uint64_t unpadded_end_ = 0;  // of the last tensor: a file need not be padded at its end
  std::unordered_map<std::string_view, Value> values_;
  std::unordered_set<std::string_view> tensor_names_;
};

/// "NAME-00001-of-00003.gguf" → the length of NAME; npos where it is not of that form.
std::size_t stem_of_part(std::string_view file) {
  constexpr std::string_view kForm = "-00001-of-00003.gguf";
  if (file.size() <= kForm.size()) return std::string_view::npos;
  const std::string_view tail = file.substr(file.size() - kForm.size());
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = kForm[i] >= '0' && kForm[i] <= '9';
    if (is_digit ? tail[i] < '0' || tail[i] > '9' : tail[i] != kForm[i]) return std::string_view::npos;
  }
  return file.size() - kForm.size();
}

}  // namespace

Result<GgufSummary> check_gguf(std::span<const std::byte> file, GgufDepth depth) { return Check(file, depth).run(); }

std::vector<std::filesystem::path> gguf_parts(const std::filesystem::path& first, int count) {
  const std::string name = first.filename().string();
  const std::size_t stem = stem_of_part(name);
  if (count <= 1 || stem == std::string::npos) return {first};
  std::vector<std::filesystem::path> parts;
  for (int i = 1; i <= count; ++i)
    parts.push_back(first.parent_path() / fmt::format("{}-{:05}-of-{:05}.gguf", name.substr(0, stem), i, count));
  return parts;
}

Result<GgufSummary> check_gguf_file(const std::filesystem::path& file, GgufDepth depth) {
  const auto check_one = [depth](const std::filesystem::path& path) -> Result<GgufSummary> {
    auto mapped = base::MappedFile::open(path);
    if (!mapped) return fail(mapped.error());
    auto summary = check_gguf(mapped->bytes(), depth);
    if (!summary) summary.error().message = path.string() + ": " + summary.error().message;
    return summary;
  };
  auto summary = check_one(file);
  if (!summary || summary->split_count == 1) return summary;
  if (summary->split_index != 0) {
    return fail(Code::kInvalidArgument,
                fmt::format("{} is part {} of {}", file.string(), summary->split_index + 1, summary->split_count),
                "name the first part");
  }
  const auto parts = gguf_parts(file, summary->split_count);
  if (std::cmp_not_equal(parts.size(), summary->split_count)) {
    return fail(Code::kInvalidArgument,
                fmt::format("{} is the first of {} parts but is not called so", file.string(), summary->split_count),
                fmt::format("call it NAME-00001-of-{:05}.gguf, and the others likewise", summary->split_count));
  }
  for (int i = 1; i < summary->split_count; ++i) {
    const std::filesystem::path& path = parts[static_cast<std::size_t>(i)];
    std::error_code ec;
    if (!std::filesystem::exists(path, ec)) {
      return fail(Code::kNotFound, fmt::format("part {} of {} is missing: {}", i + 1, parts.size(), path.string()),
                  "put all parts into one folder");
    }
    const auto part = check_one(path);
    if (!part) return fail(part.error());
    if (part->split_index != i || part->split_count != summary->split_count) {
      return fail(Code::kCorrupt,
                  fmt::format("{} says it is part {} of {}", path.string(), part->split_index + 1, part->split_count));
    }
    summary->tensors += part->tensors;
  }
  return summary;
}

}  // namespace hearth::engines::llama
