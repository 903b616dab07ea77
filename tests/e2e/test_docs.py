"""Every command that the pages give a reader, as a reader would paste it."""

import configparser
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import textwrap

import pytest

from conftest import HEARTH, ROOT, running_server
from media_files import written_pdf
from test_ocr import PAGE

HERE = "http://127.0.0.1:8000"


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def run(command, folder, **environment):
    """In a shell that stops at the first error."""
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder, capture_output=True, timeout=180, stdin=subprocess.DEVNULL, env={**os.environ, **environment},
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return ran.stdout


def lay_out(folder):
    """The files that the pages' commands take for granted."""
    (folder / "page.png").write_bytes(PAGE)
    (folder / "letter.pdf").write_bytes(written_pdf([["A letter of three pages."], ["Its second page."], ["Its last page."]]))
    return set(folder.iterdir())


def made_in(folder, before):
    return [path for path in folder.iterdir() if path.is_file() and path not in before and path.stat().st_size > 1_000]


def shown(command):
    return re.sub(r"\s+", " ", command)[:60]


REQUESTS = [block for page in ("docs/api.md", "README.md") for block in blocks(page, "sh") if block.startswith("curl ")]


def test_the_pages_have_examples():
    assert len(REQUESTS) > 9


def test_every_metric_is_named():
    code = "".join(file.read_text() for file in (ROOT / "src").rglob("*.cc") if not file.name.endswith("_test.cc"))
    names = set(re.findall(r'\b(?:counter|gauge|histogram)\(\s*"(hearth_\w+)"', code))
    page = (ROOT / "docs/api.md").read_text()
    assert len(names) > 20 and [name for name in sorted(names) if not re.search(rf"`{name}\b", page)] == []


@pytest.mark.parametrize("command", REQUESTS, ids=shown)
def test_a_request(server, tmp_path, command):
    before = lay_out(tmp_path)
    command = command.replace(HERE, server.url).replace("curl ", "curl --fail-with-body --max-time 60 ")
    printed = run(command, tmp_path)
    assert printed or made_in(tmp_path, before)


def test_every_curl_of_the_api_page_is_run():
    """None hides in a block of another kind."""
    page = (ROOT / "docs/api.md").read_text()
    assert len(re.findall(r"^ *curl ", page, re.MULTILINE)) == sum(len(re.findall(r"^ *curl ", block, re.MULTILINE)) for block in REQUESTS if block in page)


@pytest.mark.parametrize("script", blocks("README.md", "python"), ids=shown)
def test_a_python_client(server, tmp_path, script):
    subprocess.run([sys.executable, "-c", script.replace(HERE, server.url)], cwd=tmp_path, check=True, timeout=120)
    assert all(path.stat().st_size > 1_000 for path in tmp_path.iterdir()) and list(tmp_path.iterdir())


COMMANDS = [
    block
    for page in ("README.md", "docs/languages.md", "docs/configuration.md")
    for block in blocks(page, "sh")
    if "build/release/hearth " in block
]


@pytest.mark.parametrize("command", COMMANDS, ids=shown)
def test_a_command(tmp_path, command):
    before = lay_out(tmp_path)
    command = command.replace("build/release/hearth ", shlex.quote(HEARTH) + " ")
    run(command, tmp_path, XDG_STATE_HOME=str(tmp_path / "state"))
    assert made_in(tmp_path, before)


def test_the_store_commands(tmp_path):
    """On a copy of the store, because some of them remove."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth"
    copied = tmp_path / "cache" / "hearth"
    copied.mkdir(parents=True)
    run(f"cp -r {shlex.quote(str(cache / 'models'))} .", copied)
    page = re.search(r"^```\n(hearth models .*?)^```", (ROOT / "docs/models.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [re.split(r"\s{2,}", line)[0] for line in page.group(1).splitlines()]
    assert len(lines) >= 6
    for line in lines:
        line = line.replace("[NAME]", "kokoro").replace(" NAME", " kokoro")
        if line == "hearth models pull":
            continue  # all of the default set: a download, which the set-up itself proves
        run(line.replace("hearth ", shlex.quote(HEARTH) + " ", 1), tmp_path, XDG_CACHE_HOME=str(copied.parent))


CONFIGS = [block for page in ("docs/configuration.md", "docs/models.md", "docs/deployment.md") for block in blocks(page, "toml")]


@pytest.mark.parametrize("document", CONFIGS, ids=shown)
def test_a_config(tmp_path, document):
    file = tmp_path / "hearth.toml"
    file.write_text(textwrap.dedent(document).replace("…", "0" * 64))
    printed = run(f"{shlex.quote(HEARTH)} config show --json --config {file}", tmp_path)
    assert str(file) in printed.decode() and json.loads(printed)


def test_the_score_table_names_tests_that_exist():
    rows = re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", (ROOT / "docs/compatibility.md").read_text())
    assert len(rows) > 30
    for file, name in set(rows):
        assert f"def {name}" in (ROOT / "tests/e2e" / file).read_text(), f"{file}::{name}"


# docs/deployment.md: each of its commands and files, in a folder of the test instead of the system's.


DEPLOYMENT = "docs/deployment.md"
CACHE = os.environ.get("XDG_CACHE_HOME", str(pathlib.Path.home() / ".cache"))


def deployment_command(begins):
    [block] = [block for block in blocks(DEPLOYMENT, "sh") if block.startswith(begins)]
    return block


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """The copy that the page makes, of the build under test."""
    folder = tmp_path_factory.mktemp("deployed")
    command = deployment_command("install ").replace("/opt/hearth", shlex.quote(str(folder / "hearth"))).replace("~/.cache", shlex.quote(CACHE))
    run(command.replace("build/dist", shlex.quote(str(pathlib.Path(HEARTH).parent))), ROOT)
    return folder / "hearth"


def test_every_command_of_the_deployment_page_is_known_here():
    assert {block.split()[0] for block in blocks(DEPLOYMENT, "sh")} == {"make", "install", "licences=/opt/hearth/licences", "XDG_CACHE_HOME=/var/cache", "curl"}


def test_the_portable_build_is_a_preset():
    told = run(deployment_command("make ").replace("make ", "make --dry-run "), ROOT)
    assert b"cmake --build --preset dist" in told
    assert any(preset["name"] == "dist" for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"])


def test_the_files_to_copy_are_enough(deployed, tmp_path):
    told = subprocess.run([deployed / "hearth", "doctor", "--models", "kokoro"], capture_output=True, text=True, timeout=120, check=False).stdout
    assert f"{deployed}/libonnxruntime.so.1" in told
    assert len(re.findall(r" by media +read by ", told)) == 3, told
    out = tmp_path / "said.wav"
    run(f"{deployed}/hearth say --in-process 'Good morning.' -o {out}", tmp_path)
    assert out.stat().st_size > 1_000


@pytest.mark.skipif(not os.path.isdir("/usr/share/common-licenses"), reason="needs Debian's licence texts")
def test_the_licence_texts_are_where_the_page_says(tmp_path):
    run(deployment_command("licences=").replace("/opt/hearth", shlex.quote(str(tmp_path))).replace("~/.cache", shlex.quote(CACHE)), ROOT)
    texts = {path.name: path.stat().st_size for path in (tmp_path / "licences").iterdir()}
    assert {"LICENSE", "NOTICE", "ThirdPartyNotices.txt", "llama", "whisper", "onnxruntime", "libmp3lame-dev", "LGPL-2"} <= set(texts), texts
    assert min(texts.values()) > 500, texts


def test_the_files_to_copy_have_their_rows(deployed):
    page = (ROOT / DEPLOYMENT).read_text()
    named = {pattern for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for pattern in re.findall(r"`([^` ]+)`", row)}
    for file in deployed.iterdir():
        assert any(pathlib.PurePath(file.name).match(pattern) for pattern in named), file.name


@pytest.mark.skipif(not (shutil.which("dpkg-query") and shutil.which("readelf")), reason="needs Debian's dpkg-query, and readelf")
def test_the_packages_that_the_files_need_are_named(deployed):
    page = (ROOT / DEPLOYMENT).read_text()
    files = " ".join(shlex.quote(str(file)) for file in deployed.iterdir())
    libraries = set(re.findall(r"\(NEEDED\).*\[(.+)\]", run(f"readelf -d {files}", deployed).decode()))
    owners = {}
    for line in run(f"dpkg-query -S {' '.join(sorted(libraries))}", deployed).decode().splitlines():
        package, place = line.split(": ", 1)
        owners.setdefault(pathlib.PurePath(place).name, set()).add(package.split(":")[0])
    for library in libraries:
        assert owners[library] & {"libc6", "libgcc-s1"} or any(f"`{owner}`" in page for owner in owners[library]), f"{library} of {owners[library]}"


def test_the_unit_starts_the_copy_with_variables_that_are_read(deployed, tmp_path):
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read_string(blocks(DEPLOYMENT, "ini")[0])
    service = unit["Service"]
    assert service["ExecStart"].split() == ["/opt/hearth/hearth", "serve"]
    variables = dict(pair.split("=", 1) for pair in service["Environment"].split())
    assert variables["XDG_CACHE_HOME"] == "/var/cache" and service["CacheDirectory"] == "hearth"
    assert variables["XDG_STATE_HOME"] == "/var/lib" and service["StateDirectory"] == "hearth"
    file = pathlib.Path(f"{tmp_path}{variables['XDG_CONFIG_HOME']}/hearth/hearth.toml")
    file.parent.mkdir(parents=True)
    file.write_text(blocks(DEPLOYMENT, "toml")[0])
    shown = run(
        f"{deployed}/hearth config show --json", tmp_path,
        HEARTH_CONFIG="", HEARTH_API_KEY="sesame", **{name: f"{tmp_path}{path}" for name, path in variables.items()},
    ).decode()  # fmt: skip
    assert str(file) in shown and "speech.example" in shown and "HEARTH_API_KEY" in shown and "sesame" not in shown


def test_models_are_pulled_by_the_copy(deployed, tmp_path):
    command = deployment_command("XDG_CACHE_HOME=").replace("/var/cache", shlex.quote(CACHE)).replace("/opt/hearth", shlex.quote(str(deployed)))
    run(command, tmp_path)


def test_metrics_are_read_with_the_key(tmp_path):
    command = deployment_command("curl ").replace("curl ", "curl --fail-with-body --max-time 60 ")
    with running_server(HEARTH_API_KEY="sesame") as guarded:
        assert b"hearth_" in run(command.replace(HERE, guarded.url), tmp_path, HEARTH_API_KEY="sesame")
        assert guarded.get("/metrics").status == 401
