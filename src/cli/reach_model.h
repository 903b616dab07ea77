#pragma once

// How a verb reaches a model: through the server of this machine if one runs, else by opening it in this process.

#include <memory>
#include <string>
#include <vector>

#include "app/engine_table.h"
#include "cli/options.h"
#include "config/config.h"
#include "net/http_client.h"

namespace hearth::cli {

/// Whether a verb asks the server of this machine: the options --in-process and --port. Lives while they are parsed.
class ServerFlags {
 public:
  ServerFlags(CLI::App& cli, ConfigFlags& flags);
  ServerFlags(const ServerFlags&) = delete;
  ServerFlags& operator=(const ServerFlags&) = delete;
  /// Whether the configured server answers, and --in-process did not forbid to ask it. Waits for a second at most.
  [[nodiscard]] bool finds_server(const config::Server& server) const;

 private:
  bool in_process_ = false;
};

/// A POST to it, with the key of the configuration.
[[nodiscard]] net::ClientRequest make_post(const config::Server& server, std::string target, std::string content_type,
                                           std::string body);

/// The same with `fields` and a file, as multipart/form-data. The server goes by the file's bytes, not by its name.
[[nodiscard]] net::ClientRequest make_upload(const config::Server& server, std::string target,
                                             const std::vector<net::FormField>& fields, const std::string& file);

/// A GET of it, with the key of the configuration.
[[nodiscard]] net::ClientRequest make_get(const config::Server& server, std::string target);

/// What an answer other than 200 says, as an error: the message of its JSON, not the JSON.
[[nodiscard]] base::Error refusal_of(const net::HttpResponse& answer);
/// The message of an error body of the API; empty where there is none.
[[nodiscard]] std::string message_in(const std::string& body);

/// Opens `model` here. Blocks. kNotFound (unknown, with a suggestion, or not pulled), kCorrupt, kUnsupported, or what
/// its load says.
[[nodiscard]] base::Result<std::unique_ptr<engine::Engine>> load_here(const std::string& model,
                                                                      app::Workshop& workshop);

}  // namespace hearth::cli
