#pragma once

// Inside engines/llama only, for .cc files: answers of OpenAI's responses API, whole and as events, as the types of its
// official clients have them. Each event has its number and the place that it belongs to (output_index,
// content_index); an answer that its limit cut is "incomplete". llama.cpp's own events have none of that. One answer,
// one thread; no clock.

#include <chat.h>
#include <server-common.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engines/llama/refusal.h"

namespace hearth::engines::llama {

/// What an answer has come to.
struct ResponseEnd {
  bool is_cut = false;  // by its limit of tokens, or by the context
  int input_tokens = 0;
  int cached_tokens = 0;  // of these
  int output_tokens = 0;
  json timings;  // null: not known
};

class ResponseEvents {
 public:
  /// `now` in seconds since 1970.
  ResponseEvents(json request, std::string model, std::int64_t now);

  // Each returns the events that follow from it, {"event", "data"} each; response.created comes first, whatever
  // follows.
  [[nodiscard]] json on_pieces(const std::vector<common_chat_msg_diff>& pieces);
  /// How far the prompt is read.
  [[nodiscard]] json on_progress(const json& progress);
  /// The last ones: response.completed, or response.incomplete.
  [[nodiscard]] json on_end(const ResponseEnd& end);
  /// The last one where the answer breaks off.
  [[nodiscard]] json on_error(const Refusal& refusal);

 private:
  enum class Kind { kReasoning, kMessage, kCall };
  enum class Status { kInProgress, kCompleted, kIncomplete };
  struct Item {
    Kind kind;
    std::string id;
    std::string text;  // a call's arguments
    std::size_t call = 0;
    std::string call_id;
    std::string name;
    Status status = Status::kInProgress;
    bool is_told = false;  // response.output_item.added was sent
  };

  [[nodiscard]] static const char* name_of(Status status);
  [[nodiscard]] static json item_document(const Item& item);
  void begin();
  void add_text(Kind kind, const std::string& delta);
  void add_call(const common_chat_msg_diff& piece);
  Item& open(Kind kind, std::size_t call);
  void tell(Item& item);
  void close(Item& item, Status status);
  void emit(const char* type, const json& fields);
  void emit_in(const char* type, const Item& item, json fields);
  [[nodiscard]] json take();
  [[nodiscard]] json document(Status status) const;
  [[nodiscard]] json requested(const char* field, json otherwise) const;

  const json request_;
  const std::string model_;
  const std::int64_t now_;
  const std::string id_;
  std::vector<Item> items_;
  json events_ = json::array();  // not yet taken
  int next_number_ = 0;
};

/// The whole answer: what the last event would have.
[[nodiscard]] json response_document(json request, std::string model, std::int64_t now, const common_chat_msg& message,
                                     const ResponseEnd& end);

}  // namespace hearth::engines::llama
