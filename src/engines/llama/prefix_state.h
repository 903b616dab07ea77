#pragma once

// Inside engines/llama only: the file that holds a prompt's beginning as the model has it in memory after reading it,
// so that another process need not read it again. Made by prefix_writer.h, used by prefix_shelf.h. Values of one
// machine and one version of llama.cpp: the key of the artefact says which.

#include <llama.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace hearth::engines::llama {

/// Immutable. Any thread.
class PrefixState {
 public:
  /// Looks at the head and the tokens only: microseconds, whatever the size. kNotFound; kCorrupt where head and length
  /// do not fit together.
  [[nodiscard]] static base::Result<PrefixState> open(const std::filesystem::path& path);
  /// Reads every byte. kCorrupt where they are not those that were written. Needed before state() may be given to
  /// llama.cpp, which believes what it reads.
  [[nodiscard]] base::Result<void> verify() const;
  [[nodiscard]] static base::Result<void> write(const std::filesystem::path& path, std::span<const llama_token> tokens,
                                                std::span<const std::byte> state);

  [[nodiscard]] const std::vector<llama_token>& tokens() const { return tokens_; }
  /// What llama_state_seq_get_data_ext() gave.
  [[nodiscard]] std::span<const std::byte> state() const;

 private:
  PrefixState(std::filesystem::path path, base::MappedFile file, std::vector<llama_token> tokens)
      : path_(std::move(path)), file_(std::move(file)), tokens_(std::move(tokens)) {}
  std::filesystem::path path_;
  base::MappedFile file_;
  std::vector<llama_token> tokens_;
};

}  // namespace hearth::engines::llama
