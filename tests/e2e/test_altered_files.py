"""Files that are not what they should be, though they have the right size: a model's, and what was made of it."""

import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import HEARTH, HELLO, running_server, wait_until

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth"


@pytest.fixture
def cache(tmp_path):
    """Kokoro and its artefacts in a cache of its own, where nothing has been verified yet."""
    shutil.copytree(CACHE / "models/kokoro", tmp_path / "hearth/models/kokoro")
    for made in (CACHE / "artefacts").glob("[kl]*-*"):
        if made.name.startswith(("kokoro-graph-", "lexicon-en-")):
            shutil.copytree(made, tmp_path / "hearth/artefacts" / made.name)
    return tmp_path


def alter(path):
    """Three bytes in the middle."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        was = file.read(3)
        file.seek(-3, os.SEEK_CUR)
        file.write(bytes(byte ^ 0x55 for byte in was))


LONGEST = 600  # seconds: what runs in the background leaves busy cores to others


def made_of(cache, pattern):
    return list((cache / "hearth/artefacts").glob(pattern))


@contextlib.contextmanager
def serving(cache, *arguments, **expected):
    with running_server(*arguments, XDG_CACHE_HOME=str(cache), **expected) as server:
        yield server


def settled(server):
    wait_until(lambda: server.get("/readyz").json()["status"] != "starting")
    return server.get("/readyz")


def test_files_are_compared_with_their_digests_once(cache):
    for expected in (True, False):
        with serving(cache) as server:
            assert settled(server).status == 200
            assert ("comparing its files" in server.said()) == expected


def test_an_altered_model_file_is_not_served(cache):
    alter(cache / "hearth/models/kokoro/voices.bin")
    with serving(cache) as server:
        answer = settled(server)
        assert answer.status == 503 and answer.json()["failed"][0]["model"] == "kokoro"
        assert "sha256" in answer.json()["failed"][0]["error"] and "hearth models pull kokoro" in answer.json()["failed"][0]["error"]
        told = answer.json()["failed"][0]["error"]
        wait_until(lambda: server.get("/startup").json()["settled"] and told in server.said(), LONGEST)
        assert server.said().count(told) == 1, "the load said it; nothing that runs later says it again"
        assert server.speech().status == 503
    said = subprocess.run(
        [HEARTH, "say", HELLO, "--in-process", "-o", str(cache / "never.wav")],
        capture_output=True, text=True, timeout=120, env={**os.environ, "XDG_CACHE_HOME": str(cache), "XDG_STATE_HOME": str(cache)},
    )
    assert said.returncode == 1 and "voices.bin is not what kokoro is made of" in said.stderr, said.stderr
    assert not (cache / "never.wav").exists()


def test_a_damaged_artefact_is_made_again(cache):
    with serving(cache) as server:  # which makes what is missing, and removes what an older version made
        assert settled(server).status == 200
        wait_until(lambda: len(made_of(cache, "lexicon-en-*/lexicon.bin")) == 1, LONGEST)
        (table,) = made_of(cache, "lexicon-en-*/lexicon.bin")
    right = hashlib.sha256(table.read_bytes()).digest()
    alter(table)
    with serving(cache) as server:
        assert settled(server).status == 200
        assert "lexicon.bin is damaged" in server.said()
        assert server.speech().status == 200
    assert hashlib.sha256(table.read_bytes()).digest() == right


def test_a_damaged_graph_is_left_out_and_made_again_while_it_speaks(cache):
    def await_graph():
        wait_until(lambda: len(made_of(cache, "kokoro-graph-*/text.ort")) == 1, LONGEST)
        return made_of(cache, "kokoro-graph-*/text.ort")[0]

    def spoken(server):
        reply = server.speech()
        assert reply.status == 200, reply.body
        return len(reply.body)

    with serving(cache) as server:  # which makes what is missing
        assert settled(server).status == 200
        length = spoken(server)
        graph = await_graph()
    alter(graph)
    damaged = graph.read_bytes()
    with serving(cache) as server:
        assert settled(server).status == 200
        assert "text.ort is damaged" in server.said()
        assert 0.8 * length < spoken(server) < 1.25 * length  # by the published graph: it is some seconds' work to cut it again
        made = await_graph().read_bytes()
    assert made != damaged and len(made) > 0.9 * len(damaged)
    with serving(cache) as server:
        assert settled(server).status == 200
        assert "damaged" not in server.said() and 0.8 * length < spoken(server) < 1.25 * length
