#!/usr/bin/env python3
"""Checks who includes whom: the table of ARCHITECTURE.md as a program.

    scripts/check_layers.py [TREE]      prints each violation as file:line, exits 1 when there is one

Three rules, for every file under src/:
  1. A room includes itself and the rooms that EDGES names, nothing else.
  2. A foreign library that belongs to one room (FOREIGN) is included there only: its types stop at that door.
  3. What is made for tests (src/testing, and a room's own fake_*.h, *_contract.h, *_test.h) is included by tests only.
"""

import pathlib
import re
import sys

# Room: the rooms it may include. A test may include testing as well.
EDGES = {
    "base": "",
    "config": "base",
    "audio": "base",
    "text": "base",
    "observe": "base",
    "startup": "base observe",
    "store": "base config",
    "image": "base",
    "media": "base audio image",
    "engine": "base audio image",
    "engines": "engine audio image text store base",
    "model": "engine observe base",
    "conversation": "model engine audio text base",
    "agents": "base net",
    "wire": "base audio",
    "net": "base",
    "measure": "base net",
    # audio: the body of an answer is encoded as it is sent
    "api": "wire model engine audio image conversation agents startup store observe net base",
    "testing": "base audio text observe config store startup engine model net wire",
    "cli": "*",
    "app": "*",
    "main.cc": "base cli",
}

# Header prefix: the rooms that may know the library (cli and app too only where they are named).
FOREIGN = {
    "boost/": "net",
    "onnxruntime": "engines",
    "onnx/": "engines",
    "whisper.h": "engines",
    "llama": "engines",
    "ggml": "engines",
    "server-": "engines",
    "mtmd": "engines",
    "soxr": "audio",
    "espeak-ng/": "text",
    "toml++/": "config",
    "CLI/": "cli store",  # store: for its own program, hearth-fetch
    "curl/": "store",
    "archive": "store",
    "lame/": "audio",
    "FLAC/": "audio",
    "opus/": "audio",
    "ogg/": "audio",
    "sndfile": "audio",
    "zlib.h": "image wire",
    "jpeglib": "image",
    "jerror.h": "image",
    "png.h": "image",
    "webp/": "image",
    "tiff": "image",
    "libav": "media",
    "libsw": "media",
    "poppler/": "media",
    "alsa/": "audio",
    "prometheus/": "observe",
    "spdlog/": "base",
}

FOR_TESTS = re.compile(r"(^fake_.*|.*_test|.*_contract)\.(h|cc)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    """The first folder below src/; a file directly in src/ is its own room."""
    return path.parts[0]


def violations(tree):
    """Yields (file, line number, sentence) for the sources of one tree, in the order of their names."""
    src = tree / "src"
    rooms = {entry.name for entry in src.iterdir() if entry.is_dir()}
    for path in sorted(p for p in src.rglob("*") if p.suffix in (".h", ".cc")):
        inside = path.relative_to(src)
        room = room_of(inside)
        if room not in EDGES:
            yield path, 1, f"room {room} is not in the table: add it to scripts/check_layers.py and ARCHITECTURE.md"
            continue
        is_test = room == "testing" or bool(FOR_TESTS.match(path.name))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if match := INCLUDE.match(line):
                sentence = judge(room, is_test, match.group(1), match.group(2), rooms)
                if sentence:
                    yield path, number, sentence


def judge(room, is_test, bracket, header, rooms):
    """What is wrong with one include, or None."""
    if bracket == '"':
        if header.endswith(".pb.h"):  # made by protoc from a .proto beside the file
            return None if room == "engines" else f'"{header}": protobuf stays in engines'
        if "/" not in header:
            return f'"{header}": write the whole path from src/ on'
        target = header.split("/")[0]
        if target not in rooms:
            return f'"{header}": no such room; a library\'s header goes in <>'
        if not is_test and (target == "testing" or FOR_TESTS.match(header.split("/")[-1])):
            return f'"{header}" is for tests only'
        if target in (room, "testing"):
            return None
        allowed = EDGES[room].split()
        if allowed == ["*"] or target in allowed:
            return None
        return f"{room} may not include {target}; it may include: {' '.join(allowed) or 'nothing'}"
    for prefix, owners in FOREIGN.items():
        if header.startswith(prefix) and room not in owners.split():
            return f"<{header}> belongs to {owners}; {room} may not know it"
    return None


def main(arguments):
    tree = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    count = 0
    for path, line, sentence in violations(tree):
        print(f"{path.relative_to(tree)}:{line}: {sentence}")
        count += 1
    print(f"layers: {count} violations" if count else "layers: every include is allowed")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
