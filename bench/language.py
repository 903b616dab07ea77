#!/usr/bin/env python3
"""Language models against llama.cpp's own server, built from the same sources with the same flags. Ours and the peer alternate in one run.

    scripts/build_ggml.py --llama-server && python3 bench/language.py            # everything
    python3 bench/language.py start prefix --pairs 15 --json out.json            # some rows

start    exec -> first token of a short chat
speed    tokens a second of a ready server: writing 200, reading a prompt of 1,700 that it has never seen
turn     the next turn of a conversation: some 40 new tokens after 1,353 that the server knows
prefix   the first token after a restart of a chat whose system prompt has 1,353 tokens (bench/prompts/agent.txt), counted from the
         request to the ready server, and from exec; ours has it as a [[prefix]] whose artefact was made before
displaced  the same prompt again and again, each time after other conversations have taken all slots
memory   resident, after one chat

Both have 4,096 tokens of context and as many threads as cores.
"""
import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from common import CACHE, HEARTH, MODELS, ROOT, free_port, row, rss_mb, server, single, wait_status

MODEL = "smollm2-135m"
GGUF = MODELS / MODEL / f"{MODEL}.gguf"
AGENT = (Path(__file__).parent / "prompts" / "agent.txt").read_text(encoding="utf-8")
SHORT = [{"role": "user", "content": "What is the capital of France?"}]
CALLER = [{"role": "system", "content": AGENT}, {"role": "user", "content": "Good morning, I would like to have my teeth cleaned."}]
PREFIX = f'[[prefix]]\nid = "agent"\nmodel = "{MODEL}"\nfile = "{Path(__file__).parent}/prompts/agent.txt"\n'
THREADS = len(os.sched_getaffinity(0))
LIMIT = 120.0


def peer_program() -> Path:
    built = subprocess.run([sys.executable, ROOT / "scripts/build_ggml.py", "--llama-server"], capture_output=True, text=True, check=True)
    return Path(built.stdout.strip()) / "bin" / "llama-server"


def peer_command(port: int) -> list:
    return [str(PEER), "--host", "127.0.0.1", "--port", str(port), "-m", str(GGUF), "-c", "4096", "-t", str(THREADS), "--log-disable"]


def our_command(port: int, config: Path | None = None) -> list:
    extra = ["--config", str(config)] if config else []
    return [str(HEARTH), "serve", "--port", str(port), "--models", MODEL, "--quiet", *extra]


def first_token(port: int, messages: list, exec_at: float | None = None, **fields) -> tuple:
    """Seconds from the request to the first word of the answer, and that word. A server that is not there yet is asked again."""
    body = json.dumps({"messages": messages, "stream": True, "max_tokens": 4, "temperature": 0, **fields})
    deadline = time.monotonic() + LIMIT
    while True:
        begin = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
        try:
            connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            if response.status == 200:
                break
            response.read()
            if response.status != 503 or exec_at is None:
                raise RuntimeError(f"answered {response.status}")
        except OSError:
            if exec_at is None:
                raise
        connection.close()
        if time.monotonic() > deadline:
            raise TimeoutError("no first token")
        time.sleep(0.001)
    try:
        for line in response:
            if not line.startswith(b"data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            if choices and choices[0]["delta"].get("content"):
                now = time.monotonic()
                response.read()
                return now - (begin if exec_at is None else exec_at), choices[0]["delta"]["content"]
    finally:
        connection.close()
    raise RuntimeError("no word came")


def complete(port: int, prompt: str, **fields) -> dict:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    body = json.dumps({"prompt": prompt, "temperature": 0, "ignore_eos": True, **fields})
    connection.request("POST", "/v1/completions", body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer["timings"]


@contextmanager
def ready(command):
    port = free_port()
    with server(command(port)) as (process, exec_at):
        wait_status(port, "/readyz" if command is not peer_command else "/health", exec_at + LIMIT)
        yield process, port


def start(command, messages=SHORT) -> float:
    port = free_port()
    with server(command(port)) as (_, exec_at):
        return first_token(port, messages, exec_at)[0]


def bench_start(pairs: int) -> list:
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(start(our_command))
        theirs.append(start(peer_command))
    return [row("exec -> first token", ours, theirs, "ms", 1.0)]


def bench_speed(pairs: int) -> list:
    """Each pair starts both anew, in an order that is drawn: where a process has its memory makes it some percent faster or slower for life."""
    figures = {"read": ([], []), "write": ([], [])}
    draw = random.Random(7)
    for _ in range(pairs):
        unseen = [" ".join(f"word{draw.randrange(10_000)}" for _ in range(350)) for _ in range(2)]
        for side, command in draw.sample([(0, our_command), (1, peer_command)], 2):
            with ready(command) as (_, port):
                complete(port, "One, two, three,", max_tokens=20)
                complete(port, unseen[0], max_tokens=1)
                timings = complete(port, unseen[1], max_tokens=1)
                figures["read"][side].append(1 / timings["prompt_per_second"])
                timings = complete(port, "One, two, three,", max_tokens=200)
                figures["write"][side].append(1 / timings["predicted_per_second"])
    return [row("reading a prompt, a token", *figures["read"], "ms", 1.0), row("writing, a token", *figures["write"], "ms", 1.0)]


def bench_turn(pairs: int) -> list:
    ours, theirs = [], []
    draw = random.Random(5)
    for _ in range(pairs):
        turn = " ".join(f"word{draw.randrange(10_000)}" for _ in range(10))
        for into, command in draw.sample([(ours, our_command), (theirs, peer_command)], 2):
            with ready(command) as (_, port):
                complete(port, AGENT, max_tokens=1)
                into.append(complete(port, AGENT + turn, max_tokens=1)["prompt_ms"] / 1e3)
    return [row("some 40 tokens after 1,353 that are known", ours, theirs, "ms", 1.0)]


@contextmanager
def prefix_config():
    """A configuration with the prefix, whose artefact is there."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "hearth.toml"
        config.write_text(PREFIX, encoding="utf-8")
        subprocess.run([HEARTH, "models", "pull", MODEL], env={**os.environ, "HEARTH_CONFIG": str(config)}, check=True, capture_output=True)
        yield config


def bench_prefix(pairs: int) -> list:
    ours, theirs, our_start, peer_start = [], [], [], []
    words = set()
    with prefix_config() as config:
        def with_prefix(port):
            return our_command(port, config)
        for _ in range(pairs):
            for command, into in ((with_prefix, ours), (peer_command, theirs)):
                with ready(command) as (_, port):
                    seconds, word = first_token(port, CALLER)
                    into.append(seconds)
                    words.add(word)
            our_start.append(start(with_prefix, CALLER))
            peer_start.append(start(peer_command, CALLER))
    if len(words) != 1:
        print(f"the answers differ: {words}", flush=True)
    return [row("1,353 tokens of system prompt: request -> first token", ours, theirs, "ms", 8.0),
            row("1,353 tokens of system prompt: exec -> first token", our_start, peer_start, "ms")]


def bench_displaced(pairs: int) -> list:
    """All slots are taken by others between two requests; --cache-ram of the peer is its own 8 GiB, ours the default."""
    ours, theirs = [], []
    draw = random.Random(3)
    with prefix_config() as config, ready(lambda port: our_command(port, config)) as (_, our_port), ready(peer_command) as (_, peer_port):
        for _ in range(pairs):
            for port, slots, into in ((our_port, 2, ours), (peer_port, 4, theirs)):
                for _ in range(slots):
                    complete(port, " ".join(f"other{draw.randrange(10_000)}" for _ in range(40)), max_tokens=1)
                into.append(first_token(port, CALLER)[0])
    return [row("the same, after others have had all slots", ours, theirs, "ms")]


def bench_memory(pairs: int) -> list:
    ours, theirs, prefixed = [], [], []
    with prefix_config() as config:
        for _ in range(min(pairs, 5)):
            for command, messages, into in ((our_command, SHORT, ours), (peer_command, SHORT, theirs),
                                            (lambda port: our_command(port, config), CALLER, prefixed)):
                with ready(command) as (process, port):
                    first_token(port, messages)
                    into.append(rss_mb(process.pid))
    return [row("resident memory after a short chat", ours, theirs, "MB"), single("with the prefix in a slot", prefixed, "MB")]


ROWS = {"start": bench_start, "speed": bench_speed, "turn": bench_turn, "prefix": bench_prefix, "displaced": bench_displaced, "memory": bench_memory}


def main() -> None:
    global PEER
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which rows; all by default")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--json", help="write every figure to this file")
    arguments = parser.parse_args()
    PEER = peer_program()
    results = []
    for name in arguments.rows or ROWS:
        results += ROWS[name](arguments.pairs)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
