"""hearth bench startup on the real server: what it prints, keeps and draws, its verdict, and that it leaves no process behind."""

import json
import os
import pathlib
import signal
import subprocess

import pytest

from conftest import HEARTH, ROOT, configure_embedder_and_ranker, wait_until

# The project's own limit for a start of the voice stack on a busy machine of two cores; an idle one takes a twentieth.
MAX_READY = "5"


@pytest.fixture
def bench(tmp_path):
    """Runs it with a state folder of its own."""

    def run(*arguments):
        return subprocess.run(
            [HEARTH, "bench", "startup", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=300,
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
        )

    return run


def servers_of(folder):
    """Processes that have the state folder of this test: servers that the bench has left behind."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"XDG_STATE_HOME={folder}/state".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(process.name)
        except OSError:
            continue
    return found


def test_a_run_is_shown_kept_drawn_and_compared(bench, tmp_path):
    ran = bench("-n", "2", "--cold", "--models", "kokoro", "--max-ready", MAX_READY, "--save", "base.json", "--svg", "start.svg")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("first audio") >= 4 and "pass: ready within 5 s" in ran.stdout
    kept = json.loads((tmp_path / "base.json").read_text())
    assert [row["name"] for row in kept["rows"] if row["cache"] == "warm"] == ["listening", "kokoro", "ready", "first audio"]
    assert len(kept["starts"]) == 4 and (tmp_path / "start.svg").read_text().count("<rect") == 9
    again = bench("-n", "1", "--models", "kokoro", "--baseline", "base.json")
    assert again.returncode == 0 and "%" in again.stdout and "new" not in again.stdout
    assert servers_of(tmp_path) == []


def test_each_model_is_told_while_its_server_starts(bench):
    ran = bench("-n", "2", "--models", "kokoro,silero-vad", "--max-ready", MAX_READY)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = ran.stdout.splitlines()
    for run in ("[1/2] warm", "[2/2] warm"):
        steps = [line.removeprefix(run).split(" ms  ")[-1].strip() for line in lines if line.startswith(run)]
        assert steps[0] == "listening" and set(steps[1:3]) == {"kokoro ready", "silero-vad ready"}, steps
        assert len(steps) == 4 and "first audio" in steps[3], steps


def test_a_model_that_fails_is_told_and_named_at_the_end(bench, tmp_path):
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(60))
    (tmp_path / "hearth.toml").write_text(
        f'[[models]]\nname = "bad"\nkind = "llm"\npath = "{tmp_path}/bad.gguf"\nload = "required"\n'
    )
    ran = bench("-n", "2", "--config", "hearth.toml", "--max-ready", "3600")  # as if it were waited for
    assert ran.returncode == 1 and "bad failed: " in ran.stdout, ran.stdout + ran.stderr
    assert "FAIL: bad failed 2 times: " in ran.stdout and "pass" not in ran.stdout, ran.stdout
    assert servers_of(tmp_path) == []


def test_a_model_that_ready_does_not_wait_for_fails_the_run_too(bench, tmp_path):
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(60))
    (tmp_path / "hearth.toml").write_text(
        f'[[models]]\nname = "silero-vad"\n[[models]]\nname = "bad"\nkind = "llm"\npath = "{tmp_path}/bad.gguf"\n'
    )
    ran = bench("-n", "1", "--config", "hearth.toml", "--max-ready", MAX_READY, "--json")
    document = json.loads(ran.stdout)
    assert ran.returncode == 1 and document["passed"] is False, ran.stdout + ran.stderr
    (start,) = document["starts"]
    assert [failure["task"] for failure in start["failures"]] == ["bad"] and "ready" in start["moments"], start
    assert len(document["faults"]) == 1 and document["faults"][0].startswith("bad failed: "), document["faults"]


def test_embedders_and_rankers_give_the_first_results_that_they_can(bench, smollm, tmp_path):
    configure_embedder_and_ranker(smollm, tmp_path)
    ran = bench("-n", "1", "--config", "hearth.toml", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (start,) = json.loads(ran.stdout)["starts"]
    assert {"first embedding", "first ranking"} <= set(start["moments"]) and "first token" not in start["moments"], start


# Six models on a machine that does other things besides; an idle one takes a fortieth.
MAX_STACK_READY = "20"
MAX_STACK_CPU = 2_000  # ms, which other programs add nothing to; 560 on the machine of the limits above
STACK = "kokoro,whisper-base,silero-vad,smart-turn,smollm2-135m,pp-ocr-v6"


def test_the_whole_stack_keeps_the_limit_and_is_held_against_its_models_alone(bench, tmp_path):
    ran = bench("-n", "1", "--models", STACK, "--singles", "--max-ready", MAX_STACK_READY, "--save", "stack.json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "side by side: " in ran.stdout and "memory: " in ran.stdout
    rules = json.loads((tmp_path / "stack.json").read_text())["rules"]
    # How long it takes depends on what else this machine does; how much memory and processor time, on us alone.
    assert rules["memory"]["kept"] and rules["memory"]["in_use_bytes"] > 200 << 20, rules
    assert rules["wall"]["sum_of_singles_ms"] > rules["wall"]["slowest_single_ms"] > 0
    assert 0 < rules["wall"]["cpu_ms"] < MAX_STACK_CPU, rules
    assert servers_of(tmp_path) == []


def test_a_start_that_takes_too_long_fails_and_is_reported(bench, tmp_path):
    ran = bench("-n", "2", "--models", "kokoro", "--max-ready", "0.001", "--json", "--save", "slow.json", "--svg", "slow.svg")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    document = json.loads(ran.stdout)
    assert document["passed"] is False and len(document["starts"]) == 2, document
    assert document["faults"][0].startswith("start failed 2 times: not listening within 1 ms"), document
    assert json.loads((tmp_path / "slow.json").read_text()) == document and (tmp_path / "slow.svg").exists()
    told = bench("-n", "1", "--models", "kokoro", "--max-ready", "0.001")
    assert told.returncode == 1 and "start FAILED" in told.stdout and "FAIL: start failed: not listening" in told.stdout, told.stdout
    assert servers_of(tmp_path) == []


def test_a_peer_that_takes_too_long_loses_no_start_of_ours(bench, tmp_path):
    (tmp_path / "peer.json").write_text(json.dumps({
        "name": "snail", "command": ["sh", "-c", "exec sleep 600"], "ready": {"line": "READY"},
    }))
    ran = bench("-n", "1", "--models", "silero-vad", "--peer", "peer.json", "--max-ready", MAX_READY, "--json")
    document = json.loads(ran.stdout)
    assert ran.returncode == 1 and len(document["starts"]) == 2, document
    assert "ready" in document["starts"][0]["moments"] and document["starts"][1]["failures"][0]["task"] == "snail", document


def test_a_damaged_baseline_is_refused_before_anything_starts(bench, tmp_path):
    (tmp_path / "base.json").write_text("{")
    ran = bench("--baseline", "base.json")
    assert ran.returncode == 1 and "base.json" in ran.stderr and ran.stdout == ""


def test_ctrl_c_leaves_nothing_behind(tmp_path):
    bench = subprocess.Popen(
        [HEARTH, "bench", "startup", "-n", "1000", "--models", "kokoro"], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
    )
    bench.stdout.readline()  # a server listens
    bench.send_signal(signal.SIGINT)
    assert bench.wait(timeout=60) == 130
    wait_until(lambda: not servers_of(tmp_path))


def test_a_peer_runs_by_turns_with_ours(bench, tmp_path):
    (tmp_path / "peer.json").write_text(json.dumps({
        "name": "script", "command": ["sh", "-c", "echo READY; echo FIRST; exec sleep 600"],
        "ready": {"line": "READY"}, "first": {"moment": "first audio", "line": "FIRST"},
    }))
    ran = bench("-n", "1", "--models", "kokoro", "--peer", "peer.json")
    assert ran.returncode == 0 and "script first audio" in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.parametrize("file", sorted((ROOT / "bench/peers").glob("*.json")), ids=lambda file: file.stem)
def test_every_peer_is_described_rightly(bench, file):
    """The peers themselves are for benches; here the descriptions have to be understood."""
    ran = bench("-n", "1", "--models", "kokoro", "--peer", str(file), "--max-ready", "0.001")
    assert ran.returncode == 1 and "[1/1] warm  start FAILED" in ran.stdout and file.name not in ran.stderr, ran.stdout + ran.stderr
