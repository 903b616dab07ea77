#!/usr/bin/env python3
"""Writing speech down against faster-whisper (int8, two threads, the same weights): as fast, as soon, as right? Both alternate in one run.

    python3 bench/peers/install.py faster-whisper && python3 bench/transcription/transcription.py           every row
    python3 bench/transcription/transcription.py clip start --models whisper-tiny.en --pairs 30             some

clip    the 11-second clip of whisper.cpp's sources, to warm servers: ours over HTTP, the peer in a process that is given paths, with its
        own default search (beam 5) and with the greedy one (beam 1), which is ours
start   exec to first transcript of that clip: hearth serve and a request, against a script of import, load and transcribe
long    ten minutes of speech in one file: the word error rate of each, what lies between them (95 % of resamples of the
        sentences), and the time. The speech is Kokoro's, in six voices, of the
        sentences in bench/intelligibility, whose text is therefore known
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "intelligibility")]
from common import CACHE, HEARTH, PEERS, free_port, row, server, wait_status  # noqa: E402
from intelligibility import words  # noqa: E402

PYTHON = PEERS / "faster-whisper" / "bin" / "python"
CLIP = CACHE / "hearth-build/deps/whisper/samples/jfk.wav"
VOICES = ["af_heart", "am_michael", "bf_emma", "am_puck", "af_bella", "bm_george"]
SECONDS = 600
LIMIT = 120.0


def transcribe_here(port: int, sound: bytes, model: str) -> str:
    fields = {"model": model, "language": "en", "response_format": "json"}
    body = b"".join(f'--B\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items())
    body += b'--B\r\nContent-Disposition: form-data; name="file"; filename="clip.wav"\r\n\r\n' + sound + b"\r\n--B--\r\n"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/audio/transcriptions", body,
                                     {"Content-Type": "multipart/form-data; boundary=B"})
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.load(answer)["text"]


class Peer:
    """faster-whisper in a process of its own; ends with the block."""

    def __init__(self, model: str, beam: int):
        self.process = subprocess.Popen([str(PYTHON), str(HERE / "peer.py"), str(PEERS / model), str(beam)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def transcribe(self, path: Path) -> dict:
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def serve(port: int, *models: str):
    return server([str(HEARTH), "serve", "--port", str(port), "--models", ",".join(models)])


def bench_clip(model: str, pairs: int) -> None:
    sound, port = CLIP.read_bytes(), free_port()
    ours, beam, greedy, said = [], [], [], set()
    with serve(port, model) as (_, exec_at), Peer(model, 5) as five, Peer(model, 1) as one:
        wait_status(port, "/readyz", exec_at + LIMIT)
        transcribe_here(port, sound, model), five.transcribe(CLIP), one.transcribe(CLIP)
        for _ in range(pairs):
            begin = time.monotonic()
            here = transcribe_here(port, sound, model)
            ours.append(time.monotonic() - begin)
            there = five.transcribe(CLIP)
            beam.append(there["seconds"])
            greedy.append(one.transcribe(CLIP)["seconds"])
            said.add((" ".join(words(here)), " ".join(words(there["text"]))))
    row(f"{model}: an 11-second clip, faster-whisper as it comes / ours", ours, beam, "ms", 1.5)
    row(f"{model}: the same, faster-whisper greedy / ours", ours, greedy, "ms")
    print(f"{model}: the same words: {'yes' if all(a == b for a, b in said) else f'NO: {said}'}", flush=True)


def bench_start(model: str, pairs: int) -> None:
    sound = CLIP.read_bytes()
    ours, theirs = [], []
    script = HERE.parent / "peers" / "say_when.py"
    for _ in range(pairs):
        port = free_port()
        with serve(port, model) as (_, exec_at):
            wait_status(port, "/livez", exec_at + LIMIT)
            transcribe_here(port, sound, model)
            ours.append(time.monotonic() - exec_at)
        begin = time.monotonic()
        with subprocess.Popen([str(PYTHON), str(script), "faster-whisper", str(PEERS / model), str(CLIP)], stdout=subprocess.PIPE,
                              text=True) as process:
            while process.stdout.readline().strip() != "FIRST":
                if process.poll() is not None:
                    raise RuntimeError("the peer ended without a transcript")
            theirs.append(time.monotonic() - begin)
    row(f"{model}: exec -> first transcript", ours, theirs, "ms", 2.0)


def errors_by_sentence(sentences: list, heard: list) -> list:
    """The least number of words to change, add or drop, told apart by the sentence in which they fall."""
    said = [(word, place) for place, sentence in enumerate(sentences) for word in sentence]
    rows = [list(range(len(heard) + 1))]
    for i, (word, _) in enumerate(said, 1):
        above, row_ = rows[-1], [i]
        for j, other in enumerate(heard, 1):
            row_.append(min(above[j] + 1, row_[-1] + 1, above[j - 1] + (word != other)))
        rows.append(row_)
    wrong = [0] * len(sentences)
    i, j = len(said), len(heard)
    while i or j:
        place = said[max(i - 1, 0)][1]
        if i and j and rows[i][j] == rows[i - 1][j - 1] + (said[i - 1][0] != heard[j - 1]):
            wrong[place] += said[i - 1][0] != heard[j - 1]
            i, j = i - 1, j - 1
        elif i and rows[i][j] == rows[i - 1][j] + 1:
            wrong[place] += 1
            i -= 1
        else:
            wrong[place] += 1
            j -= 1
    return wrong


def compare_errors(model: str, sentences: list, ours: list, theirs: list) -> None:
    """How many points of word error rate ours has more, with the interval of resampled sentences."""
    rows = list(zip(map(len, sentences), errors_by_sentence(sentences, ours), errors_by_sentence(sentences, theirs)))
    total = sum(length for length, _, _ in rows)
    for name, column in (("ours", 1), ("faster-whisper", 2)):
        wrong = sum(one[column] for one in rows)
        print(f"{model}: word error rate of {name:14} {100 * wrong / total:.2f} % ({wrong} of {total})", flush=True)

    def points(sample: list) -> float:
        return 100 * sum(a - b for _, a, b in sample) / sum(length for length, _, _ in sample)

    draw = random.Random(1)
    spread = sorted(points(draw.choices(rows, k=len(rows))) for _ in range(2000))
    low, high = spread[49], spread[1949]
    print(f"{model}: ours less the peer's {points(rows):+.2f} points (95 % of resamples: {low:+.2f} to {high:+.2f})"
          f"  bound <= 0: {'holds' if points(rows) <= 0 else 'FAILS'}", flush=True)


def speak_long(folder: Path) -> tuple[Path, list]:
    """Ten minutes of speech, and the words of its sentences."""
    lines = (HERE.parent / "intelligibility" / "sentences.txt").read_text(encoding="utf-8").splitlines()
    port, sound, said = free_port(), bytearray(), []
    with serve(port, "kokoro") as (_, exec_at):
        wait_status(port, "/readyz", exec_at + LIMIT)
        for i, line in enumerate(filter(None, map(str.strip, lines))):
            if len(sound) >= SECONDS * 48_000:
                break
            body = {"model": "kokoro", "input": line, "voice": VOICES[i // 8 % len(VOICES)], "response_format": "pcm"}
            request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/audio/speech", json.dumps(body).encode(),
                                             {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=LIMIT) as answer:
                sound += answer.read()
            sound += bytes(2 * 24_000 * 3 // 10)  # 0.3 s, as between two sentences
            said.append(words(line))
    file = folder / "long.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(24_000)
        out.writeframes(bytes(sound))
    return file, said


def bench_long(models: list, pairs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, said = speak_long(Path(folder))
        sound = file.read_bytes()
        print(f"{len(sound) / 48_000:.0f} s of speech, {sum(map(len, said))} words", flush=True)
        for model in models:
            port, ours, theirs = free_port(), [], []
            with serve(port, model) as (_, exec_at), Peer(model, 5) as peer:
                wait_status(port, "/readyz", exec_at + LIMIT)
                for _ in range(max(1, pairs // 5)):
                    begin = time.monotonic()
                    here = transcribe_here(port, sound, model)
                    ours.append(time.monotonic() - begin)
                    there = peer.transcribe(file)
                    theirs.append(there["seconds"])
            row(f"{model}: ten minutes of speech", ours, theirs, "s")
            compare_errors(model, said, words(here), words(there["text"]))
            if keep := os.environ.get("BENCH_KEEP"):
                for name, text in (("said", " ".join(map(" ".join, said))), ("ours", here), ("peer", there["text"])):
                    Path(keep, f"{model}.{name}.txt").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("rows", nargs="*", default=["clip", "start", "long"], metavar="clip|start|long")
    options.add_argument("--models", default="whisper-tiny.en,whisper-base")
    options.add_argument("--pairs", type=int, default=15)
    arguments = options.parse_args()
    names = arguments.models.split(",")
    for name in names:
        if "clip" in arguments.rows:
            bench_clip(name, arguments.pairs)
        if "start" in arguments.rows:
            bench_start(name, arguments.pairs)
    if "long" in arguments.rows:
        bench_long(names, arguments.pairs)
