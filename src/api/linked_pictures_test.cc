#include "api/linked_pictures.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/fake_world.h"
#include "testing/fake_clock.h"

namespace hearth::api {
namespace {

using base::Bytes;
using base::Code;
using base::Result;
using store::FetchedPicture;

std::vector<wire::PictureLink> two() {
  return {{"https://a.example:443/1", "a.example", "messages"}, {"https://b.example:443/2", "b.example", "messages"}};
}

TEST(LinkedPictures, ComeAsDataUrlsInTheirOrder) {
  testing::FakeClock clock;
  std::vector<std::string> asked;
  const auto fetch = [&](const std::string& url, Bytes, const std::stop_token&) -> Result<FetchedPicture> {
    asked.push_back(url);
    return FetchedPicture{"image/png", asked.size() == 1 ? "one" : "two"};
  };
  const DataUrls urls = fetch_linked_pictures(two(), Bytes{1'000}, fetch, clock, {});
  ASSERT_TRUE(urls);
  EXPECT_EQ(*urls, (std::vector<std::string>{"data:image/png;base64,b25l", "data:image/png;base64,dHdv"}));
  EXPECT_EQ(asked, (std::vector<std::string>{two()[0].url, two()[1].url}));
}

TEST(LinkedPictures, TheFirstThatIsNotHadIsNamed) {
  testing::FakeClock clock;
  int asked = 0;
  const auto fetch = [&](const std::string&, Bytes, const std::stop_token&) -> Result<FetchedPicture> {
    ++asked;
    return base::fail(Code::kUnavailable, "it answered with status 404");
  };
  const DataUrls urls = fetch_linked_pictures(two(), Bytes{1'000}, fetch, clock, {});
  ASSERT_FALSE(urls);
  EXPECT_EQ(urls.error().status, 400);
  EXPECT_EQ(urls.error().param, "messages");
  EXPECT_EQ(urls.error().message,
            "the picture at 'a.example' was not fetched: it answered with status 404; send it as a data: URL");
  EXPECT_EQ(asked, 1);
}

TEST(LinkedPictures, AllOfARequestHaveOneBudget) {
  testing::FakeClock clock;
  std::vector<Bytes> limits;
  const auto fetch = [&](const std::string&, Bytes most, const std::stop_token&) -> Result<FetchedPicture> {
    limits.push_back(most);
    return FetchedPicture{"image/png", std::string(600, 'a')};
  };
  EXPECT_TRUE(fetch_linked_pictures(two(), Bytes{1'000}, fetch, clock, {}));
  EXPECT_EQ(limits, (std::vector<Bytes>{Bytes{1'000}, Bytes{400}}));
  EXPECT_FALSE(fetch_linked_pictures(two(), Bytes{600}, fetch, clock, {}));
  limits.clear();
  EXPECT_TRUE(fetch_linked_pictures(two(), Bytes{1 << 30}, fetch, clock, {}));
  EXPECT_EQ(limits.front(), kMaxLinkedPicture);
}

TEST(LinkedPictures, ASlowHostDoesNotKeepItsThreadForAllOfThem) {
  testing::FakeClock clock;
  int asked = 0;
  const auto fetch = [&](const std::string&, Bytes, const std::stop_token&) -> Result<FetchedPicture> {
    ++asked;
    clock.advance(kMaxPictureTime + base::Millis{1});
    return FetchedPicture{"image/png", "a"};
  };
  EXPECT_FALSE(fetch_linked_pictures(two(), Bytes{1'000}, fetch, clock, {}));
  EXPECT_EQ(asked, 1);
}

class LinkedPicturesTest : public ApiTest {
 protected:
  void start_with(store::FetchPicture fetch) {
    fetch_picture_ = std::move(fetch);
    ApiOptions options;
    options.image_hosts = {"images.example"};
    start(std::move(options));
  }
  static std::string body_of(const std::string& url) {
    return R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":")" + url +
           R"("}}]},{"role":"user","content":"hello"}]})";
  }
  std::shared_ptr<FakeExchange> ask_about(const std::string& url,
                                          const std::function<void(FakeExchange&)>& prepare = {}) {
    return ask(make_request("POST", "/v1/chat/completions", body_of(url)), prepare);
  }
};

TEST_F(LinkedPicturesTest, ARequestGoesOnWithItsPicture) {
  std::vector<std::string> asked;
  start_with([&](const std::string& url, Bytes, const std::stop_token&) -> Result<FetchedPicture> {
    asked.push_back(url);
    return FetchedPicture{"image/png", "one"};
  });
  const auto exchange = ask_about("https://images.example/a.png");
  EXPECT_EQ(exchange->response.status, 200) << exchange->response.body;
  EXPECT_EQ(asked, std::vector<std::string>{"https://images.example:443/a.png"});
  EXPECT_EQ(ask_about("data:image/png;base64,AAAA")->response.status, 200);
  EXPECT_EQ(asked.size(), 1U);
}

TEST_F(LinkedPicturesTest, AHostThatIsNotListedIsNotAsked) {
  start_with([](const std::string& url, Bytes, const std::stop_token&) -> Result<FetchedPicture> {
    ADD_FAILURE() << url;
    return base::fail(Code::kInternal, "asked");
  });
  const auto exchange = ask_about("https://other.example/a.png");
  EXPECT_EQ(exchange->response.status, 400);
  EXPECT_NE(exchange->response.body.find("other.example"), std::string::npos) << exchange->response.body;
  EXPECT_NE(exchange->response.body.find("language.image_hosts"), std::string::npos) << exchange->response.body;
}

TEST_F(LinkedPicturesTest, WithoutAWayToFetchLinksAreRefused) {
  start_with(nullptr);
  EXPECT_EQ(ask_about("https://images.example/a.png")->response.status, 400);
}

TEST_F(LinkedPicturesTest, APictureThatIsNotHadIsTheRequestsFault) {
  start_with([](const std::string&, Bytes, const std::stop_token&) -> Result<FetchedPicture> {
    return base::fail(Code::kUnavailable, "Timeout was reached");
  });
  const auto exchange = ask_about("https://images.example/a.png");
  EXPECT_EQ(exchange->response.status, 400);
  EXPECT_NE(exchange->response.body.find(R"("param":"messages")"), std::string::npos) << exchange->response.body;
  EXPECT_NE(exchange->response.body.find("images.example"), std::string::npos) << exchange->response.body;
}

TEST_F(LinkedPicturesTest, AClientThatLeavesEndsTheFetch) {
  FakeExchange* leaving = nullptr;
  start_with([&](const std::string&, Bytes, const std::stop_token& stop) -> Result<FetchedPicture> {
    leaving->stop.request_stop();
    EXPECT_TRUE(stop.stop_requested());
    return base::fail(Code::kCancelled, "hearth-fetch was stopped");
  });
  const auto exchange = ask_about("https://images.example/a.png", [&](FakeExchange& asking) { leaving = &asking; });
  EXPECT_FALSE(exchange->has_ended);
  EXPECT_EQ(ask_about("data:image/png;base64,AAAA")->response.status, 200);
}

}  // namespace
}  // namespace hearth::api
