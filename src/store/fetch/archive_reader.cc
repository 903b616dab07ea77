#include "store/fetch/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <set>
#include <vector>

namespace hearth::store {
namespace {

using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

struct Close {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Close>;

tl::unexpected<base::Error> damaged(const std::filesystem::path& path, archive* reader) {
  const char* why = archive_error_string(reader);
  return fail(Code::kCorrupt, path.filename().string() + " cannot be read: " + (why == nullptr ? "damaged" : why));
}

/// Writes the current member to `target`; removes it again on any error.
Result<void> write_member(archive* reader, const std::filesystem::path& path, const std::string& name,
                          const WantedMember& wanted, const ByteProgress& progress) {
  const int fd = ::open(wanted.target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return fail(base::error_from_errno(errno, "making " + wanted.target.string()));
  std::vector<char> block(1 << 18);
  Bytes done{0};
  Result<void> result;
  for (;;) {
    const la_ssize_t n = archive_read_data(reader, block.data(), block.size());
    if (n < 0) {
      result = damaged(path, reader);
      break;
    }
    if (n == 0) break;
    done += Bytes{n};
    if (done > wanted.size) {
      result = fail(Code::kCorrupt, name + " in " + path.filename().string() + " is longer than " +
                                        std::to_string(wanted.size.count) + " bytes");
      break;
    }
    la_ssize_t written = 0;
    while (written < n) {
      const ssize_t w = ::write(fd, block.data() + written, static_cast<std::size_t>(n - written));
      if (w < 0 && errno == EINTR) continue;
      if (w < 0) break;
      written += w;
    }
    if (written < n) {
      result = fail(base::error_from_errno(errno, "writing " + wanted.target.string()));
      break;
    }
    if (progress) progress(done);
  }
  if (::close(fd) != 0 && result) result = fail(base::error_from_errno(errno, "writing " + wanted.target.string()));
  if (result && done != wanted.size) {
    result = fail(Code::kCorrupt, name + " in " + path.filename().string() + " has " + std::to_string(done.count) +
                                      " bytes instead of " + std::to_string(wanted.size.count));
  }
  if (!result) ::unlink(wanted.target.c_str());
  return result;
}

}  // namespace

Result<void> extract_members(const std::filesystem::path& path, const WantedMembers& wanted,
                             const ByteProgress& progress) {
  const Reader reader(archive_read_new());
  if (!reader) return fail(Code::kInternal, "libarchive did not start");
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_zip(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 18) != ARCHIVE_OK) return damaged(path, reader.get());
  std::set<std::string, std::less<>> found;
  for (int members = 0; found.size() < wanted.size(); ++members) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) return damaged(path, reader.get());
    if (members >= kMaxMembers) return fail(Code::kCorrupt, path.filename().string() + " has too many members");
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr)
      continue;
    const auto member = wanted.find(std::string_view(name));
    if (member == wanted.end() || found.contains(member->first)) continue;
    if (auto ok = write_member(reader.get(), path, member->first, member->second, progress); !ok) return ok;
    found.insert(member->first);
  }
  for (const auto& [name, target] : wanted) {
    if (!found.contains(name)) return fail(Code::kCorrupt, path.filename().string() + " has no member " + name);
  }
  return {};
}

}  // namespace hearth::store
