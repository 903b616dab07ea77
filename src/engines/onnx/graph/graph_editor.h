#pragma once

// A graph that can be asked who makes and who reads a tensor, and that can be rewritten. What rewriting leaves unused
// is dropped, and the nodes are put in order again, by tidy(). Single-threaded. Main graph only: Kokoro has no
// subgraphs.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "onnx_model.pb.h"

namespace hearth::engines::onnx::graph {

/// ONNX's element types that occur here.
enum ElementType : int { kFloat = 1, kUint8 = 2, kInt8 = 3, kInt32 = 6, kInt64 = 7 };

/// A node to be added: only what differs from one to the next.
struct NewNode {
  std::string type;
  std::string domain;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::pair<std::string, std::int64_t>> ints;
  std::vector<std::pair<std::string, float>> floats;
};

class GraphEditor {
 public:
  /// Borrows the model for as long as the editor lives.
  explicit GraphEditor(pb::ModelProto& model);

  [[nodiscard]] const std::vector<pb::NodeProto*>& nodes() const { return nodes_; }
  /// The node that makes `tensor`; null for inputs and constants.
  [[nodiscard]] pb::NodeProto* find_producer(const std::string& tensor) const;
  [[nodiscard]] std::span<pb::NodeProto* const> find_readers(const std::string& tensor) const;
  /// The one node that reads `tensor`, if there is one only and the graph does not give the tensor out.
  [[nodiscard]] pb::NodeProto* find_only_reader(const std::string& tensor) const;
  [[nodiscard]] const pb::TensorProto* find_constant(const std::string& tensor) const;
  [[nodiscard]] bool is_output(const std::string& tensor) const { return outputs_.contains(tensor); }

  /// Adds a node; what else made its outputs is forgotten, so tidy() drops it.
  void add(const NewNode& node);
  /// Adds a constant with these bytes and gives its name, made unique from `name`.
  std::string add_constant(const std::string& name, ElementType type, std::vector<std::int64_t> dims,
                           std::string bytes);
  std::string add_floats(const std::string& name, std::vector<std::int64_t> dims, std::span<const float> values);
  std::string add_ints(const std::string& name, std::vector<std::int64_t> dims, std::span<const std::int32_t> values);
  /// Every reader of `from` reads `to` from now on.
  void redirect(const std::string& from, const std::string& to);
  /// Declares that the graph uses operators of `domain`.
  void import_domain(const std::string& domain, std::int64_t version);
  /// Gives every inner tensor and node a name of a few letters: at load a name is hashed, compared and copied many
  /// times, and a short one needs no memory of its own. Inputs and outputs of the graph keep theirs.
  void shorten_names();
  /// Drops nodes and constants that no output needs and sorts the rest; kCorrupt if the graph has a cycle.
  base::Result<void> tidy();

 private:
  void index();
  pb::ModelProto& model_;
  std::vector<pb::NodeProto*> nodes_;
  std::unordered_map<std::string, pb::NodeProto*> producers_;
  std::unordered_map<std::string, std::vector<pb::NodeProto*>> readers_;
  std::unordered_map<std::string, const pb::TensorProto*> constants_;
  std::unordered_set<std::string> outputs_;
};

/// Elements of a constant, whichever way the file holds them; nothing if it is of another type or damaged.
[[nodiscard]] std::optional<std::vector<float>> read_floats(const pb::TensorProto* tensor);
[[nodiscard]] std::optional<std::vector<std::int64_t>> read_integers(const pb::TensorProto* tensor);
/// The value of a float constant with one element.
[[nodiscard]] std::optional<float> read_scalar(const pb::TensorProto* tensor);

[[nodiscard]] std::optional<std::int64_t> read_int(const pb::NodeProto& node, const std::string& attribute);
[[nodiscard]] std::vector<std::int64_t> read_int_list(const pb::NodeProto& node, const std::string& attribute);
[[nodiscard]] float read_float(const pb::NodeProto& node, const std::string& attribute, float otherwise);

}  // namespace hearth::engines::onnx::graph
