"""hearth doctor --live: each model loads and answers something known, or the exit code says that one did not."""

import json
import os
import pathlib
import shutil
import subprocess

from conftest import HEARTH


def doctor(*arguments, **environment):
    ran = subprocess.run(
        [HEARTH, "doctor", "--json", *arguments], capture_output=True, text=True, timeout=300, env={**os.environ, **environment}
    )
    return ran.returncode, {finding["subject"]: finding for finding in json.loads(ran.stdout)["findings"]}


def test_models_that_work_pass():
    code, findings = doctor("--live", "--models", "kokoro")
    live = findings["kokoro live"]
    assert code == 0 and live["health"] == "ok" and "spoke a sentence" in live["text"], findings


def test_without_live_nothing_is_loaded():
    code, findings = doctor("--models", "kokoro")
    assert code == 0 and "kokoro live" not in findings


def test_a_damaged_model_fails(tmp_path):
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth"
    copied = tmp_path / "hearth"
    shutil.copytree(cache / "models" / "silero-vad", copied / "models" / "silero-vad")
    model = copied / "models" / "silero-vad" / "silero_vad_16k.onnx"
    model.write_bytes(b"\0" * model.stat().st_size)
    code, findings = doctor("--live", "--models", "silero-vad", XDG_CACHE_HOME=str(tmp_path))
    assert code == 1 and findings["silero-vad live"]["health"] == "bad", findings
