#include "cli/usual_model.h"

#include <gtest/gtest.h>

#include <vector>

namespace hearth::cli {
namespace {

using config::Load;
using config::ModelKind;

enum class Set { kDefault, kOther };

store::ServedModel model(const char* name, ModelKind kind, Load load, Set set = Set::kOther) {
  store::ServedModel served;
  served.spec.name = name;
  served.spec.kind = kind;
  served.spec.in_default_set = set == Set::kDefault;
  served.config.load = load;
  return served;
}

TEST(UsualModel, TheFirstOfTheKindIsTaken) {
  const std::vector served = {model("speaks", ModelKind::kTts, Load::kRequired),
                              model("mine", ModelKind::kLlm, Load::kPreload),
                              model("other", ModelKind::kLlm, Load::kPreload, Set::kDefault)};
  EXPECT_EQ(first_of_kind(served, ModelKind::kLlm), "mine");
  EXPECT_EQ(first_of_kind(served, ModelKind::kTts), "speaks");
  EXPECT_EQ(first_of_kind(served, ModelKind::kOcr), "");
}

TEST(UsualModel, OfListenersThatLoadAlikeTheDefaultSetsComesFirst) {
  const std::vector served = {model("tiny", ModelKind::kStt, Load::kOnDemand),
                              model("base", ModelKind::kStt, Load::kOnDemand, Set::kDefault)};
  EXPECT_EQ(first_of_kind(served, ModelKind::kStt), "base");
}

TEST(UsualModel, WhatLoadsAtTheStartComesBeforeWhatLoadsOnDemand) {
  const std::vector served = {model("late", ModelKind::kStt, Load::kOnDemand, Set::kDefault),
                              model("early", ModelKind::kStt, Load::kPreload)};
  EXPECT_EQ(first_of_kind(served, ModelKind::kStt), "early");
}

}  // namespace
}  // namespace hearth::cli
