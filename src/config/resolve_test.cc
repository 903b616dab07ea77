#include "config/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/describe.h"
#include "config/settings.h"

namespace hearth::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Resolved must(std::span<const Override> flags, const Environment& environment, std::string_view toml) {
  auto resolved = resolve(flags, environment, toml);
  EXPECT_TRUE(resolved) << resolved.error().line();
  return resolved.value_or(Resolved{});
}
std::string complaint(std::span<const Override> flags, const Environment& environment, std::string_view toml) {
  auto resolved = resolve(flags, environment, toml);
  EXPECT_FALSE(resolved);
  return resolved ? std::string() : resolved.error().line();
}
std::string complaint(std::string_view toml) { return complaint({}, {}, toml); }

TEST(Resolve, WithNothingSaidTheDefaultsHold) {
  const Resolved resolved = must({}, {}, "");
  EXPECT_EQ(resolved.config.server.host, "127.0.0.1");
  EXPECT_EQ(resolved.config.server.port, 8000);
  EXPECT_EQ(resolved.config.speech.voice, "af_heart");
  EXPECT_EQ(resolved.origin("server.port").text(), "default");
  EXPECT_THAT(resolved.warnings, IsEmpty());
}

TEST(Resolve, AFlagBeatsAVariableBeatsTheFileBeatsTheDefault) {
  const std::string toml = "[server]\nport = 1\n";
  const Environment variable{{"HEARTH_PORT", "2"}};
  const std::vector<Override> flag{{"server.port", "3", "--port"}};
  EXPECT_EQ(must({}, {}, toml).config.server.port, 1);
  EXPECT_EQ(must({}, {}, toml).origin("server.port").text(), "hearth.toml:2");
  EXPECT_EQ(must({}, variable, toml).config.server.port, 2);
  EXPECT_EQ(must({}, variable, toml).origin("server.port").text(), "HEARTH_PORT");
  EXPECT_EQ(must(flag, variable, toml).config.server.port, 3);
  EXPECT_EQ(must(flag, variable, toml).origin("server.port").text(), "--port");
}

TEST(Resolve, AnEmptyVariableIsAsGoodAsNone) {
  EXPECT_EQ(must({}, {{"HEARTH_PORT", " "}}, "").config.server.port, 8000);
}

TEST(Resolve, OurVariableComesBeforeTheInheritedOne) {
  const Environment both{{"HEARTH_KEEP_ALIVE_INTERVAL", "10s"}, {"KOKORO_KEEP_ALIVE_INTERVAL_SECONDS", "20"}};
  EXPECT_EQ(must({}, both, "").config.keep_alive.interval, 10s);
  const Environment inherited{{"KOKORO_KEEP_ALIVE_INTERVAL_SECONDS", "20"}};
  EXPECT_EQ(must({}, inherited, "").config.keep_alive.interval, 20s);
}

TEST(Resolve, AVariableThatSaysSkipIsReadTheOtherWayRound) {
  EXPECT_FALSE(must({}, {{"KOKORO_SKIP_STARTUP_CACHE_CLEANUP", "1"}}, "").config.cleanup.at_start);
  EXPECT_TRUE(must({}, {{"KOKORO_SKIP_STARTUP_CACHE_CLEANUP", "false"}}, "").config.cleanup.at_start);
}

TEST(Resolve, AVariableInMegabytesIsReadAsMegabytes) {
  EXPECT_EQ(must({}, {{"KOKORO_MEMORY_THRESHOLD_MB", "200"}}, "").config.memory.threshold, Bytes{200'000'000});
}

TEST(Resolve, NonsenseNamesTheValueItsSourceAndWhatIsAccepted) {
  EXPECT_EQ(complaint({}, {{"HEARTH_PORT", "eighty"}}, ""),
            "server.port = \"eighty\" (from HEARTH_PORT) is not accepted; use a whole number from 0 to 65535");
  EXPECT_EQ(complaint("[server]\nport = 70000"),
            "server.port = \"70000\" (from hearth.toml:2) is not accepted; use a whole number from 0 to 65535");
  const std::vector<Override> flag{{"log.level", "loud", "--log-level"}};
  EXPECT_EQ(complaint(flag, {}, ""),
            "log.level = \"loud\" (from --log-level) is not accepted; use debug, info, warning, error or off");
  EXPECT_THAT(complaint({}, {{"KOKORO_SKIP_STARTUP_CACHE_CLEANUP", "maybe"}}, ""),
              HasSubstr("\"maybe\" (from KOKORO_SKIP"));
  EXPECT_THAT(complaint("[server]\nport = [8000, 8001]"), HasSubstr("not accepted"));
  EXPECT_THAT(complaint("[server]\nport = 8000.5"), HasSubstr("not accepted"));
}

TEST(Resolve, AMistypedKeyGetsASuggestion) {
  EXPECT_EQ(complaint("[server]\nprot = 1"),
            "the key \"server.prot\" (from hearth.toml:2) is not known; did you mean \"server.port\"?");
  EXPECT_THAT(complaint("[[models]]\nname='a'\nlaod='preload'"), HasSubstr("did you mean \"load\"?"));
  EXPECT_THAT(complaint("[[modles]]\nname='a'"), HasSubstr("did you mean \"models\"?"));
  EXPECT_THAT(complaint({}, {}, "wholly_else = 1"), HasSubstr("config show"));
}

TEST(Resolve, AFileThatIsNoTomlNamesItsLine) { EXPECT_THAT(complaint("a = 1\nb ="), HasSubstr("hearth.toml:2: ")); }

TEST(Resolve, AKeyIsNeverRepeatedInAComplaintOrShown) {
  const Resolved resolved = must({}, {{"HEARTH_API_KEY", "sesame"}}, "");
  EXPECT_EQ(resolved.config.server.api_keys, std::vector<std::string>{"sesame"});
  for (const Shown& shown : describe(resolved)) EXPECT_EQ(shown.value.find("sesame"), std::string::npos);
}

TEST(Resolve, AnUnreadVariableIsAWarningNotAnError) {
  const Resolved resolved = must({}, {{"HEARTH_PROT", "1"}}, "");
  ASSERT_EQ(resolved.warnings.size(), 1U);
  EXPECT_EQ(resolved.warnings[0], "nothing reads the variable HEARTH_PROT; did you mean \"HEARTH_PORT\"?");
}

TEST(Resolve, AnOrchestratorsServiceLinkIsNotAPort) {
  const Resolved resolved = must({}, {{"HEARTH_PORT", "tcp://10.0.0.7:8000"}, {"HEARTH_SERVICE_HOST", "10.0.0.7"}}, "");
  EXPECT_EQ(resolved.config.server.port, 8000);
  ASSERT_EQ(resolved.warnings.size(), 1U);
}

TEST(Resolve, ModelsAndTheirFilesAreRead) {
  const Resolved resolved = must({}, {}, R"(
[[models]]
name = "kokoro"
load = "required"
pinned = true
ttl = "10min"
warmup = "none"

[[models]]
name = "mine"
kind = "llm"
ctx = 4096
prefixes = ["desk"]
  [[models.files]]
  name = "mine.gguf"
  sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  size = "2 GiB"
  urls = ["https://models.example/mine.gguf"]

[[prefix]]
id = "desk"
model = "mine"
system = "You answer the desk."
)");
  ASSERT_EQ(resolved.config.models.size(), 2U);
  const Model& kokoro = resolved.config.models[0];
  EXPECT_EQ(kokoro.load, Load::kRequired);
  EXPECT_TRUE(kokoro.pinned);
  EXPECT_EQ(kokoro.ttl, 10min);
  EXPECT_EQ(kokoro.warmup, Warmup::kNone);
  EXPECT_FALSE(kokoro.warmup_before_ready.has_value());
  const Model& mine = resolved.config.models[1];
  EXPECT_EQ(mine.kind, ModelKind::kLlm);
  ASSERT_EQ(mine.files.size(), 1U);
  EXPECT_EQ(mine.files[0].size, 2_GiB);
  EXPECT_EQ(resolved.origin("models.kokoro.load").text(), "hearth.toml:4");
  EXPECT_EQ(resolved.config.prefixes.at(0).system, "You answer the desk.");
}

TEST(Resolve, AFlagReachesIntoAModelAndMayAddOne) {
  const std::vector<Override> flags{{"models.whisper-tiny.en.load", "required", ""},
                                    {"models.kokoro.threads", "2", ""}};
  const Resolved resolved = must(flags, {}, "[[models]]\nname = 'kokoro'\nthreads = 1");
  ASSERT_EQ(resolved.config.models.size(), 2U);
  EXPECT_EQ(resolved.config.models[0].threads, 2);
  EXPECT_EQ(resolved.config.models[1].name, "whisper-tiny.en");
  EXPECT_EQ(resolved.config.models[1].load, Load::kRequired);
}

TEST(Resolve, AModelThatCannotBeIsRefused) {
  EXPECT_THAT(complaint("[[models]]\nkind = 'llm'"), HasSubstr("has no name"));
  EXPECT_THAT(complaint("[[models]]\nname = '../etc'"), HasSubstr("is no model name"));
  EXPECT_THAT(complaint("[[models]]\nname = 'a'\n[[models]]\nname = 'a'"), HasSubstr("a second model"));
  EXPECT_THAT(complaint("[[models]]\nname = 'a'\npath = '/x'\nmanifest = 'kokoro'"), HasSubstr("more than one of"));
  EXPECT_THAT(complaint("[[models]]\nname = 'a'\npath = 'x/y'"), HasSubstr("beginning with /"));
  EXPECT_THAT(complaint("[[models]]\nname = 'a'\nprefixes = ['b']"), HasSubstr("names the prefix"));
}

TEST(Resolve, AModelsFileMustBeCheckableAndFetchedSafely) {
  const std::string head = "[[models]]\nname = 'a'\n[[models.files]]\n";
  const std::string digest = "sha256 = '" + std::string(64, 'a') + "'\n";
  EXPECT_THAT(complaint(head + "name = '../a'\n" + digest), HasSubstr("is no file name"));
  EXPECT_THAT(complaint(head + "name = 'a'\nurls = ['https://x.example/a']"), HasSubstr("no sha256"));
  EXPECT_THAT(complaint(head + "name = 'a'\n" + digest), HasSubstr("has no urls"));
  EXPECT_THAT(complaint(head + "name = 'a'\n" + digest + "urls = ['http://x.example/a']"),
              HasSubstr("not an https://"));
  for (const char* url : {"file:///etc/passwd", "http://127.0.0.1:80@x.example/a", "http://127.0.0.1.x.example/a"}) {
    EXPECT_THAT(complaint(head + "name = 'a'\n" + digest + "urls = ['" + url + "']"), HasSubstr("not an https://"));
  }
}

TEST(Resolve, ServingBeyondLoopbackNeedsAKeyOrAWord) {
  const std::vector<Override> open{{"server.host", "0.0.0.0", "--host"}};
  const auto exposed = check_exposure(must(open, {}, ""));
  ASSERT_FALSE(exposed);
  EXPECT_EQ(exposed.error().code, base::Code::kPermission);
  EXPECT_TRUE(check_exposure(must(open, {{"HEARTH_API_KEY", "k"}}, "")));
  EXPECT_TRUE(check_exposure(must(open, {}, "[server]\ninsecure = true")));
  EXPECT_TRUE(check_exposure(must({}, {}, "")));
  const auto is_accepted = [](const char* host) {
    const std::vector<Override> flags{{"server.host", host, "--host"}};
    return check_exposure(must(flags, {}, "")).has_value();
  };
  for (const char* own : {"127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost", "LocalHost"})
    EXPECT_TRUE(is_accepted(own)) << own;
  for (const char* far : {"127.0.0.1.example.com", "127.", "127.1.2.3.4.5", "::", "fd00::1", "desk.example"})
    EXPECT_FALSE(is_accepted(far)) << far;
}

TEST(Resolve, HostsOfPicturesAreHostsAndNothingElse) {
  using Hosts = std::vector<std::string>;
  const std::string toml = "[language]\nimage_hosts = [\"images.example\", \"127.0.0.1:8080\"]\n";
  EXPECT_EQ(must({}, {}, toml).config.language.image_hosts, (Hosts{"images.example", "127.0.0.1:8080"}));
  EXPECT_EQ(must({}, {{"HEARTH_IMAGE_HOSTS", "a.example, [::1]:80"}}, toml).config.language.image_hosts,
            (Hosts{"a.example", "[::1]:80"}));
  EXPECT_THAT(must({}, {}, "").config.language.image_hosts, IsEmpty());
  for (const char* host : {"*", "*.example", "https://a.example", "a.example/b", "me@a.example", "a.example:0", "7"}) {
    EXPECT_THAT(complaint({}, {{"HEARTH_IMAGE_HOSTS", host}}, ""),
                AllOf(HasSubstr("language.image_hosts"), HasSubstr("use host names")))
        << host;
  }
}

TEST(Settings, EveryDefaultReadsBackAsItself) {
  for (const Setting& setting : settings()) {
    Config config;
    const std::string before = setting.show(config);
    EXPECT_TRUE(setting.set(config, Value{{before}, false})) << setting.name << " = " << before;
    EXPECT_EQ(setting.show(config), before) << setting.name;
    EXPECT_FALSE(setting.accepts.empty()) << setting.name;
    EXPECT_FALSE(setting.about.empty()) << setting.name;
  }
}

TEST(Settings, AHostileFileIsRefusedAndDoesNoHarm) {
  std::string nested = "a = ";
  for (int i = 0; i < 5000; ++i) nested += "[";
  EXPECT_THAT(complaint(nested), HasSubstr("hearth.toml"));
  EXPECT_THAT(complaint(std::string("\xff\xfe\x00x", 4)), HasSubstr("hearth.toml"));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "[[models]]\nname = 'm" + std::to_string(i) + "'\n";
  EXPECT_THAT(complaint(many), HasSubstr("more than 64"));
}

}  // namespace
}  // namespace hearth::config
