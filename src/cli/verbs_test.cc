#include "cli/verbs.h"

#include <gtest/gtest.h>

namespace hearth::cli {
namespace {

TEST(Verbs, AMistypedVerbIsAnsweredWithTheNearest) {
  EXPECT_EQ(unknown_verb("serv"), "hearth: there is no verb 'serv'; did you mean serve? hearth --help lists them");
  EXPECT_EQ(unknown_verb("elephant"), "hearth: there is no verb 'elephant'; hearth --help lists them");
}

TEST(Verbs, EachIsFoundByItsName) {
  for (const Verb& verb : verbs()) EXPECT_EQ(find_verb(verb.name), &verb);
  EXPECT_EQ(find_verb("elephant"), nullptr);
}

}  // namespace
}  // namespace hearth::cli
