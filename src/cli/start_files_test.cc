#include "cli/start_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

store::ServedModel model_at(const char* path, const char* projector = "") {
  store::ServedModel model;
  model.spec.path = path;
  model.config.projector = projector;
  return model;
}

TEST(StartFiles, AModelOfOurFolderHasNoneOfItsOwn) { EXPECT_THAT(own_files(model_at("")), IsEmpty()); }

TEST(StartFiles, AnOwnModelIsReadWithItsProjector) {
  EXPECT_THAT(own_files(model_at("/own/reader.gguf", "/own/mmproj.gguf")),
              ElementsAre("/own/reader.gguf", "/own/mmproj.gguf"));
  EXPECT_THAT(own_files(model_at("/own/folder")), ElementsAre("/own/folder"));
}

TEST(StartFiles, ASplitModelIsReadWithAllItsParts) {
  EXPECT_THAT(
      own_files(model_at("/own/big-00001-of-00003.gguf")),
      ElementsAre("/own/big-00001-of-00003.gguf", "/own/big-00002-of-00003.gguf", "/own/big-00003-of-00003.gguf"));
}

TEST(StartFiles, NamesThatOnlyLookSplitStandForThemselves) {
  for (const char* path : {"/own/big-of-00003.gguf", "/own/big-00001-of-abcde.gguf", "/own/00003.gguf", "/own/.gguf",
                           "/own/big-00001-of-00003.bin"}) {
    EXPECT_THAT(own_files(model_at(path)), ElementsAre(path));
  }
}

}  // namespace
}  // namespace hearth::cli
