#pragma once

// models/manifest.json as constant tables: the shape that manifest_table.cmake writes at build time. Private to
// manifest.cc.

#include <cstdint>
#include <span>
#include <string_view>

namespace hearth::store::table {

struct ArchiveRow {
  std::string_view name, registry, package, version, file;
  std::int64_t size;
  std::string_view sha256;
};
struct PieceRow {
  std::string_view name;
  std::int64_t size;
  std::string_view sha256;
};
struct SourceRow {
  std::string_view archive, member, url;
};
/// Rows of one table that belong to a row of another: [first, last).
struct Rows {
  int first, last;
};
struct FileRow {
  std::string_view name;
  std::int64_t size;
  std::string_view sha256, licence;
  Rows pieces, sources;
};
struct ModelRow {
  std::string_view name, kind, engine, about, licence, licence_url;
  bool needs_acceptance, in_default_set;
  Rows files;
};

extern const std::span<const ArchiveRow> archives;
extern const std::span<const PieceRow> pieces;
extern const std::span<const SourceRow> sources;
extern const std::span<const FileRow> files;
extern const std::span<const ModelRow> models;
extern const std::span<const std::string_view> names;

}  // namespace hearth::store::table
