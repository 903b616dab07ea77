"""The official OpenAI client for npm, by openai_client.mjs."""

import json
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent


def test_the_npm_client_speaks_lists_and_fails_as_it_should(server):
    if shutil.which("node") is None or not (HERE / "node_modules/openai").exists():
        pytest.skip("node or the npm client is not installed; scripts/e2e installs the client")
    ran = subprocess.run(["node", "openai_client.mjs", server.url], cwd=HERE, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
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
    server.gone_quiet()
