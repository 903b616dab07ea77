#include "api/ocr.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/fake_world.h"
#include "base/mutex.h"
#include "image/files_test.h"

namespace hearth::api {
namespace {

/// An uncompressed bitmap of black pixels.
std::string bitmap(int width, int height) {
  std::string file(54, '\0');
  const auto put = [&file](std::size_t at, int value) {
    for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
  };
  file[0] = 'B';
  file[1] = 'M';
  put(10, 54);
  put(14, 40);
  put(18, width);
  put(22, height);
  file[26] = 1;
  file[28] = 24;
  return file + std::string(static_cast<std::size_t>((width * 24 + 31) / 32 * 4 * height), '\0');
}

std::string form(const std::string& file, const std::string& fields = {}) {
  return fields + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bmp\"\r\n\r\n" + file +
         "\r\n--b--\r\n";
}

std::string field(const std::string& name, const std::string& value) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}

class OcrTest : public ApiTest {
 protected:
  std::shared_ptr<FakeExchange> read(const std::string& body, const std::function<void(FakeExchange&)>& prepare = {}) {
    return ask(request(body), prepare);
  }
  static net::HttpRequest request(const std::string& body, const std::string& path = "/v1/ocr") {
    net::HttpRequest made = make_request("POST", path, body);
    made.headers.set("Content-Type", "multipart/form-data; boundary=b");
    return made;
  }
};

bool mentions(const FakeExchange& exchange, const std::string& text) {
  return exchange.response.body.find(text) != std::string::npos;
}

TEST_F(OcrTest, APictureBecomesItsText) {
  start();
  const auto exchange = read(form(bitmap(7, 5)));
  EXPECT_EQ(exchange->response.status, 200);
  EXPECT_TRUE(mentions(
      *exchange,
      R"({"model":"pp-ocr-v6","page_count":1,"pages":[{"page":1,"index":0,"width":7,"height":5,"text":"7 by 5")"));
  EXPECT_EQ(*exchange->response.headers.find("Content-Type"), "application/json");
  EXPECT_EQ(api_->gate().running(), 0);
}

TEST_F(OcrTest, TheFormatDecidesTheBody) {
  start();
  const auto text = read(form(bitmap(7, 5), field("response_format", "text")));
  EXPECT_EQ(text->response.body, "7 by 5\n");
  EXPECT_EQ(*text->response.headers.find("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_TRUE(mentions(*read(form(bitmap(7, 5), field("response_format", "hocr"))), "class=\"ocr_line\""));
}

TEST_F(OcrTest, JsonIsTakenToo) {
  start();
  const auto exchange = post("/v1/ocr", R"({"image":"data:image/bmp;base64,Qk0="})");
  EXPECT_EQ(exchange->response.status, 400);  // two bytes of a bitmap
  EXPECT_TRUE(mentions(*exchange, "damaged"));
}

TEST_F(OcrTest, WhatIsNoPictureIsA400ThatNamesTheFile) {
  start();
  for (const std::string& file : {std::string("nonsense"), std::string("%PDF-1.7"), bitmap(9, 9).substr(0, 80)}) {
    const auto exchange = read(form(file));
    EXPECT_EQ(exchange->response.status, 400);
    EXPECT_TRUE(mentions(*exchange, R"("param":"file")"));
  }
}

/// Pages that another program draws: page n is n pixels high. The third is damaged.
class FakePages final : public image::PageSource {
 public:
  explicit FakePages(image::PageRanges wanted) : wanted_(std::move(wanted)) {}
  int count() const override { return 4; }
  base::Result<std::optional<image::SourcePage>> next(const std::stop_token&) override {
    number_ = wanted_.next_after(number_);
    if (number_ == 3) return base::fail(base::Code::kInvalidArgument, "page 3 is damaged");
    if (number_ == 0) return std::nullopt;
    return image::SourcePage{number_, image::make_picture(2, number_), 200};
  }

 private:
  const image::PageRanges wanted_;
  int number_ = 0;
};

class DocumentTest : public OcrTest {
 protected:
  void SetUp() override {
    open_pages_ = [](std::string_view, const image::PageRanges& pages, const image::DecodeLimits& limits,
                     const std::stop_token&) -> base::Result<std::unique_ptr<image::PageSource>> {
      auto wanted = pages.within(4, limits.pages_at_once);
      if (!wanted) return base::fail(wanted.error());
      return std::make_unique<FakePages>(std::move(*wanted));
    };
  }
  std::shared_ptr<FakeExchange> read_pages(const std::string& pages) {
    return read(form("%PDF-1.7", field("response_format", "text") + field("pages", pages)));
  }
};

TEST_F(DocumentTest, ThePagesThatAreNamedAreReadWithTheirNumbers) {
  start();
  EXPECT_EQ(read_pages("4,1-2")->response.body, "[page 1]\n2 by 1\n\f[page 2]\n2 by 2\n\f[page 4]\n2 by 4\n");
  const auto json = read(form("%PDF-1.7", field("pages", "2")));
  EXPECT_TRUE(mentions(*json, R"("page_count":4,"pages":[{"page":2,"index":1,"width":2,"height":2,"dpi":200.0)"));
}

TEST_F(DocumentTest, APageThatCannotBeReadFailsTheRequestAndSaysWhich) {
  start();
  const auto exchange = read_pages("");
  EXPECT_EQ(exchange->response.status, 400);
  EXPECT_TRUE(mentions(*exchange, "page 3 is damaged"));
  EXPECT_TRUE(mentions(*exchange, R"("param":"file")"));
}

TEST_F(DocumentTest, PagesThatCannotBeAreNamed) {
  ApiOptions options;
  options.max_pages = 2;
  start(options);
  EXPECT_TRUE(mentions(*read_pages("a-b"), R"("param":"pages")"));
  EXPECT_TRUE(mentions(*read_pages("9"), "has 4 pages"));
  EXPECT_TRUE(mentions(*read_pages("1-"), "at most 2"));
  EXPECT_EQ(read_pages("1-2")->response.status, 200);
}

TEST_F(OcrTest, ATiffOfMorePagesThanAtOnceIsReadInParts) {
  ApiOptions options;
  options.max_pages = 1;
  start(options);
  const std::string tiff = image::bytes_of(image::kTiffTwoPages);
  EXPECT_TRUE(mentions(*read(form(tiff)), "at most 1"));
  const auto second = read(form(tiff, field("pages", "2")));
  EXPECT_EQ(second->response.status, 200);
  EXPECT_TRUE(mentions(*second, R"("page_count":2,"pages":[{"page":2,)"));
}

TEST_F(DocumentTest, ABatchIsReadFileByFileAndADamagedOneSpoilsNoOther) {
  start();
  const auto batch = [&](const std::string& pages, const std::string& format) {
    std::string body = field("pages", pages) + field("response_format", format);
    for (const std::string& file : {bitmap(7, 5), std::string("%PDF-1.7"), std::string()}) {
      body += "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + file + "\r\n";
    }
    return read(body + "--b--\r\n");
  };
  const auto text = batch("1", "text");
  EXPECT_EQ(text->response.status, 200);
  EXPECT_EQ(text->response.body,
            "[file 1: a]\n7 by 5\n\f[file 2: a]\n[page 1]\n2 by 1\n\f[file 3: a: not read: the picture is empty]\n");
  const auto damaged = batch("", "json");
  EXPECT_EQ(damaged->response.status, 200);
  EXPECT_TRUE(mentions(*damaged, R"({"model":"pp-ocr-v6","files":[{"index":0,"name":"a","page_count":1,"pages":[{)"));
  EXPECT_TRUE(mentions(*damaged, R"({"index":1,"name":"a","error":{"message":"page 3 is damaged")"));
}

TEST_F(DocumentTest, ABatchHasNoMorePagesThanOneFileMayHave) {
  ApiOptions options;
  options.max_pages = 2;
  start(options);
  std::string body = field("pages", "1-2");
  for (int i = 0; i < 2; ++i) {
    body += "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n%PDF-1.7\r\n";
  }
  const auto exchange = read(body + "--b--\r\n");
  EXPECT_TRUE(mentions(*exchange, "2 by 2"));
  EXPECT_TRUE(mentions(*exchange, "the batch has more pages"));
}

TEST_F(DocumentTest, FilesThatWaitForTheirProgramKeepNobodyElseFromAThread) {
  std::latch may_open(1);
  open_pages_ = [&may_open](auto&&...) -> base::Result<std::unique_ptr<image::PageSource>> {
    may_open.wait();
    return base::fail(base::Code::kInvalidArgument, "never mind");
  };
  start();
  std::vector<std::jthread> waiting;
  for (int i = 0; i < 6; ++i) {  // more than there are threads for requests
    waiting.emplace_back([this] { EXPECT_EQ(read_pages("1")->response.status, 400); });
  }
  EXPECT_EQ(read(form(bitmap(7, 5)))->response.status, 200);
  EXPECT_EQ(speak("Hi.")->response.status, 200);
  may_open.count_down();
}

/// As many pages as anybody could want, until `is_enough`. It ends some day, so that a test that fails ends too.
class LongDocument final : public image::PageSource {
 public:
  LongDocument(const std::atomic<bool>& is_enough, std::atomic<int>& pauses) : is_enough_(is_enough), pauses_(pauses) {}
  int count() const override { return kPages; }
  base::Result<std::optional<image::SourcePage>> next(const std::stop_token&) override {
    if (is_enough_ || number_ == kPages) return std::nullopt;
    ++number_;
    if (number_ > 1'000) std::this_thread::sleep_for(base::Millis{1});  // for as long as a machine may stand still
    return image::SourcePage{number_, image::make_picture(3, 3), 200};
  }
  void pause() override { ++pauses_; }

 private:
  static constexpr int kPages = 50'000;
  const std::atomic<bool>& is_enough_;
  std::atomic<int>& pauses_;
  int number_ = 0;
};

class LongDocumentTest : public DocumentTest {
 protected:
  void SetUp() override {
    DocumentTest::SetUp();
    open_pages_ = [this, open_short = open_pages_](
                      std::string_view bytes, const image::PageRanges& pages, const image::DecodeLimits& limits,
                      const std::stop_token& stop) -> base::Result<std::unique_ptr<image::PageSource>> {
      if (bytes != kLong) return open_short(bytes, pages, limits, stop);
      return std::make_unique<LongDocument>(is_enough_, pauses_);
    };
    on_read_page_ = [this](const image::Picture& page) {
      if (page.width == 3 && page.height == 3 && !is_begun_.exchange(true)) begun_.count_down();
    };
  }
  /// Begins to read it, and waits until it is at work.
  void read_long() {
    reading_ = std::jthread([this] {
      EXPECT_EQ(read(form(kLong))->response.status, 200);
      is_done_ = true;
    });
    begun_.wait();
  }

  static constexpr const char* kLong = "%PDF-long";
  std::atomic<bool> is_enough_ = false;
  std::atomic<bool> is_done_ = false;
  std::atomic<int> pauses_ = 0;
  std::atomic<bool> is_begun_ = false;
  std::latch begun_{1};
  std::jthread reading_;
};

TEST_F(LongDocumentTest, AShortRequestIsReadBetweenThePagesOfALongDocument) {
  start();
  read_long();
  EXPECT_EQ(read(form(bitmap(7, 5)))->response.status, 200);
  EXPECT_EQ(read_pages("1")->response.body, "[page 1]\n2 by 1\n");  // by the same thread, which waits for programs
  EXPECT_GT(pauses_, 0);
  EXPECT_FALSE(is_done_);
  is_enough_ = true;
  reading_.join();
}

TEST_F(LongDocumentTest, ALongDocumentKeepsNoSoundAndNoLinkedPictureWaiting) {
  open_sound_ = [](auto&&...) -> base::Result<std::unique_ptr<audio::SoundReader>> {
    return base::fail(base::Code::kInvalidArgument, "there is no sound in it");
  };
  fetch_picture_ = [](auto&&...) -> base::Result<store::FetchedPicture> {
    return base::fail(base::Code::kUnavailable, "nobody answers there");
  };
  ApiOptions options;
  options.image_hosts = {"images.example"};
  start(std::move(options));
  read_long();
  const std::string m4a("\0\0\0\0ftypM4A ", 12);
  const auto sound = ask(request(form(m4a, field("model", "whisper-1")), "/v1/audio/transcriptions"));
  EXPECT_TRUE(mentions(*sound, "there is no sound in it"));
  const auto chat =
      post("/v1/chat/completions", R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":)"
                                   R"({"url":"https://images.example/a.png"}}]}]})");
  EXPECT_TRUE(mentions(*chat, "nobody answers there"));
  EXPECT_FALSE(is_done_);
  is_enough_ = true;
  reading_.join();
}

TEST_F(DocumentTest, EveryPageIsRecognisedByTheThreadsForThatWhateverItIsAPageOf) {
  base::Mutex mutex;
  std::vector<std::string> threads;
  on_read_page_ = [&](const image::Picture&) {
    char name[16] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    const base::MutexLock lock(mutex);
    threads.emplace_back(name);
  };
  start();
  EXPECT_EQ(read(form(bitmap(7, 5)))->response.status, 200);
  EXPECT_EQ(read(form(image::bytes_of(image::kTiffTwoPages)))->response.status, 200);
  EXPECT_EQ(read_pages("1-2")->response.status, 200);
  std::string batch;
  for (const std::string& file : {bitmap(7, 5), std::string("%PDF-1.7")}) {
    batch += "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + file + "\r\n";
  }
  EXPECT_EQ(read(field("pages", "1") + batch + "--b--\r\n")->response.status, 200);
  EXPECT_EQ(threads, std::vector<std::string>(7, "test-read"));
}

/// Two pictures on the two threads that read, until their clients leave.
class BusyReaderTest : public LongDocumentTest {
 protected:
  void SetUp() override {
    LongDocumentTest::SetUp();
    on_read_page_ = [this, see = on_read_page_](const image::Picture& page) {
      see(page);
      if (page.width == 9) at_work_.count_down();
    };
  }
  void keep_busy() {
    for (auto& one : pictures_) one = begin(request(form(bitmap(9, 9), field("min_score", "1"))), pictures_gone_);
    at_work_.wait();
  }
  void release() {
    for (const auto& one : pictures_) one->stop.request_stop();
    pictures_gone_.wait();
  }

 private:
  std::latch at_work_{2};
  std::latch pictures_gone_{2};
  std::array<std::shared_ptr<FakeExchange>, 2> pictures_;
};

TEST_F(BusyReaderTest, ARequestThatWaitsForItsTurnIsForgottenAtOnceWithItsClient) {
  ApiOptions options;
  options.max_concurrent_uploads = 3;
  start(options);
  keep_busy();
  std::latch gone(1);
  const auto waiting = begin(request(form(bitmap(7, 5))), gone);
  settle();
  EXPECT_EQ(read(form(bitmap(7, 5)))->response.status, 503);
  waiting->stop.request_stop();
  EXPECT_TRUE(gone.try_wait());
  EXPECT_FALSE(waiting->has_ended);
  EXPECT_EQ(read({})->response.status, 400);  // there is a place again
  release();
  gone.wait();
}

TEST_F(BusyReaderTest, APageThatWaitsForItsTurnIsForgottenWithItsClient) {
  start();
  std::latch gone(1);
  const auto document = begin(request(form(kLong)), gone);
  begun_.wait();
  keep_busy();
  document->stop.request_stop();
  gone.wait();
  EXPECT_FALSE(document->has_ended);
  release();
}

TEST_F(OcrTest, ABatchOfDamagedFilesLoadsNoModel) {
  start();
  std::string batch;
  for (int i = 0; i < 2; ++i) {
    batch += "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nnonsense\r\n";
  }
  const auto exchange = read(batch + "--b--\r\n");
  EXPECT_EQ(exchange->response.status, 200);
  EXPECT_TRUE(mentions(*exchange, R"("index":1,"name":"a","error")"));
  EXPECT_EQ(look("pp-ocr-v6").loads, 0);
}

TEST_F(OcrTest, OtherBodiesAreA415) {
  start();
  net::HttpRequest request = make_request("POST", "/v1/ocr", "x");
  request.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(ask(std::move(request))->response.status, 415);
}

TEST_F(OcrTest, AModelThatReadsNothingOrIsNotThereIsNamed) {
  start();
  const auto mute = read(form(bitmap(2, 2), field("model", "mute")));
  EXPECT_EQ(mute->response.status, 400);
  EXPECT_TRUE(mentions(*mute, R"("param":"model")"));
  EXPECT_EQ(read(form(bitmap(2, 2), field("model", "nobody")))->response.status, 404);
}

TEST_F(OcrTest, AFailedLoadAndABrokenEngineAreErrors) {
  start();
  EXPECT_EQ(read(form(bitmap(1, 4)))->response.status, 500);
  load_error_ = base::Error{base::Code::kCorrupt, "damaged", {}};
  start();
  EXPECT_EQ(read(form(bitmap(2, 2)))->response.status, 503);
}

TEST_F(OcrTest, AClientThatLeavesEndsTheReading) {
  start();
  const auto exchange =
      read(form(bitmap(2, 2), field("min_score", "1")), [](FakeExchange& leaving) { leaving.stop.request_stop(); });
  EXPECT_FALSE(exchange->has_ended);
  EXPECT_EQ(api_->gate().running(), 0);
}

}  // namespace
}  // namespace hearth::api
