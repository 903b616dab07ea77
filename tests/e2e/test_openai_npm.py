"""The official OpenAI client for npm, by openai_client.mjs."""

import pytest

from conftest import HELLO, npm_client


@pytest.fixture(scope="module")
def result(server):
    found = npm_client("openai_client.mjs", server.url)
    server.gone_quiet()
    return found


def test_the_npm_client_speaks_lists_and_fails_as_it_should(result):
    types = {"mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac"}
    for name, sound in result["formats"].items():
        assert sound["bytes"] > 4_000, name
        assert sound["type"] == types.get(name, sound["type"])
    assert result["formats"]["wav"]["start"] == "RIFF" and result["formats"]["opus"]["start"] == "OggS"
    assert result["pieces"] >= 1
    assert "kokoro" in result["models"] and result["retrieved"] == "kokoro"
    assert result["errors"]["voice"] == {"status": 400, "param": "voice", "code": "invalid_argument", "type": "invalid_request_error"}
    assert result["errors"]["model"]["status"] == 404 and result["errors"]["model"]["code"] == "model_not_found"
    assert result["errors"]["speed"]["status"] == 400 and result["errors"]["speed"]["param"] == "speed"


def test_its_events_of_speech_have_deltas_then_usage(result):
    """The client hands over the answer as it is; the events are taken out of it by the client's own reader of them."""
    *deltas, done = result["events"]
    assert deltas and {event["type"] for event in deltas} == {"speech.audio.delta"}
    assert done["type"] == "speech.audio.done"
    sound = sum(event["bytes"] for event in deltas)
    assert sound == result["formats"]["pcm"]["bytes"]
    assert done["usage"] == {
        "input_tokens": len(HELLO), "output_tokens": sound // 2 // 600, "total_tokens": len(HELLO) + sound // 2 // 600
    }  # fmt: skip
