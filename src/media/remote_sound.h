#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "audio/decoder_reader.h"
#include "media/child.h"

namespace hearth::media {

/// What a child that was started for `sound` says, as a reader. Waits for its first words, so that a file without sound
/// is refused here. `what`: "the mp4 or m4a file", for messages. Errors: as audio::OpenOtherSound.
[[nodiscard]] base::Result<std::unique_ptr<audio::SoundReader>> open_remote_sound(std::unique_ptr<Child> child,
                                                                                  MemoryFile file,
                                                                                  const std::string& what,
                                                                                  const std::stop_token& stop);

}  // namespace hearth::media
