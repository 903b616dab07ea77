"""A start in which something is wrong or slow: damaged models of every engine beside whole ones, --strict, the one retry, what a
request hears of a model that is still loading, and a model that breaks in its first inference."""

import io
import os
import pathlib
import re
import signal
import struct
import subprocess
import time
import wave

import pytest

from conftest import HEARTH, running_server, wait_until
from test_ocr import PAGE
from test_ocr import form as upload

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "hearth/models"
ENGINES = {  # model, kind, and its file that is damaged; none: the model is one file
    "kokoro": ("tts", "kokoro.onnx"),
    "whisper-base": ("stt", None),
    "silero-vad": ("vad", None),
    "smart-turn": ("turn", None),
    "smollm2-135m": ("llm", None),
    "pp-ocr-v6": ("ocr", "rec.onnx"),
}
CHAT = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Say hi."}], "max_tokens": 1}
SUFFIX = {"stt": ".bin", "llm": ".gguf", "vad": ".onnx", "turn": ".onnx"}


def damaged(tmp_path, model):
    """The beginning of a real file and then nothing that means anything: in place of the model, or of one of its files."""
    kind, name = ENGINES[model]
    source = CACHE / model / name if name else max((CACHE / model).iterdir(), key=lambda file: file.stat().st_size)
    if not name:
        file = tmp_path / f"damaged{SUFFIX[kind]}"
        file.write_bytes(source.read_bytes()[:4_000] + b"\0" * 4_000)
        return kind, file
    folder = tmp_path / "damaged"
    folder.mkdir()
    for other in (CACHE / model).iterdir():
        (folder / other.name).symlink_to(other)
    (folder / name).unlink()
    (folder / name).write_bytes(source.read_bytes()[:4_000] + b"\0" * 4_000)
    return kind, folder


def hum():
    """A second of sound."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", 3_000 if i % 160 < 80 else -3_000) for i in range(16_000)))
    return file.getvalue()


def send_file(server, target, file, headers, **fields):
    body, kind = upload(file, **fields)
    return server.ask("POST", target, body, {**kind, **headers})


def read_page(server, model, headers=None):
    return send_file(server, "/v1/ocr", PAGE, headers or {}, model=model)


REQUESTS = {
    "/v1/audio/speech": lambda server, headers: server.post("/v1/audio/speech", {"model": "kokoro", "input": "Hi."}, headers),
    "/v1/audio/transcriptions": lambda server, headers: send_file(
        server, "/v1/audio/transcriptions", hum(), headers, model="whisper-base"
    ),
    "/v1/ocr": lambda server, headers: read_page(server, "pp-ocr-v6", headers),
    "/v1/chat/completions": lambda server, headers: server.post("/v1/chat/completions", CHAT, headers),
}


def write_config(tmp_path, kind, path, load="preload"):
    config = tmp_path / "hearth.toml"
    config.write_text(
        f'[[models]]\nname = "silero-vad"\nload = "{load}"\n\n'
        f'[[models]]\nname = "damaged"\nkind = "{kind}"\npath = "{path}"\nload = "{load}"\n'
    )
    return config


def lines_with(text, server):
    return [line for line in server.said().splitlines() if text in line]


@pytest.mark.parametrize("model", ENGINES)
def test_a_damaged_model_leaves_the_others_serving_and_is_fatal_to_a_strict_start(model, tmp_path):
    kind, path = damaged(tmp_path, model)
    config = write_config(tmp_path, kind, path)
    with running_server("--config", str(config), models=None) as server:
        wait_until(lambda: server.get("/v1/models/damaged").json()["state"] == "failed")
        wait_until(lambda: server.get("/readyz").status == 200)
        told = server.get("/v1/models/damaged").json()
        assert told["error"] and told["loads"] == 0, told
        wait_until(lambda: lines_with(told["error"], server))
        (line,) = lines_with(told["error"], server)
        assert re.match(r"\[\d/2\] damaged +failed ", line), line
        assert server.get("/v1/models/silero-vad").json()["state"] in ("ready", "idle")
        assert [failed["model"] for failed in server.get("/readyz").json()["failed"]] == ["damaged"]
        assert server.post("/models/load", {"model": "damaged"}).error["code"] == "model_failed"
        assert server.post("/models/load", {"model": "silero-vad"}).status == 200
        assert server.metric("hearth_model_load_retries_total") == 0, "what is damaged stays so"
        metrics = server.get("/metrics").body.decode()
        for name, result in (("damaged", "(?!ok)[a-z_]+"), ("silero-vad", "ok")):
            for metric in ("loads_total", "load_seconds_count"):
                assert re.search(rf'^hearth_model_{metric}\{{model="{name}",result="{result}"\}} 1$', metrics, re.MULTILINE), metrics
            assert f'hearth_model_load_resident_bytes{{model="{name}"}}' in metrics

    strict = subprocess.run(
        [HEARTH, "serve", "--port", "0", "--config", str(config), "--strict"],
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}, capture_output=True, text=True, timeout=60,
    )
    assert strict.returncode == 1, strict.stderr
    line, last = (line for line in strict.stderr.splitlines() if told["error"] in line)
    assert re.match(r"\[\d/2\] damaged +failed ", line), strict.stderr
    assert last.startswith("hearth serve: damaged did not load, and --strict wants all: "), strict.stderr
    assert last == strict.stderr.splitlines()[-1]
    quiet = subprocess.run(
        [HEARTH, "serve", "--port", "0", "--config", str(config), "--strict", "--quiet"],
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}, capture_output=True, text=True, timeout=60,
    )
    assert quiet.stderr.count(told["error"]) == 2, "the log in the place of the timeline, and the last word"


def test_a_known_model_is_served_under_the_name_that_the_configuration_gives_it(tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text('[[models]]\nname = "tiny"\nmanifest = "smollm2-135m"\nload = "required"\nctx = 512\n')
    with running_server("--config", str(config), models=None) as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        assert server.get("/v1/models/tiny").json()["state"] in ("ready", "idle")
        assert "smollm2-135m" in [model["id"] for model in server.get("/v1/models").json()["data"]], "its own name stays"
        assert server.post("/v1/chat/completions", {**CHAT, "model": "tiny"}).status == 200
        assert "tiny" in [task["name"] for task in server.get("/startup").json()["tasks"]]


def test_a_required_model_that_fails_makes_the_server_not_ready(tmp_path):
    kind, path = damaged(tmp_path, "silero-vad")
    config = write_config(tmp_path, kind, path, load="required")
    with running_server("--config", str(config), models=None) as server:
        wait_until(lambda: server.get("/readyz").json()["status"] == "failed")
        assert server.get("/readyz").status == 503
        assert server.post("/models/load", {"model": "silero-vad"}).status == 200


def test_an_error_that_may_pass_is_tried_once_more_after_half_a_second(tmp_path):
    loop = tmp_path / "loop.onnx"
    loop.symlink_to(loop)  # "too many levels of symbolic links": no file error that is for ever
    config = write_config(tmp_path, "vad", loop)
    with running_server("--config", str(config), models=None) as server:
        wait_until(lambda: server.get("/v1/models/damaged").json()["state"] == "failed")
        assert server.metric("hearth_model_load_retries_total") == 1
        timeline = server.get("/startup").json()
        retries = [note for note in timeline["notes"] if note["task"] == "damaged" and note["what"] == "retry"]
        assert len(retries) == 1 and "symbolic links" in retries[0]["text"], timeline["notes"]
        server.started("damaged")
        task = next(task for task in server.get("/startup").json()["tasks"] if task["name"] == "damaged")
        assert task["state"] == "failed" and task["took_ms"] >= 500


def mend_before_the_retry(folder):
    """What a load came to whose file became whole in the half second before it was tried again; None where this test was too slow for that."""
    file, whole = folder / "model.onnx", folder / "whole.onnx"
    file.symlink_to(file)
    whole.symlink_to(CACHE / "silero-vad/silero_vad_16k.onnx")
    config = write_config(folder, "vad", file, load="on_demand")
    with running_server("--config", str(config), models="silero-vad") as server:
        assert server.post("/models/load", {"model": "damaged", "wait": False}).status == 202
        wait_until(lambda: (told := server.get("/v1/models/damaged").json()).get("stage") == "retry" or told["state"] == "failed")
        os.replace(whole, file)
        begun = server.get("/v1/models/damaged").json()
        if begun.get("stage") != "retry":
            return None
        assert server.post("/models/load", {"model": "damaged"}).status == 200
        return server.get("/v1/models/damaged").json()


def test_a_retry_that_succeeds_is_a_load_like_another(tmp_path):
    for attempt in range(10):
        (folder := tmp_path / str(attempt)).mkdir()
        if told := mend_before_the_retry(folder):
            break
    assert told["loads"] == 1 and told["failures"] == 0


def test_who_does_not_wait_is_told_how_far_the_load_is():
    with running_server(models="silero-vad") as server:
        for target, send in REQUESTS.items():
            told = send(server, {"X-Hearth-Wait": "0"})
            assert told.status == 503 and int(told.headers["retry-after"]) >= 1, (target, told.body)
            loading = told.error["loading"]
            assert told.error["code"] == "model_not_ready" and loading["state"] == "loading", told.body
            assert 0 <= loading["progress"] <= 1 and loading["elapsed_ms"] >= 0 and loading["wait_ms"] >= 100, loading
            assert send(server, {}).status == 200, target
        server.post("/models/unload", {"model": "kokoro"})
        load = server.post("/models/load", {"model": "kokoro", "wait": False})
        assert load.status == 202 and load.json()["loading"]["state"] == "loading" and load.headers["retry-after"]


def test_the_forecast_is_what_the_last_start_took(tmp_path):
    state = tmp_path / "state"
    (state / "hearth").mkdir(parents=True)
    (state / "hearth/startup.journal").write_text("hearth-journal 1\n47000000 kokoro\nend 1\n")
    with running_server(models="silero-vad", XDG_STATE_HOME=str(state)) as server:
        told = server.post("/v1/audio/speech", {"model": "kokoro", "input": "Hello.", "wait": False})
        assert told.status == 503 and told.headers["retry-after"] in ("46", "47"), told.headers


def test_what_a_model_takes_is_kept_for_the_next_start(tmp_path):
    state = tmp_path / "state"
    with running_server(models="silero-vad", XDG_STATE_HOME=str(state)) as server:
        assert server.post("/v1/audio/speech", {"model": "kokoro", "input": "Hello."}).status == 200
        server.started("silero-vad")
    kept = (state / "hearth/models.memory").read_text()
    sizes = {name: int(size) for size, name in (line.split(" ") for line in kept.splitlines()[1:-1])}
    assert kept.startswith("hearth-memory 1\n") and len(sizes) == 2, kept
    assert " kokoro\n" in (state / "hearth/startup.journal").read_text(), "one that a request brought in counts too"
    kokoro = max(sizes, key=sizes.get)
    (state / "hearth/models.memory").write_text(f"hearth-memory 1\n{sizes[kokoro] * 3} {kokoro}\nend 1\n")
    limit = {"HEARTH_MEMORY_LIMIT": str(sizes[kokoro] * 2)}
    with running_server(models="silero-vad", XDG_STATE_HOME=str(state), **limit) as server:
        refused = server.post("/v1/audio/speech", {"model": "kokoro", "input": "Hello."})
        assert refused.status == 503, "what was measured counts, not an estimate"
    (state / "hearth/models.memory").write_text("hearth-memory 1\n12 damaged")
    with running_server(models="silero-vad", XDG_STATE_HOME=str(state)) as server:
        assert server.post("/v1/audio/speech", {"model": "kokoro", "input": "Hello."}).status == 200


def test_a_model_that_breaks_in_its_first_inference_is_failed_and_loaded_anew(tmp_path):
    """A recogniser in the place of the detector opens like one, and answers in another shape."""
    folder = tmp_path / "reader"
    folder.mkdir()
    for name in ("rec.onnx", "cls.onnx"):
        (folder / name).symlink_to(CACHE / "pp-ocr-v6" / name)
    (folder / "det.onnx").symlink_to(CACHE / "pp-ocr-v6/rec.onnx")
    config = tmp_path / "hearth.toml"
    config.write_text(f'[[models]]\nname = "reader"\nkind = "ocr"\npath = "{folder}"\nload = "preload"\n')
    with running_server("--config", str(config), models=None) as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        broken = read_page(server, "reader")
        assert broken.status == 500, broken.body
        wait_until(lambda: server.get("/v1/models/reader").json()["state"] == "failed")
        told = next(model for model in server.get("/status").json()["models"] if model["id"] == "reader")
        assert told["error"] and told["failures"] == 1 and told["loads"] == 1, told
        assert server.metric("hearth_model_broken_total") == 1
        assert server.get("/readyz").status == 200, "readiness does not flap"
        (folder / "det.onnx").unlink()
        (folder / "det.onnx").symlink_to(CACHE / "pp-ocr-v6/det.onnx")
        assert read_page(server, "reader").status == 200
        told = server.get("/v1/models/reader").json()
        assert told["loads"] == 2 and "error" not in told, told


@pytest.mark.parametrize("model", [model for model in ENGINES if model not in ("kokoro",)])
def test_a_model_is_warmed_before_or_after_ready_where_its_entry_says_so(model, tmp_path):
    for before in (True, False):
        config = tmp_path / "hearth.toml"
        config.write_text(
            f'[[models]]\nname = "{model}"\nload = "preload"\nwarmup = "minimal"\nwarmup_before_ready = {str(before).lower()}\n'
        )
        with running_server("--config", str(config), models=None) as server:
            wait_until(lambda: server.get("/readyz").status == 200)
            if not before:
                wait_until(lambda: server.get(f"/v1/models/{model}").json()["warmth"] == "warm")
            assert server.get(f"/v1/models/{model}").json()["warmth"] == "warm"
            wait_until(lambda: server.metric("hearth_model_warm_ups_total") == 1)


def test_only_kokoro_is_warmed_unless_told_otherwise():
    with running_server(models=",".join(ENGINES)) as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        wait_until(lambda: server.get("/v1/models/kokoro").json()["warmth"] == "warm")
        for model in ENGINES:
            if model != "kokoro":
                assert server.get(f"/v1/models/{model}").json()["warmth"] == "cold", model


def test_the_log_of_a_healthy_start_is_short_and_says_how_many_load_at_once():
    with running_server(models=",".join(ENGINES)) as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        wait_until(lambda: server.get("/startup").json()["settled"])
        loads = server.get("/status").json()["loads"]
        assert 1 <= loads["language_at_once"] <= 3 and 1 <= loads["media_at_once"] <= 2, loads
        assert loads["at_once"] <= loads["language_at_once"] + loads["media_at_once"]
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=60) == 0
        log = server.said()
    assert len(log.splitlines()) < 40, log
    assert len(re.findall(r"loading 6 models: \d at once, of them at most \d language and \d media \(\d+ cores?, ", log)) == 1, log
    for model in ENGINES:
        assert re.search(rf"\[\d/6\] {model} +ready +[\d.]+ m?s", log), log
        assert re.search(rf"^{model} +[\d.]+ (ms|µs|s) .*█", log, re.MULTILINE), "a bar of the waterfall: " + log
    assert re.search(r"^start  main [\d.]+ ms · listen [\d.]+ ms · ready ", log, re.MULTILINE), log
