#!/usr/bin/env python3
"""Speech against its peers: start, first audio, long sentences, real-time factor, memory. Ours and the peer alternate in one run.

    python3 bench/peers/install.py && python3 bench/speech.py            # everything
    python3 bench/speech.py ready livez --pairs 30 --json out.json       # some rows

Ready means: the sessions are open and a first request needs no further load (/readyz answers 200; for kokoro-onnx the
constructor has returned; for fastkokoro /health answers, which it does after loading). The page cache is warm but for `cold`.
"""
import argparse
import json
import os
import subprocess
import time
from contextlib import ExitStack

from common import (CACHE, HEARTH, MODELS, PEERS, connect, find_english_table, free_port, get_status, hearth_command, newest_artefact, post_speech, rss_mb, row, server, single,
                    unread_connections, wait_status)

HELLO = "Hello world, how are you today?"
SIX_WORDS = "The train leaves at seven tonight."
FORTY_WORDS = ("The old lighthouse keeper climbed the narrow iron stairs every single evening to light the great lamp that had guided "
               "so many weary sailors safely past the hidden rocks and back into the quiet harbour where their patient families waited")
FORTY_WORDS_CLAUSE = ("When the evening came at last, the old lighthouse keeper climbed the narrow iron stairs to light the great lamp that "
                      "had guided so many weary sailors safely past the hidden rocks and back into the quiet harbour once again.")
FORTY_WORDS_LATE_CLAUSE = ("When the long and rainy evening came to its end at last, the old keeper climbed the narrow iron stairs to light the great "
                           "lamp that had guided so many weary sailors safely past the hidden rocks and home again.")
SIXTY_WORDS = ("The morning market opens before the sun is fully up. Farmers unload their crates of apples, carrots and fresh bread, while the "
               "first customers wander between the stalls. A boy sells newspapers near the gate, and an old man plays a slow tune on his "
               "violin. By noon the square is full, the prices fall, and everybody seems to know everybody else by name.")
MODEL = MODELS / "kokoro" / "kokoro.onnx"
VOICES = PEERS / "voices.npz"
LIMIT = 60.0


def speech(text: str) -> dict:
    return {"model": "kokoro", "input": text, "voice": "af_heart", "response_format": "pcm"}


def kokoro_onnx(mode: str, text: str = HELLO, *extra) -> dict:
    command = [str(PEERS / "kokoro-onnx" / "bin" / "python"), str(os.path.dirname(os.path.abspath(__file__)) + "/peers/kokoro_onnx_script.py"),
               str(MODEL), str(VOICES), text, mode, *map(str, extra)]
    env = {**os.environ, "BENCH_EXEC_AT": repr(time.monotonic())}
    out = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def fastkokoro(measure) -> float:
    port = free_port()
    env = {"FASTKOKORO_MODEL_PATH": str(MODEL), "FASTKOKORO_VOICES_PATH": str(VOICES), "FASTKOKORO_HOST": "127.0.0.1",
           "FASTKOKORO_PORT": str(port), "HF_HUB_OFFLINE": "1"}
    with server([str(PEERS / "fastkokoro" / "bin" / "fastkokoro")], env) as (_, exec_at):
        return measure(port, exec_at)


def hearth(measure, *extra) -> float:
    port = free_port()
    with server(hearth_command(port, *extra)) as (process, exec_at):
        return measure(port, exec_at) if measure.__code__.co_argcount == 2 else measure(port, exec_at, process)


def until_ready(path: str):
    return lambda port, exec_at: wait_status(port, path, exec_at + LIMIT) - exec_at


def until_first_audio(port: int, exec_at: float) -> float:
    post_speech_from_start(port, exec_at)
    return time.monotonic() - exec_at


def post_speech_from_start(port: int, exec_at: float) -> None:
    while True:  # a server that listens before it can serve may refuse at first
        try:
            post_speech(port, speech(HELLO) | {"stream": True}, exec_at + LIMIT)
            return
        except (RuntimeError, ConnectionError):
            if time.monotonic() > exec_at + LIMIT:
                raise
            time.sleep(0.001)


def bench_ready(pairs: int) -> list:
    ours, onnx, fast = [], [], []
    for _ in range(pairs):
        ours.append(hearth(until_ready("/readyz")))
        onnx.append(kokoro_onnx("ready")["ready"])
        fast.append(fastkokoro(until_ready("/health")))
    return [row("exec -> ready, against kokoro-onnx", ours, onnx, "ms", 4.0), row("exec -> ready, against fastkokoro", ours, fast, "ms", 12.0)]


def bench_first_audio(pairs: int) -> list:
    ours, onnx, fast = [], [], []
    for _ in range(pairs):
        ours.append(hearth(until_first_audio))
        onnx.append(kokoro_onnx("first")["first_audio"])
        fast.append(fastkokoro(until_first_audio))
    return [row("exec -> first audio byte, against kokoro-onnx", ours, onnx, "ms", 2.5),
            row("exec -> first audio byte, against fastkokoro", ours, fast, "ms", 6.0)]


def bench_sentences(pairs: int) -> list:
    port = free_port()
    six, forty, clause, late = [], [], [], []
    texts = ((SIX_WORDS, six), (FORTY_WORDS, forty), (FORTY_WORDS_CLAUSE, clause), (FORTY_WORDS_LATE_CLAUSE, late))
    with server(hearth_command(port)) as (_, exec_at):
        wait_status(port, "/readyz", exec_at + LIMIT)
        for text, _ in texts:
            post_speech(port, speech(text), time.monotonic() + LIMIT, stop_after_first=False)
        for _ in range(max(pairs, 15)):
            for text, into in texts:
                into.append(post_speech(port, speech(text), time.monotonic() + LIMIT, stop_after_first=False)[0])
    return [row("TTFA: 40 words / 6 words", six, forty, "ms", 2.0, at_least=False),
            row("TTFA: 40 words with a clause mark after 6 / 6 words", six, clause, "ms", 1.3, at_least=False),
            row("TTFA: 40 words with a clause mark after 12 / 6 words", six, late, "ms", 1.3, at_least=False)]


def kokoro_onnx_speaker(text: str) -> subprocess.Popen:
    """Speaks once for each line it is given, and answers with the real-time factor."""
    command = [str(PEERS / "kokoro-onnx" / "bin" / "python"), os.path.dirname(os.path.abspath(__file__)) + "/peers/kokoro_onnx_script.py",
               str(MODEL), str(VOICES), text, "rtf"]
    env = {**os.environ, "BENCH_EXEC_AT": repr(time.monotonic())}
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def bench_rtf(pairs: int) -> list:
    ours, theirs, memory = [], [], []
    port = free_port()
    with kokoro_onnx_speaker(SIXTY_WORDS) as peer, server(hearth_command(port)) as (process, exec_at):
        wait_status(port, "/readyz", exec_at + LIMIT)
        post_speech(port, speech(SIXTY_WORDS), time.monotonic() + LIMIT, stop_after_first=False)
        for _ in range(max(pairs, 15)):
            _, total, size = post_speech(port, speech(SIXTY_WORDS), time.monotonic() + LIMIT, stop_after_first=False)
            ours.append(total / (size / 2 / 24000))
            peer.stdin.write("\n")
            peer.stdin.flush()
            theirs.append(float(peer.stdout.readline()))
        peer.stdin.close()
        memory.append(rss_mb(process.pid))
    return [row("RTF of 60 words, kokoro-onnx / ours", ours, theirs, "x ", 1.0),
            single("resident memory after it", memory, "MB", 300)]


def bench_livez(pairs: int) -> list:
    return [single("exec -> /livez", [hearth(until_ready("/livez")) for _ in range(max(pairs, 15))], "ms", 15)]


def bench_stalled(pairs: int) -> list:
    """Sixteen clients whose speech is being made and who do not read it; /livez beside them, from when all have stalled."""
    port = free_port()
    times = []
    with server(hearth_command(port), {"HEARTH_MAX_REQUESTS": "16"}) as (_, exec_at), ExitStack() as stack:
        wait_status(port, "/readyz", exec_at + LIMIT)
        body = json.dumps(speech(" ".join([SIXTY_WORDS] * 10))).encode()
        for _ in range(16):
            s = stack.enter_context(connect(port, time.monotonic() + 5, receive_buffer=4096))
            s.sendall(f"POST /v1/audio/speech HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        deadline = time.monotonic() + LIMIT
        while unread_connections(port) < 16:
            if time.monotonic() > deadline:
                raise TimeoutError("sixteen readers did not stall")
            time.sleep(0.01)
        for _ in range(10 * max(pairs, 15)):
            begin = time.monotonic()
            assert get_status(port, "/livez", begin + 5) == 200
            times.append(time.monotonic() - begin)
            time.sleep(0.01)
        assert unread_connections(port) == 16, "they stalled to the end"
    return [single("/livez beside 16 stalled readers", times, "ms", 15)]


def bench_cold(pairs: int) -> list:
    """The page cache dropped for the files that a start reads: ready within 1.5 x cat's time for them, plus the warm start."""
    files = [str(path) for path in [HEARTH, find_english_table(), *newest_artefact("kokoro-graph-*").iterdir(), MODELS / "kokoro" / "voices.bin",
                                    *(CACHE / "hearth-build/deps/onnxruntime/lib").glob("libonnxruntime.so.1.*")]]

    def drop():
        for name in files:
            fd = os.open(name, os.O_RDONLY)
            os.fsync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)

    cold, allowed = [], []
    for _ in range(pairs):
        drop()
        begin = time.monotonic()
        subprocess.run(["cat", *files], stdout=subprocess.DEVNULL, check=True)
        cat = time.monotonic() - begin
        warm = hearth(until_ready("/readyz"))
        drop()
        cold.append(hearth(until_ready("/readyz")))
        allowed.append(1.5 * cat + warm)
    return [row("cold start: (1.5 x cat + warm start) / ours", cold, allowed, "ms", 1.0)]


ROWS = {"livez": bench_livez, "ready": bench_ready, "first-audio": bench_first_audio, "sentences": bench_sentences, "rtf": bench_rtf,
        "stalled": bench_stalled, "cold": bench_cold}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which rows; all by default")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--json", help="write every figure to this file")
    arguments = parser.parse_args()
    results = []
    for name in arguments.rows or ROWS:
        results.extend(ROWS[name](arguments.pairs))
    if arguments.json:
        with open(arguments.json, "w") as out:
            json.dump(results, out, indent=1)


if __name__ == "__main__":
    main()
