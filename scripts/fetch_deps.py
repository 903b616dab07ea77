#!/usr/bin/env python3
"""Fetches what deps.lock pins into $XDG_CACHE_HOME/hearth-build (default ~/.cache/hearth-build), outside the tree.

    downloads/   the files as they came, each checked against its sha256; kept, so that a later unpacking needs no network
    deps/        what the build looks at: boost/include, onnxruntime/{include,lib}, llama/ and whisper/ (sources, which
                 scripts/build_ggml.py builds); stamp holds the digest of deps.lock

Standard library only. Registries are reached through their own clients (pip, apt), which know the user's mirrors.
Does nothing when the stamp says that deps/ is what deps.lock asks for. Two runs at once do the work once.
"""

import fcntl
import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SYSTEM_ORT_HEADERS = pathlib.Path("/usr/include/onnxruntime")


class Failure(Exception):
    """What went wrong and what to do about it, for a person."""


def say(text):
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def run(command, **options):
    """Runs quietly; on failure raises with the command and the end of what it said."""
    done = subprocess.run(command, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False, **options)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise Failure(f"this command failed:\n    {' '.join(map(str, command))}\n{said}")
    return done.stdout


def keep(found, downloads):
    """Moves a checked file to its place, by rename, so that a half-written one is never taken for whole."""
    place = downloads / found.name
    shutil.move(found, place.with_suffix(place.suffix + ".new"))
    os.replace(place.with_suffix(place.suffix + ".new"), place)
    return place


# --- PyPI --------------------------------------------------------------------------------------------------------------


def fetch_pypi(item, downloads):
    place = downloads / item["file"]
    if place.exists() and sha256(place) == item["sha256"]:
        return place
    say(f"downloading {item['file']}")
    with tempfile.TemporaryDirectory(dir=downloads) as folder:
        if item["kind"] == "pypi-source":
            chosen = ["--no-binary", item["project"]]  # of this package alone: what builds it comes as wheels
        else:
            chosen = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", item["python"],
                      "--platform", item["platform"]]  # fmt: skip
        run(pip() + ["download", "--quiet", "--no-deps", *chosen, "--dest", folder, f"{item['project']}=={item['version']}"])
        found = pathlib.Path(folder) / item["file"]
        if not found.exists():
            raise Failure(f"pip brought {os.listdir(folder)} instead of {item['file']}; check pip's index settings")
        if (digest := sha256(found)) != item["sha256"]:
            raise Failure(f"{item['file']} has sha256 {digest}, deps.lock says {item['sha256']}; "
                          "the index that pip uses serves another file: nothing was kept")  # fmt: skip
        return keep(found, downloads)


def pip():
    for command in ([sys.executable, "-m", "pip"], ["pip3"], ["pip"]):
        if shutil.which(command[0]) and subprocess.run(command + ["--version"], capture_output=True).returncode == 0:
            return command
    raise Failure("there is no pip; install it:\n    sudo apt-get install --no-install-recommends python3-pip")


# --- Debian ------------------------------------------------------------------------------------------------------------


def fetch_debian(item, downloads):
    accepted = {each["sha256"]: each["version"] for each in item["versions"]}
    for known in sorted(downloads.glob(f"{item['package']}_*.deb")):
        if sha256(known) in accepted:
            return known
    say(f"downloading {item['package']} ({item['suite']})")
    reasons = []
    # The machine's own lists first, where it follows that suite; then lists of our own, which needs no root.
    for source in [None] + private_sources(item["suite"]):
        with tempfile.TemporaryDirectory(dir=downloads) as folder:
            try:
                found = apt_download(item, source, pathlib.Path(folder), downloads.parent / "apt")
            except Failure as failure:
                reasons.append(str(failure))
                continue
            if (digest := sha256(found)) in accepted:
                return keep(found, downloads)
            reasons.append(
                f"{found.name} has sha256 {digest}, which deps.lock does not list.\n"
                f"If Debian has moved on to this version (compare `apt-cache show {item['package']}`), accept it by adding\n"
                f'    {{ version = "{found.name.split("_")[1]}", sha256 = "{digest}" }},\n'
                f"under {item['name']} in deps.lock, and run the tests."
            )
    raise Failure(f"cannot get {item['package']}:\n" + "\n".join(reasons[-2:]))


def apt_download(item, source, folder, lists):
    options = ["-q"]
    if source is not None:
        suffix, text = source
        # Lists, caches and the source are ours: apt on the system is not changed, nor does it need to be root.
        home = lists / hashlib.sha256(text.encode()).hexdigest()[:12]
        for part in ("lists/partial", "cache/archives/partial"):
            (home / part).mkdir(parents=True, exist_ok=True)
        (home / f"suite{suffix}").write_text(text)
        for name, value in {
            "Dir::Etc::sourcelist": home / f"suite{suffix}", "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": home / "lists", "Dir::Cache": home / "cache", "APT::Sandbox::User": "root",
            "Acquire::Languages": "none", "APT::Get::List-Cleanup": "0",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "0",
        }.items():  # fmt: skip
            options += ["-o", f"{name}={value}"]
        run(["apt-get", *options, "update"])
    wanted = item["package"]
    listed = run(["apt-cache", *options, "madison", wanted])
    for known in item["versions"]:
        if known["version"] in listed:
            wanted = f"{item['package']}={known['version']}"
            break
    run(["apt-get", *options, "-o", "APT::Sandbox::User=root", "download", wanted], cwd=folder)
    files = list(folder.glob("*.deb"))
    if len(files) != 1:
        raise Failure(f"apt-get download {wanted} brought {len(files)} files")
    # apt writes an epoch's colon and the like as %3a; the version in the name is for people only.
    return files[0]


def private_sources(suite):
    """The machine's main Debian archive, as (file suffix, text), with its suite replaced. Best candidate first."""
    codename = next((line.split("=")[1].strip().strip('"') for line in open("/etc/os-release", encoding="utf-8")
                     if line.startswith("VERSION_CODENAME=")), "bookworm")  # fmt: skip
    aliases = {codename, "stable", "oldstable", suite}
    etc = pathlib.Path("/etc/apt")
    found = []
    for path in sorted([etc / "sources.list", *etc.glob("sources.list.d/*")]):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if path.suffix == ".sources":
            found += deb822_sources(text, aliases, suite)
        elif path.suffix == ".list":
            found += one_line_sources(text, aliases, suite)
    found.sort(key=lambda each: each[0])
    return [(suffix, text) for _, suffix, text in found]


def rank(uri):
    """A mirror's folder is called debian; another's packages for Debian live elsewhere, and are tried last if at all."""
    return 0 if re.search(r"/debian/?$", uri) else 1


def deb822_sources(text, aliases, suite):
    found = []
    for stanza in re.split(r"\n\s*\n", text):
        fields, name = {}, None
        for line in stanza.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in (" ", "\t") and name:  # a continuation, such as an embedded key
                fields[name] += "\n" + line
            elif ":" in line:
                name, value = line.split(":", 1)
                name = name.strip().lower()
                fields[name] = value.strip()
        wanted = (
            "deb" in fields.get("types", "").split()
            and aliases & set(fields.get("suites", "").split())
            and "main" in fields.get("components", "").split()
            and fields.get("enabled", "yes").lower() not in ("no", "false", "0")
        )
        if not wanted or not fields.get("uris"):
            continue
        fields |= {"types": "deb", "suites": suite, "components": "main"}
        out = "".join(f"{key.title()}: {value}\n" for key, value in fields.items())
        found.append((rank(fields["uris"].split()[0]), ".sources", out))
    return found


def one_line_sources(text, aliases, suite):
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)", line.split("#")[0])
        if not match:
            continue
        options, uri, named, components = match.groups()
        if named in aliases and "main" in components.split():
            found.append((rank(uri), ".list", f"deb {options or ''}{uri} {suite} main\n"))
    return found


# --- unpacking ---------------------------------------------------------------------------------------------------------


def unpack_onnxruntime(wheel, item, folder):
    library = f"libonnxruntime.so.{item['version']}"
    (folder / "lib").mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        for member, name in ((f"onnxruntime/capi/{library}", f"lib/{library}"), ("onnxruntime/LICENSE", "LICENSE"),
                             ("onnxruntime/ThirdPartyNotices.txt", "ThirdPartyNotices.txt")):  # fmt: skip
            with archive.open(member) as source, open(folder / name, "wb") as target:
                shutil.copyfileobj(source, target)
    (folder / "lib" / library).chmod(0o755)
    (folder / "lib/libonnxruntime.so.1").symlink_to(library)
    (folder / "lib/libonnxruntime.so").symlink_to("libonnxruntime.so.1")


def unpack_source(archive, inside, folder):
    """The plain files of one folder of a source archive, with their times, so that a repeat rebuilds nothing."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = pathlib.PurePosixPath(member.name)
            if not member.isfile() or not name.is_relative_to(inside) or ".." in name.parts:
                continue
            place = folder / name.relative_to(inside)
            place.parent.mkdir(parents=True, exist_ok=True)
            with open(place, "wb") as target:
                shutil.copyfileobj(tar.extractfile(member), target)
            place.chmod(member.mode & 0o777)
            os.utime(place, (member.mtime, member.mtime))


def unpack_deb(deb, inside, folder):
    """Copies the folder `inside` of a package to `folder`, with its times, so that a repeat rebuilds nothing."""
    with tempfile.TemporaryDirectory(dir=deb.parent) as scratch:
        run(["dpkg-deb", "-x", deb, scratch])
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(pathlib.Path(scratch) / inside, folder, symlinks=True)


def replace(folder, new):
    """Puts `new` in place of `folder`; what was there goes last, so that a failure half-way leaves one of them."""
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def main():
    lock_text = (ROOT / "deps.lock").read_bytes()
    items = {item["name"]: item for item in tomllib.loads(lock_text.decode())["download"]}
    # Whether this machine has headers of its own decides what is unpacked, so it is part of what the stamp says.
    own_headers = (SYSTEM_ORT_HEADERS / "onnxruntime_c_api.h").exists()
    stamp_text = hashlib.sha256(lock_text).hexdigest() + (" with the system's onnxruntime headers" if own_headers else "")

    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "hearth-build"
    deps = cache / "deps"
    stamp = deps / "stamp"
    if stamp.exists() and stamp.read_text() == stamp_text:
        return
    if platform.machine() != "x86_64":
        raise Failure(f"deps.lock has no ONNX Runtime for {platform.machine()} yet; x86_64 is what is built today")
    downloads = cache / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == stamp_text:
            return  # another run did it while this one waited
        wheel = fetch_pypi(items["onnxruntime"], downloads)
        headers = None if own_headers else fetch_debian(items["onnxruntime-headers"], downloads)
        boost = fetch_debian(items["boost-headers"], downloads)
        sources = {name: fetch_pypi(items[name], downloads) for name in ("llama", "whisper")}
        new = cache / "deps.new"
        shutil.rmtree(new, ignore_errors=True)
        unpack_onnxruntime(wheel, items["onnxruntime"], new / "onnxruntime")
        if own_headers:
            (new / "onnxruntime/include").symlink_to(SYSTEM_ORT_HEADERS)
        else:
            unpack_deb(headers, "usr/include/onnxruntime", new / "onnxruntime/include")
        unpack_deb(boost, "usr/include/boost", new / "boost/include/boost")
        for name, archive in sources.items():
            unpack_source(archive, items[name]["inside"], new / name)
        (new / "stamp").write_text(stamp_text)
        replace(deps, new)
        shutil.rmtree(cache / "apt", ignore_errors=True)
    say(f"pinned downloads are in {deps}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        say(str(failure))
        sys.exit(1)
    except OSError as error:
        say(f"{error}; mend it (disk full? permissions?) and run scripts/bootstrap again")
        sys.exit(1)
