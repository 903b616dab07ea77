#include "wire/ocr_request.h"

#include <gtest/gtest.h>

#include <string>

namespace hearth::wire {
namespace {

constexpr std::string_view kForm = "multipart/form-data; boundary=b";

std::string form(std::initializer_list<std::pair<std::string, std::string>> fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"";
    if (name == "file") body += "; filename=\"page.png\"";
    body += "\r\n\r\n" + value + "\r\n";
  }
  return body + "--b--\r\n";
}

TEST(OcrRequest, AFormNeedsItsFileOnly) {
  const std::string body = form({{"file", "\x89PNG"}});
  const auto request = parse_ocr_request(kForm, body);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->files.at(0).bytes, "\x89PNG");
  EXPECT_TRUE(request->model.empty());
  EXPECT_EQ(request->format, OcrFormat::kJson);
  EXPECT_EQ(request->least_score, 0.5);
  EXPECT_TRUE(request->wait);
}

TEST(OcrRequest, FieldsOfAFormAreTaken) {
  const std::string body = form({{"file", "x"},
                                 {"model", "other"},
                                 {"response_format", "hocr"},
                                 {"min_score", "0.25"},
                                 {"wait", "false"},
                                 {"pages", "1-3,7"}});
  const auto request = parse_ocr_request(kForm, body);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "other");
  EXPECT_EQ(request->format, OcrFormat::kHocr);
  EXPECT_EQ(request->least_score, 0.25);
  EXPECT_FALSE(request->wait);
  EXPECT_EQ(request->pages, "1-3,7");
}

TEST(OcrRequest, SeveralFilesAreABatch) {
  const std::string body = form({{"file", "one"}, {"pages", "1"}, {"file", ""}, {"file", "three"}});
  const auto request = parse_ocr_request(kForm, body);
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->files.size(), 3U);
  EXPECT_EQ(request->files[0].bytes, "one");
  EXPECT_EQ(request->files[0].name, "page.png");
  EXPECT_EQ(request->files[1].bytes, "");  // told of in its place, beside the texts of the others
  EXPECT_EQ(request->files[2].bytes, "three");
}

TEST(OcrRequest, AnErrorNamesTheFieldOfTheForm) {
  const auto param = [](std::initializer_list<std::pair<std::string, std::string>> fields) {
    const auto request = parse_ocr_request(kForm, form(fields));
    return request ? "" : request.error().param.value_or("none");
  };
  EXPECT_EQ(param({{"model", "a"}}), "file");
  EXPECT_EQ(param({{"file", ""}}), "file");
  EXPECT_EQ(param({{"file", "a"}, {"response_format", "docx"}}), "response_format");
  EXPECT_EQ(param({{"file", "a"}, {"min_score", "2"}}), "min_score");
  EXPECT_EQ(param({{"file", "a"}, {"min_score", "nan"}}), "min_score");
  EXPECT_EQ(param({{"file", "a"}, {"min_score", "0.5x"}}), "min_score");
  EXPECT_EQ(param({{"file", "a"}, {"wait", "perhaps"}}), "wait");
  EXPECT_EQ(param({{"file", "a"}, {"pages", std::string(5'000, '1')}}), "pages");  // and not: all of them
  EXPECT_EQ(param({{"file", "a"}, {"pages", "1\xff"}}), "pages");
}

TEST(OcrRequest, JsonCarriesADataUrl) {
  const auto request = parse_ocr_request(
      "application/json", R"({"image":"data:image/png;base64,iVBORw==","response_format":"text","min_score":0})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->files.at(0).bytes, "\x89PNG");
  EXPECT_EQ(request->format, OcrFormat::kText);
  EXPECT_EQ(request->least_score, 0);
  EXPECT_EQ(parse_ocr_request("application/json", R"({"document":"aGk"})")->files.at(0).bytes, "hi");
}

TEST(OcrRequest, JsonsPictureIsTheLastStringOfItsNameInTheObjectItself) {
  const auto bytes = [](const char* body) {
    const auto request = parse_ocr_request("application/json", body);
    return request ? std::string(request->files.at(0).bytes) : "error: " + request.error().message;
  };
  EXPECT_EQ(bytes(R"({"meta":{"image":"eHg="},"tags":["image","}"],"say":"\"image\":","image":"aGk="})"), "hi");
  EXPECT_EQ(bytes(R"({"image":"eHg=","image":"aGk="})"), "hi");
  EXPECT_EQ(bytes(R"({"model":"image" , "image" : "aGk="})"), "hi");
  EXPECT_EQ(bytes(R"({"image":null,"document":"aGk="})"), "hi");
  EXPECT_EQ(bytes(R"(["image",{"image":"aGk="}])"), "error: the body must be a JSON object, not an array");
  EXPECT_EQ(bytes(R"({"image":["aGk="]})"), "error: 'image' must be a string, not an array");
  EXPECT_EQ(bytes(R"({"meta":{"image":"aGk="}})"), "error: 'image' is missing: a data URL with the picture");
}

TEST(OcrRequest, JsonsPictureMayHaveTheEscapesThatClientsWrite) {
  const auto padded =
      parse_ocr_request("application/json", R"({"image":"data:image\/png;base64,\u002B\/8\u003D","model":"a"})");
  ASSERT_TRUE(padded) << padded.error().message;
  EXPECT_EQ(padded->files.at(0).bytes, "\xfb\xff");
  for (const char* body : {R"({"image":"aG\n="})", R"({"image":"aG\u00"})", R"({"image":"aG\u00e9k"})",
                           R"({"image":"aG\u01bak"})", R"({"image":"aG\\k"})"}) {
    const auto other = parse_ocr_request("application/json", body);
    ASSERT_FALSE(other) << body;
    EXPECT_EQ(other.error().message, "'image' is not base64") << body;
  }
}

TEST(OcrRequest, JsonTakesNoMoreMemoryThanItsBodyOnceMore) {
  std::string body = R"({"image":"data:image/png;base64,)";
  const std::size_t head = body.size();
  body.append(4 << 20, 'A');
  const std::size_t text = body.size() - head;
  body += R"(","model":"a"})";
  const auto request = parse_ocr_request("application/json", body);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->files.at(0).bytes, std::string(text / 4 * 3, '\0'));
  EXPECT_LE(request->decoded.capacity(), body.size());
  EXPECT_EQ(request->model, "a");
}

TEST(OcrRequest, WhatStandsBesideJsonsPictureIsBounded) {
  const std::string large(2 << 20, 'A');
  for (const std::string& body :
       {R"({"image":"aGk=","note":")" + large + R"("})", R"({"image":["aGk="],"note":")" + large + R"("})",
        R"({"image":")" + large, R"({"image":"aGk=","document":")" + large + R"("})"}) {
    const auto request = parse_ocr_request("application/json", body);
    ASSERT_FALSE(request) << body.substr(0, 40);
    EXPECT_EQ(request.error().param, "image") << body.substr(0, 40);
  }
}

TEST(OcrRequest, AnAddressIsNotFetched) {
  const auto request = parse_ocr_request("application/json", R"({"image":"http://example.org/a.png"})");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().param, "image");
  EXPECT_EQ(request.error().code, "unsupported_value");
}

TEST(OcrRequest, DamagedJsonIsAnErrorThatNamesTheField) {
  for (const char* body :
       {R"({"image":"data:image/png,abc"})", R"({"image":"a*b="})", R"({"image":5})", R"({"image":""})", R"({})"}) {
    const auto request = parse_ocr_request("application/json", body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, "image") << body;
  }
  EXPECT_FALSE(parse_ocr_request("application/json", "{"));
}

}  // namespace
}  // namespace hearth::wire
