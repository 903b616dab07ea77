#pragma once

// A language model that sees, as a DocumentReader: the page is sent as a picture in a chat, with a prompt that asks for
// its text; what the model writes is the page. Not here: the model (llama.h), its projector, what a model makes of a
// picture. It tells no places of lines, and may write what is not there, which PP-OCR does not.
// Threads: as the model's; the adapter itself is immutable. Pure but for the model: any LanguageModel will do.

#include <memory>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "image/picture.h"

namespace hearth::engines::llama {

/// dots.ocr's own words for plain reading, which general models understand too.
inline constexpr std::string_view kReadingPrompt = "Extract the text content from this image.";

/// The longest side of a picture that a chat takes, in pixels.
inline constexpr int kMostPictureSide = 16'384;

/// A picture as a chat takes it: a data: URL, scaled down where it has more pixels than any model sees, or a side that
/// a chat does not take. Any thread.
[[nodiscard]] std::string picture_url(const image::Picture& picture);

/// Adds a DocumentReader to `model`, which has a LanguageModel that takes pictures and keeps it. `prompt` is what
/// stands behind the picture, empty for kReadingPrompt: some models read only when asked in words of their own. Of
/// DocumentReader's contract: a line's score is the mean probability of its tokens; a page is one answer of the model,
/// so least_score leaves out lines of the text, never of the Markdown. Errors, beside the model's own: kExhausted where
/// the answer did not end within the context, kUnsupported where the model has no eyes, kInternal where its answer
/// makes no sense.
[[nodiscard]] std::unique_ptr<engine::Engine> make_vision_reader(std::unique_ptr<engine::Engine> model,
                                                                 std::string prompt);

}  // namespace hearth::engines::llama
