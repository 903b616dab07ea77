"""Long work keeps nobody waiting who could be served beside it; and who leaves the queue for it leaves nothing behind."""

import contextlib
import io
import select
import time
import wave

import pytest

import media_files as made
from conftest import missing, request_bytes, wait_until
from test_media import read, transcribe
from test_ocr import LINES, PAGE
from test_ocr import form as ocr_form
from test_transcription import form as sound_form

READER = "pp-ocr-v6"
LISTENER = "whisper-1"
MOST_UPLOADS = 16  # at once


def begin(server, target, body):
    """Asks, and leaves the answer to come: a connection, which leaves when it is closed."""
    connection = server.connect()
    connection.sendall(request_bytes("POST", target, body, {"Content-Type": "multipart/form-data; boundary=B"}))
    return connection


def is_unanswered(connection):
    return not select.select([connection], [], [], 0)[0]


def wait_for_requests(server, running, queued):
    until = time.monotonic() + 60
    while (requests := server.get("/status").json()["requests"]) != {"running": running, "queued": queued}:
        assert time.monotonic() < until, requests
        time.sleep(0.05)


@pytest.fixture(scope="module")
def working(server):
    """With the models in memory."""
    server.needs(READER, LISTENER)
    if not made.JFK.exists():
        missing("there is no speech to transcribe; make build fetches it")
    assert read(server, PAGE).status == 200
    assert transcribe(server, made.JFK.read_bytes()).status == 200
    server.gone_quiet()
    return server


def test_long_documents_keep_no_sound_no_picture_and_no_short_document_waiting(working):
    m4a = made.recode(made.JFK.read_bytes(), "ipod", "aac")
    long, _ = ocr_form(made.written_pdf([["One page of very many"]] * 500), response_format="text")
    with contextlib.ExitStack() as stack:
        documents = [stack.enter_context(begin(working, "/v1/ocr", long)) for _ in range(2)]  # as many as are drawn at once
        wait_for_requests(working, 2, 0)
        assert transcribe(working, m4a).status == 200
        assert read(working, PAGE, response_format="text").body.decode().splitlines() == LINES
        assert read(working, made.written_pdf([LINES]), response_format="text").body.decode().splitlines() == LINES
        wait_until(lambda: len(working.helpers()) <= 2)  # one that is just replaced is there for a moment longer
        assert all(map(is_unanswered, documents)), "they were to be long"
    working.gone_quiet()


def long_wav(times):
    """The speech over and over."""
    with wave.open(str(made.JFK)) as speech:
        form, frames = speech.getparams(), speech.readframes(speech.getnframes())
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams(form)
        out.writeframes(frames * times)
    return file.getvalue()


def test_clients_that_leave_the_queue_give_their_places_back_at_once(working):
    long = sound_form(long_wav(110))  # twenty minutes
    short = sound_form(made.JFK.read_bytes())
    letter = b"Dear Sir, this is no sound. " * 40
    target = "/v1/audio/transcriptions"
    with contextlib.ExitStack() as stack:
        heard = [stack.enter_context(begin(working, target, long)) for _ in range(2)]  # as many as are heard at once
        wait_for_requests(working, 2, 0)
        with contextlib.ExitStack() as leaving:
            for _ in range(MOST_UPLOADS - 2):
                leaving.enter_context(begin(working, target, short))
            wait_for_requests(working, 2, MOST_UPLOADS - 2)
            assert transcribe(working, letter).status == 503
        wait_for_requests(working, 2, 0)
        assert all(map(is_unanswered, heard)), "the places came back by their end"
        assert transcribe(working, letter).status == 400
    working.gone_quiet()
