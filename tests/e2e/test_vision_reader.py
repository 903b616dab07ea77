"""A vision model with its projector as the reader of /v1/ocr and `hearth ocr`: the whole path, with weights made for the test."""

import base64
import subprocess

import pytest

import tiny_vision
from conftest import HEARTH, npm_client, running_server
from gguf_files import Gguf
from test_ocr import PAGE, png, read

LINES = tiny_vision.ANSWER.split("\n")
CONFIG = """
[[models]]
name = "eye"
kind = "ocr"
engine = "llama"
path = "{folder}/tiny.gguf"
projector = "{folder}/mmproj-tiny.gguf"
load = "on_demand"

[[models]]
name = "mouth"
kind = "llm"
path = "{folder}/tiny.gguf"
projector = "{folder}/mmproj-tiny.gguf"
load = "on_demand"

[[models]]
name = "squint"
kind = "llm"
path = "{folder}/tiny.gguf"
projector = "{folder}/mmproj-squint.gguf"
load = "on_demand"

[[models]]
name = "glass"
kind = "llm"
path = "{folder}/tiny.gguf"
projector = "{folder}/mmproj-glass.gguf"
load = "on_demand"

[[models]]
name = "blind"
kind = "ocr"
engine = "llama"
path = "{folder}/tiny.gguf"
load = "on_demand"
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vision")
    tiny_vision.write_model(folder / "tiny.gguf")
    tiny_vision.write_projector(folder / "mmproj-tiny.gguf")
    # llama.cpp opens the first and aborts at the first picture, for 32 is no multiple of 3; it refuses to open the second.
    Gguf.read(folder / "mmproj-tiny.gguf").set(clip__vision__attention__head_count=3).write(folder / "mmproj-squint.gguf")
    Gguf.read(folder / "mmproj-tiny.gguf").set(clip__projector_type="glass_eye").write(folder / "mmproj-glass.gguf")
    path = folder / "hearth.toml"
    path.write_text(CONFIG.format(folder=folder))
    return path


@pytest.fixture(scope="module")
def seeing(config):
    with running_server("--config", str(config)) as server:
        yield server


def chat(server, model, *parts):
    message = {"role": "user", "content": [{"type": "text", "text": "What do you see?"}, *parts]}
    return server.post("/v1/chat/completions", {"model": model, "messages": [message], "temperature": 0, "max_tokens": 20})


def test_the_first_reader_of_the_configuration_answers(seeing):
    document = read(seeing).json()
    assert document["model"] == "eye"
    [page] = document["pages"]
    assert (page["width"], page["height"]) == (520, 120)
    assert page["markdown"] == tiny_vision.ANSWER  # as it was written, not escaped
    assert page["text"] == "\n".join(LINES)
    assert [(line["text"], line["box"]) for line in page["lines"]] == [(text, None) for text in LINES]
    assert all(0.9 < line["score"] <= 1 for line in page["lines"])


@pytest.mark.parametrize("width, height", [(500, 17_000), (20_000, 300)])
def test_a_long_page_of_few_pixels_is_read(seeing, width, height):
    answer = read(seeing, png(width, height, (b"\0" + b"\xff" * width) * height), model="eye")
    assert answer.status == 200, answer.body
    [page] = answer.json()["pages"]
    assert (page["width"], page["height"]) == (width, height) and page["markdown"] == tiny_vision.ANSWER


@pytest.mark.parametrize("kind", ["text", "markdown", "hocr"])
def test_every_format_has_its_text(seeing, kind):
    answer = read(seeing, model="eye", response_format=kind)
    assert answer.status == 200
    assert all(line.encode() in answer.body for line in LINES)


def test_a_chat_model_that_sees_reads_too_and_only_by_the_picture(seeing):
    assert read(seeing, model="mouth").json()["pages"][0]["markdown"] == tiny_vision.ANSWER
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(PAGE).decode()}}
    answer = chat(seeing, "mouth", picture)
    assert answer.status == 200, answer.body
    seen = answer.json()["choices"][0]["message"]["content"]
    unseen = chat(seeing, "mouth").json()["choices"][0]["message"]["content"]
    assert (seen, unseen) == (tiny_vision.ANSWER, tiny_vision.BLIND)


def test_the_npm_client_shows_a_picture(seeing, tmp_path):
    (tmp_path / "page.png").write_bytes(PAGE)
    said = npm_client("openai_picture.mjs", seeing.url, "mouth", tmp_path / "page.png")
    assert said == {
        "seen": tiny_vision.ANSWER, "blind": tiny_vision.BLIND, "streamed": tiny_vision.ANSWER, "responded": tiny_vision.ANSWER,
        "error": {"status": 400, "type": "invalid_request_error"},
    }  # fmt: skip


def test_a_reader_and_a_chat_model_of_the_same_files_are_one_in_memory(seeing):
    assert chat(seeing, "eye").json()["choices"][0]["message"]["content"] == tiny_vision.BLIND
    assert read(seeing, model="mouth").status == 200
    assert seeing.get("/v1/models/mouth").json()["loads"] == seeing.get("/v1/models/eye").json()["loads"] == 1


@pytest.mark.parametrize("model, cause", [("squint", "GGML_ASSERT"), ("glass", "glass_eye")])
def test_a_projector_that_cannot_see_fails_its_model_alone(seeing, model, cause):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(PAGE).decode()}}
    refused = chat(seeing, model, picture)
    assert refused.status == 503
    assert f"mmproj-{model}.gguf" in refused.error["message"] and cause in refused.error["message"]
    assert chat(seeing, "mouth", picture).json()["choices"][0]["message"]["content"] == tiny_vision.ANSWER


def test_without_a_projector_nothing_is_read(seeing):
    answer = read(seeing, model="blind")
    assert answer.status >= 400
    assert b"projector" in answer.body


def test_the_command_line_reads_with_it(config):
    page = config.parent / "page.png"
    page.write_bytes(PAGE)
    done = subprocess.run([HEARTH, "ocr", "--config", config, "--in-process", page, "--format", "markdown"], capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == tiny_vision.ANSWER + "\n"
