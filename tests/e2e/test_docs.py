"""Every command that the pages give a reader, as a reader would paste it."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import textwrap

import pytest

from conftest import HEARTH, ROOT

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


def shown(command):
    return re.sub(r"\s+", " ", command)[:60]


REQUESTS = [block for page in ("docs/api.md", "README.md") for block in blocks(page, "sh") if block.startswith("curl ")]


def test_the_pages_have_examples():
    assert len(REQUESTS) > 9


@pytest.mark.parametrize("command", REQUESTS, ids=shown)
def test_a_request(server, tmp_path, command):
    command = command.replace(HERE, server.url).replace("curl ", "curl --fail-with-body --max-time 60 ")
    printed = run(command, tmp_path)
    assert printed or any(path.stat().st_size for path in pathlib.Path(tmp_path).iterdir())


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
    command = command.replace("build/release/hearth ", shlex.quote(HEARTH) + " ")
    run(command, tmp_path, XDG_STATE_HOME=str(tmp_path / "state"))
    assert [path for path in tmp_path.iterdir() if path.is_file() and path.stat().st_size > 1_000]


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


CONFIGS = [block for page in ("docs/configuration.md", "docs/models.md") for block in blocks(page, "toml")]


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
