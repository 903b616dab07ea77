// hearth-fetch: what `hearth models pull` runs. Progress and complaints go to standard error; the exit code is 0 when
// every model is here, 1 when one is not, 2 for wrong usage. With --picture it fetches one picture for the server
// (store/fetch_picture.h) instead; why it has none it says in a file, for the one who asked. With --check it only says,
// on standard output, what it would lack: for `hearth doctor`.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/child.h"
#include "config/load.h"
#include "store/fetch/network_transport.h"
#include "store/fetch/picture_client.h"
#include "store/fetch/progress.h"
#include "store/fetch/pull.h"
#include "store/fetch/registry_client.h"
#include "store/fetch_picture.h"
#include "store/manifest.h"
#include "store/verified_cache.h"

namespace {

using namespace hearth;

int complain(const base::Error& error) {
  std::fprintf(stderr, "hearth models: %s\n", error.line().c_str());
  return 1;
}

struct PictureOrder {
  std::string url;
  std::string out;
  std::int64_t most = 20 << 20;  // bytes
};

int fetch_picture(const PictureOrder& order) {
  const auto done = store::fetch_picture_to(order.url, order.out, base::Bytes{order.most});
  if (done) return 0;
  std::ofstream(order.out + store::kWhyNoPicture) << done.error().line();
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  hearth::base::end_with_parent();
  CLI::App app("Fetches models for Hearth.", "hearth-fetch");
  std::optional<std::string> config_file;
  bool accept = false;
  bool check = false;
  std::vector<std::string> names;
  PictureOrder picture;
  auto* url = app.add_option("--picture", picture.url, "fetches the picture at this address instead");
  auto* out = app.add_option("--out", picture.out, "the picture's file")->needs(url);
  app.add_option("--most", picture.most, "the longest picture, in bytes")->needs(url)->check(CLI::PositiveNumber);
  url->needs(out);
  app.add_option("--config", config_file, "the config that tells of your own models");
  app.add_flag("--accept-licence,--accept-license", accept, "accept the terms of models that have their own");
  app.add_flag("--check", check, "says which clients of package registries are missing, and fetches nothing");
  app.add_option("names", names, "models; without any, the default set");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (check) {
    for (const std::string& missing : store::missing_clients()) std::printf("%s\n", missing.c_str());
    return 0;
  }
  if (url->count() > 0) return fetch_picture(picture);
  std::optional<std::filesystem::path> file;
  if (config_file) file = *config_file;
  auto loaded = config::load({}, file);
  if (!loaded) return complain(loaded.error());
  if (names.empty()) names = store::default_set();

  std::vector<store::ModelSpec> specs;
  for (const std::string& name : names) {
    auto spec = store::find_model(loaded->config(), name);
    if (!spec) return complain(spec.error());
    specs.push_back(std::move(*spec));
  }
  store::NetworkTransport transport;
  store::PullPrinter printer(stderr, store::PullPrinter::style_of(stderr));
  store::VerifiedCache cache = store::VerifiedCache::load(loaded->folders);
  int code = 0;
  for (const store::ModelSpec& spec : specs) {
    const auto licence = accept ? store::Licence::kAccepted : store::Licence::kNotAccepted;
    if (auto ok = store::pull(spec, loaded->folders, licence, transport, cache, printer); !ok)
      code = complain(ok.error());
  }
  return code;
}
