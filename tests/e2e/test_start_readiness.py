"""What a start says of itself where the configuration is unusual: two names for one model, a library that is missing, names and
voices that clash or do not exist, fewer cores than the machine has, an end before the beginning is over."""

import os
import pathlib
import signal
import subprocess

import pytest

from conftest import HEARTH, running_server, wait_until


def config_of(tmp_path, text):
    config = tmp_path / "hearth.toml"
    config.write_text(text)
    return str(config)


@pytest.mark.parametrize("load", ["required", "preload"])
def test_two_names_for_one_model_are_ready_together(tmp_path, load):
    config = config_of(tmp_path, f'[[models]]\nname = "kokoro"\nload = "{load}"\n\n'
                                 f'[[models]]\nname = "voice"\nmanifest = "kokoro"\nload = "{load}"\n')  # fmt: skip
    with running_server("--config", config, models=None) as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        assert server.speech(model="voice").status == 200
        assert server.metric("hearth_model_loads_total") == 1, "one model, loaded once"


def test_a_missing_library_fails_its_models_and_leaves_the_others_serving(tmp_path):
    config = config_of(tmp_path, '[[models]]\nname = "kokoro"\nload = "preload"\n\n[[models]]\nname = "smollm2-135m"\nload = "preload"\n')
    with running_server("--config", config, models=None, HEARTH_ONNXRUNTIME="/nobody/has/libonnxruntime.so.1") as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        failed = server.get("/readyz").json()["failed"]
        assert [one["model"] for one in failed] == ["kokoro"], failed
        assert server.post("/v1/completions", {"model": "smollm2-135m", "prompt": "Hi", "max_tokens": 1}).status == 200
        assert server.speech().error["message"]


def test_a_model_that_is_called_like_an_alias_answers_to_it(tmp_path):
    config = config_of(tmp_path, '[[models]]\nname = "kokoro"\nload = "on_demand"\n\n'
                                 '[[models]]\nname = "tts-1"\nmanifest = "kokoro"\nload = "on_demand"\nthreads = 1\n')  # fmt: skip
    with running_server("--config", config, models=None) as server:
        assert server.speech(model="tts-1").status == 200
        assert server.get("/v1/models/tts-1").json()["loads"] == 1
        assert server.get("/v1/models/kokoro").json()["loads"] == 0
        assert server.speech(model="tts-1-hd").status == 200


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("HEARTH_VOICE", "af_hart", "speech.voice = af_hart (from HEARTH_VOICE): "),
        ("HEARTH_VOICE", "af_heart(", "speech.voice = af_heart( (from HEARTH_VOICE): "),
        ("HEARTH_LANGUAGE", "klingon", "speech.language = klingon (from HEARTH_LANGUAGE): "),
    ],
)
def test_a_voice_or_language_that_does_not_exist_stops_the_start(variable, value, complaint):
    ended = subprocess.run([HEARTH, "serve", "--port", "0", "--models", "kokoro"], env={**os.environ, variable: value},
                           capture_output=True, text=True, timeout=60)  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1].startswith("hearth serve: " + complaint), ended.stderr


def test_openais_voices_may_be_the_default():
    with running_server(HEARTH_VOICE="alloy") as server:
        wait_until(lambda: server.get("/v1/models/kokoro").json()["warmth"] == "warm")
        assert server.speech().body == server.speech(voice="af_alloy").body


def test_fewer_cores_are_fewer_threads():
    def threads(*wrap, **environment):
        with running_server(wrap=wrap, **environment) as server:
            return server.get("/status").json()["threads"]

    assert threads("taskset", "-c", str(min(os.sched_getaffinity(0)))) == 1
    assert threads() == len(os.sched_getaffinity(0)) or os.path.exists("/sys/fs/cgroup/cpu.max")
    assert threads(HEARTH_THREADS="3") == 3


@pytest.mark.skipif(os.geteuid() != 0 or not os.path.isdir("/sys/fs/cgroup/cpu"), reason="needs root and cgroups of version 1")
def test_a_quota_of_processor_time_is_fewer_threads():
    group = pathlib.Path("/sys/fs/cgroup/cpu/hearth-test")
    try:
        group.mkdir()
        (group / "cpu.cfs_quota_us").write_text("60000")
    except OSError as error:
        pytest.skip(f"this machine lets nobody make a group: {error}")
    try:
        with running_server(wrap=("sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh")) as server:
            status = server.get("/status").json()
            assert status["threads"] == 1 and status["hardware"]["cpu_quota"] == 0.6
    finally:
        group.rmdir()


def test_an_end_amid_the_start_is_no_failure():
    with running_server("--models", "whisper-base,smollm2-135m", models=None) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=60) == 0
        said = server.said()
        assert "not ready" not in said and "failed" not in said, said


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_full_disk_leaves_a_voice_that_only_starts_slower(tmp_path):
    """The published graph and a table of words in memory, where neither artefact can be written."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth"
    kept = tmp_path / "hearth"
    (kept / "artefacts").mkdir(parents=True)
    (kept / "models").symlink_to(cache / "models")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", kept / "artefacts"]).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        with running_server(XDG_CACHE_HOME=str(tmp_path)) as server:
            assert server.speech("Hello world.").status == 200
            assert "cannot be kept" in server.said()
    finally:
        subprocess.run(["umount", kept / "artefacts"], check=True)
