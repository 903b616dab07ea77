#include "net/outbox.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>
#include <utility>

namespace hearth::net {
namespace {

constexpr std::size_t kCompactAt = 256 << 10;  // bytes already sent that are worth moving the rest for

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  const std::size_t n = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), n};
}

/// A header value that came from a message must not be able to begin a new line.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
  out.append("\r\n");
}

void append_chunk(std::string& out, std::string_view bytes) {
  std::array<char, 20> size{};
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t at = size.size();
  for (std::size_t n = bytes.size(); n != 0; n >>= 4) size[--at] = kDigits[n & 15];
  out.append(size.data() + at, size.size() - at).append("\r\n").append(bytes).append("\r\n");
}

bool has_no_body(int status) { return status == 204 || status == 304 || status < 200; }

}  // namespace

Outbox::Outbox(HttpRequest request, Style style, std::function<void()> wake)
    : request_(std::move(request)), style_(style), wake_(std::move(wake)), keep_alive_(style.keep_alive) {}

void Outbox::append_head(int status, const Headers& headers, std::optional<std::size_t> length) {
  status_ = status;
  chunked_ = !length && !style_.http_1_0 && !style_.head_only && !has_no_body(status);
  if (!length && !chunked_ && !style_.head_only && !has_no_body(status)) keep_alive_ = false;
  pending_.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason_phrase(status)).append("\r\n");
  append_field(pending_, "Date", http_date());
  for (const auto& [name, value] : headers) append_field(pending_, name, value);
  if (length && !has_no_body(status)) append_field(pending_, "Content-Length", std::to_string(*length));
  if (chunked_) append_field(pending_, "Transfer-Encoding", "chunked");
  if (!keep_alive_) {
    append_field(pending_, "Connection", "close");
  } else if (style_.http_1_0) {
    append_field(pending_, "Connection", "keep-alive");
  }
  pending_.append("\r\n");
}

void Outbox::send_locked(HttpResponse response) {
  if (gone_ || status_ != 0) return;
  append_head(response.status, response.headers, response.body.size());
  if (!style_.head_only && !has_no_body(response.status)) {
    pending_.append(response.body);
    body_bytes_ = response.body.size();
    if (body_bytes_ > 0) first_byte_at_ = std::chrono::steady_clock::now();
  }
  state_ = State::kEnded;
  wake_if_waiting();
}

void Outbox::send(HttpResponse response) {
  const base::MutexLock lock(mutex_);
  send_locked(std::move(response));
}

Flow Outbox::begin(int status, const Headers& headers) {
  const base::MutexLock lock(mutex_);
  if (gone_) return Flow::kStop;
  if (status_ != 0) return Flow::kContinue;
  append_head(status, headers, std::nullopt);
  wake_if_waiting();
  return Flow::kContinue;
}

Flow Outbox::write(std::string_view bytes) {
  const base::MutexLock lock(mutex_);
  if (gone_ || state_ != State::kOpen || status_ == 0) return Flow::kStop;
  if (bytes.empty()) return Flow::kContinue;
  body_bytes_ += bytes.size();
  if (!first_byte_at_) first_byte_at_ = std::chrono::steady_clock::now();
  if (style_.head_only || has_no_body(status_)) return Flow::kContinue;
  while (!gone_ && pending_.size() - taken_ >= style_.high_water) drained_.wait(mutex_);
  if (gone_) return Flow::kStop;
  if (chunked_) {
    append_chunk(pending_, bytes);
  } else {
    pending_.append(bytes);
  }
  wake_if_waiting();
  return Flow::kContinue;
}

void Outbox::end() {
  const base::MutexLock lock(mutex_);
  if (gone_ || state_ != State::kOpen || status_ == 0) return;
  if (chunked_) pending_.append("0\r\n\r\n");
  state_ = State::kEnded;
  wake_if_waiting();
}

void Outbox::mark_abandoned(HttpResponse fallback) {
  const base::MutexLock lock(mutex_);
  if (gone_ || state_ != State::kOpen) return;
  if (status_ == 0) return send_locked(std::move(fallback));
  state_ = State::kBroken;
  wake_if_waiting();
}

Outbox::Block Outbox::take(std::size_t limit) {
  const base::MutexLock lock(mutex_);
  Block block;
  block.bytes = pending_.substr(taken_, limit);
  taken_ += block.bytes.size();
  if (taken_ == pending_.size()) {
    pending_.clear();
    taken_ = 0;
  } else if (taken_ >= kCompactAt) {
    pending_.erase(0, taken_);
    taken_ = 0;
  }
  if (pending_.empty()) block.state = state_;
  reader_waits_ = block.bytes.empty() && state_ == State::kOpen;
  if (!block.bytes.empty()) drained_.notify_all();
  return block;
}

void Outbox::mark_gone() {
  {
    const base::MutexLock lock(mutex_);
    if (gone_) return;
    drop_pending();
  }
  drained_.notify_all();
  stop_.request_stop();
}

void Outbox::detach() {
  const base::MutexLock lock(mutex_);
  drop_pending();
}

void Outbox::drop_pending() {
  gone_ = true;
  wake_ = nullptr;
  std::string().swap(pending_);
  taken_ = 0;
}

void Outbox::set_close() {
  const base::MutexLock lock(mutex_);
  if (status_ == 0) keep_alive_ = false;
}

bool Outbox::keep_alive() const {
  const base::MutexLock lock(mutex_);
  return keep_alive_;
}

int Outbox::status() const {
  const base::MutexLock lock(mutex_);
  return status_;
}

std::uint64_t Outbox::body_bytes() const {
  const base::MutexLock lock(mutex_);
  return body_bytes_;
}

std::optional<base::Instant> Outbox::first_byte_at() const {
  const base::MutexLock lock(mutex_);
  return first_byte_at_;
}

void Outbox::wake_if_waiting() {
  if (!reader_waits_ || !wake_) return;
  reader_waits_ = false;
  wake_();
}

}  // namespace hearth::net
