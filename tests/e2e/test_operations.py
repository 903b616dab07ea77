"""Probes, lists, the start's timeline, metrics, loading and unloading; curl and this suite's own client."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time

import pytest

from conftest import HELLO, running_server, speech_bytes


def curl(server, path, *arguments):
    ran = subprocess.run(
        ["curl", "--silent", "--show-error", "--fail-with-body", "--max-time", "60", *arguments, server.url + path], capture_output=True
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return ran.stdout


def test_probes_answer(server):
    assert curl(server, "/livez") == b"ok\n"
    assert json.loads(curl(server, "/v2/health/live")) == {"live": True}
    assert json.loads(curl(server, "/v2/health/ready")) == {"ready": True}
    assert json.loads(curl(server, "/v2/models/kokoro/ready")) == {"name": "kokoro", "ready": True}
    for path in ("/readyz", "/health"):
        assert json.loads(curl(server, path)) == {"status": "ready", "pending": [], "failed": []}


def test_status_tells_models_memory_and_requests(server):
    status = json.loads(curl(server, "/status"))
    assert status["status"] == "ready" and status["uptime_seconds"] > 0
    kokoro = next(model for model in status["models"] if model["id"] == "kokoro")
    assert kokoro["state"] in ("ready", "idle") and kokoro["memory_bytes"] > 50_000_000


def test_voices_are_kokoros_54_and_openais_names_for_them(server):
    voices = json.loads(curl(server, "/v1/audio/voices"))
    assert len(voices["voices"]) == 54 and "af_heart" in voices["voices"]
    assert set(voices["aliases"]) >= {"alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse"}
    assert set(voices["aliases"].values()) <= set(voices["voices"])


def test_the_timeline_comes_in_three_forms(server):
    assert "tasks" in json.loads(curl(server, "/startup"))
    assert b"kokoro" in curl(server, "/startup?format=text")
    events = json.loads(curl(server, "/startup?format=trace"))["traceEvents"]
    assert {"exec to main", "kokoro", "listen", "ready", "resident memory"} <= {event["name"] for event in events}


def test_the_trace_is_one_that_viewers_take(server):
    """As they import it: bars of one thread nest, what began ends, and times are not negative."""
    events = json.loads(curl(server, "/startup?format=trace"))["traceEvents"]
    assert {event["ph"] for event in events} <= set("MXbeiC")
    assert all(event["ts"] >= 0 and event.get("dur", 0) >= 0 for event in events)
    pairs = {phase: {(event["id"], event["name"]) for event in events if event["ph"] == phase} for phase in "be"}
    assert pairs["b"] == pairs["e"] and pairs["b"]
    lanes = {}
    for event in events:
        if event["ph"] == "X":
            lanes.setdefault(event["tid"], []).append((event["ts"], -event["dur"], event["name"]))
    for lane in lanes.values():
        open_until = []
        for begin, length, name in sorted(lane):
            while open_until and open_until[-1][0] <= begin:
                open_until.pop()
            end = begin - length
            assert not open_until or end <= open_until[-1][0] + 0.001, f"{name} outlasts {open_until[-1][1]} on its thread"
            open_until.append((end, name))


def test_metrics_count_requests_and_first_audio(server):
    before = server.metric("hearth_speech_first_audio_seconds_count")
    assert server.speech().status == 200
    server.gone_quiet()
    assert server.metric("hearth_speech_first_audio_seconds_count") == before + 1
    assert server.metric("hearth_http_requests_total") > 0


def test_many_requests_share_one_connection(server):
    urls = [server.url + path for path in ("/livez", "/v1/models", "/nothing", "/livez")]
    ran = subprocess.run(["curl", "--silent", "--write-out", "%{num_connects} ", "--output", "/dev/null", urls[0]]
                         + sum((["--next", "--silent", "--write-out", "%{num_connects} ", "--output", "/dev/null", url] for url in urls[1:]), []),
                         capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["1", "0", "0", "0"]


def test_curl_gets_a_file_and_http_1_0_does_too(server, tmp_path):
    for version in ("--http1.1", "--http1.0"):
        out = tmp_path / "hello.mp3"
        curl(server, "/v1/audio/speech", version, "--json", json.dumps({"model": "tts-1", "input": HELLO, "voice": "alloy"}), "--output", str(out))
        assert out.stat().st_size > 4_000


def test_a_model_is_unloaded_and_loaded_again():
    with running_server() as own:
        assert own.post("/models/load", {"model": "kokoro"}).json()["state"] in ("ready", "idle")
        own.started("kokoro")
        assert own.speech("One.").status == 200
        unloaded = own.post("/models/unload", {"model": "kokoro"}).json()
        assert unloaded["state"] == "absent" and unloaded["returned_bytes"] > 20_000_000
        assert own.get("/readyz").status == 200, "readiness does not flap"
        assert own.get("/v2/models/kokoro/ready").status == 503
        assert own.speech("Two.").status == 200
        assert own.get("/v1/models/kokoro").json()["loads"] == 2


def read_what_is_there(pipe):
    text = b""
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(pipe, 1 << 16):
            text += piece
    return text


def test_a_log_that_nobody_reads_holds_up_no_request(tmp_path):
    """Standard error is a pipe, full after the first lines: the registry's thread logs each change of a model's state to it."""
    path = tmp_path / "log"
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4096)
        into_the_pipe = ("sh", "-c", 'exec "$@" 2>"$0"', str(path))
        with running_server("--log-level", "debug", models="kokoro,silero-vad", wrap=into_the_pipe) as own:
            own.started("kokoro", "silero-vad")
            for _ in range(40):
                for change, state in (("load", ("ready", "idle")), ("unload", ("absent",))):
                    changed = own.post(f"/models/{change}", {"model": "silero-vad"})
                    assert changed.status == 200 and changed.json()["state"] in state, changed.body
            assert own.get("/livez").status == 200
            assert own.speech("Still here.").status == 200
            read_what_is_there(pipe)
            for _ in range(100):  # what has waited for room comes first
                assert own.post("/models/load", {"model": "silero-vad"}).status == 200
                assert own.post("/models/unload", {"model": "silero-vad"}).status == 200
                if b" lost here: nobody read them\n" in read_what_is_there(pipe):
                    break
            else:
                raise AssertionError("nobody is told of the lines that were lost")
    finally:
        os.close(pipe)


def test_a_port_in_use_is_said_in_one_line(server):
    from conftest import HEARTH

    ran = subprocess.run([HEARTH, "serve", "--port", str(server.port)], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    lines = ran.stderr.strip().splitlines()
    assert lines[-1].endswith(f"port {server.port} on 127.0.0.1 is in use; stop the other program or choose another with --port")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_serving_beyond_this_machine_needs_a_key(host):
    from conftest import HEARTH

    ran = subprocess.run([HEARTH, "serve", "--host", host, "--port", "0"], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1 and "HEARTH_API_KEY" in ran.stderr


def test_the_timeline_is_in_the_metrics_too(server):
    assert server.metric("hearth_startup_mark_seconds") > 0
    assert server.metric("hearth_startup_task_seconds") > 0
    assert 'hearth_startup_tasks{state="done"}' in server.get("/metrics").body.decode()


def test_status_tells_the_hardware(server):
    hardware = server.get("/status").json()["hardware"]
    assert hardware["cores"] >= 1 and hardware["memory_total"] > 0 and hardware["simd"]
    assert hardware["execution_providers"][0]["name"] == "cpu"


def test_a_model_that_cannot_do_it_is_not_loaded_to_find_that_out():
    with running_server(models="kokoro,smart-turn") as own:
        own.started("smart-turn")
        assert own.post("/models/unload", {"model": "smart-turn"}).status == 200
        for path, field in (("/v1/audio/speech", "input"), ("/v1/chat/completions", "messages")):
            answer = own.post(path, {"model": "smart-turn", field: "a" if field == "input" else [{"role": "user", "content": "a"}]})
            assert answer.status == 400 and answer.error["param"] == "model", answer.body
        assert own.get("/v1/models/smart-turn").json()["state"] == "absent"


def test_a_server_without_a_model_is_not_ready_and_says_what_to_do(tmp_path):
    with running_server(models=None, XDG_CACHE_HOME=str(tmp_path)) as own:
        answer = own.get("/readyz")
        assert answer.status == 503 and "hearth models pull" in answer.json()["failed"][0]["error"]
        assert own.get("/livez").status == 200
        speech = own.speech()
        assert speech.status == 404 and "hearth models pull kokoro" in speech.error["message"]


def wait_until_refused(server):
    for _ in range(2_400):
        try:
            server.connect().close()
        except ConnectionError:
            return
        time.sleep(0.025)
    raise AssertionError("it still listens")


def test_a_second_signal_ends_it_at_once():
    with running_server(expect_exit=128 + signal.SIGTERM) as own:
        assert own.post("/models/load", {"model": "kokoro"}).status == 200
        with own.connect(receive_buffer=4096) as slow:
            slow.sendall(speech_bytes(" ".join([HELLO] * 40)))
            assert slow.recv(1)
            own.process.send_signal(signal.SIGTERM)
            wait_until_refused(own)
            assert own.process.poll() is None, "it drains: the reader above takes nothing"
            own.process.send_signal(signal.SIGTERM)
            assert own.process.wait(timeout=20) == 128 + signal.SIGTERM


def test_anthropics_clients_are_understood():
    with running_server(HEARTH_API_KEY="sesame") as own:
        refused = own.post("/v1/messages", {"model": "kokoro"}, {"x-api-key": "wrong"})
        assert refused.status == 401 and refused.json()["type"] == "error"
        assert refused.json()["error"]["type"] == "authentication_error"
        missing = own.post("/v1/messages", {"model": "nobody", "max_tokens": 1, "messages": [{"role": "user", "content": "a"}]}, {"x-api-key": "sesame"})
        assert missing.status == 404 and missing.json()["error"]["type"] == "not_found_error", missing.body
