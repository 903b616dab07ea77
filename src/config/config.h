#pragma once

// What a run of Hearth is told: one plain struct with a reason for each default. It is data: nothing here reads a file,
// a variable or a clock. How it is filled (flag > HEARTH_* variable > hearth.toml > default) is in resolve.h, the names
// of the keys and variables in settings.h, the folders in folders.h. Start reading here, then resolve.h. Threads: a
// value, made before any thread starts and constant afterwards.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/units.h"

namespace hearth::config {

using base::Bytes;
using base::Millis;
using namespace base::literals;
using namespace std::chrono_literals;

/// What a model can do. One model has one kind; the engine that runs it is named by the manifest.
enum class ModelKind { kTts, kStt, kVad, kTurn, kLlm, kOcr };
/// When a model is loaded, and whether /readyz waits for it.
enum class Load {
  kRequired,  // at the start; /readyz waits for it, a failure to load fails the start
  kPreload,   // at the start, after what is required; /readyz does not wait for it
  kOnDemand,  // by the first request
};
enum class Warmup { kNone, kMinimal, kExtended };
enum class AudioFormat { kMp3, kWav, kFlac, kOpus, kPcm };

/// "tts", "required", "minimal", "mp3", …: the spelling in files, variables and JSON.
[[nodiscard]] std::string_view name_of(ModelKind kind);
[[nodiscard]] std::string_view name_of(Load load);
[[nodiscard]] std::string_view name_of(Warmup warmup);
[[nodiscard]] std::string_view name_of(AudioFormat format);
[[nodiscard]] std::string_view name_of(base::LogLevel level);

struct Server {
  std::string host = "127.0.0.1";          // loopback: a speech server is nobody else's business until someone says so
  int port = 8000;                         // what OpenAI-compatible local servers use; 0 asks the system for a free one
  std::vector<std::string> api_keys;       // any of these opens the API; empty: no key is asked for
  bool insecure = false;                   // serve beyond loopback without a key
  std::vector<std::string> allowed_hosts;  // Host names besides loopback's and `host`; stops DNS rebinding
  std::vector<std::string> allowed_origins;  // web pages of other origins that may call; none by default
  std::vector<std::string> models;           // --models: exactly these are loaded at the start, and required

  Bytes max_body = 1_MiB;         // JSON; the longest text that speech takes is far below it
  Bytes max_media_body = 32_MiB;  // JSON with pictures in it: a few photographs of a telephone
  Bytes max_header = 16_KiB;      // all header lines together; browsers stay below 8 KiB
  Millis header_timeout = 10s;    // from accept to the end of the header: a slow sender holds one socket, not a thread
  Millis body_timeout = 30s;      // from the header's end to the body's end
  Millis idle_timeout = 75s;      // between requests of one connection; above the 60 s of common proxies
  Millis write_timeout = 30s;     // a reader that takes nothing for this long is gone
  int max_connections = 512;      // below the usual limit of 1,024 open files, with room for models
  int max_requests = 8;           // running inferences, and so many of language; more would only share the same cores
  int max_queue = 64;             // waiting behind each; the next one gets 503 with Retry-After
  Millis drain_limit = 30s;       // after SIGTERM; what orchestrators grant by default before SIGKILL
};

struct Speech {
  std::string voice = "af_heart";          // the best-graded voice of Kokoro's own list
  std::string language;                    // empty: the voice's own
  double speed = 1.0;                      // 0.25 … 4
  AudioFormat format = AudioFormat::kMp3;  // OpenAI's default
  Bytes max_text = 64_KiB;                 // about 80 minutes of speech in one request
};

struct Transcription {
  Bytes max_upload = 100_MiB;  // four times OpenAI's own limit: three hours of a telephone's mp3
  Millis max_audio = 4h;       // of one file; an hour takes 230 MB while it is transcribed
};

struct Ocr {
  int max_pages = 1'000;  // of one request: a book, some ten minutes on two cores
};

struct Media {
  int max_processes = 2;  // hearth-media at once, for sound and as many for pages; a hostile page takes 1.5 GiB
};

struct Language {
  std::vector<std::string> image_hosts;  // whose pictures are fetched when a request links to them; empty: nobody's
};

struct Memory {
  Bytes limit{0};      // for all models; 0: the machine's (or container's) memory less a reserve
  Bytes threshold{0};  // what priming and caches may add above the loaded baseline; 0: by the machine's size
};

struct KeepAlive {
  bool enabled = true;
  Millis interval = 300s;        // between looks
  Millis idle_threshold = 120s;  // a model used since then needs no touch
};

struct WarmupDefaults {
  bool enabled = true;        // false: no model is warmed, whatever its entry says
  bool before_ready = false;  // ready first: a request that comes at once is itself the warm-up
};

struct Cleanup {
  bool at_start = true;   // stale artefacts and abandoned downloads, in the background, once a start
  Millis max_age = 720h;  // 30 days: what nobody opened for a month is cheaper to make again than to keep
};

struct Agents {
  std::string dir;              // profiles; empty: none
  std::string default_profile;  // the one a call gets that names none
};

struct Compute {
  int threads = 0;          // compute tokens for all engines together; 0: as many as cores
  std::string onnxruntime;  // another libonnxruntime.so.1 than the one this build was made with
};

/// One file of a model that only the user's config knows.
struct OwnFile {
  std::string name;               // its name in the model's folder
  std::string sha256;             // 64 hex digits
  Bytes size{0};                  // 0: not known, bounded by kMaxOwnFile
  std::vector<std::string> urls;  // https, in order; the first that gives the digest will do
  friend bool operator==(const OwnFile&, const OwnFile&) = default;
};

/// [[models]]: one model that is served.
struct Model {
  std::string name;
  std::optional<ModelKind> kind;      // from the manifest when it is a known model
  std::string path;                   // a file or folder of the user's own; never fetched
  std::string manifest;               // the manifest's entry; empty: the one called `name`
  std::vector<OwnFile> files;         // [[models.files]]: a model of the user's own that `models pull` fetches
  std::string engine;                 // which engine opens it; empty: the manifest's, or the kind's usual one
  Load load = Load::kPreload;         // listed means wanted
  bool pinned = false;                // never evicted
  Millis ttl{0};                      // unloaded after this long without use; 0: stays until memory is needed
  int threads = 0;                    // 0: the policy's
  int ctx = 0;                        // tokens, shared by all slots; 0: 4,096, never beyond what it was trained for
  int slots = 0;                      // parallel sequences; 0: 2
  std::string projector;              // vision: the projector's file
  std::string prompt;                 // a vision model that reads documents: the words that ask for a page's text
  std::vector<std::string> prefixes;  // ids of [[prefix]] entries kept ready
  Bytes prompt_cache = 64_MiB;        // conversations that lost their slot; some thousand tokens of a small model
  std::optional<Warmup> warmup;       // unset: minimal for speech, none for the others
  std::optional<bool> warmup_before_ready;  // unset: warmup.before_ready
  int sessions = 1;
  friend bool operator==(const Model&, const Model&) = default;
};

/// [[prefix]]: the beginning of a prompt that many requests share.
struct Prefix {
  std::string id;
  std::string model;
  std::string system;  // the text, or
  std::string file;    // where it is
  friend bool operator==(const Prefix&, const Prefix&) = default;
};

struct Config {
  Server server;
  Speech speech;
  Transcription transcription;
  Ocr ocr;
  Media media;
  Language language;
  Memory memory;
  KeepAlive keep_alive;
  WarmupDefaults warmup;
  Cleanup cleanup;
  Agents agents;
  Compute compute;
  base::LogLevel log_level = base::LogLevel::kInfo;
  std::vector<Model> models;  // empty: the default set, as far as it is pulled
  std::vector<Prefix> prefixes;
};

/// Upper bounds, so that a config file cannot ask for what no machine has.
inline constexpr int kMaxModels = 64;
inline constexpr int kMaxPrefixes = 256;
inline constexpr int kMaxOwnFiles = 64;
inline constexpr std::size_t kMaxImageHosts = 256;
inline constexpr Bytes kMaxOwnFile = 64_GiB;
inline constexpr Bytes kMaxPromptCache{std::int64_t{1} << 40};
inline constexpr Bytes kMaxConfigFile = 1_MiB;

}  // namespace hearth::config
