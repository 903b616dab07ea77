#pragma once

// The walls around hearth-media: what a file that took it over could still do. It has no network, no other process, no
// way to start one, nothing to write to but its pipe, a bounded memory and processor time; it reads no file, or where
// it draws pages, only fonts and what belongs to them. All of it is given up for good before the first byte of a file
// is looked at. Linux only. Called once, by the program's only thread.

#include <cstdint>
#include <string>

namespace hearth::media {

enum class Reading {
  kNothing,  // no file can be opened
  kFonts,    // /usr, /etc/fonts and fontconfig's cache, where the kernel has Landlock; nothing elsewhere
};

/// Before libraries are opened: limits that cost them nothing. `memory`: address space beyond what is used now.
void limit_process();
/// After the libraries are there. False: the kernel refuses, and no file may be looked at; `why` says what. `walls` is
/// for people: "limits, no network, seccomp, Landlock".
[[nodiscard]] bool confine(Reading reading, std::uint64_t memory, std::string& walls, std::string& why);

/// Tries what must not work any more: the first thing that did, or nothing. Only for `hearth doctor` and tests.
[[nodiscard]] std::string find_hole();
/// The same for what must still work where fonts are read: the first thing that did not.
[[nodiscard]] std::string find_lack();

}  // namespace hearth::media
