#include "engines/onnx/graph/fuse_spectrum.h"

#include "engines/onnx/graph/match.h"
#include "engines/onnx/kokoro_ops.h"

namespace hearth::engines::onnx::graph {
namespace {

constexpr float kPi = 3.14159265F;

/// `tensor` = `type`(other, constant scalar): the other and the scalar, the constant being the second.
std::optional<std::string> match_second(const GraphEditor& editor, const std::string& tensor, const char* type,
                                        float value) {
  const pb::NodeProto* node = find_producer_of_type(editor, tensor, type);
  if (node == nullptr || node->input_size() != 2) return std::nullopt;
  const auto scalar = read_scalar(editor.find_constant(node->input(1)));
  if (!scalar || *scalar < value - 1e-6F || *scalar > value + 1e-6F) return std::nullopt;
  return node->input(0);
}

/// `tensor` = Gather(complex numbers, `part`) over the last axis: the complex numbers.
std::optional<std::string> match_part(const GraphEditor& editor, const std::string& tensor, std::int64_t part) {
  const pb::NodeProto* node = find_producer_of_type(editor, tensor, "Gather");
  if (node == nullptr) return std::nullopt;
  const auto index = read_integers(editor.find_constant(node->input(1)));
  const auto axis = read_int(*node, "axis").value_or(0);
  if (!index || index->size() != 1 || index->front() != part || (axis != 3 && axis != -1)) return std::nullopt;
  return node->input(0);
}

struct ComplexParts {
  std::string real, imaginary;
};

/// `tensor` = Sqrt(real² + imaginary²).
std::optional<ComplexParts> match_magnitude(const GraphEditor& editor, const std::string& tensor) {
  const pb::NodeProto* root = find_producer_of_type(editor, tensor, "Sqrt");
  const pb::NodeProto* sum = root ? find_producer_of_type(editor, root->input(0), "Add") : nullptr;
  if (sum == nullptr || sum->input_size() != 2) return std::nullopt;
  const auto real = match_second(editor, sum->input(0), "Pow", 2),
             imaginary = match_second(editor, sum->input(1), "Pow", 2);
  if (!real || !imaginary) return std::nullopt;
  return ComplexParts{*real, *imaginary};
}

/// `tensor` = the angle of (real, imaginary): Atan of the quotient, moved by π where the real part is negative.
bool is_phase(const GraphEditor& editor, const std::string& tensor, const ComplexParts& parts) {
  const pb::NodeProto* choice = find_producer_of_type(editor, tensor, "Where");
  if (choice == nullptr || choice->input_size() != 3) return false;
  const pb::NodeProto* moved = find_producer_of_type(editor, choice->input(1), "Where");
  const pb::NodeProto* angle = find_producer_of_type(editor, choice->input(2), "Atan");
  const pb::NodeProto* quotient = angle ? find_producer_of_type(editor, angle->input(0), "Div") : nullptr;
  if (moved == nullptr || quotient == nullptr || moved->input_size() != 3) return false;
  return quotient->input(0) == parts.imaginary && quotient->input(1) == parts.real &&
         match_second(editor, choice->input(0), "Less", 0) == parts.real &&
         match_second(editor, moved->input(0), "Greater", 0) == parts.imaginary &&
         match_second(editor, moved->input(1), "Add", kPi) == choice->input(2) &&
         match_second(editor, moved->input(2), "Sub", kPi) == choice->input(2);
}

bool swaps_frames_and_bins(const pb::NodeProto& transpose) {
  return read_int_list(transpose, "perm") == std::vector<std::int64_t>{0, 2, 1, 3};
}

}  // namespace

int fuse_spectrum(GraphEditor& editor) {
  int count = 0;
  const std::vector<pb::NodeProto*> nodes = editor.nodes();
  for (const pb::NodeProto* joined : nodes) {
    if (joined->op_type() != "Concat" || joined->input_size() != 2 || read_int(*joined, "axis") != 1) continue;
    const auto parts = match_magnitude(editor, joined->input(0));
    if (!parts || !is_phase(editor, joined->input(1), *parts)) continue;
    const auto numbers = match_part(editor, parts->real, 0);
    if (!numbers || match_part(editor, parts->imaginary, 1) != numbers) continue;
    const pb::NodeProto* transpose = find_producer_of_type(editor, *numbers, "Transpose");
    const pb::NodeProto* stft = transpose ? find_producer_of_type(editor, transpose->input(0), "STFT") : nullptr;
    if (stft == nullptr || stft->input_size() != 4 || !swaps_frames_and_bins(*transpose)) continue;
    const auto step = read_integers(editor.find_constant(stft->input(1)));
    const auto length = read_integers(editor.find_constant(stft->input(3)));
    const auto window = read_floats(editor.find_constant(stft->input(2)));
    if (!step || !length || !window || step->size() != 1 || length->size() != 1 ||
        read_int(*stft, "onesided").value_or(1) != 1 || length->front() != static_cast<std::int64_t>(window->size())) {
      continue;
    }
    // The operator takes the signal in any shape, so what only gives it another one can go.
    const pb::NodeProto* reshaped = find_producer_of_type(editor, stft->input(0), "Reshape");
    editor.import_domain(kKokoroOpsDomain, 1);
    editor.add({kSpectrumOp,
                kKokoroOpsDomain,
                {reshaped ? reshaped->input(0) : stft->input(0), stft->input(2)},
                {joined->output(0)},
                {{"step", step->front()}, {"size", length->front()}},
                {}});
    ++count;
  }
  return count;
}

}  // namespace hearth::engines::onnx::graph
