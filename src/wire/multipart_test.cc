#include "wire/multipart.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace hearth::wire {
namespace {

using namespace std::string_literals;

constexpr const char* kType = "multipart/form-data; boundary=B";

std::string message_of(std::string_view type, const std::string& body) {
  const auto parts = parse_form(type, body);
  if (parts) return "parsed";
  EXPECT_EQ(parts.error().status, 400);
  EXPECT_EQ(parts.error().code, "invalid_form");
  return parts.error().message;
}

std::string part(const std::string& header, const std::string& content) {
  return "--B\r\nContent-Disposition: form-data; " + header + "\r\n\r\n" + content + "\r\n";
}

TEST(Form, GivesFieldsAndFilesWithoutCopyingThem) {
  const std::string body =
      "--B\r\ncontent-disposition: Form-Data; name=\"file\"; filename=\"a.wav\"\r\n"
      "Content-Type: audio/wav\r\n\r\nRIFF\0\r\n--not\r\n\xff\r\n"s +
      part("name=model", "whisper-1") + part("name=\"empty\"", "") + "--B--\r\n";
  const auto parts = parse_form(kType, body);
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ((*parts)[0].name, "file");
  EXPECT_EQ((*parts)[0].file_name, "a.wav");
  EXPECT_EQ((*parts)[0].kind, FormPart::Kind::kFile);
  EXPECT_EQ((*parts)[0].bytes, "RIFF\0\r\n--not\r\n\xff"s);
  EXPECT_GE((*parts)[0].bytes.data(), body.data());
  EXPECT_LT((*parts)[0].bytes.data(), body.data() + body.size());
  EXPECT_EQ((*parts)[1].name, "model");
  EXPECT_EQ((*parts)[1].bytes, "whisper-1");
  EXPECT_EQ((*parts)[1].kind, FormPart::Kind::kField);
  EXPECT_EQ((*parts)[2].bytes, "");
}

TEST(Form, TakesEverySpellingThatClientsSend) {
  const std::string body = part("name=a", "1") + "--B--";
  for (const char* type : {"multipart/form-data;boundary=B", "Multipart/Form-Data; charset=utf-8; Boundary=\"B\"",
                           "multipart/form-data; x; boundary = B ; y=1", "multipart/form-data;  boundary=\"B\";"}) {
    EXPECT_TRUE(is_form_type(type)) << type;
    const auto parts = parse_form(type, body);
    ASSERT_TRUE(parts) << type;
    EXPECT_EQ((*parts)[0].bytes, "1");
  }
  const auto quoted = parse_form(kType, part(R"(filename="C:\new \"x\".wav"; name="fi;le")", "1") + "--B--");
  ASSERT_TRUE(quoted);
  EXPECT_EQ((*quoted)[0].name, "fi;le");
  EXPECT_EQ((*quoted)[0].file_name, R"(C:\new "x".wav)");
  const auto star = parse_form(kType, part("name=file; filename*=UTF-8''%e2%82%ac.wav", "1") + "--B--");
  ASSERT_TRUE(star);
  EXPECT_EQ((*star)[0].kind, FormPart::Kind::kFile);
  EXPECT_FALSE(is_form_type("application/json"));
  EXPECT_FALSE(is_form_type("multipart/form-datax; boundary=B"));
}

TEST(Form, IgnoresPreambleEpilogueAndBlanksAfterADelimiter) {
  const auto parts = parse_form(
      kType, "hello\r\n--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--B--\r\nmore\r\n--B\r\n");
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 1U);
  EXPECT_EQ((*parts)[0].bytes, "1");
  EXPECT_TRUE(parse_form(kType, "--B--")->empty());
}

TEST(Form, WhatOnlyBeginsLikeADelimiterIsContent) {
  const std::string body = part("name=a", "x\r\n--Boundary\r\n--B\n--B-\r\n--") + "--B--";
  const auto parts = parse_form(kType, body);
  ASSERT_TRUE(parts);
  EXPECT_EQ((*parts)[0].bytes, "x\r\n--Boundary\r\n--B\n--B-\r\n--");
}

TEST(Form, AnEmptyPartMayShareItsLineBreak) {
  const auto parts = parse_form(kType, "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--B--");
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ((*parts)[0].bytes, "");
}

TEST(Form, WithoutABoundaryThereIsNothingToRead) {
  for (const char* type : {"multipart/form-data", "multipart/form-data; boundary=",
                           "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=a\xff",
                           "multipart/form-data; boundary=\"unclosed", "multipart/form-data; boundary=\"a \"",
                           "multipart/form-data; boundary", "multipart/form-data; boundary=a;boundary="}) {
    const std::string message = message_of(type, part("name=a", "1") + "--B--");
    EXPECT_TRUE(message.find("oundary") != std::string::npos || message.find("delimiter") != std::string::npos) << type;
  }
  EXPECT_NE(message_of("multipart/form-data; boundary=" + std::string(71, 'b'), "").find("70"), std::string::npos);
}

TEST(Form, SaysWhatIsWrong) {
  EXPECT_EQ(message_of(kType, ""), "the form has no delimiter line: '--' and the boundary");
  EXPECT_EQ(message_of(kType, part("name=a", "1")), "the form breaks off: its closing delimiter is missing");
  EXPECT_EQ(message_of(kType, "--B\r\n--B--"), "a part of the form has no end to its header");
  EXPECT_EQ(message_of(kType, "--B\r\n\r\nx\r\n--B--").substr(0, 30), "a part of the form has no name");
  EXPECT_EQ(message_of(kType, "--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--").substr(0, 30),
            "a part of the form has no name");
  EXPECT_EQ(message_of(kType, "--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--B--").substr(0, 30),
            "a part of the form has no name");
  EXPECT_EQ(message_of(kType, "--B\r\nnonsense\r\n\r\nx\r\n--B--"), "a part of the form has a header line without ':'");
  EXPECT_NE(
      message_of(kType,
                 "--B\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--B--")
          .find("base64"),
      std::string::npos);
  EXPECT_NE(message_of(kType, "--B\r\nX: " + std::string(9'000, 'x') + "\r\n\r\nx\r\n--B--").find("8192"),
            std::string::npos);
  std::string many;
  for (std::size_t i = 0; i <= kMaxFormParts; ++i) many += part("name=a", "1");
  EXPECT_NE(message_of(kType, many + "--B--").find("256"), std::string::npos);
}

TEST(Form, SurvivesEveryTruncationAndRandomDamage) {
  const std::string whole = "x\r\n" + part("name=\"file\"; filename=\"a.wav\"", "RIFF\r\n--Bx\0\xff"s) +
                            part("name=model", "whisper-1") + "--B--\r\n";
  ASSERT_TRUE(parse_form(kType, whole));
  for (std::size_t n = 0; n + 4 < whole.size(); ++n) EXPECT_FALSE(parse_form(kType, whole.substr(0, n))) << n;
  std::mt19937 random(1);
  for (int i = 0; i < 5'000; ++i) {
    std::string damaged = whole;
    constexpr std::string_view kSpice = "\r\n-B\";=:\0";
    for (int j = 0; j < 3; ++j) damaged[random() % damaged.size()] = kSpice[random() % kSpice.size()];
    if (const auto parts = parse_form(kType, damaged)) {
      std::size_t sum = 0;
      for (const FormPart& one : *parts) sum += one.bytes.size();
      EXPECT_LE(sum, damaged.size());
    }
  }
}

}  // namespace
}  // namespace hearth::wire
