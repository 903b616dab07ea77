"""The official OpenAI client for Python, unchanged, against the server."""

import base64
import json
import time

import openai
import pytest

from conftest import HELLO, running_server

MAGIC = {"mp3": (b"\xff", b"ID3"), "wav": (b"RIFF",), "flac": (b"fLaC",), "opus": (b"OggS",)}


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0) as made:
        yield made


def test_speech_in_every_format(client):
    for name, magic in MAGIC.items():
        sound = client.audio.speech.create(model="tts-1", voice="alloy", input=HELLO, response_format=name)
        assert sound.content.startswith(magic), name
        assert len(sound.content) > 4_000, name


def test_the_default_format_is_mp3(client):
    sound = client.audio.speech.create(model="gpt-4o-mini-tts", voice="coral", input=HELLO, instructions="Speak cheerfully.")
    assert sound.response.headers["content-type"] == "audio/mpeg"
    assert sound.content.startswith(MAGIC["mp3"])


def test_pcm_is_24_khz_of_a_plausible_length(client):
    sound = client.audio.speech.create(model="tts-1-hd", voice="af_heart", input=HELLO, response_format="pcm").content
    seconds = len(sound) / 2 / 24_000
    assert 1.2 < seconds < 4.5


def test_speed_changes_the_length(client):
    def length(speed):
        return len(client.audio.speech.create(model="tts-1", voice="nova", input=HELLO, response_format="pcm", speed=speed).content)

    assert length(2.0) < 0.75 * length(1.0) < 0.75 * length(0.5)


def test_streams_to_a_file(client, tmp_path):
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="fable", input=HELLO, response_format="wav"
    ) as response:
        response.stream_to_file(tmp_path / "hello.wav")
    assert (tmp_path / "hello.wav").read_bytes().startswith(b"RIFF")


def test_the_first_sound_comes_before_the_last_is_made(client):
    text = "The first sentence is short. " + "Then a much longer one follows, which takes its time to be spoken. " * 8
    began = time.monotonic()
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="af_heart", input=text, response_format="pcm"
    ) as response:
        came = [time.monotonic() - began for _ in response.iter_bytes()]
    assert len(came) > 3 and came[0] < came[-1] / 2


def test_sse_has_deltas_then_usage(client):
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="af_heart", input=HELLO, response_format="pcm", stream_format="sse"
    ) as response:
        lines = [line[len("data: ") :] for line in response.iter_lines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    events = [json.loads(line) for line in lines[:-1]]
    assert {event["type"] for event in events[:-1]} == {"speech.audio.delta"}
    sound = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert events[-1]["type"] == "speech.audio.done"
    usage = events[-1]["usage"]
    assert usage["input_tokens"] == len(HELLO)
    assert usage["output_tokens"] == len(sound) // 2 // 600
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_models_are_listed_and_retrieved(client):
    listed = {model.id for model in client.models.list()}
    assert "kokoro" in listed
    assert client.models.retrieve("tts-1").id == "kokoro"


def test_errors_are_the_clients_own_exceptions(client):
    with pytest.raises(openai.BadRequestError) as bad:
        client.audio.speech.create(model="tts-1", voice="no_such_voice", input=HELLO)
    assert bad.value.param == "voice" and bad.value.type == "invalid_request_error"
    with pytest.raises(openai.NotFoundError) as missing:
        client.audio.speech.create(model="gpt-9", voice="alloy", input=HELLO)
    assert missing.value.code == "model_not_found" and missing.value.param == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")


def test_a_key_is_asked_for_where_one_is_configured():
    with running_server(HEARTH_API_KEYS="sesame,backup") as guarded:
        for key in ("sesame", "backup"):
            with openai.OpenAI(base_url=guarded.url + "/v1", api_key=key, max_retries=0) as client:
                assert client.models.list().data
        with openai.OpenAI(base_url=guarded.url + "/v1", api_key="wrong", max_retries=0) as client:
            with pytest.raises(openai.AuthenticationError):
                client.models.list()
        assert guarded.get("/livez").status == 200
        assert guarded.get("/v2/health/live").status == 200
        assert guarded.get("/metrics").status == 401


def test_a_request_waits_for_a_model_that_loads_or_is_told_not_to():
    with running_server() as fresh:
        assert fresh.get("/livez").status == 200
        hurried = fresh.speech(wait=False)
        assert hurried.status in (200, 503)  # 200 where the load was faster than this test
        if hurried.status == 503:
            assert int(hurried.headers["retry-after"]) >= 1 and hurried.error["code"] == "model_not_ready"
        with openai.OpenAI(base_url=fresh.url + "/v1", api_key="none", max_retries=0) as client:
            sound = client.audio.speech.create(model="tts-1", voice="alloy", input="Here I am.", response_format="pcm")
        assert len(sound.content) > 10_000
        assert fresh.get("/readyz").status == 200
