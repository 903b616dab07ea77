#include "store/manifest.h"

#include <algorithm>
#include <array>

#include "config/suggest.h"
#include "store/manifest_table.h"

namespace hearth::store {
namespace {

using base::Code;
using base::fail;
using base::Result;

config::ModelKind kind_called(std::string_view name) {
  using enum config::ModelKind;
  for (const config::ModelKind kind : {kTts, kStt, kVad, kTurn, kLlm, kOcr}) {
    if (config::name_of(kind) == name) return kind;
  }
  return kTts;  // the build refuses a manifest with another word (manifest_test.cc)
}

std::string_view usual_engine(config::ModelKind kind) {
  switch (kind) {
    case config::ModelKind::kTts:
      return "kokoro";
    case config::ModelKind::kStt:
      return "whisper";
    case config::ModelKind::kVad:
      return "silero";
    case config::ModelKind::kTurn:
      return "smart-turn";
    case config::ModelKind::kLlm:
      return "llama";
    case config::ModelKind::kOcr:
      return "pp-ocr";
  }
  return "";
}

std::optional<Archive> archive_called(std::string_view name) {
  for (const table::ArchiveRow& row : table::archives) {
    if (row.name != name) continue;
    return Archive{row.registry == "npm" ? Archive::Registry::kNpm : Archive::Registry::kPypi,
                   std::string(row.package),
                   std::string(row.version),
                   std::string(row.file),
                   Bytes{row.size},
                   std::string(row.sha256)};
  }
  return std::nullopt;
}

FileSpec file_from(const table::FileRow& row) {
  FileSpec file{std::string(row.name), Bytes{row.size}, std::string(row.sha256), std::string(row.licence), {}, {}};
  for (int i = row.pieces.first; i < row.pieces.last; ++i) {
    const table::PieceRow& piece = table::pieces[static_cast<std::size_t>(i)];
    file.pieces.push_back({std::string(piece.name), Bytes{piece.size}, std::string(piece.sha256)});
  }
  for (int i = row.sources.first; i < row.sources.last; ++i) {
    const table::SourceRow& source = table::sources[static_cast<std::size_t>(i)];
    file.sources.push_back({std::string(source.archive), std::string(source.member), std::string(source.url)});
  }
  return file;
}

std::string replaced(std::string text, std::string_view mark, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += with.size()) {
    text.replace(at, mark.size(), with);
  }
  return text;
}

ModelSpec spec_of_own(const config::Model& model) {
  ModelSpec spec;
  spec.name = model.name;
  spec.entry = model.name;
  spec.kind = model.kind.value_or(config::ModelKind::kLlm);
  spec.engine = model.engine.empty() ? std::string(usual_engine(spec.kind)) : model.engine;
  spec.about = "from the config";
  spec.path = model.path;
  for (const config::OwnFile& own : model.files) {
    FileSpec& file = spec.files.emplace_back(FileSpec{own.name, own.size, own.sha256, {}, {}, {}});
    for (const std::string& url : own.urls) file.sources.push_back({{}, {}, url});
  }
  return spec;
}

}  // namespace

bool Source::in_pieces() const {
  for (const std::string* text : {&archive, &member, &url}) {
    if (text->find("{piece}") != std::string::npos || text->find("{index}") != std::string::npos) return true;
  }
  return false;
}

std::string Part::describe() const {
  if (archive) {
    const char* registry = archive->registry == Archive::Registry::kNpm ? "npm" : "pypi";
    return archive->package + " " + archive->version + " (" + registry + ")";
  }
  const std::size_t host = url.find("://");
  if (host == std::string::npos) return url;
  return url.substr(host + 3, url.find('/', host + 3) - host - 3);
}

Result<std::vector<Part>> parts_of(const FileSpec& file, const Source& source) {
  std::vector<Part> parts;
  const auto add = [&](const std::string& piece, std::size_t index, Bytes size, const std::string& sha256) -> bool {
    const auto filled = [&](const std::string& text) {
      return replaced(replaced(text, "{piece}", piece), "{index}", std::to_string(index));
    };
    Part part{piece, std::nullopt, filled(source.member), filled(source.url), size, sha256};
    if (!source.archive.empty()) part.archive = archive_called(filled(source.archive));
    const bool found = source.archive.empty() || part.archive.has_value();
    parts.push_back(std::move(part));
    return found;
  };
  bool found = true;
  if (source.in_pieces()) {
    for (std::size_t i = 0; i < file.pieces.size(); ++i) {
      found = add(file.pieces[i].name, i, file.pieces[i].size, file.pieces[i].sha256) && found;
    }
  } else {
    found = add({}, 0, file.size, file.sha256);
  }
  if (!found || parts.empty()) {
    return fail(Code::kInvalidArgument, "the manifest's source of " + file.name + " names what is not there");
  }
  return parts;
}

Bytes ModelSpec::size() const {
  Bytes sum{0};
  for (const FileSpec& one : files) sum += one.size;
  return sum;
}

const FileSpec* ModelSpec::file(std::string_view file_name) const {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const FileSpec& one) { return one.name == file_name; });
  return found == files.end() ? nullptr : &*found;
}

std::span<const std::string_view> builtin_names() { return table::names; }

std::optional<ModelSpec> find_builtin(std::string_view name) {
  for (const table::ModelRow& row : table::models) {
    if (row.name != name) continue;
    ModelSpec spec;
    spec.name = row.name;
    spec.entry = row.name;
    spec.kind = kind_called(row.kind);
    spec.engine = row.engine;
    spec.about = row.about;
    spec.licence = row.licence;
    spec.licence_url = row.licence_url;
    spec.needs_acceptance = row.needs_acceptance;
    spec.in_default_set = row.in_default_set;
    spec.files.reserve(static_cast<std::size_t>(row.files.last - row.files.first));
    for (int i = row.files.first; i < row.files.last; ++i) {
      spec.files.push_back(file_from(table::files[static_cast<std::size_t>(i)]));
    }
    return spec;
  }
  return std::nullopt;
}

bool is_builtin_file(std::string_view sha256) {
  return std::ranges::any_of(table::files, [&](const table::FileRow& row) { return row.sha256 == sha256; });
}

std::vector<std::string> default_set() {
  std::vector<std::string> names;
  for (const table::ModelRow& row : table::models) {
    if (row.in_default_set) names.emplace_back(row.name);
  }
  return names;
}

Result<ModelSpec> find_model(const config::Config& config, std::string_view name) {
  for (const config::Model& model : config.models) {
    if (model.name != name) continue;
    if (!model.path.empty() || !model.files.empty()) {
      if (!model.kind) {
        return fail(Code::kInvalidArgument, "the model \"" + model.name + "\" does not say what it does",
                    "add kind = \"tts\", \"stt\", \"vad\", \"turn\", \"llm\" or \"ocr\" to its [[models]] entry");
      }
      return spec_of_own(model);
    }
    const std::string& entry = model.manifest.empty() ? model.name : model.manifest;
    auto spec = find_builtin(entry);
    if (!spec) {
      const std::string guess = config::did_you_mean(entry, builtin_names());
      return fail(
          Code::kInvalidArgument,
          "the model \"" + model.name + "\" has no path or files, and \"" + entry + "\" is no model that Hearth knows",
          guess.empty() ? "say where it is with path, or how to get it with [[models.files]]" : guess);
    }
    spec->name = model.name;
    if (!model.engine.empty()) spec->engine = model.engine;
    return *spec;
  }
  if (auto spec = find_builtin(name)) return *spec;
  const std::vector<std::string> names = known_names(config);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string guess = config::did_you_mean(name, views);
  return fail(Code::kNotFound, "there is no model called \"" + std::string(name.substr(0, 80)) + "\"",
              guess.empty() ? "`hearth models list` shows those that there are" : guess);
}

std::vector<std::string> sharing_files(const config::Config& config, const ModelSpec& spec) {
  std::vector<std::string> names;
  for (const config::Model& model : config.models) {
    if (model.name == spec.name) continue;
    const auto other = find_model(config, model.name);
    if (other && other->path.empty() && other->entry == spec.entry) names.push_back(model.name);
  }
  return names;
}

std::vector<std::string> known_names(const config::Config& config) {
  std::vector<std::string> names;
  for (const config::Model& model : config.models) names.push_back(model.name);
  for (const std::string_view name : builtin_names()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  }
  return names;
}

}  // namespace hearth::store
