"""A model that nobody used for its `ttl` leaves memory, and gives it back; one that is pinned stays."""

import time

from conftest import running_server

CONFIG = """
[[models]]
name = "kokoro"
ttl = "2s"

[[models]]
name = "smollm2-135m"
ttl = "2s"
pinned = true
"""


def test_an_idle_model_gives_its_memory_back_and_a_pinned_one_stays(smollm, tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text(CONFIG)

    def ask():
        document = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}
        return own.post("/v1/chat/completions", document).status

    def state(name):
        return own.get(f"/v1/models/{name}").json()

    def resident():
        return own.metric("process_resident_memory_bytes")

    with running_server("--config", str(config), models=None) as own:
        assert ask() == 200  # first, so that it is idle for longer than the other
        while True:
            used = time.monotonic()  # or later: its two seconds run from its answer
            assert own.speech("One.").status == 200
            before, now = resident(), state("kokoro")
            if now["state"] in ("ready", "idle"):  # still: else this test was held up
                break
        loads, taken = now["loads"], now["memory_bytes"]
        while (now := state("kokoro")["state"]) != "absent":  # asking is no use
            assert now in ("ready", "idle", "unloading") and time.monotonic() - used < 20
            time.sleep(0.1)
        assert time.monotonic() - used > 1.5
        assert before - resident() > 0.5 * taken > 25e6, (before, resident(), taken)
        (status,) = [model for model in own.get("/status").json()["models"] if model["id"] == "kokoro"]
        assert status["state"] == "absent" and own.get("/readyz").status == 200

        assert state("smollm2-135m")["state"] in ("ready", "idle")
        assert ask() == 200 and state("smollm2-135m")["loads"] == 1
        assert own.speech("Two.").status == 200 and state("kokoro")["loads"] == loads + 1
