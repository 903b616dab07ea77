"""System prompts that a model has read before it is asked: after a restart, in every slot, after others, damaged, stale."""

import json
import os
import pathlib
import subprocess
import threading
import time

import pytest

from conftest import HEARTH, ROOT, missing, pulled, running_server, wait_until
from gguf_files import Gguf, shortened, windowed

MODELS = {
    "smollm2-135m": "full attention: its memory can be cut anywhere",
    "windowed": "sliding windows: only whole; a small one with random weights, made here",
    "gemma-3-270m": "the same with real weights, where somebody has accepted its terms",
}
AGENT = (ROOT / "bench/prompts/agent.txt").read_text(encoding="utf-8")
QUESTIONS = ["Hello, when are you open on Friday?", "Where can I park my car?", "My tooth hurts."]


def begin(question, system=AGENT):
    return [{"role": "system", "content": system}, {"role": "user", "content": question}]


class Desk:
    """A configuration with the agent's prompt as a prefix, in a cache of its own that has the pulled models."""

    def __init__(self, folder, model):
        self.model = model
        self.cache = folder / "cache" / "hearth"
        self.cache.mkdir(parents=True)
        models = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth/models"
        (self.cache / "models").symlink_to(models)
        self.text = folder / "agent.txt"
        self.text.write_text(AGENT, encoding="utf-8")
        self.config, self.without = folder / "hearth.toml", folder / "without.toml"
        self.config.write_text(f'[[prefix]]\nid = "agent"\nmodel = "{model}"\nfile = "{self.text}"\n', encoding="utf-8")
        self.without.write_text("", encoding="utf-8")

    def serve_own(self, path):
        for file in (self.config, self.without):
            with open(file, "a", encoding="utf-8") as config:
                config.write(f'[[models]]\nname = "{self.model}"\nkind = "llm"\npath = "{path}"\nload = "on_demand"\n')

    def environment(self):
        return {"XDG_CACHE_HOME": str(self.cache.parent)}

    def prepare(self):
        subprocess.run(
            [HEARTH, "models", "pull", self.model, "--accept-licence"], check=True, capture_output=True, timeout=600,
            env={**os.environ, **self.environment(), "HEARTH_CONFIG": str(self.config)},
        )  # fmt: skip

    def server(self, models=None):
        return running_server("--config", str(self.config), models=models or self.model, **self.environment())

    def server_without(self):
        """One that knows of no prefix."""
        return running_server("--config", str(self.without), models=self.model, **self.environment())

    def states(self):
        return sorted((self.cache / "artefacts").glob("prefix-agent-*/prefix.state"))

    def chat(self, server, messages, **fields):
        document = {"model": self.model, "messages": messages, "max_tokens": 1, **fields}
        headers = {"Content-Type": "application/json"}
        return server.ask("POST", "/v1/chat/completions", json.dumps(document).encode(), headers, timeout=300).json()

    def ask(self, server, question, system=AGENT):
        """How likely the model finds each of its five likeliest first words, and how many tokens of the prompt were not read for it."""
        answer = self.chat(server, begin(question, system), logprobs=True, top_logprobs=5)
        (first,) = answer["choices"][0]["logprobs"]["content"]
        return {word["token"]: word["logprob"] for word in first["top_logprobs"]}, answer["timings"]["cache_n"]


@pytest.fixture(params=MODELS)
def desk(tmp_path, request, smollm):
    desk = Desk(tmp_path, request.param)
    if request.param == "windowed":
        desk.serve_own(windowed(Gguf.read(smollm)).write(tmp_path / "windowed.gguf"))
    else:
        pulled(request.param, otherwise=pytest.skip if request.param.startswith("gemma") else missing)
    return desk


def assert_same_words(told, expected):
    """Within what llama.cpp's own cache of prompts changes: a prompt read in other steps gives other last bits (measured: 0.06)."""
    common = set(told) & set(expected)
    assert len(common) >= 3
    for word in common:
        assert abs(told[word] - expected[word]) < 0.3, (told, expected)


def test_the_first_chat_after_a_restart_has_the_prompt_and_answers_as_without(desk):
    with desk.server_without() as plain:
        expected = [desk.ask(plain, question)[0] for question in QUESTIONS]
    desk.prepare()
    assert len(desk.states()) == 1
    for _ in range(2):
        with desk.server() as server:
            told, cached = desk.ask(server, QUESTIONS[0])
            assert cached > 1_200
            assert_same_words(told, expected[0])
            for question, words in zip(QUESTIONS[1:], expected[1:]):  # in a slot that has it already
                told, cached = desk.ask(server, question)
                assert cached > 1_200
                assert_same_words(told, words)


def test_every_slot_has_it_and_has_it_again_after_others(desk):
    desk.prepare()
    with desk.server() as server:
        for turn in range(2):
            results = []
            threads = [threading.Thread(target=lambda q=q: results.append(desk.ask(server, q)[1])) for q in QUESTIONS[:2]]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=300)
            assert len(results) == 2 and min(results) > 1_200
            for slot in range(2):  # somebody else takes both
                _, cached = desk.ask(server, "Tell me of the sea.", system=f"{turn}{slot} is the number of this poet. " * 30)
                assert cached < 100
            assert desk.ask(server, QUESTIONS[2])[1] > 1_200


@pytest.fixture
def small_desk(tmp_path):
    pulled("smollm2-135m")
    return Desk(tmp_path, "smollm2-135m")


def test_the_server_makes_it_in_the_background_and_uses_it_at_once(small_desk):
    with small_desk.server() as server:
        wait_for_task(server, "smollm2-135m.prepare")
        assert len(small_desk.states()) == 1
        assert small_desk.ask(server, QUESTIONS[0])[1] > 1_200


def test_a_model_that_loads_on_demand_has_it_made_after_its_first_load(small_desk):
    entry = f'[[models]]\nname = "{small_desk.model}"\nload = "on_demand"\n'
    small_desk.config.write_text(small_desk.config.read_text(encoding="utf-8") + entry, encoding="utf-8")
    with small_desk.server("silero-vad") as server:
        assert small_desk.states() == [], "nobody has asked for it"
        assert small_desk.ask(server, "Are you there?", system="You answer.")[0]
        wait_for_span(server, f"{small_desk.model}.prepare")
        (state,) = small_desk.states()
        assert small_desk.ask(server, QUESTIONS[0])[1] > 1_200
    made = state.stat().st_mtime_ns
    with small_desk.server("silero-vad") as server:
        assert small_desk.ask(server, QUESTIONS[0])[1] > 1_200
        wait_for_span(server, f"{small_desk.model}.prepare")
        assert state.stat().st_mtime_ns == made, "it was there"


def test_pulling_a_model_of_ones_own_prepares_it(tmp_path, smollm):
    desk = Desk(tmp_path, "own")
    desk.serve_own(smollm)
    for _ in range(2):
        desk.prepare()
        assert len(desk.states()) == 1
    with desk.server("silero-vad") as server:
        assert desk.ask(server, QUESTIONS[0])[1] > 1_200


def test_pulling_a_path_where_nothing_is_fails(tmp_path):
    desk = Desk(tmp_path, "own")
    desk.serve_own(tmp_path / "nothing.gguf")
    told = subprocess.run(
        [HEARTH, "models", "pull", "own"], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, **desk.environment(), "HEARTH_CONFIG": str(desk.config)},
    )  # fmt: skip
    assert told.returncode == 1 and "nothing.gguf" in told.stderr, told.stderr


def wait_for_span(server, name):
    wait_until(lambda: name in [span["name"] for span in server.get("/startup").json()["spans"]], seconds=600)


def wait_for_task(server, name):
    for _ in range(12_000):
        for task in server.get("/startup").json()["tasks"]:
            if task["name"] == name and task["state"] not in ("waiting", "running"):
                assert task["state"] == "done", task
                return
        time.sleep(0.05)
    raise AssertionError(f"{name} did not end")


def test_a_damaged_one_is_discarded_and_made_again(small_desk):
    small_desk.prepare()
    (state,) = small_desk.states()
    data = bytearray(state.read_bytes())
    data[len(data) // 2] ^= 1
    state.write_bytes(data)
    with small_desk.server() as server:
        _, cached = small_desk.ask(server, QUESTIONS[0])
        assert cached < 100 and not (state.exists() and state.read_bytes() == data)
    small_desk.prepare()
    with small_desk.server() as server:
        assert small_desk.ask(server, QUESTIONS[0])[1] > 1_200


def test_another_text_or_context_is_another_prefix(small_desk):
    small_desk.prepare()
    small_desk.text.write_text(AGENT.replace("Robin", "Alex"), encoding="utf-8")
    small_desk.prepare()
    with small_desk.server() as server:
        assert small_desk.ask(server, QUESTIONS[0], system=AGENT.replace("Robin", "Alex"))[1] > 1_200
    before = set(small_desk.states())  # that of the first text may have been cleaned up by now
    small_desk.config.write_text(
        small_desk.config.read_text(encoding="utf-8") + '[[models]]\nname = "smollm2-135m"\nctx = 8192\n', encoding="utf-8"
    )
    small_desk.prepare()
    assert len(set(small_desk.states()) - before) == 1


def test_prompts_that_share_more_than_half_are_each_restored_in_whole(small_desk):
    """In turn: llama.cpp takes the slot that begins most alike, and would go on from where they part."""
    cut = len(AGENT) * 6 // 10
    other = AGENT[:cut] + " ".join(reversed(AGENT[cut:].split()))
    file = small_desk.text.with_name("other.txt")
    file.write_text(other, encoding="utf-8")
    entry = f'[[prefix]]\nid = "other"\nmodel = "{small_desk.model}"\nfile = "{file}"\n'
    small_desk.config.write_text(small_desk.config.read_text(encoding="utf-8") + entry, encoding="utf-8")
    small_desk.prepare()
    with small_desk.server() as server:
        for _ in range(2):
            for system in (AGENT, other):
                read = small_desk.chat(server, begin(QUESTIONS[0], system))["timings"]["prompt_n"]
                assert read < 80, system[:20]


def test_chats_with_one_prompt_that_speak_in_turn_keep_their_places(small_desk):
    """None takes the other's slot for the prompt that they share."""
    small_desk.prepare()
    details = "My name is Sam, I live in the old town beside the river, and I have three children who go to the school by the church. " * 6
    with small_desk.server() as server:
        chats = {"Sam": begin("I am Sam. " + details), "Kim": begin("Kim here. " + details)}
        for messages in chats.values():
            answer = small_desk.chat(server, messages, max_tokens=12, temperature=0)
            assert answer["timings"]["prompt_n"] > 120  # what is the chat's own
            messages.append(answer["choices"][0]["message"])
        for messages in chats.values():
            messages.append({"role": "user", "content": "Is there a bus?"})
            assert small_desk.chat(server, messages)["timings"]["prompt_n"] < 80


def test_a_conversation_goes_on_where_it_was_after_the_long_prompt_of_another(small_desk):
    """Which puts it away, into memory, to be read faster."""
    with small_desk.server_without() as server:
        messages = begin("My name is Sam.")
        answer = small_desk.chat(server, messages, max_tokens=4)
        poet = begin("Tell me of the sea.", "There is a number for this poet. " * 150)
        assert small_desk.chat(server, poet)["timings"]["prompt_n"] > 1_024
        messages += [answer["choices"][0]["message"], {"role": "user", "content": "Is there a bus?"}]
        assert small_desk.chat(server, messages)["timings"]["prompt_n"] < 80


def test_it_finds_room_where_an_idle_conversation_has_the_cells(small_desk):
    entry = f'[[models]]\nname = "{small_desk.model}"\nctx = 2048\n'
    small_desk.config.write_text(small_desk.config.read_text(encoding="utf-8") + entry, encoding="utf-8")
    small_desk.prepare()
    with small_desk.server() as server:
        poet = begin("Tell me of the sea.", "There is a number for this poet. " * 150)
        assert small_desk.chat(server, poet)["usage"]["prompt_tokens"] > 1_000
        assert small_desk.ask(server, QUESTIONS[0])[1] > 1_200


def test_another_further_part_of_the_model_is_another_prefix(smollm, tmp_path):
    (tmp_path / "parts").mkdir()
    parts = shortened(Gguf.read(smollm), 2).write_parts(tmp_path / "parts", "short", 3)
    desk = Desk(tmp_path, "parts")
    desk.serve_own(parts[0])

    def states():
        with desk.server() as server:
            wait_for_task(server, "parts.prepare")
            assert desk.chat(server, begin(QUESTIONS[0]))["timings"]["cache_n"] > 1_200
        return set(desk.states())

    first = states()
    assert len(first) == 1 and states() == first
    os.utime(parts[1], (1, 1))  # as if it had been replaced
    assert len(states() - first) == 1


def test_a_prompt_that_does_not_fit_or_is_not_there_is_told_and_harms_nobody(small_desk):
    small_desk.text.write_text("word " * 5_000, encoding="utf-8")
    told = subprocess.run(
        [HEARTH, "models", "pull", small_desk.model], capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, **small_desk.environment(), "HEARTH_CONFIG": str(small_desk.config)},
    )  # fmt: skip
    assert told.returncode == 1 and "4096" in told.stderr
    small_desk.text.unlink()
    with small_desk.server() as server:
        assert small_desk.ask(server, QUESTIONS[0], system="You answer.")[0]
