#pragma once

namespace hearth::base {

/// What the taker of something that comes in pieces answers to each: go on, or stop because nobody wants the rest (the
/// client left or stalled too long, the server ends). Work that is told to stop ends with kCancelled.
enum class Flow { kContinue, kStop };

}  // namespace hearth::base
