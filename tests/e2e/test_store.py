"""The model store end to end: the real programs against a server on this machine, with a cache folder of their own."""

import hashlib
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading

import pytest

HEARTH = os.environ.get("HEARTH", "build/release/hearth")
BYTES = bytes((i * 7919 >> 3) & 255 for i in range(300_000))


class Origin(http.server.ThreadingHTTPServer):
    """Serves BYTES in the ways that servers do: well, without ranges, stalled half-way, altered, too long, elsewhere."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges = []  # the Range header of each request for the content, "" where there was none
        self.release = threading.Event()  # lets a stalled answer end
        self.half_sent = threading.Event()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        wanted = self.headers.get("Range", "")
        self.server.ranges.append(wanted)
        if self.path == "/missing":
            return self.answer(404, b"")
        if self.path == "/big":
            return self.answer(200, bytes(40 << 20))
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", self.server.url("good"))
            self.send_header("Content-Length", "0")
            return self.end_headers()
        body = {"/altered": BYTES[:-1] + b"?", "/long": BYTES + b"more", "/empty": b""}.get(self.path, BYTES)
        if wanted and self.path in ("/good", "/stalls"):
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            return self.answer(206, body[start:], f"bytes {start}-{len(body) - 1}/{len(body)}")
        if self.path == "/stalls":
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.server.half_sent.set()
            self.server.release.wait(60)
            self.close_connection = True
            return None
        return self.answer(200, body)

    def answer(self, status, body, content_range=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def origin():
    server = Origin()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


class Store:
    """A user of their own: nothing of the machine's is read or written."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("HEARTH_", "KOKORO_", "XDG_"))}
        self.env["HOME"] = str(folder / "home")
        self.models = folder / "home/.cache/hearth/models"
        self.file = self.models / "mine/weights.bin"

    def configure(self, *urls, size=len(BYTES), extra=""):
        config = self.folder / "home/.config/hearth/hearth.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(
            '[[models]]\nname = "mine"\nkind = "llm"\n'
            f'[[models.files]]\nname = "weights.bin"\nsize = {size}\n'
            f'sha256 = "{hashlib.sha256(BYTES).hexdigest()}"\nurls = {json.dumps(list(urls))}\n{extra}'
        )

    def start(self, *words):
        command = [HEARTH, *words]
        return subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words):
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def half_written(self):
        return [path for path in self.models.rglob("*") if ".partial" in path.parts]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def test_a_model_of_ones_own_is_pulled_shown_verified_and_removed(store, origin):
    store.configure(origin.url("good"))
    pulled = store.run("models", "pull", "mine")
    assert pulled.returncode == 0, pulled.stderr
    assert store.file.read_bytes() == BYTES
    assert "\r" not in pulled.stderr  # no bars where there is no terminal
    assert store.run("models", "path", "mine").stdout.strip() == str(store.file.parent)
    listed = {row["name"]: row for row in json.loads(store.run("models", "list", "--json").stdout)}
    assert listed["mine"]["state"] == "here" and listed["kokoro"]["state"] == "absent"
    assert store.run("models", "verify", "mine").returncode == 0
    assert store.run("models", "pull", "mine").returncode == 0
    assert len(origin.ranges) == 1
    assert store.run("models", "rm", "mine").returncode == 0
    assert not store.file.parent.exists()
    assert store.run("models", "path", "mine").returncode == 1


def test_of_a_file_of_ones_own_there_is_nothing_to_verify(store):
    own = store.folder / "own.gguf"
    own.write_bytes(b"GGUF")
    store.configure("https://models.example/weights.bin", extra=f'[[models]]\nname = "own"\nkind = "llm"\npath = "{own}"\n')
    verified = store.run("models", "verify", "own")
    assert verified.returncode == 0 and verified.stdout == "own: nothing to compare with: your own file\n", verified.stdout


def test_rm_says_whose_files_go_and_leaves_those_that_another_entry_needs(store):
    config = store.folder / "home/.config/hearth/hearth.toml"
    config.parent.mkdir(parents=True)
    entries = [f'[[models]]\nname = "{name}"\nmanifest = "kokoro"\n' for name in ("voice", "reader")]
    config.write_text("".join(entries))
    folder = store.models / "kokoro"
    folder.mkdir(parents=True)
    (folder / "kokoro.onnx").write_bytes(b"graph")
    refused = store.run("models", "rm", "voice")
    assert refused.returncode == 1 and "the files of kokoro are used by reader too" in refused.stderr, refused.stderr
    assert folder.exists()
    config.write_text(entries[0])
    removed = store.run("models", "rm", "voice")
    assert removed.returncode == 0 and f"voice: removed {folder}," in removed.stdout, removed.stdout
    assert not folder.exists()


def test_an_altered_file_is_found_by_verify_and_mended_by_pull(store, origin):
    store.configure(origin.url("good"))
    store.run("models", "pull", "mine")
    store.file.write_bytes(BYTES[:-1] + b"!")
    verified = store.run("models", "verify", "mine")
    assert verified.returncode == 1 and "hearth models pull mine" in verified.stderr
    assert store.run("models", "pull", "mine").returncode == 0
    assert store.file.read_bytes() == BYTES


def test_a_pull_that_was_killed_goes_on_where_it_was(store, origin):
    store.configure(origin.url("stalls"))
    fetch = pathlib.Path(HEARTH).with_name("hearth-fetch")
    first = subprocess.Popen([fetch, "mine"], env=store.env, stderr=subprocess.DEVNULL)
    assert origin.half_sent.wait(30)
    have = 0
    while have < len(BYTES) // 2:  # what the server sent must have arrived; it sends no more
        have = sum(path.stat().st_size for path in store.half_written() if path.is_file())
        assert first.poll() is None
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert not store.file.exists()
    assert store.run("models", "pull", "mine").returncode == 0
    assert origin.ranges == ["", f"bytes={len(BYTES) // 2}-"]
    assert store.file.read_bytes() == BYTES and not store.half_written()


def test_a_server_without_ranges_is_asked_for_the_whole(store, origin):
    store.configure(origin.url("whole"))
    name = hashlib.sha256(BYTES).hexdigest()[:16] + "-" + hashlib.sha256(origin.url("whole").encode()).hexdigest()[:16]
    partial = store.models / f"mine/.partial/{name}.url"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(BYTES[:1000])
    assert store.run("models", "pull", "mine").returncode == 0
    assert store.file.read_bytes() == BYTES


def test_any_source_that_gives_the_digest_will_do(store, origin):
    store.configure(*map(origin.url, ("missing", "altered", "empty", "long", "elsewhere", "good")))
    pulled = store.run("models", "pull", "mine")
    assert pulled.returncode == 0
    assert "404" in pulled.stderr and "sha256" in pulled.stderr and "longer than" in pulled.stderr
    assert store.file.read_bytes() == BYTES and not store.half_written()


def test_when_no_source_gives_it_one_line_says_so_and_nothing_stands_there(store, origin):
    store.configure(origin.url("altered"))
    pulled = store.run("models", "pull", "mine")
    assert pulled.returncode == 1
    assert "weights.bin of mine could not be had" in pulled.stderr
    assert not store.file.exists()


def test_two_at_once_fetch_once(store, origin):
    store.configure(origin.url("stalls"), origin.url("good"))
    first = store.start("models", "pull", "mine")
    assert origin.half_sent.wait(30)
    second = store.start("models", "pull", "mine")
    assert "another process" in second.stderr.readline()
    origin.release.set()  # the first source breaks off; the first process goes to the next
    assert first.wait(60) == 0 and second.wait(60) == 0
    assert len(origin.ranges) == 2
    assert store.file.read_bytes() == BYTES


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
@pytest.mark.parametrize("size, path", [("200k", "good"), ("36m", "big")], ids=["known to be too small", "fills while writing"])
def test_a_full_disk_is_said_clearly_and_leaves_nothing(store, origin, size, path):
    store.models.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", store.models]).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        store.configure(origin.url(path), origin.url("good"), size=0)
        pulled = store.run("models", "pull", "mine")
        assert pulled.returncode == 1
        assert "free some" in pulled.stderr
        assert len(origin.ranges) == (path == "big")  # another source would fill it as well
        assert not store.file.exists() and not store.half_written()
    finally:
        subprocess.run(["umount", store.models], check=True)


def test_plain_http_is_for_this_machine_only(store):
    store.configure("http://models.example/weights.bin")
    refused = store.run("models", "pull", "mine")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1 and "https://" in refused.stderr


def test_terms_must_be_accepted_before_anything_is_fetched(store):
    refused = store.run("models", "pull", "gemma-3-270m")
    assert refused.returncode == 1
    assert "https://ai.google.dev/gemma/terms" in refused.stderr and "--accept-licence" in refused.stderr


def test_a_mistyped_model_gets_a_suggestion(store):
    refused = store.run("models", "pull", "kokro")
    assert refused.returncode == 1 and 'did you mean "kokoro"?' in refused.stderr


def test_clean_removes_abandoned_beginnings_and_says_so_first(store):
    begun = store.models / "mine/.partial"
    begun.mkdir(parents=True)
    (begun / "half").write_bytes(b"h")
    assert store.run("models", "clean").stdout == "nothing to clean\n"
    assert "would remove" in store.run("models", "clean", "--aggressive", "--dry-run").stdout
    assert begun.exists()
    assert store.run("models", "clean", "--aggressive").returncode == 0
    assert not begun.exists()


def test_config_show_tells_where_each_value_came_from(store):
    store.configure("https://models.example/weights.bin", extra="[server]\nport = 8123\n")
    store.env["HEARTH_DRAIN_LIMIT"] = "5s"
    store.env["HEARTH_API_KEY"] = "sesame"
    shown = store.run("config", "show", "--json", "--set", "log.level=debug")
    assert shown.returncode == 0, shown.stderr
    assert "sesame" not in shown.stdout
    settings = json.loads(shown.stdout)["settings"]
    assert settings["server.port"]["value"] == 8123 and settings["server.port"]["source"].endswith("hearth.toml:10")
    assert settings["server.drain_limit"] == {"value": "5s", "source": "HEARTH_DRAIN_LIMIT"}
    assert settings["log.level"] == {"value": "debug", "source": "--set"}
    assert settings["server.host"]["source"] == "default"


def test_an_unreadable_config_is_one_line(store):
    store.env["HEARTH_PORT"] = "eighty"
    refused = store.run("config", "show")
    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        'hearth config: server.port = "eighty" (from HEARTH_PORT) is not accepted; use a whole number from 0 to 65535'
    )
    del store.env["HEARTH_PORT"]
    broken = store.folder / "broken.toml"
    broken.write_text('[server]\nport = "\n')
    for file, why in ((store.folder / "nowhere.toml", "nowhere.toml"), (store.folder, str(store.folder)), (broken, "broken.toml")):
        for verb in (("config", "show"), ("serve", "--port", "0")):
            refused = store.run(*verb, "--config", str(file))
            assert refused.returncode == 1 and refused.stderr.count("\n") == 1 and why in refused.stderr, refused.stderr


@pytest.mark.skipif(shutil.which("script") is None, reason="needs script(1), to make a terminal")
def test_on_a_terminal_there_are_bars(store, origin):
    store.configure(origin.url("good"))
    store.env["TERM"] = "xterm"
    shown = subprocess.run(
        ["script", "-qec", f"{HEARTH} models pull mine", "/dev/null"], env=store.env, capture_output=True, text=True
    )
    assert "[" in shown.stdout and "MiB/s" in shown.stdout

@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_disk_that_fills_while_an_artefact_is_written_is_said_and_leaves_nothing(tmp_path):
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth"
    kept = tmp_path / "cache"
    kept.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=190m", "tmpfs", kept]).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        shutil.copytree(cache / "models" / "kokoro", kept / "hearth" / "models" / "kokoro")
        pulled = subprocess.run(
            [HEARTH, "models", "pull", "kokoro"], capture_output=True, text=True, timeout=120, env={**os.environ, "XDG_CACHE_HOME": str(kept)}
        )
        assert pulled.returncode == 1 and "free some disk space" in pulled.stderr, pulled.stderr
        assert not list((kept / "hearth" / "artefacts").glob("*kokoro-graph*"))
    finally:
        subprocess.run(["umount", kept], check=True)
