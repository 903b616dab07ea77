#include "store/fetch/url_client.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/web_address.h"

namespace hearth::store {
namespace {

using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

constexpr long kConnectSeconds = 20;
constexpr long kSlowBytesPerSecond = 1024;
constexpr long kSlowSeconds = 30;
constexpr long kMaxRedirects = 5;

struct Sink {
  int fd = -1;
  Bytes size{0};
  Bytes limit{0};
  const ByteProgress* progress = nullptr;
  int write_error = 0;
  bool too_long = false;
};

std::size_t on_data(const char* data, std::size_t unit, std::size_t count, void* user) {
  Sink& sink = *static_cast<Sink*>(user);
  std::size_t left = unit * count;
  if (sink.size + Bytes{static_cast<std::int64_t>(left)} > sink.limit) {
    sink.too_long = true;
    return 0;
  }
  while (left > 0) {
    const ssize_t n = ::write(sink.fd, data, left);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      sink.write_error = errno;
      return 0;
    }
    data += n;
    left -= static_cast<std::size_t>(n);
    sink.size += Bytes{n};
  }
  if (*sink.progress) (*sink.progress)(sink.size);
  return unit * count;
}

struct Cleanup {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

/// One request. `resume`: from the end of what is there.
CURLcode transfer(CURL* curl, const std::string& url, Sink& sink, long& status) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, url.starts_with("https://") ? "https" : "http");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMaxRedirects);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (const char* bundle = std::getenv("CURL_CA_BUNDLE"); bundle != nullptr && *bundle != '\0') {
    curl_easy_setopt(curl, CURLOPT_CAINFO, bundle);
  }
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, kSlowBytesPerSecond);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "hearth-fetch");
  curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(sink.size.count));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return code;
}

}  // namespace

Result<void> fetch_url_to(const std::string& url, const std::filesystem::path& partial, Bytes limit,
                          const ByteProgress& progress) {
  if (!base::is_safe_source(url)) {
    return fail(Code::kInvalidArgument, url.substr(0, 120) + " is not an https:// address");
  }
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, Cleanup> curl(started ? curl_easy_init() : nullptr);
  if (!curl) return fail(Code::kInternal, "libcurl did not start");

  Sink sink;
  sink.fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (sink.fd < 0) return fail(base::error_from_errno(errno, "making " + partial.string()));
  sink.size = Bytes{std::max<std::int64_t>(0, ::lseek(sink.fd, 0, SEEK_END))};
  sink.limit = limit;
  sink.progress = &progress;

  const auto from_the_beginning = [&] {
    sink.size = Bytes{0};
    return ::ftruncate(sink.fd, 0) == 0 && ::lseek(sink.fd, 0, SEEK_SET) == 0;
  };
  long status = 0;
  CURLcode code = CURLE_OK;
  if (sink.size > limit) from_the_beginning();
  const bool complete = sink.size == limit && limit.count > 0;  // a stopped pull had it all; its digest will tell
  if (!complete) {
    const bool resumed = sink.size.count > 0;
    code = transfer(curl.get(), url, sink, status);
    const bool no_ranges = code == CURLE_RANGE_ERROR || status == 416;
    if (resumed && no_ranges && from_the_beginning()) code = transfer(curl.get(), url, sink, status);
  }
  if (::close(sink.fd) != 0 && sink.write_error == 0) sink.write_error = errno;
  if (sink.write_error != 0) return fail(base::error_from_errno(sink.write_error, "writing " + partial.string()));
  if (sink.too_long) {
    ::unlink(partial.c_str());
    return fail(Code::kCorrupt, url + " is longer than " + std::to_string(limit.count) + " bytes");
  }
  if (code == CURLE_HTTP_RETURNED_ERROR)
    return fail(Code::kUnavailable, url + " answered with status " + std::to_string(status));
  if (code != CURLE_OK) return fail(Code::kUnavailable, url + ": " + curl_easy_strerror(code));
  return {};
}

}  // namespace hearth::store
