#pragma once

// What the handlers work with: references that app/ gives, and the settings that concern HTTP. No globals.

#include <cstdint>
#include <string>
#include <vector>

#include "api/guard.h"
#include "audio/decoder_reader.h"
#include "base/clock.h"
#include "base/thread_pool.h"
#include "base/units.h"
#include "image/page_source.h"
#include "model/registry.h"
#include "observe/metrics.h"
#include "startup/readiness.h"
#include "startup/recorder.h"
#include "store/fetch_picture.h"
#include "wire/speech_request.h"

namespace hearth::api {

/// Borrowed; all outlive the Api.
struct Services {
  model::Registry& registry;
  const startup::Readiness& readiness;
  startup::Recorder& recorder;
  observe::Metrics& metrics;
  const base::Clock& clock;
  /// Runs what infers; ApiOptions::max_requests threads. Never the registry's executors.
  base::Executor& executor;
  /// Runs language requests, which block until their last token: so that long chats keep nobody else from a thread. As
  /// many threads again.
  base::Executor& language_executor;
  /// Run what one engine does for minutes at a time, and only so much of it at once, because each run costs memory: two
  /// sounds are transcribed and two pages read. What waits for that waits here, and keeps nobody else from a thread.
  /// Every page of every document is recognised here, one at a time: after each the next in the queue has its turn.
  base::Executor& listen_executor;
  base::Executor& read_executor;
  /// Runs what waits for a program that reads a sound or fetches a picture, so that many such files keep nobody else
  /// from a thread: as many threads as there may be such programs.
  base::Executor& file_executor;
  /// Runs what waits for a program that draws pages (PDF, uncommon pictures), for some pages of one document at a time:
  /// as many threads as there may be such programs, and others than for sound, so that long documents keep no sound
  /// waiting. May wait for read_executor, which never waits for this one.
  base::Executor& page_executor;
  /// Read what this process does not read itself (media/). Empty: such files are refused.
  audio::OpenOtherSound open_sound = nullptr;
  image::OpenOther open_pages = nullptr;
  /// Fetches a picture that a request links to. Empty: links are refused.
  store::FetchPicture fetch_picture = nullptr;
};

struct ApiOptions {
  std::string version;
  std::string hardware;  // a JSON object, for /status
  int threads = 0;       // of one inference, for /status
  wire::SpeechDefaults speech;
  /// The model that /v1/audio/voices means when the client names none.
  std::string speech_model = "tts-1";
  GuardPolicy guard;
  std::size_t max_body = 1 << 20;         // bytes of JSON
  std::size_t max_media_body = 32 << 20;  // bytes of a language request's JSON, pictures in it included
  std::size_t max_upload = 100 << 20;     // bytes of a file in a form
  /// Forms and large bodies that are received or worked on, 1.6 GiB of them at the most: a form is copied nowhere, and
  /// JSON with a file in it may have half of max_upload, because what it carries is decoded beside it.
  int max_concurrent_uploads = 16;
  base::Millis max_audio{4 * 3'600'000};  // the longest sound that is transcribed; an hour costs 230 MB. All that is
                                          // transcribed at once may be an hour longer
  int max_pages = 1'000;                  // of one document in one request
  std::vector<std::string> image_hosts;   // whose pictures are fetched (base::parse_web_host); empty: nobody's
  int max_requests = 8;                   // that infer at once: so many of language, and so many of all others
  int max_queue = 64;                     // that wait behind each; the next one gets 503 with Retry-After
};

}  // namespace hearth::api
