#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "store/fetch/pull.h"

namespace hearth::store {

/// Prints a pull to a stream: a bar that is redrawn where the stream is a terminal, one plain line a step elsewhere.
class PullPrinter final : public PullObserver {
 public:
  enum class Style { kBars, kLines };
  /// kBars if `out` is a terminal that can move its cursor.
  [[nodiscard]] static Style style_of(std::FILE* out);
  PullPrinter(std::FILE* out, Style style) : out_(out), style_(style) {}
  void on_wait(const std::string& model) override;
  void on_transfer(const std::string& model, const std::string& what, base::Bytes total) override;
  void on_bytes(base::Bytes done) override;
  void on_transferred() override;
  void on_source_failed(const std::string& file, const std::string& source, const base::Error& error) override;
  void on_done(const std::string& model, int fetched, base::Bytes size) override;

 private:
  void draw(base::Bytes done);
  std::FILE* out_;
  const Style style_;
  std::string title_;
  base::Bytes total_{0};
  base::Bytes last_{0};
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace hearth::store
