#include "store/fetch/picture_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>

#include "base/web_address.h"
#include "store/fetch/public_address.h"
#include "store/picture_type.h"

namespace hearth::store {
namespace {

using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

constexpr long kConnectMillis = 5'000;
constexpr long kTotalMillis = 20'000;

enum class Reach {
  kPublic,       // a name may lead anywhere, so only outwards
  kThisMachine,  // "localhost"
  kAsWritten,    // an address is what it says
};

Reach reach_of(const std::string& host) {
  if (base::is_ip_address(host)) return Reach::kAsWritten;
  return base::is_loopback_name(host) ? Reach::kThisMachine : Reach::kPublic;
}

struct Download {
  Reach reach = Reach::kPublic;
  std::size_t most = 0;  // bytes
  std::string bytes;
  bool is_inward = false;  // an address was refused
  bool is_too_long = false;
  bool is_no_picture = false;
};

bool may_connect(Reach reach, const sockaddr& address) {
  switch (reach) {
    case Reach::kPublic:
      return is_public_address(address);
    case Reach::kThisMachine:
      return is_loopback_address(address);
    case Reach::kAsWritten:
      return true;
  }
  return false;
}

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  Download& download = *static_cast<Download*>(user);
  if (!may_connect(download.reach, address->addr)) {
    download.is_inward = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t on_data(const char* data, std::size_t unit, std::size_t count, void* user) {
  Download& download = *static_cast<Download*>(user);
  const std::size_t size = unit * count;
  download.is_too_long = size > download.most - download.bytes.size();
  if (download.is_too_long) return 0;
  download.bytes.append(data, size);
  download.is_no_picture = download.bytes.size() >= kPictureHead && find_picture_type(download.bytes).empty();
  return download.is_no_picture ? 0 : size;
}

struct Cleanup {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

void set_bounds(CURL* curl, base::WebScheme scheme, Bytes most) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, scheme == base::WebScheme::kHttp ? "http" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // a proxy would connect in our place, unchecked
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (const char* bundle = std::getenv("CURL_CA_BUNDLE"); bundle != nullptr && *bundle != '\0')
    curl_easy_setopt(curl, CURLOPT_CAINFO, bundle);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMillis);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kTotalMillis);
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // a look-up of a name that hangs is not waited for
#endif
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(most.count));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "hearth-fetch");
}

Result<void> judge(CURLcode code, long status, const Download& download) {
  if (code != CURLE_OK && download.is_inward)
    return fail(Code::kUnavailable, "its name leads to an address of a private network");
  if (status != 0 && status != 200)
    return fail(Code::kUnavailable, "it answered with status " + std::to_string(status) +
                                        (status / 100 == 3 ? ", and redirects are not followed" : ""));
  if (download.is_too_long || code == CURLE_FILESIZE_EXCEEDED)
    return fail(Code::kExhausted, "it is larger than " + std::to_string(download.most) + " bytes");
  if (download.is_no_picture) return fail(Code::kUnavailable, "it is no png, jpeg, webp, tiff or bmp");
  if (code != CURLE_OK) return fail(Code::kUnavailable, curl_easy_strerror(code));
  if (find_picture_type(download.bytes).empty())
    return fail(Code::kUnavailable, "it is no png, jpeg, webp, tiff or bmp");
  return {};
}

Result<base::WebAddress> read_address(const std::string& url) {
  auto address = base::parse_web_address(url);
  const bool is_taken =
      address && (address->scheme == base::WebScheme::kHttps || base::is_loopback_name(address->host));
  if (!is_taken) return fail(Code::kInvalidArgument, "it is no https:// address");
  return std::move(*address);
}

Result<void> write(const std::string& bytes, const std::filesystem::path& file) {
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) return fail(Code::kIo, "it could not be kept on this disk");
  return {};
}

}  // namespace

Result<void> fetch_picture_to(const std::string& url, const std::filesystem::path& file, Bytes most) {
  const auto address = read_address(url);
  if (!address) return fail(address.error());
  const std::unique_ptr<CURL, Cleanup> curl(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init()
                                                                                              : nullptr);
  if (!curl) return fail(Code::kInternal, "libcurl did not start");
  Download download{.reach = reach_of(address->host), .most = static_cast<std::size_t>(most.count), .bytes = {}};
  set_bounds(curl.get(), address->scheme, most);
  const std::string text = address->text();
  curl_easy_setopt(curl.get(), CURLOPT_URL, text.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl.get(), CURLOPT_OPENSOCKETDATA, &download);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &download);
  const CURLcode code = curl_easy_perform(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (auto good = judge(code, status, download); !good) return good;
  return write(download.bytes, file);
}

}  // namespace hearth::store
