#include "wire/picture_links.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearth::wire {
namespace {

using Urls = std::vector<std::string>;
const char* const kPlain = "https://images.example/a.png";

std::string in_chat(const std::string& url) {
  return R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":")" + url + "\"}}]}]}";
}

tl::expected<LanguageRequest, ApiError> parse(const std::string& body, const Urls& hosts = {"images.example"}) {
  return parse_language_request(body, LanguageShape::kOther, hosts);
}

/// The links that would be fetched, or what is refused.
Urls links(const std::string& body, const Urls& hosts = {"images.example"}) {
  const auto request = parse(body, hosts);
  if (!request) return {"refused: " + request.error().param.value_or("")};
  Urls urls;
  for (const PictureLink& link : request->pictures) urls.push_back(link.url);
  return urls;
}

TEST(PictureLinks, AreFoundWhereverAnApiHasThem) {
  const Urls one = {"https://images.example:443/a.png"};
  const std::string url = kPlain;
  EXPECT_EQ(links(in_chat(url)), one);
  EXPECT_EQ(links(R"({"messages":[{"content":[{"type":"image_url","image_url":")" + url + R"("}]}]})"), one);
  EXPECT_EQ(links(R"({"input":[{"role":"user","content":[{"type":"input_image","image_url":")" + url + R"("}]}]})"),
            one);
  EXPECT_EQ(links(R"({"input":[{"type":"function_call_output","output":[{"type":"input_image","image_url":")" + url +
                  R"("}]}]})"),
            one);
  const std::string source = R"({"type":"image","source":{"type":"url","url":")" + url + R"("}})";
  EXPECT_EQ(links(R"({"messages":[{"role":"user","content":[)" + source + "]}]}"), one);
  EXPECT_EQ(links(R"({"messages":[{"role":"user","content":[{"type":"tool_result","content":[)" + source + "]}]}]}"),
            one);
}

TEST(PictureLinks, SayWhoseTheyAreAndWhere) {
  const auto request = parse(in_chat("https://IMAGES.example/a.png#b"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->pictures,
            (std::vector<PictureLink>{{"https://images.example:443/a.png", "images.example", "messages"}}));
}

TEST(PictureLinks, OnlyOfTheHostsThatAreListed) {
  const Urls refused = {"refused: messages"};
  EXPECT_EQ(links(in_chat(kPlain), {}), refused);
  for (const char* url :
       {"https://other.example/a", "https://images.example.evil.example/a", "https://a.images.example/a",
        "https://images.example@evil.example/", "https://evil.example\\\\@images.example/", "https://images.example./a",
        "https://images.example:8443/a", "http://images.example/a", "http://images.example:443/a",
        "https://images%2eexample/a", "https://169.254.169.254/", "file:///etc/passwd", "ftp://images.example/a",
        "httpfoo", "https:images.example"})
    EXPECT_EQ(links(in_chat(url)), refused) << url;
  EXPECT_EQ(links(in_chat("https://images.example:8443/a"), {"images.example:8443"}).front(),
            "https://images.example:8443/a");
  EXPECT_EQ(links(in_chat("https://images.example/a"), {"images.example:8443"}), refused);
}

TEST(PictureLinks, PlainHttpIsForALoopbackHostWithItsPort) {
  const Urls refused = {"refused: messages"};
  EXPECT_EQ(links(in_chat("http://127.0.0.1:8080/a"), {"127.0.0.1:8080"}).front(), "http://127.0.0.1:8080/a");
  EXPECT_EQ(links(in_chat("http://localhost:80/a"), {"localhost:80"}).front(), "http://localhost:80/a");
  EXPECT_EQ(links(in_chat("http://[::1]:8080/a"), {"[::1]:8080"}).front(), "http://[::1]:8080/a");
  EXPECT_EQ(links(in_chat("http://127.0.0.1/a"), {"127.0.0.1"}), refused);
  EXPECT_EQ(links(in_chat("http://127.0.0.1:443/a"), {"127.0.0.1"}), refused);
  EXPECT_EQ(links(in_chat("http://10.0.0.1:8080/a"), {"10.0.0.1:8080"}), refused);
  EXPECT_EQ(links(in_chat("http://2130706433:8080/a"), {"127.0.0.1:8080"}), refused);
}

TEST(PictureLinks, ARefusalNamesTheHostAndTheSetting) {
  const std::string message = parse(in_chat("https://other.example/a"), {}).error().message;
  EXPECT_NE(message.find("other.example"), std::string::npos) << message;
  EXPECT_NE(message.find("language.image_hosts"), std::string::npos) << message;
  EXPECT_NE(message.find("data:"), std::string::npos) << message;
}

TEST(PictureLinks, NoOtherMediumIsFetched) {
  const std::string url = std::string("\"") + kPlain + "\"";
  for (const std::string& part : {R"({"type":"input_audio","input_audio":{"data":)" + url + "}}",
                                  R"({"type":"video_url","video_url":{"url":)" + url + "}}",
                                  R"({"type":"input_video","input_video":{"data":)" + url + "}}",
                                  R"({"type":"input_file","file_url":)" + url + "}",
                                  R"({"type":"document","source":{"type":"url","url":)" + url + "}}"})
    EXPECT_EQ(links(R"({"messages":[{"role":"user","content":[)" + part + "]}]}"), Urls{"refused: messages"}) << part;
}

TEST(PictureLinks, TextThatNamesAnAddressIsText) {
  for (
      const char* part :
      {R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"https://a.example is down"}})",
       R"({"type":"document","title":"https://a.example","source":{"type":"base64","data":"AAAA"}})",
       R"({"type":"tool_use","id":"a","name":"look","input":{"type":"image_url","image_url":{"url":"https://a.example"}}})",
       R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"http"},"note":"https://a.example"})",
       R"({"type":"text","text":"https://a.example"})", R"({"type":"input_text","text":"file:///a"})",
       R"({"type":"thinking","thinking":"http://a.example"})", R"("https://a.example")", "7", "null"})
    EXPECT_EQ(links(std::string(R"({"messages":[{"role":"user","content":[)") + part + "]}]}", {}), Urls{}) << part;
  EXPECT_EQ(
      links(R"({"input":["https://a.example"],"documents":["http://b.example"],"prompt":"https://c.example"})", {}),
      Urls{});
}

TEST(PictureLinks, OnlySoManyAreFetched) {
  std::string parts;
  for (int i = 0; i < 8; ++i)
    parts += std::string(i == 0 ? "" : ",") + R"({"type":"image_url","image_url":{"url":")" + kPlain + "\"}}";
  const auto with = [](const std::string& content) {
    return R"({"messages":[{"role":"user","content":[)" + content + "]}]}";
  };
  EXPECT_EQ(links(with(parts)).size(), 8U);
  EXPECT_EQ(links(with(parts + R"(,{"type":"image_url","image_url":{"url":")" + kPlain + "\"}}")),
            Urls{"refused: messages"});
}

TEST(PictureLinks, AreReplacedInTheirOrderAndNothingElseIs) {
  const std::string body =
      R"({"zeta":1,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://images.example/1","detail":"low"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"https://images.example/1"},)"
      R"({"type":"image","source":{"type":"url","url":"https://images.example/2"}}]}],"alpha":[1.5,"ü"]})";
  EXPECT_EQ(links(body), (Urls{"https://images.example:443/1", "https://images.example:443/2"}));
  EXPECT_EQ(
      with_pictures(body, Urls{"data:one", "data:two"}),
      R"({"zeta":1,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:one","detail":"low"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"text","text":"https://images.example/1"},)"
      R"({"type":"image","source":{"type":"url","url":"data:two"}}]}],"alpha":[1.5,"ü"]})");
}

TEST(PictureLinks, EachApiGetsTheFormThatItKnows) {
  EXPECT_EQ(with_pictures(R"({"messages":[{"content":[{"type":"image_url","image_url":"https://images.example/1"}]}]})",
                          Urls{"data:one"}),
            R"({"messages":[{"content":[{"type":"image_url","image_url":{"url":"data:one"}}]}]})");
  EXPECT_EQ(with_pictures(
                R"({"input":[{"content":[{"type":"input_image","image_url":{"url":"https://images.example/1"}}]}]})",
                Urls{"data:one"}),
            R"({"input":[{"content":[{"type":"input_image","image_url":"data:one"}]}]})");
}

TEST(PictureLinks, AreNotAllThatMakesARequestLarge) {
  const auto has_media = [](const std::string& body) { return parse(body)->has_media; };
  EXPECT_TRUE(has_media(in_chat("data:image/png;base64,AAAA")));
  EXPECT_TRUE(has_media(in_chat(kPlain)));
  const std::string source = R"({"type":"image","source":{"type":"base64","data":"AAAA"}})";
  EXPECT_TRUE(has_media(R"({"messages":[{"content":[{"type":"tool_result","content":[)" + source + "]}]}]}"));
  EXPECT_TRUE(has_media(R"({"input":[{"content":[{"type":"input_image","image_url":"data:image/png;base64,"}]}]})"));
  EXPECT_FALSE(has_media(R"({"messages":[{"role":"user","content":"data:image/png;base64,AAAA"}]})"));
  EXPECT_FALSE(has_media(R"({"messages":[{"role":"user","content":[{"type":"text","text":"image_url"}]}]})"));
  EXPECT_FALSE(has_media(R"({"messages":[{"role":"user","content":[{"type":"image_url"}]}]})"));
  EXPECT_FALSE(has_media(R"({"messages":[],"image_url":{"type":"image_url","image_url":"data:,"}})"));
}

}  // namespace
}  // namespace hearth::wire
