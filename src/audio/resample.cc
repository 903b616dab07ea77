#include "audio/resample.h"

#include <dlfcn.h>
#include <soxr.h>

#include <string>

#include "base/dynamic_symbol.h"

namespace hearth::audio {
namespace {

using base::Code;
using base::fail;
using base::Result;

struct Library {
  decltype(&soxr_create) create = nullptr;
  decltype(&soxr_process) process = nullptr;
  decltype(&soxr_quality_spec) quality_spec = nullptr;
  decltype(&soxr_runtime_spec) runtime_spec = nullptr;
  decltype(&soxr_delete) destroy = nullptr;
};

Result<Library> open_library(const char* name) {
  void* opened = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  Library library;
  const bool whole = opened != nullptr && base::find_symbol(opened, "soxr_create", library.create) &&
                     base::find_symbol(opened, "soxr_process", library.process) &&
                     base::find_symbol(opened, "soxr_quality_spec", library.quality_spec) &&
                     base::find_symbol(opened, "soxr_runtime_spec", library.runtime_spec) &&
                     base::find_symbol(opened, "soxr_delete", library.destroy);
  if (whole) return library;
  return fail(Code::kUnsupported,
              "sound of another rate than 16 kHz needs libsoxr (libsoxr.so.0), which this machine lacks",
              "install it: apt-get install libsoxr0");
}

class PassThrough final : public Resampler {
 public:
  Result<void> append(std::span<const float> samples, std::vector<float>& out) override {
    out.insert(out.end(), samples.begin(), samples.end());
    return {};
  }
  Result<void> finish(std::vector<float>&) override { return {}; }
};

class SoxrResampler final : public Resampler {
 public:
  SoxrResampler(const Library& library, base::SampleRate from, base::SampleRate to)
      : library_(library), ratio_(static_cast<double>(to.hz) / from.hz) {
    const soxr_quality_spec_t quality = library_.quality_spec(SOXR_HQ, 0);
    const soxr_runtime_spec_t runtime = library_.runtime_spec(1);  // cores are the engines'
    soxr_ = library_.create(from.hz, to.hz, 1, &error_, nullptr, &quality, &runtime);
  }
  ~SoxrResampler() override {
    if (soxr_ != nullptr) library_.destroy(soxr_);
  }
  SoxrResampler(const SoxrResampler&) = delete;
  SoxrResampler& operator=(const SoxrResampler&) = delete;

  /// Null when it is ready.
  [[nodiscard]] const char* error() const { return soxr_ == nullptr && error_ == nullptr ? "no memory" : error_; }

  Result<void> append(std::span<const float> samples, std::vector<float>& out) override {
    while (!samples.empty()) {
      std::size_t used = 0;
      const auto made = process(samples.data(), samples.size(), used, out);
      if (!made) return fail(made.error());
      if (used == 0 && *made == 0) return fail(Code::kInternal, "the resampler stands still");
      samples = samples.subspan(used);
    }
    return {};
  }
  Result<void> finish(std::vector<float>& out) override {
    for (;;) {
      std::size_t unused = 0;
      const auto made = process(nullptr, 0, unused, out);
      if (!made) return fail(made.error());
      if (*made == 0) return {};
    }
  }

 private:
  Result<std::size_t> process(const float* samples, std::size_t count, std::size_t& used, std::vector<float>& out) {
    const std::size_t before = out.size();
    const std::size_t room = static_cast<std::size_t>(static_cast<double>(count) * ratio_) + 4096;
    out.resize(before + room);
    std::size_t made = 0;
    const soxr_error_t error = library_.process(soxr_, samples, count, &used, out.data() + before, room, &made);
    out.resize(before + made);
    if (error != nullptr) return fail(Code::kInternal, std::string("the resampler failed: ") + error);
    return made;
  }

  const Library library_;
  const double ratio_;
  soxr_error_t error_ = nullptr;
  soxr_t soxr_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Resampler>> Resampler::make(base::SampleRate from, base::SampleRate to, const char* library) {
  if (from.hz < 1 || to.hz < 1) return fail(Code::kInvalidArgument, "a sample rate must be positive");
  if (from == to) return std::make_unique<PassThrough>();
  auto opened = open_library(library);
  if (!opened) return fail(opened.error());
  auto resampler = std::make_unique<SoxrResampler>(*opened, from, to);
  if (resampler->error() != nullptr) {
    return fail(Code::kInternal, std::string("the resampler failed: ") + resampler->error());
  }
  return resampler;
}

}  // namespace hearth::audio
