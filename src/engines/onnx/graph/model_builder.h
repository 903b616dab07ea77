#pragma once

// Small ONNX models for tests, in few lines. Test-only.

#include <string>
#include <utility>
#include <vector>

#include "engines/onnx/graph/graph_editor.h"

namespace hearth::engines::onnx::graph {

class ModelBuilder {
 public:
  ModelBuilder() {
    model_.set_ir_version(9);
    pb::OperatorSetIdProto& main = *model_.add_opset_import();
    main.set_domain("");
    main.set_version(20);
    pb::OperatorSetIdProto& contributed = *model_.add_opset_import();
    contributed.set_domain("com.microsoft");
    contributed.set_version(1);
    model_.mutable_graph()->set_name("test");
  }

  void input(const std::string& name, ElementType type = kFloat) {
    declare(*model_.mutable_graph()->add_input(), name, type);
  }
  void output(const std::string& name, ElementType type = kFloat) {
    declare(*model_.mutable_graph()->add_output(), name, type);
  }

  pb::NodeProto& node(const std::string& type, std::vector<std::string> inputs, std::vector<std::string> outputs,
                      const std::string& domain = "") {
    pb::NodeProto& added = *model_.mutable_graph()->add_node();
    added.set_op_type(type);
    added.set_name(outputs.front());
    if (!domain.empty()) added.set_domain(domain);
    for (std::string& each : inputs) added.add_input(std::move(each));
    for (std::string& each : outputs) added.add_output(std::move(each));
    return added;
  }

  void floats(const std::string& name, std::vector<std::int64_t> dims, const std::vector<float>& values) {
    constant(name, kFloat, std::move(dims), values.data(), values.size() * sizeof(float));
  }
  template <typename T>
  void integers(const std::string& name, ElementType type, std::vector<std::int64_t> dims,
                const std::vector<T>& values) {
    constant(name, type, std::move(dims), values.data(), values.size() * sizeof(T));
  }

  [[nodiscard]] pb::ModelProto& model() { return model_; }

  static void set_int(pb::NodeProto& node, const std::string& name, std::int64_t value) {
    pb::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(2);
    attribute.set_i(value);
  }
  static void set_float(pb::NodeProto& node, const std::string& name, float value) {
    pb::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(1);
    attribute.set_f(value);
  }
  static void set_ints(pb::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
    pb::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(7);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }

 private:
  static void declare(pb::ValueInfoProto& value, const std::string& name, ElementType type) {
    value.set_name(name);
    value.mutable_type()->mutable_tensor_type()->set_elem_type(type);
  }
  void constant(const std::string& name, ElementType type, std::vector<std::int64_t> dims, const void* bytes,
                std::size_t size) {
    pb::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t dim : dims) tensor.add_dims(dim);
    tensor.set_raw_data(bytes, size);
  }
  pb::ModelProto model_;
};

}  // namespace hearth::engines::onnx::graph
