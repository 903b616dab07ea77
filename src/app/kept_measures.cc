#include "app/kept_measures.h"

#include <algorithm>

#include "base/files.h"
#include "base/number_file.h"

namespace hearth::app {
namespace {

constexpr std::string_view kTitle = "hearth-memory 1";
constexpr base::Bytes kMaxFile{256 << 10};
constexpr std::int64_t kMost = std::int64_t{1} << 50;  // bytes of a model: a petabyte is damage
/// Loads that overlap share what they grew by, which may be unjust to one of them; it must not shut that one out for
/// ever.
constexpr std::int64_t kMostOfFiles = 4;

base::Numbers read_numbers(const std::filesystem::path& path) {
  const auto text = base::read_file(path, kMaxFile);
  return text ? base::parse_numbers(kTitle, *text, kMost) : base::Numbers{};
}

}  // namespace

std::filesystem::path measures_path(const std::filesystem::path& state_folder) {
  return state_folder / "models.memory";
}

model::Measures load_measures(const std::filesystem::path& path, const model::Catalog& catalog) {
  model::Measures measures;
  const base::Numbers kept = read_numbers(path);
  for (const model::ModelSpec& spec : catalog.specs()) {
    const auto found = kept.find(spec.key.digest());
    if (found == kept.end()) continue;
    const std::int64_t most = spec.file_bytes.count > 0 ? kMostOfFiles * spec.file_bytes.count : kMost;
    measures.emplace(spec.key, model::Measure{base::Bytes{std::min(found->second, most)}, model::MeasureKind::kShared});
  }
  return measures;
}

base::Result<void> save_measures(const std::filesystem::path& path, const model::Measures& measures) {
  base::Numbers kept = read_numbers(path);
  if (kept.size() + measures.size() > base::kMaxNumbers)
    kept.clear();  // of files that are long gone, for the most part
  for (const auto& [key, measure] : measures) kept.insert_or_assign(key.digest(), measure.bytes.count);
  return base::write_file_atomically(path, base::format_numbers(kTitle, kept));
}

}  // namespace hearth::app
