"""Several answers to one request, and pictures, in the context that all requests share: what does not fit side by side is made one after the
other, and nothing that a request says makes it large."""

import base64
import json
import math
import struct
import zlib

import pytest

import tiny_vision
from conftest import request_bytes, running_server
from gguf_files import Gguf, projector, shortened
from test_language_answers import sse

CONTEXT = 1_024
WIDE = 700  # pixels of a large picture: 625 tokens


@pytest.fixture(scope="module")
def server(smollm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    whole = Gguf.read(smollm)
    shortened(whole, 2).write(folder / "writer.gguf")
    shortened(whole, 2).set(llama__pooling_type=1).write(folder / "embedder.gguf")
    projector(576).write(folder / "eye.gguf")
    tiny_vision.write_model(folder / "reader.gguf")
    tiny_vision.write_projector(folder / "glasses.gguf", blocks=80, most_pixels=500_000)
    models = {"writer": "writer", "embedder": "embedder", "seer": "writer", "reader": "reader"}
    eyes = {"seer": "eye", "reader": "glasses"}
    entries = []
    for name, file in models.items():
        entry = f'[[models]]\nname = "{name}"\nkind = "llm"\nload = "on_demand"\npath = "{folder}/{file}.gguf"\n'
        entry += f'projector = "{folder}/{eyes[name]}.gguf"\n' if name in eyes else ""
        entries.append(entry + (f"ctx = {CONTEXT}\n" if name != "reader" else ""))
    config = folder / "hearth.toml"
    config.write_text("\n".join(entries), encoding="utf-8")
    with running_server("--config", str(config), models="silero-vad") as started:
        yield started


def tokens(count, first=100):
    return [first + i % 50 for i in range(count)]


def complete(server, **fields):
    return server.post("/v1/completions", {"model": "writer", "temperature": 0, "ignore_eos": True, **fields})


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fields, answers, length",
    [
        ({"prompt": [tokens(800), tokens(800, 200)], "max_tokens": 8}, 2, 8),
        ({"prompt": tokens(800), "n": 3, "max_tokens": 8}, 3, 8),
        ({"prompt": tokens(950), "n": 2, "max_tokens": 60}, 2, 60),
        ({"prompt": tokens(20), "n": 2, "max_tokens": 600}, 2, 600),
        ({"prompt": [tokens(600), tokens(30, 200), tokens(600, 300)], "n": 2, "max_tokens": 50}, 6, 50),
    ],
)
def test_what_does_not_fit_side_by_side_is_answered_one_after_the_other(server, fields, answers, length, stream):
    reply = complete(server, **fields, stream=stream, stream_options={"include_usage": True})
    assert reply.status == 200, reply.body
    documents = [document for _, document in sse(reply)] if stream else [reply.json()]
    choices = [choice for document in documents for choice in document["choices"]]
    ended = [choice["index"] for choice in choices if choice["finish_reason"]]
    assert sorted(ended) == list(range(answers))
    usage = documents[-1]["usage"]
    assert usage["completion_tokens"] == answers * length
    prompts = fields["prompt"] if isinstance(fields["prompt"][0], list) else [fields["prompt"]]
    assert usage["prompt_tokens"] == sum(len(prompt) for prompt in prompts)


def test_answers_without_a_limit_do_not_overrun_the_context_together(server):
    answer = complete(server, prompt=[tokens(800), tokens(700, 200), tokens(10, 300)]).json()
    assert [choice["finish_reason"] for choice in answer["choices"]] == ["length"] * 3
    assert answer["usage"]["completion_tokens"] == (CONTEXT - 800) + 256 + (CONTEXT // 2 - 10)
    assert server.metric("hearth_model_broken_total") == 0


def test_a_model_whose_first_request_is_too_large_side_by_side_is_not_broken(server):
    loads = server.loads("writer")
    assert server.post("/models/unload", {"model": "writer"}).status == 200
    answer = complete(server, prompt=[tokens(900), tokens(900, 200)], n=2, max_tokens=4)
    assert answer.status == 200, answer.body
    models = {model["id"]: model for model in server.get("/v1/models").json()["data"]}
    assert models["writer"]["state"] in ("ready", "idle") and server.metric("hearth_model_broken_total") == 0
    assert server.loads("writer") == loads + 1, "it was the first request"


@pytest.mark.parametrize(
    "fields, param",
    [
        ({"prompt": ["a"] * 2_048, "logit_bias": [["word " * 100_000, 1]]}, "logit_bias"),
        ({"prompt": "a", "logit_bias": {"word " * 5_000: 1}}, "logit_bias"),
        ({"prompt": "a", "logit_bias": [[1, 1]] * 2_000}, "logit_bias"),
        ({"prompt": "a", "samplers": ["dry"] * 1_000}, "samplers"),
        ({"prompt": "a", "dry_sequence_breakers": ["a" * 1_000]}, "dry_sequence_breakers"),
        ({"prompt": ["a"] * 2_048, "n": 2}, "n"),
    ],
)
def test_a_small_request_cannot_become_a_large_one(server, fields, param):
    refused = complete(server, max_tokens=1, **fields)
    assert refused.status == 400 and refused.error["param"] == param


def test_many_prompts_are_answered_in_their_order(server):
    prompts = [f"Number {i} is" for i in range(300)]
    answer = complete(server, prompt=prompts, echo=True, max_tokens=2, samplers=["temperature"] * 60).json()
    assert [choice["index"] for choice in answer["choices"]] == list(range(300))
    assert all(choice["text"].startswith(prompt) for choice, prompt in zip(answer["choices"], prompts))
    assert answer["usage"]["completion_tokens"] == 600


def test_many_texts_are_embedded_in_their_order(server):
    def embed(given):
        reply = server.post("/v1/embeddings", {"model": "embedder", "input": given})
        assert reply.status == 200, reply.body
        return [item["embedding"] for item in reply.json()["data"]]

    texts = [f"text number {i} " * (1 + i % 40) for i in range(80)]
    vectors = embed(texts)
    assert len(vectors) == 80
    for i in (0, 41, 79):
        (alone,) = embed(texts[i])
        assert all(math.isclose(a, b, abs_tol=3e-3) for a, b in zip(alone, vectors[i]))


def png(wide, high, shade):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    rows = (b"\0" + bytes([shade]) * wide) * high
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def about(picture, model, **fields):
    """A chat whose first part is the picture."""
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is this?"}]
    return {"model": model, "messages": [{"role": "user", "content": content}], "temperature": 0, **fields}


def test_an_answer_about_a_picture_ends_at_its_share_of_the_context(server):
    chat = about(png(60, 40, 9), "seer", ignore_eos=True)
    reply = server.post("/v1/chat/completions", chat)
    assert reply.status == 200, reply.body
    answer = reply.json()
    assert answer["usage"]["completion_tokens"] == CONTEXT // 2 and answer["choices"][0]["finish_reason"] == "length"
    two = server.post("/v1/chat/completions", {**chat, "n": 2, "max_tokens": 3}).json()
    assert [choice["index"] for choice in two["choices"]] == [0, 1] and two["usage"]["completion_tokens"] == 6


def seen(server, shade):
    reply = server.post("/v1/chat/completions", about(png(WIDE, WIDE, shade), "reader", max_tokens=20))
    assert reply.status == 200, reply.body
    return reply.json()


def test_a_picture_finds_room_where_an_idle_conversation_has_the_cells(server):
    long = server.post("/v1/completions", {"model": "reader", "prompt": tokens(1_700), "max_tokens": 1})
    assert long.status == 200, long.body
    answer = seen(server, 10)
    assert answer["choices"][0]["message"]["content"] == tiny_vision.ANSWER
    assert answer["usage"]["prompt_tokens"] > 600


def test_a_client_that_leaves_while_its_picture_is_encoded_stops_that(server):
    """Pictures differ: one that was seen before is not encoded."""
    seen(server, 20)

    def request(number):
        body = json.dumps(about(png(WIDE, WIDE, 30 + number), "reader", max_tokens=20)).encode()
        return request_bytes("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})

    server.stops_for_who_leaves("chat", request)
    assert seen(server, 40)["choices"][0]["message"]["content"] == tiny_vision.ANSWER
