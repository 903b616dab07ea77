#pragma once

// What `hearth chat` says and hears, turn by turn. Who answers is a Partner: a server, or a model in this process
// (chat.cc). Threads: the caller's.

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace hearth::cli {

struct ChatOptions {
  std::string text, system, model;
  int max_tokens = 0;  // 0: as many as the model's context allows
  double temperature = -1;
};

/// Takes server-sent events in any pieces and hands on what the model said.
class DeltaReader {
 public:
  explicit DeltaReader(std::function<bool(const std::string&)> on_text) : on_text_(std::move(on_text)) {}
  /// False: nobody wants more.
  bool take(std::string_view bytes);
  /// Of an error event.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  bool take_event(const std::string& text);
  const std::function<bool(const std::string&)> on_text_;
  std::string pending_;
  std::string error_;
};

/// Answers a chat request; what the model says goes to the reader as it comes. Blocks.
class Partner {
 public:
  virtual ~Partner() = default;
  virtual base::Result<void> answer(const std::string& request, DeltaReader& reader) = 0;
};

enum class Prompt { kNone, kShown };  // "> " before each turn: a person types

/// Asks options.text, or where that is empty each line of `lines` that has words, with all that was said before, and
/// prints the answers. A turn that is refused is told of on standard error and forgotten, and the next line is read:
/// the rest may fit where it did not. How many were refused; an error where standard output takes no more.
[[nodiscard]] base::Result<int> converse(const ChatOptions& options, Partner& partner, std::istream& lines,
                                         Prompt prompt);

}  // namespace hearth::cli
