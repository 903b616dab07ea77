#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/language_model.h"

namespace hearth::engine {

/// Keeps an answer whole, for callers who want its status and its document and not its pieces. One thread.
class CollectedAnswer final : public LanguageSink {
 public:
  static constexpr std::size_t kMostBytes = 16U << 20;  // a page of text has some 5 KB, its probabilities 40 times that

  Flow begin(int status, std::string_view) override {
    status_ = status;
    return Flow::kContinue;
  }
  Flow write(std::string_view bytes) override {
    is_too_long_ = is_too_long_ || body_.size() + bytes.size() > kMostBytes;
    if (is_too_long_) return Flow::kStop;
    body_ += bytes;
    return Flow::kContinue;
  }
  /// 0: the answer has not begun.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const std::string& body() const { return body_; }
  /// More than kMostBytes came; the answer was ended there.
  [[nodiscard]] bool is_too_long() const { return is_too_long_; }

 private:
  int status_ = 0;
  bool is_too_long_ = false;
  std::string body_;
};

}  // namespace hearth::engine
