#include "app/own_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/files.h"
#include "testing/temp_dir.h"

namespace hearth::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

store::ServedModel model_at(const char* path, const char* projector = "") {
  store::ServedModel model;
  model.spec.path = path;
  model.config.projector = projector;
  return model;
}

TEST(OwnFiles, AModelOfOurFolderHasNoneOfItsOwn) { EXPECT_THAT(own_files(model_at("")), IsEmpty()); }

TEST(OwnFiles, AnOwnModelIsReadWithItsProjector) {
  EXPECT_THAT(own_files(model_at("/own/reader.gguf", "/own/mmproj.gguf")),
              ElementsAre("/own/reader.gguf", "/own/mmproj.gguf"));
  EXPECT_THAT(own_files(model_at("/own/folder")), ElementsAre("/own/folder"));
}

TEST(OwnFiles, ASplitModelIsReadWithAllItsParts) {
  EXPECT_THAT(
      own_files(model_at("/own/big-00001-of-00003.gguf")),
      ElementsAre("/own/big-00001-of-00003.gguf", "/own/big-00002-of-00003.gguf", "/own/big-00003-of-00003.gguf"));
}

TEST(OwnFiles, NamesThatOnlyLookSplitStandForThemselves) {
  for (const char* path : {"/own/big-of-00003.gguf", "/own/big-00001-of-abcde.gguf", "/own/00003.gguf", "/own/.gguf",
                           "/own/big-00001-of-00003.bin"}) {
    EXPECT_THAT(own_files(model_at(path)), ElementsAre(path));
  }
}

TEST(OwnFiles, TheirBytesAreThoseOnTheDisk) {
  const testing::TempDir folder;
  const auto write = [&](const char* name, std::size_t size) {
    EXPECT_TRUE(base::write_file_atomically(folder.path() / name, std::string(size, 'x')));
  };
  write("big-00001-of-00002.gguf", 1000);
  write("big-00002-of-00002.gguf", 500);
  write("mmproj.gguf", 30);
  const std::string first = (folder.path() / "big-00001-of-00002.gguf").string();
  EXPECT_EQ(bytes_of_files(model_at(first.c_str(), (folder.path() / "mmproj.gguf").c_str())), base::Bytes{1530});
  EXPECT_EQ(bytes_of_files(model_at(folder.path().c_str())), base::Bytes{1530});
  EXPECT_EQ(bytes_of_files(model_at("/nobody/has.gguf")), base::Bytes{0});
}

}  // namespace
}  // namespace hearth::app
