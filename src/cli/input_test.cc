#include "cli/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace hearth::cli {
namespace {

using base::operator""_MiB;
using testing::HasSubstr;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Stream = std::unique_ptr<std::FILE, Close>;

/// A stream that holds `bytes`, at its beginning.
Stream stream_of(const std::string& bytes) {
  Stream stream(std::tmpfile());
  if (stream && std::fwrite(bytes.data(), 1, bytes.size(), stream.get()) != bytes.size()) stream.reset();
  if (stream) std::rewind(stream.get());
  return stream;
}

TEST(Input, AStreamIsReadToItsEnd) {
  const std::string bytes = std::string(200'000, 'x') + '\0' + "end";
  for (const std::string& all : {bytes, std::string()}) {
    const Stream stream = stream_of(all);
    ASSERT_TRUE(stream);
    const auto read = read_stream(stream.get(), "standard input", 1_MiB);
    ASSERT_TRUE(read) << read.error().line();
    EXPECT_EQ(*read, all);
  }
}

TEST(Input, AStreamThatIsTooLargeIsRefusedWithItsLimit) {
  for (const std::size_t size : {std::size_t{1} << 20, (std::size_t{1} << 20) + 1}) {
    const Stream stream = stream_of(std::string(size, 'x'));
    ASSERT_TRUE(stream);
    const auto read = read_stream(stream.get(), "standard input", 1_MiB);
    EXPECT_EQ(read.has_value(), size == std::size_t{1} << 20);
    if (read) continue;
    EXPECT_EQ(read.error().code, base::Code::kExhausted);
    EXPECT_EQ(read.error().line(), "standard input is larger than 1 MiB");
  }
}

TEST(Input, AStreamWithoutAnEndIsNotReadForEver) {
  const Stream stream(std::fopen("/dev/zero", "rb"));
  ASSERT_TRUE(stream);
  EXPECT_EQ(read_stream(stream.get(), "standard input", 1_MiB).error().code, base::Code::kExhausted);
}

TEST(Input, AStreamThatCannotBeReadIsNoEmptyOne) {
  const Stream stream(std::fopen("/", "rb"));  // a folder opens, and cannot be read
  ASSERT_TRUE(stream);
  const auto read = read_stream(stream.get(), "standard input", 1_MiB);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().line(), HasSubstr("reading standard input: "));
}

TEST(Input, AFileIsReadByItsName) {
  const auto missing = read_input("/nowhere/page.png", 1_MiB);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::kNotFound);
}

}  // namespace
}  // namespace hearth::cli
