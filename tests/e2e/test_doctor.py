"""hearth doctor --live: each model loads and answers something known, or the exit code says that one did not."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess

import pytest

import tiny_vision
from conftest import HEARTH, configure_embedder_and_ranker, running_server


def doctor(*arguments, program=HEARTH, **environment):
    ran = subprocess.run(
        [program, "doctor", "--json", *arguments], capture_output=True, text=True, timeout=300, env={**os.environ, **environment}
    )
    return ran.returncode, {finding["subject"]: finding for finding in json.loads(ran.stdout)["findings"]}


def test_models_that_work_pass():
    code, findings = doctor("--live", "--models", "kokoro")
    live = findings["kokoro live"]
    assert code == 0 and live["health"] == "ok" and "spoke a sentence" in live["text"], findings


VERDICTS = {
    "kokoro": r"spoke a sentence: [\d.]+ s of sound at level 0\.\d+",
    "whisper-tiny.en": r'heard "Hello,? world.? how are you today\?"',
    "whisper-base": r'heard "Hello,? world.? how are you today\?"',
    "silero-vad": r"found the voice: 0\.\d+ in silence, up to [01]\.\d+ in speech",
    "smart-turn": r"found the end: [01]\.\d+ after the question, 0\.\d+ in its middle",
    "smollm2-135m": r"counted on from six",
    "pp-ocr-v6": r'read "HI"',
    "eye": rf'read "{re.escape(tiny_vision.ANSWER.replace(chr(10), ""))}"',
}


def test_every_model_answers_what_is_known(tmp_path):
    """All that are pulled for these tests, and the small vision model as a reader."""
    tiny_vision.write_model(tmp_path / "tiny.gguf")
    tiny_vision.write_projector(tmp_path / "mmproj-tiny.gguf")
    config = tmp_path / "hearth.toml"
    config.write_text(
        f'[[models]]\nname = "eye"\nkind = "ocr"\nengine = "llama"\npath = "{tmp_path}/tiny.gguf"\n'
        f'projector = "{tmp_path}/mmproj-tiny.gguf"\nload = "on_demand"\n'
    )
    code, findings = doctor("--live", "--config", str(config), "--models", ",".join(VERDICTS))
    assert code == 0, findings
    for name, verdict in VERDICTS.items():
        live = findings[f"{name} live"]
        assert live["health"] == "ok" and re.fullmatch(rf"loaded in \d+ ms, {verdict} in \d+ ms", live["text"], re.IGNORECASE), live


def test_embedders_and_rankers_are_asked_what_they_can_answer(smollm, tmp_path):
    configure_embedder_and_ranker(smollm, tmp_path)
    _, findings = doctor("--live", "--config", str(tmp_path / "hearth.toml"), "--models", "embedder,ranker")
    embedder, ranked = findings["embedder live"], findings["ranker live"]
    assert embedder["health"] == "ok" and "embedded three texts" in embedder["text"], embedder
    # Its weights are random, and so is the order; it is asked for one, and not for a chat.
    assert "ranked the answer first" in ranked["text"] or "the answer was expected before" in ranked["text"], ranked


def test_a_language_model_counts(smollm):
    _, findings = doctor("--live", "--models", "smollm2-135m")
    assert findings["smollm2-135m live"]["health"] == "ok", findings


def test_without_live_nothing_is_loaded():
    code, findings = doctor("--models", "kokoro")
    assert code == 0 and "kokoro live" not in findings


def test_one_core_is_a_warning_where_a_model_would_feel_it():
    def cores(models):
        one_core = ["taskset", "-c", str(min(os.sched_getaffinity(0))), HEARTH, "doctor", "--json", "--models", models]
        ran = subprocess.run(one_core, capture_output=True, text=True, timeout=60, check=False)
        return [finding["text"] for finding in json.loads(ran.stdout)["findings"] if finding["subject"] == "cores"]

    (spoken,) = cores("kokoro")
    assert "speech" in spoken and "transcription" not in spoken
    (both,) = cores("kokoro,whisper-base")
    assert both.startswith("one core: ") and "speech" in both and "transcription" in both
    assert cores("silero-vad,smart-turn") == []


def test_a_model_too_large_for_this_machine_is_told(tmp_path):
    whole = tmp_path / "large.gguf"
    with whole.open("wb") as file:
        file.truncate(1 << 40)  # of holes
    (tmp_path / "hearth.toml").write_text(f'[[models]]\nname = "large"\nkind = "llm"\npath = "{whole}"\n')
    code, findings = doctor("--config", str(tmp_path / "hearth.toml"))
    assert code == 1 and findings["memory"]["health"] == "bad" and "on_demand" in findings["memory"]["remedy"], findings
    assert findings["disk"]["health"] == "warning" and "a cold start spends" in findings["disk"]["text"], findings


def test_what_a_pull_needs_is_tried(tmp_path):
    _, findings = doctor("--models", "kokoro")
    assert findings["hearth-fetch"]["health"] == findings["TIFF"]["health"] == "ok", findings
    _, findings = doctor("--models", "kokoro", PATH=str(tmp_path))
    assert findings["hearth-fetch"]["health"] == "warning" and "npm" in findings["hearth-fetch"]["text"], findings


def test_a_damaged_model_fails(tmp_path):
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth"
    copied = tmp_path / "hearth"
    shutil.copytree(cache / "models" / "silero-vad", copied / "models" / "silero-vad")
    model = copied / "models" / "silero-vad" / "silero_vad_16k.onnx"
    model.write_bytes(b"\0" * model.stat().st_size)
    code, findings = doctor("--live", "--models", "silero-vad", XDG_CACHE_HOME=str(tmp_path))
    assert code == 1 and findings["silero-vad live"]["health"] == "bad", findings


def test_each_program_that_is_missing_is_named_with_what_needs_it(tmp_path):
    alone = tmp_path / "hearth"
    shutil.copy2(HEARTH, alone)
    code, findings = doctor("--models", "kokoro", program=str(alone))
    assert code == 1
    for program in ("hearth-fetch", "hearth-graph", "hearth-probe", "hearth-prefix"):
        assert findings[program]["health"] == "bad" and "need" in findings[program]["text"], findings
    assert findings["PDF by media"]["health"] == "warning", findings
    _, findings = doctor("--models", "kokoro")
    assert findings["hearth-fetch"]["health"] == "ok" and "hearth-probe" not in findings, findings


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "[::1]"])
def test_a_server_is_found_by_the_host_it_listens_at(host):
    if ":" in host and not has_ipv6():
        pytest.skip("no IPv6 here")
    with running_server("--host", host) as server:
        _, findings = doctor("--models", "kokoro", HEARTH_HOST=host, HEARTH_PORT=str(server.port))
        assert findings["port"]["text"].startswith("a server answers at"), findings
    assert findings["port"]["health"] == "ok"


def test_a_host_that_cannot_be_is_said():
    code, findings = doctor("--models", "kokoro", HEARTH_HOST="two words", HEARTH_INSECURE="true")
    assert code == 1 and "two words" in findings["host"]["text"], findings
