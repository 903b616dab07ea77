"""Servers for the end-to-end tests: the real binary with the real model, on a free port of this machine.

HEARTH names the binary (build/release/hearth without it); HEARTH_URL a server that runs already, which the shared `server`
fixture then uses instead of starting one.
"""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

import pytest

from gguf_files import Gguf, ranker

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HEARTH = os.environ.get("HEARTH") or os.environ.get("HEARTH_BIN") or str(ROOT / "build/release/hearth")
HELLO = "Hello world, how are you today?"
LLAMA = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth-build/deps/llama"


def missing(reason):
    """Skips a test for what is not here; fails it where all was to be here: scripts/e2e says so (HEARTH_E2E_ALL=1)."""
    (pytest.fail if os.environ.get("HEARTH_E2E_ALL") == "1" else pytest.skip)(reason)


def pulled(model, otherwise=missing):
    """Where a model lies. What is not pulled before the tests, as what is behind terms, is `otherwise` skipped."""
    path = subprocess.run([HEARTH, "models", "path", model], capture_output=True, text=True, check=False).stdout.strip()
    if not os.path.exists(path):
        otherwise(f"{model} is not here; hearth models pull {model} fetches it")
    return pathlib.Path(path)


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def read_log(log):
    """Of a server. By position: the file's own is where the server writes next."""
    return os.pread(log.fileno(), 1 << 26, 0).decode(errors="replace")


def text_of(file):
    """Of a file of the kernel's about a process, nothing where that has gone."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""


def status_of(process):
    lines = text_of(pathlib.Path(f"/proc/{process}/status")).splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def bytes_of(process, name):
    return int(status_of(process).get(name, "0 kB").removesuffix(" kB")) << 10


class Reply:
    """One HTTP response, read to its end by this file's own client, which does what a test wants and no more."""

    def __init__(self, raw):
        head, _, self.rest = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0].startswith("HTTP/1.") else 0
        self.headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        self.body = self.rest
        if self.headers.get("transfer-encoding") == "chunked":
            self.body, self.complete = unchunk(self.rest)

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The error object, having checked that it has OpenAI's shape."""
        assert self.headers["content-type"] == "application/json", self.headers
        error = self.json()["error"]
        assert set(error) - {"loading"} == {"message", "type", "param", "code"} and error["message"], error
        return error


def unchunk(raw):
    body = b""
    while True:
        size, found, raw = raw.partition(b"\r\n")
        if not found:
            return body, False
        length = int(size, 16)
        if length == 0:
            return body, True
        body += raw[:length]
        if len(raw) < length + 2:
            return body, False
        raw = raw[length + 2 :]


class Server:
    def __init__(self, url, process=None, log=None):
        self.url = url
        self.process = process
        self.log = log
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port

    def connect(self, receive_buffer=0, timeout=60):
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(timeout)
        connection.connect((self.host, self.port))
        return connection

    def raw(self, data, timeout=60):
        """Sends bytes and reads until the server closes."""
        with self.connect(timeout=timeout) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data)
            return Reply(read_all(connection))

    def ask(self, method, target, body=b"", headers=None, timeout=60):
        return self.raw(request_bytes(method, target, body, headers), timeout)

    def get(self, target, headers=None):
        return self.ask("GET", target, headers=headers)

    def post(self, target, document, headers=None):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.ask("POST", target, body, {"Content-Type": "application/json", **(headers or {})})

    def speech(self, text=HELLO, **fields):
        return self.post("/v1/audio/speech", {"model": "kokoro", "input": text, "response_format": "pcm", **fields})

    def needs(self, *models):
        """Models that this test is about."""
        for model in models:
            if self.get(f"/v1/models/{model}").status != 200:
                missing(f"{model} is not here; hearth models pull fetches it")

    def metric(self, name):
        """The sum of a metric's series."""
        text = self.get("/metrics").body.decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(rf"{name}(\{{|\s)", line))

    def counted(self, series):
        """The sum of a counter's series that begin like this."""
        text = self.get("/metrics").body.decode()
        return sum(int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(series))

    def answered(self, route):
        """How many requests to a route have ended, those whose client left among them."""
        return self.counted(f'hearth_http_requests_total{{route="{route}",')

    def loads(self, model):
        """How many loads of a model have ended, well or not."""
        return self.counted(f'hearth_model_loads_total{{model="{model}",')

    @contextlib.contextmanager
    def hears_all(self, route, count):
        """Waits, after what a test does, until so many more requests to a route have ended."""
        before = self.answered(route)
        yield
        wait_until(lambda: self.answered(route) >= before + count, seconds=120)

    def wait_for_requests(self, running, queued):
        """Until so many infer and wait, no more and no fewer. Asks at intervals, so that the asking takes no core from what ends."""
        wanted, requests = {"running": running, "queued": queued}, {}
        for _ in range(2_400):
            reply = self.get("/status")  # a test that was held up may find its connection closed, where limits are short
            requests = reply.json()["requests"] if reply.status == 200 else requests
            if requests.items() >= wanted.items():
                return
            time.sleep(0.05)
        raise AssertionError(f"there are {requests}, wanted {wanted}")

    def gone_quiet(self):
        """Waits until no request infers or waits any more."""
        self.wait_for_requests(0, 0)

    def started(self, *models):
        """Waits until the start has done its part about each: from then on a model is loaded only where a test asks for it."""

        def done():
            return {task["name"] for task in self.get("/startup").json()["tasks"] if task["state"] not in ("waiting", "running")}

        wait_until(lambda: done().issuperset(models), seconds=120)

    def said(self):
        """What it has logged so far."""
        return read_log(self.log)

    @property
    def folder(self):
        """What the kernel tells of it (proc(5))."""
        if self.process is None:
            pytest.skip("the server is not this test's own")
        return pathlib.Path(f"/proc/{self.process.pid}")

    def cpu_seconds(self):
        """Processor time that it has used: what it costs does not depend on what else this machine does."""
        times = (self.folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    @contextlib.contextmanager
    def takes_no_more_than(self, memory, helper=64 << 20):
        """Bounds, in bytes, what its memory rises by at any moment of what a test does, and how large any hearth-media becomes that
        it starts: those are looked at so often that little of a short life is missed."""
        if self.process is None:  # one whose memory cannot be seen from here
            yield
            return
        over = threading.Event()

        def largest_helper():
            largest = 0
            while not over.wait(0.005):
                largest = max([largest, *(bytes_of(process, "VmHWM") for process in self.helpers())])
            return largest

        (self.folder / "clear_refs").write_text("5", encoding="utf-8")  # from here on VmHWM is the most since now (proc(5))
        before = bytes_of(self.process.pid, "VmRSS")
        with concurrent.futures.ThreadPoolExecutor(1) as threads:
            watching = threads.submit(largest_helper)
            try:
                yield
            finally:
                over.set()
        rise, largest = bytes_of(self.process.pid, "VmHWM") - before, watching.result()
        assert rise < memory and largest < helper, (rise, largest)

    def helpers(self):
        """Each hearth-media that reads a file for it, by the number of its process."""
        if self.process is None:
            return []
        children = [int(child) for file in self.folder.glob("task/*/children") for child in text_of(file).split()]
        told = {child: status_of(child) for child in children}
        return [child for child, status in told.items() if status.get("Name") == "hearth-media" and not status["State"].startswith("Z")]

    def cpu_at_rest(self):
        """Processor time, once no request is there and nothing works on for one that has gone."""
        self.gone_quiet()
        spent = -1
        while (now := self.cpu_seconds()) - spent > 0.05:
            spent = now
            time.sleep(0.5)
        return now

    def stops_for_who_leaves(self, route, request):
        """Asserts that what a request costs ends with its client: of the processor time that the whole answer takes, less than a
        tenth comes after the client has closed its connection. `request` makes the bytes of the nth, of which nothing is to be known."""
        begun = self.cpu_at_rest()
        assert self.raw(request(0), timeout=300).status == 200
        whole = self.cpu_at_rest() - begun
        for number in (1, 2, 3):  # a test that is held up leaves late, but not each time
            begun = self.cpu_seconds()
            with self.hears_all(route, 1):
                with self.connect() as connection:
                    connection.sendall(request(number))
                    wait_until(lambda: self.cpu_seconds() - begun > whole / 4)
                left = self.cpu_seconds()
            after = self.cpu_at_rest() - left
            if left - begun < whole / 2:
                break
        else:
            raise AssertionError("it never left in the middle")
        assert after < whole / 10, (after, whole)

    def sockets_with_unsent_bytes(self):
        """Clients that do not read what they are sent: its connections whose bytes wait in the kernel (proc(5), net/tcp)."""
        rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines()[1:]]
        return sum(row[1].endswith(f":{self.port:04X}") and not row[4].startswith("00000000:") for row in rows)

    def threads_and_files(self):
        return len(list((self.folder / "task").iterdir())), len(list((self.folder / "fd").iterdir()))


def request_bytes(method, target, body=b"", headers=None):
    fields = {"Host": "127.0.0.1", "Connection": "close", **(headers or {})}
    if body or method == "POST":
        fields.setdefault("Content-Length", str(len(body)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode() + body


def speech_bytes(text=HELLO, **fields):
    body = json.dumps({"model": "kokoro", "input": text, "response_format": "pcm", **fields}).encode()
    return request_bytes("POST", "/v1/audio/speech", body, {"Content-Type": "application/json"})


def read_all(connection):
    data = b""
    while True:
        try:
            piece = connection.recv(1 << 16)
        except ConnectionResetError:
            return data
        if not piece:
            return data
        data += piece


@contextlib.contextmanager
def running_server(*arguments, expect_exit=0, models="kokoro", wrap=(), **environment):
    """A server with a state folder of its own; checks at the end that it stops when asked, and how. `models` None: those
    that its configuration says. `wrap`: a program that starts it."""
    if not os.access(HEARTH, os.X_OK):
        missing(f"there is no program {HEARTH}; make build makes it")
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryFile(mode="w+") as log:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("HEARTH")}
        variables.update({"XDG_STATE_HOME": state, "HEARTH_CONFIG": "", **environment})
        del variables["HEARTH_CONFIG"]
        process = subprocess.Popen(
            [*wrap, HEARTH, "serve", "--port", "0", *(["--models", models] if models else []), *arguments],
            stdout=subprocess.PIPE, stderr=log, text=True, env=variables,
        )
        try:
            for line in process.stdout:
                if match := re.search(r"listening on (http://\S+)", line):
                    break
            else:
                raise AssertionError(f"the server ended before it listened: {read_log(log)}")
            drain = threading.Thread(target=process.stdout.read, daemon=True)
            drain.start()
            yield Server(match.group(1), process, log)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == expect_exit
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def smollm():
    """The GGUF file of the small language model that tests make others of."""
    path = pulled("smollm2-135m")
    return path if path.suffix == ".gguf" else path / "smollm2-135m.gguf"


@pytest.fixture(scope="session")
def server():
    """One server for all tests that do it no harm; the model is loaded."""
    if url := os.environ.get("HEARTH_URL"):
        yield Server(url)
        return
    with running_server() as started:
        assert started.post("/models/load", {"model": "kokoro"}).status == 200
        yield started


@pytest.fixture(scope="module")
def hurried_server():
    """A server with short limits, so that what is slow or stalled is cut while a test watches."""
    limits = {"HEADER_TIMEOUT": "1s", "BODY_TIMEOUT": "1s", "IDLE_TIMEOUT": "1s", "WRITE_TIMEOUT": "2s"}
    with running_server(**{f"HEARTH_{name}": value for name, value in limits.items()}) as started:
        assert started.post("/models/load", {"model": "kokoro"}).status == 200
        yield started


def npm_client(script, *arguments):
    """What one of the scripts of OpenAI's client for Node found, unchanged client and all."""
    if shutil.which("node") is None or not (HERE / "node_modules/openai").exists():
        missing("node or the npm client is not installed; scripts/e2e installs the client")
    ran = subprocess.run(["node", script, *map(str, arguments)], cwd=HERE, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def configure_embedder_and_ranker(smollm, folder):
    """hearth.toml in `folder`, with a small model of each of the two kinds that write no text."""
    whole = Gguf.read(smollm)
    files = {
        "embedder": Gguf(dict(whole.fields), whole.tensors).set(llama__pooling_type=1).write(folder / "embedder.gguf"),
        "ranker": ranker(Gguf.read(LLAMA / "models/ggml-vocab-bert-bge.gguf")).write(folder / "ranker.gguf"),
    }
    (folder / "hearth.toml").write_text(
        "".join(f'[[models]]\nname = "{name}"\nkind = "llm"\npath = "{path}"\nctx = 512\n' for name, path in files.items())
    )
