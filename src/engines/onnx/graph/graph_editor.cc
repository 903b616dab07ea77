#include "engines/onnx/graph/graph_editor.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hearth::engines::onnx::graph {
namespace {

const pb::AttributeProto* find_attribute(const pb::NodeProto& node, const std::string& name) {
  for (const pb::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

std::size_t count_elements(const pb::TensorProto& tensor) {
  std::size_t count = 1;
  for (const std::int64_t dim : tensor.dims()) count *= static_cast<std::size_t>(std::max<std::int64_t>(dim, 0));
  return count;
}

template <typename T, typename To>
bool copy_raw(const std::string& raw, std::size_t count, std::vector<To>& to) {
  if (raw.size() != count * sizeof(T)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
    to.push_back(static_cast<To>(value));
  }
  return true;
}

}  // namespace

GraphEditor::GraphEditor(pb::ModelProto& model) : model_(model) { index(); }

void GraphEditor::index() {
  pb::GraphProto& graph = *model_.mutable_graph();
  nodes_.clear();
  producers_.clear();
  readers_.clear();
  constants_.clear();
  outputs_.clear();
  for (pb::NodeProto& node : *graph.mutable_node()) {
    nodes_.push_back(&node);
    for (const std::string& output : node.output()) producers_[output] = &node;
    for (const std::string& input : node.input()) {
      if (!input.empty()) readers_[input].push_back(&node);
    }
  }
  for (const pb::TensorProto& tensor : graph.initializer()) constants_[tensor.name()] = &tensor;
  for (const pb::ValueInfoProto& output : graph.output()) outputs_.insert(output.name());
}

pb::NodeProto* GraphEditor::find_producer(const std::string& tensor) const {
  const auto found = producers_.find(tensor);
  return found == producers_.end() ? nullptr : found->second;
}

std::span<pb::NodeProto* const> GraphEditor::find_readers(const std::string& tensor) const {
  const auto found = readers_.find(tensor);
  if (found == readers_.end()) return {};
  return found->second;
}

pb::NodeProto* GraphEditor::find_only_reader(const std::string& tensor) const {
  const auto readers = find_readers(tensor);
  if (is_output(tensor) || readers.empty()) return nullptr;
  return std::ranges::all_of(readers, [&](const pb::NodeProto* node) { return node == readers[0]; }) ? readers[0]
                                                                                                     : nullptr;
}

const pb::TensorProto* GraphEditor::find_constant(const std::string& tensor) const {
  const auto found = constants_.find(tensor);
  return found == constants_.end() ? nullptr : found->second;
}

void GraphEditor::add(const NewNode& node) {
  pb::NodeProto& added = *model_.mutable_graph()->add_node();
  added.set_name(node.outputs.front());
  added.set_op_type(node.type);
  if (!node.domain.empty()) added.set_domain(node.domain);
  for (const std::string& input : node.inputs) {
    added.add_input(input);
    if (!input.empty()) readers_[input].push_back(&added);
  }
  for (const std::string& output : node.outputs) {
    added.add_output(output);
    producers_[output] = &added;
  }
  for (const auto& [name, value] : node.ints) {
    pb::AttributeProto& attribute = *added.add_attribute();
    attribute.set_name(name);
    attribute.set_i(value);
    attribute.set_type(2);
  }
  for (const auto& [name, value] : node.floats) {
    pb::AttributeProto& attribute = *added.add_attribute();
    attribute.set_name(name);
    attribute.set_f(value);
    attribute.set_type(1);
  }
  nodes_.push_back(&added);
}

std::string GraphEditor::add_constant(const std::string& name, ElementType type, std::vector<std::int64_t> dims,
                                      std::string bytes) {
  std::string unique = name;
  for (int suffix = 1; constants_.contains(unique) || producers_.contains(unique); ++suffix) {
    unique = name + "/" + std::to_string(suffix);
  }
  pb::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(unique);
  tensor.set_data_type(type);
  for (const std::int64_t dim : dims) tensor.add_dims(dim);
  tensor.set_raw_data(std::move(bytes));
  constants_[unique] = &tensor;
  return unique;
}

std::string GraphEditor::add_floats(const std::string& name, std::vector<std::int64_t> dims,
                                    std::span<const float> values) {
  return add_constant(name, kFloat, std::move(dims),
                      std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
}

std::string GraphEditor::add_ints(const std::string& name, std::vector<std::int64_t> dims,
                                  std::span<const std::int32_t> values) {
  return add_constant(name, kInt32, std::move(dims),
                      std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
}

void GraphEditor::redirect(const std::string& from, const std::string& to) {
  for (pb::NodeProto* reader : readers_[from]) {
    for (std::string& input : *reader->mutable_input()) {
      if (input == from) {
        input = to;
        readers_[to].push_back(reader);
      }
    }
  }
  readers_.erase(from);
}

void GraphEditor::import_domain(const std::string& domain, std::int64_t version) {
  for (const pb::OperatorSetIdProto& import : model_.opset_import()) {
    if (import.domain() == domain) return;
  }
  pb::OperatorSetIdProto& import = *model_.add_opset_import();
  import.set_domain(domain);
  import.set_version(version);
}

void GraphEditor::shorten_names() {
  pb::GraphProto& graph = *model_.mutable_graph();
  std::unordered_map<std::string, std::string> names;
  for (const pb::ValueInfoProto& input : graph.input()) names[input.name()] = input.name();
  for (const pb::ValueInfoProto& output : graph.output()) names[output.name()] = output.name();
  const auto rename = [&names](std::string& name) {
    if (name.empty()) return;
    const auto [entry, is_new] = names.try_emplace(name);
    if (is_new) entry->second = "t" + std::to_string(names.size());
    name = entry->second;
  };
  int count = 0;
  for (pb::TensorProto& tensor : *graph.mutable_initializer()) rename(*tensor.mutable_name());
  for (pb::NodeProto& node : *graph.mutable_node()) {
    node.set_name("n" + std::to_string(count++));
    for (std::string& input : *node.mutable_input()) rename(input);
    for (std::string& output : *node.mutable_output()) rename(output);
  }
  graph.clear_value_info();
  index();
}

base::Result<void> GraphEditor::tidy() {
  // Depth first from the outputs: a node comes after what it reads. An explicit stack, because chains are thousands
  // long.
  enum class Mark { kEntered, kDone };
  std::unordered_map<const pb::NodeProto*, Mark> marks;
  std::vector<pb::NodeProto*> order;
  std::unordered_set<std::string> used;
  std::vector<std::pair<pb::NodeProto*, int>> stack;
  pb::GraphProto& graph = *model_.mutable_graph();
  for (const pb::ValueInfoProto& output : graph.output()) {
    used.insert(output.name());
    pb::NodeProto* root = find_producer(output.name());
    if (root == nullptr || marks.contains(root)) continue;
    marks[root] = Mark::kEntered;
    stack.emplace_back(root, 0);
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next == node->input_size()) {
        marks[node] = Mark::kDone;
        order.push_back(node);
        stack.pop_back();
        continue;
      }
      const std::string& input = node->input(next++);
      if (input.empty()) continue;
      used.insert(input);
      pb::NodeProto* producer = find_producer(input);
      if (producer == nullptr) continue;
      const auto mark = marks.find(producer);
      if (mark == marks.end()) {
        marks[producer] = Mark::kEntered;
        stack.emplace_back(producer, 0);
      } else if (mark->second == Mark::kEntered) {
        return base::fail(base::Code::kCorrupt, "the graph has a cycle at " + producer->name());
      }
    }
  }

  google::protobuf::RepeatedPtrField<pb::NodeProto> kept;
  for (pb::NodeProto* node : order) kept.Add()->Swap(node);
  graph.mutable_node()->Swap(&kept);
  const auto drop_unused = [&](auto& field) {
    google::protobuf::RepeatedPtrField<typename std::decay_t<decltype(field)>::value_type> rest;
    for (auto& item : field) {
      if (used.contains(item.name())) rest.Add()->Swap(&item);
    }
    field.Swap(&rest);
  };
  drop_unused(*graph.mutable_initializer());
  graph.clear_value_info();
  index();
  return {};
}

std::optional<std::vector<float>> read_floats(const pb::TensorProto* tensor) {
  if (tensor == nullptr || tensor->data_type() != kFloat) return std::nullopt;
  std::vector<float> values(tensor->float_data().begin(), tensor->float_data().end());
  const std::size_t count = count_elements(*tensor);
  if (values.empty() && !copy_raw<float>(tensor->raw_data(), count, values)) return std::nullopt;
  if (values.size() != count) return std::nullopt;
  return values;
}

std::optional<std::vector<std::int64_t>> read_integers(const pb::TensorProto* tensor) {
  if (tensor == nullptr) return std::nullopt;
  const std::size_t count = count_elements(*tensor);
  const std::string& raw = tensor->raw_data();
  std::vector<std::int64_t> values(tensor->int64_data().begin(), tensor->int64_data().end());
  if (values.empty()) values.assign(tensor->int32_data().begin(), tensor->int32_data().end());
  if (!values.empty()) return values.size() == count ? std::optional(values) : std::nullopt;
  bool whole = false;
  switch (tensor->data_type()) {
    case kUint8:
      whole = copy_raw<std::uint8_t>(raw, count, values);
      break;
    case kInt8:
      whole = copy_raw<std::int8_t>(raw, count, values);
      break;
    case kInt32:
      whole = copy_raw<std::int32_t>(raw, count, values);
      break;
    case kInt64:
      whole = copy_raw<std::int64_t>(raw, count, values);
      break;
    default:
      break;
  }
  return whole ? std::optional(values) : std::nullopt;
}

std::optional<float> read_scalar(const pb::TensorProto* tensor) {
  const auto values = read_floats(tensor);
  if (!values || values->size() != 1) return std::nullopt;
  return values->front();
}

std::optional<std::int64_t> read_int(const pb::NodeProto& node, const std::string& attribute) {
  const pb::AttributeProto* found = find_attribute(node, attribute);
  return found != nullptr ? std::optional(found->i()) : std::nullopt;
}

std::vector<std::int64_t> read_int_list(const pb::NodeProto& node, const std::string& attribute) {
  const pb::AttributeProto* found = find_attribute(node, attribute);
  if (found == nullptr) return {};
  return {found->ints().begin(), found->ints().end()};
}

float read_float(const pb::NodeProto& node, const std::string& attribute, float otherwise) {
  const pb::AttributeProto* found = find_attribute(node, attribute);
  return found != nullptr ? found->f() : otherwise;
}

}  // namespace hearth::engines::onnx::graph
