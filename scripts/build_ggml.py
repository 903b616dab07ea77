#!/usr/bin/env python3
"""Builds llama.cpp and whisper.cpp on one ggml into static archives, once a machine and variant.

    scripts/build_ggml.py [--variant native|portable] [--llama-server]     prints the folder: include/, lib/

native   for the instructions of the machine that builds
portable for any x86-64-v2

The folder's name holds the digest of all that decides its content: the sources' digests, our edits (cmake/ggml/edits.toml), the
compiler, the flags, and for `native` the processor. When it is there, nothing is done. --llama-server also builds llama.cpp's own
server into bin/, which the benches compare with: the same sources and flags. Called by CMake when it configures; a few minutes on
two cores the first time.
"""

import argparse
import fcntl
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECIPE = ROOT / "cmake/ggml/CMakeLists.txt"
EDITS = ROOT / "cmake/ggml/edits.toml"
TARGETS = ["server-context", "whisper"]
HEADERS = {  # folder of a source: what is taken of it
    "llama": ["include/*.h", "ggml/include/*.h", "common/*.h", "common/*.hpp", "common/jinja/*.h", "tools/server/*.h", "tools/mtmd/*.h",
              "vendor/nlohmann/*.hpp"],
    "whisper": ["include/whisper.h"],
}  # fmt: skip


def cache_folder():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "hearth-build"


def processor():
    """What -march=native depends on."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1] for line in lines if line.startswith(("flags", "Features"))), "")


def key_of(variant, items):
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    parts = [variant, compiler, RECIPE.read_text(encoding="utf-8"), EDITS.read_text(encoding="utf-8"),
             *(item["sha256"] for item in items)]  # fmt: skip
    if variant == "native":
        parts.append(processor())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def edit_sources(deps, work):
    """Links to the sources in `work`, with copies in the place of what is edited."""
    shutil.rmtree(work / "sources", ignore_errors=True)
    for source in HEADERS:
        shutil.copytree(deps / source, work / "sources" / source, copy_function=os.symlink)
    for edit in tomllib.loads(EDITS.read_text(encoding="utf-8"))["edit"]:
        file = work / "sources" / edit["source"] / edit["file"]
        text = file.read_text(encoding="utf-8")
        if text.count(edit["find"]) != edit["count"]:
            sys.exit(f"{edit['source']}/{edit['file']} is not what cmake/ggml/edits.toml expects (a new version?): look at\n{edit['find']}")
        if file.is_symlink():
            file.unlink()
        file.write_text(text.replace(edit["find"], edit["replace"]), encoding="utf-8")
    return work / "sources"


def build(folder, variant, deps, targets):
    """Into `folder`, which is made by a rename at the end: a half-made one is never taken for whole."""
    work = folder.with_name(folder.name + ".work")
    sources = edit_sources(deps, work)
    options = [f"-DLLAMA_SOURCE={sources / 'llama'}", f"-DWHISPER_SOURCE={sources / 'whisper'}", "-DCMAKE_BUILD_TYPE=Release",
               f"-DGGML_NATIVE={'ON' if variant == 'native' else 'OFF'}"]  # fmt: skip
    if variant == "portable" and platform.machine() == "x86_64":
        # GGML_NATIVE=OFF would still take AVX2 for granted.
        options += [f"-DGGML_{name}=OFF" for name in ("AVX", "AVX2", "BMI2", "FMA", "F16C")] + ["-DGGML_SSE42=ON"]
    # The folder's name changes with every edit: what the edit leaves alone is found in the compiler's cache all the same.
    environment = {**os.environ, "CCACHE_BASEDIR": str(folder.parent), "CCACHE_NOHASHDIR": "1"}
    log = folder.parent / f"{folder.name}.log"
    with open(log, "w", encoding="utf-8") as out:
        for command in (
            ["cmake", "-G", "Ninja", "-S", RECIPE.parent, "-B", work, "-Wno-dev", *options],
            ["cmake", "--build", work, "--target", *targets],
        ):
            if subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=environment, check=False).returncode != 0:
                out.flush()
                sys.stderr.write("\n".join(log.read_text(encoding="utf-8").splitlines()[-25:]) + "\n")
                sys.exit(f"llama.cpp and whisper.cpp did not build; all of it is in {log}")
    return work


def install(work, folder, deps):
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    (new / "lib").mkdir(parents=True)
    for archive in sorted(work.rglob("*.a")):
        shutil.copy2(archive, new / "lib" / archive.name)
    for source, patterns in HEADERS.items():
        for pattern in patterns:
            for header in (deps / source).glob(pattern):
                inside = header.relative_to(deps / source)
                place = new / "include" / source / inside
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(header, place)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(new, folder)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--variant", choices=["native", "portable"], default="native")
    options.add_argument("--llama-server", action="store_true")
    options = options.parse_args()
    lock = tomllib.loads((ROOT / "deps.lock").read_text(encoding="utf-8"))
    items = [item for item in lock["download"] if item["name"] in ("llama", "whisper")]
    cache = cache_folder()
    folder = cache / "ggml" / f"{options.variant}-{key_of(options.variant, items)}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = folder / "bin" / "llama-server"
    with open(folder.parent / "lock", "w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "lib").exists():
            print(f"building llama.cpp and whisper.cpp ({options.variant}), once: a few minutes", file=sys.stderr, flush=True)
            work = build(folder, options.variant, cache / "deps", TARGETS)
            install(work, folder, cache / "deps")
            shutil.rmtree(work, ignore_errors=True)
        if options.llama_server and not server.exists():
            print("building llama.cpp's server for the benches", file=sys.stderr, flush=True)
            work = build(folder, options.variant, cache / "deps", ["llama-server"])
            server.parent.mkdir(exist_ok=True)
            shutil.copy2(work / "bin/llama-server", server)
            shutil.rmtree(work, ignore_errors=True)
    print(folder)


if __name__ == "__main__":
    main()
