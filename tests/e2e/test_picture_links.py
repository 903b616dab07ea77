"""Pictures by link, through the whole server: from the hosts that are listed and no other, by a program of its own that does not let
itself be led astray."""

import contextlib
import http.server
import os
import pathlib
import subprocess
import threading
import time

import pytest

import tiny_vision
from conftest import HEARTH, missing, request_bytes, running_server, wait_until
from test_ocr import PAGE

FETCH = pathlib.Path(HEARTH).with_name("hearth-fetch")
CONFIG = """
[[models]]
name = "mouth"
kind = "llm"
path = "{folder}/tiny.gguf"
projector = "{folder}/mmproj-tiny.gguf"
load = "on_demand"

[language]
image_hosts = ["127.0.0.1:{port}", "localhost:{port}"]
"""


class Gallery(http.server.ThreadingHTTPServer):
    """A web server of this machine that notes who asks for what."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Visitor)
        self.asked = []
        self.headers = []
        self.left = threading.Event()

    @property
    def port(self):
        return self.server_address[1]

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"


class Visitor(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body)

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.headers.append(dict(self.headers))
        if self.path == "/page.png":
            self.answer(200, PAGE)
        elif self.path == "/moved":
            self.answer(302, Location=self.server.url("/page.png"))
        elif self.path == "/text":
            self.answer(200, b"<html>this is no picture</html>" * 100)
        elif self.path == "/large":
            self.answer(200, PAGE + bytes(21 << 20))
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(PAGE[:100])
                while True:  # until whoever asked has gone
                    self.wfile.write(b"\0")
                    time.sleep(0.05)
            self.server.left.set()
        else:
            self.answer(404, b"nothing here")


@pytest.fixture(scope="module")
def gallery():
    with Gallery() as opened:
        threading.Thread(target=opened.serve_forever, daemon=True).start()
        yield opened
        opened.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("vision")
    tiny_vision.write_model(made / "tiny.gguf")
    tiny_vision.write_projector(made / "mmproj-tiny.gguf")
    return made


@pytest.fixture(scope="module")
def seeing(folder, gallery):
    config = folder / "hearth.toml"
    config.write_text(CONFIG.format(folder=folder, port=gallery.port))
    with running_server("--config", str(config), http_proxy="http://me:secret@127.0.0.1:1", TMPDIR=str(folder)) as server:
        yield server


def chat(server, *urls):
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    message = {"role": "user", "content": [{"type": "text", "text": "What do you see?"}, *parts]}
    return server.post("/v1/chat/completions", {"model": "mouth", "messages": [message], "temperature": 0, "max_tokens": 20})


def refusal(reply):
    assert reply.status == 400, reply.body
    assert reply.error["param"] == "messages"
    return reply.error["message"]


def test_a_picture_by_link_is_seen_as_if_it_was_sent(seeing, gallery):
    for host in ("127.0.0.1", "localhost"):
        answer = chat(seeing, gallery.url("/page.png", host))
        assert answer.status == 200, answer.body
        assert answer.json()["choices"][0]["message"]["content"] == tiny_vision.ANSWER
    sent = gallery.headers[-1]
    assert not {"Cookie", "Authorization", "Proxy-Authorization", "Referer"} & set(sent), sent


def test_the_other_apis_take_links_too(seeing, gallery):
    url = gallery.url("/page.png")
    ask = {"model": "mouth", "temperature": 0}
    content = [{"type": "input_text", "text": "?"}, {"type": "input_image", "image_url": url}]
    answer = seeing.post("/v1/responses", {**ask, "max_output_tokens": 20, "input": [{"role": "user", "content": content}]})
    assert answer.status == 200 and tiny_vision.ANSWER in "".join(
        part.get("text", "") for item in answer.json()["output"] for part in item.get("content", [])
    ), answer.body
    content = [{"type": "text", "text": "?"}, {"type": "image", "source": {"type": "url", "url": url}}]
    answer = seeing.post("/v1/messages", {**ask, "max_tokens": 20, "messages": [{"role": "user", "content": content}]})
    assert answer.status == 200 and answer.json()["content"][0]["text"] == tiny_vision.ANSWER, answer.body


@pytest.mark.parametrize(
    "path, why",
    [("/moved", "redirects are not followed"), ("/none", "status 404"), ("/text", "no png, jpeg, webp, tiff or bmp"), ("/large", "larger than")],
)
def test_what_is_no_picture_is_refused_with_its_reason(seeing, gallery, path, why):
    gallery.asked.clear()
    message = refusal(chat(seeing, gallery.url(path)))
    assert "127.0.0.1" in message and why in message and "data:" in message
    assert gallery.asked == [path]


def test_a_host_that_is_not_listed_is_not_asked(seeing, gallery):
    gallery.asked.clear()
    port = gallery.port
    for url in (
        f"http://127.0.0.2:{port}/page.png", f"http://2130706433:{port}/page.png", f"http://0x7f.1:{port}/page.png",
        f"http://localhost.:{port}/page.png", f"http://me@127.0.0.1:{port}/page.png", f"http://images.example@127.0.0.1:{port}/page.png",
        f"http://127.0.0.1:{port + 1}\\@127.0.0.1:{port}/page.png", f"http://127.0.0.1\t:{port}/page.png", f"http://[::ffff:127.0.0.1]:{port}/page.png",
    ):
        assert "data:" in refusal(chat(seeing, url)), url
    assert "language.image_hosts" in refusal(chat(seeing, "https://images.example/a.png"))
    assert gallery.asked == []


def test_eight_are_fetched_and_no_more(seeing, gallery):
    gallery.asked.clear()
    assert "at most 8" in refusal(chat(seeing, *[gallery.url("/page.png")] * 9))
    assert gallery.asked == []


def test_a_client_that_leaves_ends_the_fetch_and_nothing_is_left(seeing, gallery, folder):
    gallery.left.clear()
    gallery.asked.clear()
    body = (
        '{"model": "mouth", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "%s"}}]}]}' % gallery.url("/endless")
    ).encode()
    with seeing.connect() as connection:
        connection.sendall(request_bytes("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"}))
        wait_until(lambda: gallery.asked, seconds=20)
        assert gallery.asked == ["/endless"]
    assert gallery.left.wait(10)  # long before the fetch's own 20 s
    seeing.gone_quiet()
    wait_until(lambda: not list(folder.glob("hearth-picture-*")), seconds=5)


def fetch(url, out, most=1 << 20):
    command = [FETCH, "--picture", url, "--out", out, "--most", str(most)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    why = pathlib.Path(f"{out}.why")
    return ran.returncode, why.read_text() if why.exists() else ""


def test_the_program_fetches_a_picture_or_says_why_not(gallery, tmp_path):
    if not os.access(FETCH, os.X_OK):
        missing(f"there is no program {FETCH}; make build makes it")
    assert fetch(gallery.url("/page.png"), tmp_path / "a") == (0, "")
    assert (tmp_path / "a").read_bytes() == PAGE
    code, why = fetch(gallery.url("/page.png"), tmp_path / "b", most=100)
    assert code == 1 and "larger than 100 bytes" in why and not (tmp_path / "b").exists()
    for url in ("http://images.example/a", "file:///etc/passwd", "ftp://127.0.0.1/a"):
        code, why = fetch(url, tmp_path / "c")
        assert code == 1 and "no https:// address" in why, url


def own_name():
    """A name of this machine that leads to an address of a private network, as an attacker's might."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/etc/hosts").read_text().splitlines():
            words = line.split("#")[0].split()
            private = words and words[0].startswith(("127.", "10.", "172.", "192.168.", "::1"))
            names = [name for name in words[1:] if private and name != "localhost" and name.isascii()]
            if names:
                return names[-1]
    return None


def test_a_name_that_leads_inwards_is_not_followed(tmp_path):
    if not os.access(FETCH, os.X_OK):
        missing(f"there is no program {FETCH}; make build makes it")
    name = own_name()
    if name is None:
        pytest.skip("no name of a private address is known here")
    code, why = fetch(f"https://{name}:9/a.png", tmp_path / "a")
    assert code == 1 and "private network" in why


def test_nonsense_hosts_end_the_start_with_one_line():
    environment = {**os.environ, "HEARTH_IMAGE_HOSTS": "https://images.example/"}
    ran = subprocess.run([HEARTH, "serve", "--port", "0"], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode != 0
    assert "language.image_hosts" in ran.stderr and "HEARTH_IMAGE_HOSTS" in ran.stderr
