// libsndfile 1.2 behind SoundReader. It brings eight more libraries with it, which must cost a start nothing: found by
// dlopen at the first file. Reads from memory; a file's own sizes are checked by the library against what read() gives.
// Its libmpg123 writes a line on standard error for each damaged frame of an mp3, and gives no way to silence it.

#include <dlfcn.h>
#include <sndfile.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "audio/decoder_reader.h"
#include "base/dynamic_symbol.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

struct Library {
  decltype(&sf_open_virtual) open = nullptr;
  decltype(&sf_readf_float) read = nullptr;
  decltype(&sf_error) error = nullptr;
  decltype(&sf_error_number) error_text = nullptr;
  decltype(&sf_close) close = nullptr;
};

Result<Library> open_library(const char* name) {
  void* opened = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  Library library;
  const bool whole = opened != nullptr && base::find_symbol(opened, "sf_open_virtual", library.open) &&
                     base::find_symbol(opened, "sf_readf_float", library.read) &&
                     base::find_symbol(opened, "sf_error", library.error) &&
                     base::find_symbol(opened, "sf_error_number", library.error_text) &&
                     base::find_symbol(opened, "sf_close", library.close);
  if (whole) return library;
  return fail(Code::kUnsupported, "sound files need libsndfile (libsndfile.so.1), which this machine lacks",
              "install it: apt-get install libsndfile1");
}

/// Bytes in memory as a file.
struct Source {
  std::string_view bytes;
  sf_count_t at = 0;

  static sf_count_t length(void* self) { return static_cast<sf_count_t>(static_cast<Source*>(self)->bytes.size()); }
  static sf_count_t tell(void* self) { return static_cast<Source*>(self)->at; }
  static sf_count_t seek(sf_count_t offset, int whence, void* self) {
    auto& source = *static_cast<Source*>(self);
    const sf_count_t size = length(self);
    const sf_count_t from = whence == SEEK_CUR ? source.at : whence == SEEK_END ? size : 0;
    if (offset < -from || offset > size - from) return -1;
    source.at = from + offset;
    return source.at;
  }
  static sf_count_t read(void* to, sf_count_t count, void* self) {
    auto& source = *static_cast<Source*>(self);
    const sf_count_t n = std::clamp<sf_count_t>(count, 0, length(self) - source.at);
    std::memcpy(to, source.bytes.data() + source.at, static_cast<std::size_t>(n));
    source.at += n;
    return n;
  }
  static sf_count_t write(const void*, sf_count_t, void*) { return 0; }
};

class SndfileReader final : public SoundReader {
 public:
  SndfileReader(const Library& library, std::string_view bytes, Container container)
      : library_(library), source_{bytes}, container_(container) {}
  ~SndfileReader() override {
    if (file_ != nullptr) library_.close(file_);
  }
  SndfileReader(const SndfileReader&) = delete;
  SndfileReader& operator=(const SndfileReader&) = delete;

  Result<void> open() {
    SF_VIRTUAL_IO io{&Source::length, &Source::seek, &Source::read, &Source::write, &Source::tell};
    file_ = library_.open(&io, SFM_READ, &info_, &source_);
    if (file_ != nullptr && info_.channels >= 1 && info_.samplerate >= 1) return {};
    const std::string name(container_name(container_));
    if (container_ == Container::kOgg) {
      return fail(Code::kInvalidArgument, "the ogg file is damaged, or holds neither Opus nor Vorbis nor FLAC",
                  "send Opus, Vorbis, wav, flac or mp3");
    }
    return fail(Code::kInvalidArgument,
                "the " + name + " file is damaged, cut off in its header, or of a coding that is not known",
                "send it as plain wav, flac, ogg or mp3");
  }

  Result<std::size_t> read(std::span<float> interleaved) override {
    const auto wanted = static_cast<sf_count_t>(interleaved.size() / channels());
    const sf_count_t frames = library_.read(file_, interleaved.data(), wanted);
    if (frames > 0) return static_cast<std::size_t>(frames);
    if (const int error = library_.error(file_); error != SF_ERR_NO_ERROR) {
      return fail(Code::kInvalidArgument, std::string("its decoder says: ") + library_.error_text(error));
    }
    return 0;
  }
  base::SampleRate rate() const override { return {info_.samplerate}; }
  std::size_t channels() const override { return static_cast<std::size_t>(info_.channels); }
  std::optional<std::int64_t> frames() const override {
    if (info_.frames < 0 || info_.frames == SF_COUNT_MAX) return std::nullopt;
    return info_.frames;
  }
  // An mp3's length is an estimate, an ogg's is that of the last page found.
  bool is_exact() const override { return container_ == Container::kFlac; }

 private:
  const Library library_;
  Source source_;
  const Container container_;
  SF_INFO info_{};
  SNDFILE* file_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<SoundReader>> open_sound(std::string_view bytes, Container container, const char* library) {
  auto opened = open_library(library);
  if (!opened) return fail(opened.error());
  auto reader = std::make_unique<SndfileReader>(*opened, bytes, container);
  if (auto ready = reader->open(); !ready) return fail(ready.error());
  return reader;
}

}  // namespace hearth::audio
