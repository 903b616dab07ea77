"""The end of `make run`: the script that starts the server, speaks one sentence through it and ends, on a machine whose settings
are not the usual ones."""

import contextlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import urllib.request

import pytest

from conftest import HEARTH, ROOT

SCRIPT = ROOT / "scripts/run_once_or_serve"
NOBODY = "http://127.0.0.1:9"  # a proxy that does not answer
PROXIES = {name: NOBODY for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}


def free_port():
    """Below those that the system gives to whoever asks for any, so that it is still free a moment later."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(20_000, 32_768)))
            return str(probe.getsockname()[1])


def settings_for(folder, configuration):
    """The environment with `configuration` as the user's, and no more of this process's settings than where its models are."""
    (folder / "hearth").mkdir()
    (folder / "hearth/hearth.toml").write_text(configuration)
    unwanted = {"no_proxy", *PROXIES}
    variables = {name: value for name, value in os.environ.items()
                 if not name.startswith(("HEARTH", "KOKORO")) and name not in unwanted and name.lower() not in unwanted}  # fmt: skip
    return {**variables, "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}


def make_run(folder, configuration, out, **environment):
    variables = {**settings_for(folder, configuration), "ONCE": "1", "OUT": str(out), **environment}
    return subprocess.run([SCRIPT, HEARTH], env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=False)


@pytest.mark.parametrize(
    ("configuration", "environment"),
    [
        ("", PROXIES),
        ('[server]\nhost = "0.0.0.0"\napi_keys = ["sesame"]\n', {}),
        ('[server]\napi_keys = ["sesame"]\n', {"HEARTH_HOST": "192.0.2.7"}),
    ],
    ids=["a proxy for everything", "a key and a host in the file", "a foreign host in the environment"],
)
def test_one_sentence_is_spoken_in_the_format_that_its_file_says(configuration, environment, tmp_path):
    out = tmp_path / "said/hello.mp3"
    ran = make_run(tmp_path, configuration, out, PORT=free_port(), **environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    head = out.read_bytes()[:3]
    assert head == b"ID3" or head[0] == 0xFF and head[1] & 0xE0 == 0xE0, head
    assert "Spoken to " in ran.stdout and "sesame" not in ran.stdout + ran.stderr


def test_without_once_the_server_stays_until_it_is_interrupted(tmp_path):
    port = free_port()
    variables = {**settings_for(tmp_path, ""), "PORT": port, "OUT": str(tmp_path / "hello.wav")}

    def heed_interrupts():  # whoever runs this in the background has them ignored, and a shell keeps to that
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        [SCRIPT, HEARTH], env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as process:
        try:
            assert any(line.startswith(f"Serving on http://127.0.0.1:{port} ") for line in process.stdout)
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{port}/livez", timeout=60) as answer:
                assert answer.status == 200
            process.send_signal(signal.SIGINT)  # to the script alone, which ends the server
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130 and (tmp_path / "hello.wav").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0, "the server is still there"


def test_a_port_that_is_taken_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = make_run(tmp_path, "", tmp_path / "hello.wav", PORT=str(port))
    assert ran.returncode == 1 and f"port {port} is in use" in ran.stderr, ran.stderr


def test_a_server_that_does_not_start_ends_it(tmp_path):
    ran = make_run(tmp_path, '[speech]\nvoice = "af_hart"\n', tmp_path / "hello.wav", PORT=free_port())
    assert ran.returncode == 1 and ran.stderr.splitlines()[-1].startswith("hearth serve: speech.voice = af_hart"), ran.stderr
    assert not (tmp_path / "hello.wav").exists()


def test_a_second_build_needs_no_network():
    folder = pathlib.Path(HEARTH).parent
    if folder != ROOT / "build/release":
        pytest.skip("the program was not built by make build")
    alone = ["unshare", "--net", "--map-root-user"]  # a network of its own, in which there is nobody
    if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody have a network of one's own")
    built = subprocess.run([*alone, "make", "build"], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert built.returncode == 0, built.stdout + built.stderr
