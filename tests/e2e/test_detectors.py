"""Voice activity and end of turn: the real models against values of their reference code (the program says which)."""

import os
import pathlib
import subprocess

from conftest import HEARTH


def file_of(model, name):
    subprocess.run([HEARTH, "models", "pull", model], check=True, capture_output=True, timeout=300)
    folder = subprocess.run([HEARTH, "models", "path", model], check=True, capture_output=True, text=True).stdout.strip()
    return str(pathlib.Path(folder) / name)


def test_detectors_equal_their_reference():
    environment = {
        **os.environ,
        "HEARTH_SILERO": file_of("silero-vad", "silero_vad_16k.onnx"),
        "HEARTH_SMART_TURN": file_of("smart-turn", "smart-turn.onnx"),
    }
    program = pathlib.Path(HEARTH).parent / "hearth-golden"
    ran = subprocess.run([program], env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0 and "[  PASSED  ] 5 tests." in ran.stdout, ran.stdout + ran.stderr
