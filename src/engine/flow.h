#pragma once

namespace hearth::engine {

/// A sink's answer to what it was given.
enum class Flow { kContinue, kStop };  // kStop: nobody listens any more; the work ends with kCancelled

}  // namespace hearth::engine
