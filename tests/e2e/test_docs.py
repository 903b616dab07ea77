"""Every curl command of docs/api.md, as a reader would paste it."""

import pathlib
import re
import subprocess

import pytest

from conftest import ROOT

PAGE = ROOT / "docs/api.md"
COMMANDS = re.findall(r"^```sh\n(curl .*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_page_has_examples():
    assert len(COMMANDS) > 8


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: re.sub(r"\s+", " ", command)[:60])
def test_example(server, tmp_path, command):
    command = command.replace("http://127.0.0.1:8000", server.url).replace("curl ", "curl --fail-with-body --max-time 60 ")
    ran = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=tmp_path, capture_output=True)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert ran.stdout or any(path.stat().st_size for path in pathlib.Path(tmp_path).iterdir())
