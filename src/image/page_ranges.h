#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hearth::image {

/// Which pages of a file somebody wants: "1-3,7", "5-" (to the end), or all. Numbers count from 1. Pure.
class PageRanges {
 public:
  struct Span {
    int first = 1;
    int last = 1;  // the last one that is taken; kToTheEnd: whatever the file has
    friend bool operator==(const Span&, const Span&) = default;
  };
  static constexpr int kToTheEnd = 0x7fffffff;

  /// Empty: all. Kept in the order of the file, each page once. kInvalidArgument: not of that form, or more than a
  /// thousand ranges.
  [[nodiscard]] static base::Result<PageRanges> parse(std::string_view text);
  /// All of them.
  PageRanges() : spans_{{1, kToTheEnd}} {}
  [[nodiscard]] std::span<const Span> spans() const { return spans_; }
  [[nodiscard]] int first() const { return spans_.front().first; }

  /// The pages of a file of `count`. kInvalidArgument: a range begins behind its end, or these are more than `most`.
  [[nodiscard]] base::Result<PageRanges> within(int count, int most) const;
  /// The wanted page that follows `number`; 0: none.
  [[nodiscard]] int next_after(int number) const;
  /// The wanted pages that follow `number`, as parse() takes them; empty where there are none.
  [[nodiscard]] std::string text_after(int number) const;

 private:
  explicit PageRanges(std::vector<Span> spans) : spans_(std::move(spans)) {}
  std::vector<Span> spans_;  // in order, apart from each other, never empty
};

}  // namespace hearth::image
