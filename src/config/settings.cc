#include "config/settings.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>

#include "base/web_address.h"

namespace hearth::config {
namespace {

/// The field that a path of member pointers leads to.
template <auto... Path>
constexpr auto& at(auto& target) {
  return (target.*....*Path);
}

// Each *_key<Target, member pointers…> makes the pair of functions that set and show one field.

template <typename Target, auto... Path>
constexpr Key<Target> text_key(std::string_view name, std::string_view variables, std::string_view accepts,
                               std::string_view about) {
  return {name,
          variables,
          accepts,
          about,
          Shape::kText,
          false,
          [](Target& target, const Value& value) {
            if (value.text().size() > 65536) return false;
            at<Path...>(target) = value.text();
            return true;
          },
          [](const Target& target) { return at<Path...>(target); }};
}

bool is_any(std::string_view) { return true; }

/// A list each of whose items is_good takes, at most `most` of them.
template <typename Target, bool (*is_good)(std::string_view), std::size_t most, auto... Path>
constexpr Key<Target> checked_list_key(std::string_view name, std::string_view variables, std::string_view accepts,
                                       std::string_view about) {
  return {name,
          variables,
          accepts,
          about,
          Shape::kList,
          false,
          [](Target& target, const Value& value) {
            std::vector<std::string> items = value.is_list ? value.items : split_list(value.text());
            if (items.size() > most || !std::ranges::all_of(items, is_good)) return false;
            at<Path...>(target) = std::move(items);
            return true;
          },
          [](const Target& target) {
            return Value{at<Path...>(target), true}.text();
          }};
}

template <typename Target, auto... Path>
constexpr Key<Target> list_key(std::string_view name, std::string_view variables, std::string_view accepts,
                               std::string_view about) {
  return checked_list_key<Target, is_any, 1024, Path...>(name, variables, accepts, about);
}

template <typename Target, std::int64_t Low, std::int64_t High, auto... Path>
constexpr Key<Target> int_key(std::string_view name, std::string_view variables, std::string_view accepts,
                              std::string_view about) {
  return {name,
          variables,
          accepts,
          about,
          Shape::kNumber,
          false,
          [](Target& target, const Value& value) {
            const auto number = read_int(value.text());
            if (!number || *number < Low || *number > High) return false;
            at<Path...>(target) = static_cast<int>(*number);
            return true;
          },
          [](const Target& target) { return std::to_string(at<Path...>(target)); }};
}

template <typename Target, auto... Path>
constexpr Key<Target> bool_key(std::string_view name, std::string_view variables, std::string_view about) {
  return {name,
          variables,
          "true or false",
          about,
          Shape::kBool,
          false,
          [](Target& target, const Value& value) {
            const auto flag = read_bool(value.text());
            if (flag) at<Path...>(target) = *flag;
            return flag.has_value();
          },
          [](const Target& target) {
            if constexpr (requires { at<Path...>(target).has_value(); }) {
              if (!at<Path...>(target)) return std::string();
              return std::string(*at<Path...>(target) ? "true" : "false");
            } else {
              return std::string(at<Path...>(target) ? "true" : "false");
            }
          }};
}

template <typename Target, std::int64_t LowMs, std::int64_t HighMs, auto... Path>
constexpr Key<Target> duration_key(std::string_view name, std::string_view variables, std::string_view accepts,
                                   std::string_view about) {
  return {name,
          variables,
          accepts,
          about,
          Shape::kText,
          false,
          [](Target& target, const Value& value) {
            const auto duration = read_duration(value.text());
            if (!duration || duration->count() < LowMs || duration->count() > HighMs) return false;
            at<Path...>(target) = *duration;
            return true;
          },
          [](const Target& target) { return show(at<Path...>(target)); }};
}

template <typename Target, std::int64_t Low, std::int64_t High, auto... Path>
constexpr Key<Target> bytes_key(std::string_view name, std::string_view variables, std::string_view accepts,
                                std::string_view about) {
  return {name,
          variables,
          accepts,
          about,
          Shape::kText,
          false,
          [](Target& target, const Value& value) {
            const auto bytes = read_bytes(value.text());
            if (!bytes || bytes->count < Low || bytes->count > High) return false;
            at<Path...>(target) = *bytes;
            return true;
          },
          [](const Target& target) { return show(at<Path...>(target)); }};
}

template <typename Target, auto All, auto... Path>
constexpr Key<Target> choice_key(std::string_view name, std::string_view variables, std::string_view accepts,
                                 std::string_view about) {
  return {name,
          variables,
          accepts,
          about,
          Shape::kText,
          false,
          [](Target& target, const Value& value) {
            const std::string word = value.text();
            for (const auto choice : All) {
              if (name_of(choice) == trimmed(word)) {
                at<Path...>(target) = choice;
                return true;
              }
            }
            return false;
          },
          [](const Target& target) {
            if constexpr (requires { at<Path...>(target).has_value(); }) {
              return at<Path...>(target) ? std::string(name_of(*at<Path...>(target))) : std::string();
            } else {
              return std::string(name_of(at<Path...>(target)));
            }
          }};
}

constexpr std::array kKinds{ModelKind::kTts,  ModelKind::kStt, ModelKind::kVad,
                            ModelKind::kTurn, ModelKind::kLlm, ModelKind::kOcr};
constexpr std::array kLoads{Load::kRequired, Load::kPreload, Load::kOnDemand};
constexpr std::array kWarmups{Warmup::kNone, Warmup::kMinimal, Warmup::kExtended};
constexpr std::array kFormats{AudioFormat::kMp3, AudioFormat::kWav, AudioFormat::kFlac, AudioFormat::kOpus,
                              AudioFormat::kPcm};
constexpr std::array kLevels{base::LogLevel::kDebug, base::LogLevel::kInfo, base::LogLevel::kWarning,
                             base::LogLevel::kError, base::LogLevel::kOff};

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kTenYears = 3650 * kDay;
constexpr std::string_view kTimeLimit = "a time from 1s to 1h, such as \"30s\" or 30 (seconds)";

constexpr Setting secret(Setting setting) {
  setting.secret = true;
  return setting;
}

/// speed is the only fraction, so its functions are written out.
constexpr Setting kSpeed{"speech.speed",
                         "HEARTH_SPEED",
                         "a number from 0.25 to 4",
                         "pace when a request names none; 1 is the voice's own",
                         Shape::kNumber,
                         false,
                         [](Config& config, const Value& value) {
                           const auto speed = read_number(value.text());
                           if (!speed || *speed < 0.25 || *speed > 4) return false;
                           config.speech.speed = *speed;
                           return true;
                         },
                         [](const Config& config) { return show(config.speech.speed); }};

bool is_printable(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// "desk.example", "10.0.0.1:8000", "fd00::1", "[fd00::1]:8000".
bool is_host(std::string_view text) {
  return base::parse_web_host(text) || base::parse_web_host("[" + std::string(text) + "]");
}

/// "https://desk.example:8443", "tauri://localhost": as a browser writes it, so without a path.
bool is_origin(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0 || !is_printable(text)) return false;
  const std::string_view rest = text.substr(end + 3);
  return !rest.empty() && rest.find_first_of("/?#@\\") == std::string_view::npos;
}

bool is_web_host(std::string_view text) { return base::parse_web_host(text).has_value(); }

constexpr std::array kSettings{
    text_key<Config, &Config::server, &Server::host>("server.host", "HEARTH_HOST", "an address or host name",
                                                     "where to listen; beyond loopback it needs a key"),
    int_key<Config, 0, 65535, &Config::server, &Server::port>(
        "server.port", "HEARTH_PORT", "a whole number from 0 to 65535", "where to listen; 0 takes a free one"),
    secret(checked_list_key<Config, is_printable, 1024, &Config::server, &Server::api_keys>(
        "server.api_keys", "HEARTH_API_KEYS HEARTH_API_KEY", "keys without blanks, separated by commas",
        "any of them opens the API; none: no key is asked for")),
    bool_key<Config, &Config::server, &Server::insecure>("server.insecure", "HEARTH_INSECURE",
                                                         "serve beyond loopback without a key"),
    checked_list_key<Config, is_host, 1024, &Config::server, &Server::allowed_hosts>(
        "server.allowed_hosts", "HEARTH_ALLOWED_HOSTS", "host names such as desk.example, separated by commas",
        "Host names to answer to besides loopback's and the host's"),
    checked_list_key<Config, is_origin, 1024, &Config::server, &Server::allowed_origins>(
        "server.allowed_origins", "HEARTH_ALLOWED_ORIGINS",
        "origins such as https://desk.example, without a path, separated by commas",
        "web pages of other origins that may call"),
    list_key<Config, &Config::server, &Server::models>("server.models", "HEARTH_MODELS",
                                                       "model names separated by commas",
                                                       "load exactly these at the start, and require them"),
    bytes_key<Config, 1024, 1 << 30, &Config::server, &Server::max_body>(
        "server.max_body", "HEARTH_MAX_BODY", "a size from 1 KiB to 1 GiB", "the largest JSON body"),
    bytes_key<Config, 1024, 1 << 30, &Config::server, &Server::max_media_body>(
        "server.max_media_body", "HEARTH_MAX_MEDIA_BODY", "a size from 1 KiB to 1 GiB",
        "the largest JSON body of a language request, pictures in it"),
    bytes_key<Config, 1024, 1 << 20, &Config::server, &Server::max_header>(
        "server.max_header", "HEARTH_MAX_HEADER", "a size from 1 KiB to 1 MiB", "all header lines together"),
    duration_key<Config, 1000, 3'600'000, &Config::server, &Server::header_timeout>(
        "server.header_timeout", "HEARTH_HEADER_TIMEOUT", kTimeLimit, "for a request's header to arrive"),
    duration_key<Config, 1000, 3'600'000, &Config::server, &Server::body_timeout>(
        "server.body_timeout", "HEARTH_BODY_TIMEOUT", kTimeLimit, "for a request's body to arrive"),
    duration_key<Config, 1000, 3'600'000, &Config::server, &Server::idle_timeout>(
        "server.idle_timeout", "HEARTH_IDLE_TIMEOUT", kTimeLimit, "between requests of one connection"),
    duration_key<Config, 1000, 3'600'000, &Config::server, &Server::write_timeout>(
        "server.write_timeout", "HEARTH_WRITE_TIMEOUT", kTimeLimit, "a reader that takes nothing is cut after this"),
    int_key<Config, 1, 65536, &Config::server, &Server::max_connections>(
        "server.max_connections", "HEARTH_MAX_CONNECTIONS", "a whole number from 1 to 65536", "open at once"),
    int_key<Config, 1, 1024, &Config::server, &Server::max_requests>(
        "server.max_requests", "HEARTH_MAX_REQUESTS", "a whole number from 1 to 1024", "inferences at once"),
    int_key<Config, 0, 65536, &Config::server, &Server::max_queue>("server.max_queue", "HEARTH_MAX_QUEUE",
                                                                   "a whole number from 0 to 65536",
                                                                   "requests that may wait; the next gets 503"),
    duration_key<Config, 0, 3'600'000, &Config::server, &Server::drain_limit>(
        "server.drain_limit", "HEARTH_DRAIN_LIMIT", "a time from 0s to 1h, such as \"30s\"",
        "after SIGTERM, for running requests"),

    text_key<Config, &Config::speech, &Speech::voice>("speech.voice", "HEARTH_VOICE",
                                                      "a voice or a mix such as \"af_bella(2)+af_sky(1)\"",
                                                      "the voice when a request names none"),
    text_key<Config, &Config::speech, &Speech::language>("speech.language", "HEARTH_LANGUAGE",
                                                         "a language such as en-us, or nothing",
                                                         "the language when a request names none; empty: the voice's"),
    kSpeed,
    choice_key<Config, kFormats, &Config::speech, &Speech::format>(
        "speech.format", "HEARTH_FORMAT", "mp3, wav, flac, opus or pcm", "the format when a request names none"),
    bytes_key<Config, 1, 1 << 20, &Config::speech, &Speech::max_text>(
        "speech.max_text", "HEARTH_MAX_TEXT", "a size from 1 B to 1 MiB", "the longest text of one request"),

    bytes_key<Config, 1024, 1 << 30, &Config::transcription, &Transcription::max_upload>(
        "transcription.max_upload", "HEARTH_MAX_UPLOAD", "a size from 1 KiB to 1 GiB",
        "the largest sound file of a request"),
    duration_key<Config, 1000, kDay, &Config::transcription, &Transcription::max_audio>(
        "transcription.max_audio", "HEARTH_MAX_AUDIO", "a time from 1s to 1d, such as \"2h\"",
        "the longest sound of one file; an hour takes 230 MB"),
    int_key<Config, 1, 100'000, &Config::ocr, &Ocr::max_pages>(
        "ocr.max_pages", "HEARTH_MAX_PAGES", "a whole number from 1 to 100000", "pages of one document in one request"),
    int_key<Config, 1, 64, &Config::media, &Media::max_processes>(
        "media.max_processes", "HEARTH_MEDIA_PROCESSES", "a whole number from 1 to 64",
        "sound files that hearth-media reads at once, and as many documents; more wait"),
    checked_list_key<Config, is_web_host, kMaxImageHosts, &Config::language, &Language::image_hosts>(
        "language.image_hosts", "HEARTH_IMAGE_HOSTS",
        "host names, as images.example or 127.0.0.1:8080, separated by commas",
        "whose pictures are fetched when a request links to them; none: pictures come in the request"),

    bytes_key<Config, 0, 1LL << 50, &Config::memory, &Memory::limit>(
        "memory.limit", "HEARTH_MEMORY_LIMIT", "a size such as \"4 GiB\", or 0",
        "for all models together; 0: what the machine or container has, less a reserve"),
    bytes_key<Config, 0, 1LL << 50, &Config::memory, &Memory::threshold>(
        "memory.threshold", "HEARTH_MEMORY_THRESHOLD #KOKORO_MEMORY_THRESHOLD_MB", "a size such as \"200 MB\", or 0",
        "what priming and caches may add above the loaded baseline; 0: by the machine's size"),

    bool_key<Config, &Config::keep_alive, &KeepAlive::enabled>("keep_alive.enabled",
                                                               "HEARTH_KEEP_ALIVE KOKORO_KEEP_ALIVE_ENABLED",
                                                               "touch models that have been idle for long"),
    duration_key<Config, 1000, kDay, &Config::keep_alive, &KeepAlive::interval>(
        "keep_alive.interval", "HEARTH_KEEP_ALIVE_INTERVAL KOKORO_KEEP_ALIVE_INTERVAL_SECONDS",
        "a time from 1s to 1d, such as \"5min\"", "between looks"),
    duration_key<Config, 0, kDay, &Config::keep_alive, &KeepAlive::idle_threshold>(
        "keep_alive.idle_threshold", "HEARTH_KEEP_ALIVE_IDLE_THRESHOLD KOKORO_KEEP_ALIVE_IDLE_THRESHOLD_SECONDS",
        "a time from 0s to 1d, such as \"2min\"", "a model used since then needs no touch"),

    bool_key<Config, &Config::warmup, &WarmupDefaults::enabled>("warmup.enabled", "HEARTH_WARMUP KOKORO_MINIMAL_WARMUP",
                                                                "false: no model is warmed, whatever its entry says"),
    bool_key<Config, &Config::warmup, &WarmupDefaults::before_ready>(
        "warmup.before_ready", "HEARTH_WARMUP_BEFORE_READY", "warm first, then say ready"),

    bool_key<Config, &Config::cleanup, &Cleanup::at_start>("cleanup.at_start",
                                                           "HEARTH_CLEANUP !KOKORO_SKIP_STARTUP_CACHE_CLEANUP",
                                                           "remove stale artefacts in the background, once a start"),
    duration_key<Config, 0, kTenYears, &Config::cleanup, &Cleanup::max_age>(
        "cleanup.max_age", "HEARTH_CLEANUP_MAX_AGE", "a time such as \"30d\"", "what nobody used for so long goes"),

    text_key<Config, &Config::agents, &Agents::dir>("agents.dir", "HEARTH_AGENTS_DIR", "a folder", "agent profiles"),
    text_key<Config, &Config::agents, &Agents::default_profile>("agents.default", "HEARTH_AGENT", "a profile's name",
                                                                "the one a call gets that names none"),

    int_key<Config, 0, 1024, &Config::compute, &Compute::threads>(
        "compute.threads", "HEARTH_THREADS", "a whole number from 0 to 1024",
        "cores for all engines together; 0: all that it may use"),
    text_key<Config, &Config::compute, &Compute::onnxruntime>("compute.onnxruntime", "HEARTH_ONNXRUNTIME",
                                                              "the path of a libonnxruntime.so.1",
                                                              "another ONNX Runtime than the build's"),
    choice_key<Config, kLevels, &Config::log_level>("log.level", "HEARTH_LOG_LEVEL",
                                                    "debug, info, warning, error or off", "what is logged"),
};

constexpr std::array kModelKeys{
    text_key<Model, &Model::name>("name", "", "letters, digits, '.', '_' and '-', at most 64", "what requests call it"),
    choice_key<Model, kKinds, &Model::kind>("kind", "", "tts, stt, vad, turn, llm or ocr",
                                            "what it does; known for a model of the manifest"),
    text_key<Model, &Model::path>("path", "", "a file or folder, from the root",
                                  "a model of your own that is already on disk"),
    text_key<Model, &Model::manifest>("manifest", "", "a name that `hearth models list` shows",
                                      "the known model to serve under this name"),
    text_key<Model, &Model::engine>("engine", "", "an engine's name", "which engine opens it"),
    choice_key<Model, kLoads, &Model::load>("load", "", "required, preload or on_demand", "when it is loaded"),
    bool_key<Model, &Model::pinned>("pinned", "", "never evicted"),
    duration_key<Model, 0, kTenYears, &Model::ttl>("ttl", "", "a time such as \"10min\", or 0",
                                                   "unloaded after so long without use; 0: only when memory is needed"),
    int_key<Model, 0, 1024, &Model::threads>("threads", "", "a whole number from 0 to 1024", "0: the policy's"),
    int_key<Model, 0, 16 << 20, &Model::ctx>("ctx", "", "a whole number from 0 to 16777216",
                                             "tokens of context for all slots; 0: 4,096"),
    int_key<Model, 0, 256, &Model::slots>("slots", "", "a whole number from 0 to 256", "sequences at once"),
    text_key<Model, &Model::projector>("projector", "", "a file", "the vision projector"),
    text_key<Model, &Model::prompt>("prompt", "", "a text", "what asks a vision model for the text of a page"),
    list_key<Model, &Model::prefixes>("prefixes", "", "ids of [[prefix]] entries", "prompt prefixes kept ready"),
    bytes_key<Model, 0, kMaxPromptCache.count, &Model::prompt_cache>(
        "prompt_cache", "", "a size up to 1 TiB", "conversations that lost their slot, kept in memory"),
    choice_key<Model, kWarmups, &Model::warmup>("warmup", "", "none, minimal or extended",
                                                "what runs right after it is ready"),
    bool_key<Model, &Model::warmup_before_ready>("warmup_before_ready", "", "warm first, then say ready"),
    int_key<Model, 1, 16, &Model::sessions>("sessions", "", "a whole number from 1 to 16", "sessions over one copy"),
};

constexpr std::array kFileKeys{
    text_key<OwnFile, &OwnFile::name>("name", "", "letters, digits, '.', '_' and '-', at most 64",
                                      "its name in the model's folder"),
    text_key<OwnFile, &OwnFile::sha256>("sha256", "", "64 hex digits", "what its bytes must digest to"),
    bytes_key<OwnFile, 0, kMaxOwnFile.count, &OwnFile::size>("size", "", "a number of bytes up to 64 GiB",
                                                             "its exact size, when known"),
    list_key<OwnFile, &OwnFile::urls>("urls", "", "https:// addresses", "where to get it, in order"),
};

constexpr std::array kPrefixKeys{
    text_key<Prefix, &Prefix::id>("id", "", "letters, digits, '.', '_' and '-', at most 64",
                                  "what [[models]] prefixes refer to"),
    text_key<Prefix, &Prefix::model>("model", "", "a model's name", "whose prompt it begins"),
    text_key<Prefix, &Prefix::system>("system", "", "text", "the system prompt"),
    text_key<Prefix, &Prefix::file>("file", "", "a file, from the root", "where the prompt is"),
};

}  // namespace

std::span<const Setting> settings() { return kSettings; }
std::span<const Key<Model>> model_keys() { return kModelKeys; }
std::span<const Key<OwnFile>> file_keys() { return kFileKeys; }
std::span<const Key<Prefix>> prefix_keys() { return kPrefixKeys; }

bool is_plain_name(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  if (name.empty() || name.size() > 64 || kLetters.find(name.front()) == std::string_view::npos) return false;
  for (const char c : name) {
    if (kLetters.find(c) == std::string_view::npos && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

}  // namespace hearth::config
