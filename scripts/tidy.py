#!/usr/bin/env python3
"""clang-tidy over our own sources, two at a time, skipping what has not changed since it last passed.

    scripts/tidy.py BUILD_FOLDER [FILE…]     BUILD_FOLDER has the compile_commands.json of the lint preset

What a file's findings depend on is its text, the texts of our headers it reaches, its compile command, .clang-tidy and the
tool's version; their joint digest names an empty file in the cache when nothing was found. Failures are never cached.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
TIDY = "clang-tidy-16"
# The analyzer walks paths until it has seen so many states of one function; its default is 225,000, which doubles the time
# of a large file.
BOUND = [f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "max-nodes=40000")]
# A test runs once along one path; sanitizers see what the analyzer would guess at.
FOR_TESTS = ["--checks=-clang-analyzer-*"]
# Clang 16's analyzer does not know what a coroutine frame keeps, nor what std::function owns: in files that include these it
# reports the libraries' own headers. The other checks stay.
MISREAD = re.compile(r"^\s*#\s*include\s*<(boost/(asio|beast)|CLI/)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


@functools.cache
def text_and_includes(path):
    text = path.read_text(encoding="utf-8")
    return text, [SRC / name for name in INCLUDE.findall(text) if (SRC / name).exists()]


def reached(path):
    """The file and every header of ours that it includes, directly or not."""
    seen, waiting = set(), [path]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += text_and_includes(current)[1]
    return sorted(seen)


def command_for(build, entry):
    path = pathlib.Path(entry["file"])
    is_misread = any(MISREAD.search(text_and_includes(reached_path)[0]) for reached_path in reached(path))
    extra = FOR_TESTS if path.name.endswith("_test.cc") or is_misread else BOUND
    return [TIDY, "--quiet", "-p", str(build), *extra, entry["file"]]


def key_of(build, entry, common):
    digest = hashlib.sha256(common)
    # Where the tree lies makes no difference, so a second clone finds what the first one has checked.
    digest.update(" ".join([entry["command"], *command_for(build, entry)]).replace(str(ROOT), ".").encode())
    for path in reached(pathlib.Path(entry["file"])):
        digest.update(f"\0{path.relative_to(ROOT)}\0{text_and_includes(path)[0]}".encode())
    return digest.hexdigest()


def check(build, entry):
    begun = time.monotonic()
    done = subprocess.run(command_for(build, entry), text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    # Standard error only counts the warnings it hid; it matters when the tool itself broke down.
    return done.returncode, done.stdout or done.stderr, time.monotonic() - begun


def main(arguments):
    build = pathlib.Path(arguments[0]).resolve()
    only = {pathlib.Path(name).resolve() for name in arguments[1:]}
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "hearth-build" / "tidy"
    cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes()

    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(SRC) and (not only or path in only):
            entries[path] = entry
    todo = [(entry, key) for entry in entries.values() if not (cache / (key := key_of(build, entry, common))).exists()]
    # The largest first, so that two workers end together.
    todo.sort(key=lambda pair: -sum(len(text_and_includes(path)[0]) for path in reached(pathlib.Path(pair[0]["file"]))))

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        runs = {pool.submit(check, build, entry): (entry, key) for entry, key in todo}
        for run in concurrent.futures.as_completed(runs):
            entry, key = runs[run]
            code, said, seconds = run.result()
            name = pathlib.Path(entry["file"]).relative_to(ROOT)
            if code == 0:
                (cache / key).touch()
            else:
                failed += 1
                print(f"{name}: clang-tidy found something\n{said}", flush=True)
            if seconds > 60:
                print(f"{name}: took {seconds:.0f} s", flush=True)
    print(f"clang-tidy: {len(entries)} files, {len(todo)} looked at, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
