// hearth chat [TEXT]: through a running server if there is one, else in this process. Without TEXT a conversation: each
// line of standard input is a turn.

#include <unistd.h>

#include <csignal>
#include <iostream>
#include <memory>

#include "cli/completion_words.h"
#include "cli/conversation.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/reach_model.h"
#include "cli/usual_model.h"
#include "cli/verbs.h"
#include "engine/language_model.h"

namespace hearth::cli {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr const char* kRoute = "/v1/chat/completions";

class ServerPartner final : public Partner {
 public:
  explicit ServerPartner(const config::Server& server) : server_(server) {}
  Result<void> answer(const std::string& request, DeltaReader& reader) override {
    const auto answered = net::fetch(
        make_post(server_, kRoute, "application/json", request),
        [&](std::string_view bytes) { return reader.take(bytes) ? net::Flow::kContinue : net::Flow::kStop; });
    if (!reader.error().empty()) return fail(Code::kInternal, reader.error());
    if (!answered) return fail(answered.error());
    if (answered->status != 200) return fail(refusal_of(*answered));
    return {};
  }

 private:
  const config::Server& server_;
};

class LocalPartner final : public Partner {
 public:
  /// `loaded` outlives it.
  static Result<std::unique_ptr<Partner>> open(const std::string& model, const config::Loaded& loaded) {
    std::unique_ptr<LocalPartner> partner(new LocalPartner(loaded));
    auto engine = load_here(model, partner->workshop_);
    if (!engine) return fail(engine.error());
    partner->engine_ = std::move(*engine);
    if (partner->engine_->language_model() == nullptr)
      return fail(Code::kInvalidArgument, model + " is no language model");
    return partner;
  }
  Result<void> answer(const std::string& request, DeltaReader& reader) override {
    Sink sink(reader);
    auto done = engine_->language_model()->answer(engine::LanguageCall::kChatCompletions, request, sink, {});
    if (!reader.error().empty()) return fail(Code::kInternal, reader.error());
    if (sink.status() != 200) {
      const std::string message = message_in(sink.body());
      return fail(Code::kInvalidArgument,
                  message.empty() ? "the model refused: " + sink.body().substr(0, 500) : message);
    }
    return done;
  }

 private:
  class Sink final : public engine::LanguageSink {
   public:
    explicit Sink(DeltaReader& reader) : reader_(reader) {}
    engine::Flow begin(int status, std::string_view) override {
      status_ = status;
      return engine::Flow::kContinue;
    }
    engine::Flow write(std::string_view bytes) override {
      if (status_ != 200) body_ += bytes;
      return status_ != 200 || reader_.take(bytes) ? engine::Flow::kContinue : engine::Flow::kStop;
    }
    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] const std::string& body() const { return body_; }

   private:
    DeltaReader& reader_;
    int status_ = 200;
    std::string body_;
  };
  explicit LocalPartner(const config::Loaded& loaded) : workshop_(loaded) {}
  app::Workshop workshop_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace

int run_chat(int argc, char** argv) {
  CLI::App cli(
      "Talk with a language model: through the server of this machine if one runs (then nothing needs to be loaded),\n"
      "else in this process. The answer goes to standard output as it is made.",
      "hearth chat");
  ConfigFlags flags(cli);
  ChatOptions options;
  cli.add_option("TEXT", options.text, "What to say; - reads it from standard input; without it each line is a turn");
  cli.add_option("--system", options.system, "What the model is told beforehand");
  cli.add_option("--model", options.model, "Which model answers (the configuration's first, or smollm2-135m)")
      ->type_name(kModelValue);
  cli.add_option("--max-tokens", options.max_tokens, "The longest answer")->check(CLI::PositiveNumber);
  cli.add_option("--temperature", options.temperature, "0 always says the likeliest; else the model's own")
      ->check(CLI::Range(0.0, 5.0));
  ServerFlags server_flags(cli, flags);
  cli.footer("Example:  hearth chat --temperature 0 --max-tokens 60 \"Why is the sky blue?\"");
  if (const auto code = parse(cli, argc, argv)) return *code;
  ::signal(SIGPIPE, SIG_IGN);

  auto loaded = flags.load();
  if (!loaded) return complain("chat", loaded.error());
  if (options.model.empty()) options.model = usual_model(*loaded, config::ModelKind::kLlm);
  if (options.text == "-") {
    auto text = read_input("-", kMostText);
    if (!text) return complain("chat", text.error());
    options.text = std::move(*text);
  }
  const config::Server& server = loaded->config().server;
  std::unique_ptr<Partner> partner;
  if (server_flags.finds_server(server)) {
    partner = std::make_unique<ServerPartner>(server);
  } else {
    auto local = LocalPartner::open(options.model, *loaded);
    if (!local) return complain("chat", local.error());
    partner = std::move(*local);
  }
  const auto refused =
      converse(options, *partner, std::cin, ::isatty(STDIN_FILENO) == 1 ? Prompt::kShown : Prompt::kNone);
  if (!refused) return complain("chat", refused.error());
  return *refused > 0 ? 1 : 0;  // why has been said
}

}  // namespace hearth::cli
