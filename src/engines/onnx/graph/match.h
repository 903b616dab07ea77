#pragma once

// Small questions about nodes that pattern matching is made of.

#include <optional>
#include <string>
#include <utility>

#include "engines/onnx/graph/graph_editor.h"

namespace hearth::engines::onnx::graph {

/// The node that makes `tensor` if it is of this type; else null.
[[nodiscard]] inline pb::NodeProto* find_producer_of_type(const GraphEditor& editor, const std::string& tensor,
                                                          const char* type) {
  pb::NodeProto* node = editor.find_producer(tensor);
  return node != nullptr && node->op_type() == type ? node : nullptr;
}

/// The one reader of `tensor` if it is of this type; else null.
[[nodiscard]] inline pb::NodeProto* find_only_reader_of_type(const GraphEditor& editor, const std::string& tensor,
                                                             const char* type) {
  pb::NodeProto* node = editor.find_only_reader(tensor);
  return node != nullptr && node->op_type() == type ? node : nullptr;
}

/// The other input of a node with two, of which one is `tensor`; null if it is neither.
[[nodiscard]] inline const std::string* find_other_input(const pb::NodeProto& node, const std::string& tensor) {
  if (node.input_size() != 2) return nullptr;
  if (node.input(0) == tensor) return &node.input(1);
  if (node.input(1) == tensor) return &node.input(0);
  return nullptr;
}

/// A node with two inputs of which one is a constant: that one, and the other.
struct ConstantAndOther {
  const pb::TensorProto* constant;
  std::string other;
};
[[nodiscard]] inline std::optional<ConstantAndOther> split_constant(const GraphEditor& editor,
                                                                    const pb::NodeProto& node) {
  if (node.input_size() != 2) return std::nullopt;
  for (int i = 0; i < 2; ++i) {
    if (const pb::TensorProto* constant = editor.find_constant(node.input(i)); constant != nullptr) {
      return ConstantAndOther{constant, node.input(1 - i)};
    }
  }
  return std::nullopt;
}

/// `tensor` is `type`(other, constant scalar close to `value`), in either order: the other input.
[[nodiscard]] inline std::optional<std::string> match_with_scalar(const GraphEditor& editor, const std::string& tensor,
                                                                  const char* type, float value) {
  const pb::NodeProto* node = find_producer_of_type(editor, tensor, type);
  if (node == nullptr) return std::nullopt;
  const auto parts = split_constant(editor, *node);
  if (!parts) return std::nullopt;
  const auto scalar = read_scalar(parts->constant);
  if (!scalar || *scalar < value * 0.999F || *scalar > value * 1.001F) return std::nullopt;
  return parts->other;
}

}  // namespace hearth::engines::onnx::graph
