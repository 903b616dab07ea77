"""What the benches share: starting a server, talking to it over a bare socket, and honest ratios."""
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
PEERS = CACHE / "hearth-build" / "peers"
MODELS = CACHE / "hearth" / "models"
ROOT = Path(__file__).resolve().parent.parent
HEARTH = Path(os.environ.get("HEARTH_BIN", ROOT / "build" / "release" / "hearth"))
PHONEMES = HEARTH.with_name("hearth-phonemes")  # only `ninja -C build/release hearth-phonemes`, or a whole build, makes it


def newest_artefact(pattern: str) -> Path:
    """Of those of Kokoro that fit; the newest, where older versions left theirs."""
    made = sorted((CACHE / "hearth" / "artefacts").glob(pattern), key=lambda path: path.stat().st_mtime)
    if not made:
        raise SystemExit(f"there is no {pattern} yet; run: hearth models pull kokoro")
    return made[-1]


def find_english_table() -> str:
    """The compiled lexicons that a server maps."""
    return str(newest_artefact("lexicon-en-*/lexicon.bin"))


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def connect(port: int, deadline: float, receive_buffer: int = 0) -> socket.socket:
    """Tries until somebody listens; a try costs microseconds, so the poll adds under a millisecond."""
    while True:
        s = socket.socket()
        if receive_buffer:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            s.connect(("127.0.0.1", port))
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            s.settimeout(max(0.1, deadline - time.monotonic()))
            return s
        except OSError:
            s.close()
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody listens on port {port}") from None
            time.sleep(0.0005)


def unread_connections(port: int) -> int:
    """Of a server: those whose bytes wait in the kernel because the client does not read (proc(5), net/tcp)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and not row[4].startswith("00000000:") for row in rows)


def get_status(port: int, path: str, deadline: float) -> int:
    with connect(port, deadline) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        head = s.recv(64)
        return int(head.split()[1]) if head else 0


def wait_status(port: int, path: str, deadline: float) -> float:
    """The moment of the first 200."""
    while True:
        try:
            if get_status(port, path, deadline) == 200:
                return time.monotonic()
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} did not answer 200")
        time.sleep(0.001)


def post_speech(port: int, body: dict, deadline: float, stop_after_first: bool = True):
    """Seconds from the request to the first byte of audio, and to the last; the number of audio bytes."""
    data = json.dumps(body).encode()
    with connect(port, deadline) as s:
        begin = time.monotonic()
        s.sendall(f"POST /v1/audio/speech HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
                  f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data)
        received = b""
        while b"\r\n\r\n" not in received:
            block = s.recv(65536)
            if not block:
                raise RuntimeError(f"closed before a response: {received[:200]!r}")
            received += block
        head, rest = received.split(b"\r\n\r\n", 1)
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError((head + rest)[:400])
        while len(rest) < 16:  # a chunk's size line and a sample
            block = s.recv(65536)
            if not block:
                raise RuntimeError("no audio came")
            rest += block
        first = time.monotonic()
        size = len(rest)
        while not stop_after_first and (block := s.recv(65536)):
            size += len(block)
        return first - begin, time.monotonic() - begin, size


@contextmanager
def server(command: list, env: dict | None = None):
    """Starts a server in a group of its own; yields (process, moment of exec). Nothing of it outlives the block."""
    exec_at = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process, exec_at
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def hearth_command(port: int, *extra) -> list:
    return [str(HEARTH), "serve", "--port", str(port), "--models", "kokoro", *extra]


def rss_mb(pid: int) -> float:
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def ratio_interval(ours: list, theirs: list) -> tuple:
    """Median of the pairs' theirs/ours, and its 95 % bootstrap interval."""
    ratios = [b / a for a, b in zip(ours, theirs)]
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(2000))
    return statistics.median(ratios), medians[49], medians[1949]


def row(name: str, ours: list, theirs: list, unit: str, bound: float | None = None, at_least: bool = True) -> dict:
    """Prints one line: medians, the ratio theirs/ours with its interval, and the bound it is held to. Equal (1) is what no
    measurement shows exactly: there it is enough that the interval reaches it. Any other bound is for the median."""
    ratio, low, high = ratio_interval(ours, theirs)
    verdict = ""
    if bound is not None:
        judged = ratio if bound != 1 else high if at_least else low
        good = judged >= bound if at_least else judged <= bound
        verdict = f"  bound {'>=' if at_least else '<='} {bound:g}: {'holds' if good else 'FAILS'}"
    scale = 1000 if unit == "ms" else 1
    print(f"{name:58} ours {statistics.median(ours) * scale:8.1f} {unit}  peer {statistics.median(theirs) * scale:8.1f} {unit}"
          f"  ratio {ratio:5.2f} [{low:.2f}, {high:.2f}]  n={len(ours)}{verdict}", flush=True)
    return {"row": name, "ours": ours, "peer": theirs, "ratio": ratio, "low": low, "high": high, "bound": bound}


def single(name: str, values: list, unit: str, bound: float | None = None) -> dict:
    scale = 1000 if unit == "ms" else 1
    median = statistics.median(values)
    verdict = "" if bound is None else f"  bound <= {bound:g}: {'holds' if median * scale <= bound else 'FAILS'}"
    print(f"{name:58} ours {median * scale:8.1f} {unit}  worst {max(values) * scale:8.1f} {unit}  n={len(values)}{verdict}", flush=True)
    return {"row": name, "ours": values, "bound": bound}
