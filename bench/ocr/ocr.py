#!/usr/bin/env python3
"""Reading pages against RapidOCR, which runs the same three models: the same text, and as fast? Ours and the peer alternate.

    python3 bench/peers/install.py rapidocr && python3 bench/ocr/ocr.py [--pages 33]     text and speed
    python3 bench/ocr/ocr.py --memory 500                                                memory over pages of all sizes

Both run as servers that are warm: ours over HTTP with the file in a form, the peer in a process that is given paths. CER is the
number of characters to put in, leave out or change, over the peer's (or the printed page's) characters, blanks left out.
"""
import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import HEARTH, PEERS, free_port, row, rss_mb, server, wait_status  # noqa: E402

PYTHON = PEERS / "rapidocr" / "bin" / "python"
MODEL = "pp-ocr-v6"


def distance(a: str, b: str) -> int:
    """Levenshtein's, along the diagonals that matter (Ukkonen): pages that read alike cost next to nothing."""
    if a == b:
        return 0
    limit = 8
    while True:
        found = bounded_distance(a, b, limit)
        if found <= limit:
            return found
        limit *= 4


def bounded_distance(a: str, b: str, limit: int) -> int:
    far = limit + 1
    if abs(len(a) - len(b)) > limit:
        return far
    before = {j: j for j in range(min(len(b), limit) + 1)}
    for i, left in enumerate(a, 1):
        here = {}
        for j in range(max(0, i - limit), min(len(b), i + limit) + 1):
            if j == 0:
                here[0] = i
                continue
            here[j] = min(before.get(j, far) + 1, here.get(j - 1, far) + 1, before.get(j - 1, far) + (left != b[j - 1]))
        before = here
    return before.get(len(b), far)


def letters(lines) -> str:
    return "".join("".join(line.split()) for line in lines)


def read_here(port: int, path: Path) -> list:
    """The lines of one page from our server."""
    body = (b'--B\r\nContent-Disposition: form-data; name="file"; filename="page"\r\n\r\n' + path.read_bytes() + b"\r\n--B--\r\n")
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/ocr", body, {"Content-Type": "multipart/form-data; boundary=B"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        return [line["text"] for page in json.load(answer)["pages"] for line in page["lines"]]


def make_pages(folder: Path, count: int, seed: int, varied: bool) -> list[Path]:
    subprocess.run([str(PYTHON), str(HERE / "pages.py"), str(folder), "--count", str(count), "--seed", str(seed), *(["--varied"] * varied)],
                   check=True, stdout=subprocess.DEVNULL)
    return sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg"))


def start_here(port: int):
    return server([str(HEARTH), "serve", "--port", str(port), "--models", MODEL])


def compare(pages: list[Path], show: bool) -> None:
    port = free_port()
    peer = subprocess.Popen([str(PYTHON), str(HERE / "peer.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read_there(path: Path) -> list:
        peer.stdin.write(f"{path}\n")
        peer.stdin.flush()
        return json.loads(peer.stdout.readline())

    totals = {"to peer": [0, 0], "ours to page": [0, 0], "peer to page": [0, 0]}
    ours, theirs = [], []
    with start_here(port) as (process, _):
        wait_status(port, "/readyz", time.monotonic() + 60)
        json.loads(peer.stdout.readline())
        read_here(port, pages[0]), read_there(pages[0])  # both warm
        for i, path in enumerate(pages):
            times, read = {}, {}
            for name, ask in random.sample([("ours", lambda: read_here(port, path)), ("peer", lambda: read_there(path))], 2):
                begin = time.monotonic()
                read[name] = ask()
                times[name] = time.monotonic() - begin
            printed = letters(path.with_suffix(".txt").read_text(encoding="utf-8").splitlines())
            here, there = letters(read["ours"]), letters(read["peer"])
            for key, (a, b) in {"to peer": (here, there), "ours to page": (here, printed), "peer to page": (there, printed)}.items():
                totals[key][0] += distance(a, b)
                totals[key][1] += len(b)
            ours.append(times["ours"])
            theirs.append(times["peer"])
            if show:
                print(f"{i:3} {path.name:24} ours {times['ours']:6.2f} s  peer {times['peer']:6.2f} s  differs by {distance(here, there)}", flush=True)
        memory = rss_mb(process.pid)
    row("a page", ours, theirs, "ms", bound=1.0)
    print(f"memory at the end: ours {memory:.0f} MB, peer {rss_mb(peer.pid):.0f} MB")
    peer.stdin.close()
    peer.wait()
    for key, (errors, length) in totals.items():
        verdict = ("  bound < 0.5 %: " + ("holds" if errors < 0.005 * length else "FAILS")) if key == "to peer" else ""
        print(f"CER {key}: {100 * errors / max(length, 1):.3f} % of {length} characters{verdict}")


def slope(values: list) -> float:
    """Of the straight line through them, in a hundred steps."""
    middle, mean = (len(values) - 1) / 2, statistics.mean(values)
    squares = sum((i - middle) ** 2 for i in range(len(values)))
    return 100 * sum((i - middle) * (value - mean) for i, value in enumerate(values)) / squares


def measure_memory(pages: list[Path]) -> None:
    """Resident memory after each page; flat when its line over the last four fifths rises by less than 1 MB in 100 pages."""
    port = free_port()
    with start_here(port) as (process, _):
        wait_status(port, "/readyz", time.monotonic() + 60)
        seen = []
        for i, path in enumerate(pages):
            read_here(port, path)
            seen.append(rss_mb(process.pid))
            if (i + 1) % 50 == 0:
                print(f"{i + 1:5} pages: {statistics.median(seen[-50:]):6.1f} MB median, {max(seen[-50:]):6.1f} MB most", flush=True)
        rise = slope(seen[len(seen) // 5:])
        print(f"{rise:+.2f} MB in 100 pages, over the last four fifths: {'flat' if rise < 1 else 'GROWS'}")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=33)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--memory", type=int, metavar="PAGES", help="read that many pages, each of a size of its own, and tell the memory instead")
    options.add_argument("--quiet", action="store_true")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        made = make_pages(Path(work), arguments.memory or arguments.pages, arguments.seed, varied=bool(arguments.memory))
        if arguments.memory:
            measure_memory(made)
        else:
            compare(made, show=not arguments.quiet)
