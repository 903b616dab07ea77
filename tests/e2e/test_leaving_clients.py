"""Clients that leave, stall and crowd: nothing keeps running for them, nothing leaks, and others do not feel it."""

import concurrent.futures
import contextlib
import signal
import socket
import struct
import time

import pytest

from conftest import Reply, read_all, running_server, speech_bytes, wait_until

LONG = "This is one of many sentences that together take a good while to be spoken. " * 20


def leave_abruptly(connection):
    """With a reset, as a crash does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.fixture(scope="module", name="speaking_alone")
def fixture_speaking_alone():
    """A server that nobody else asks, and the processor time that it takes to speak LONG to its end."""
    with running_server() as server:
        assert server.speech("First of all.").status == 200
        begun = server.cpu_seconds()
        assert server.speech(LONG).complete
        yield server, server.cpu_seconds() - begun


@pytest.mark.parametrize("leave", [socket.socket.close, leave_abruptly])
@pytest.mark.parametrize("bytes_heard", [0, 1, 5_000, 60_000])
def test_synthesis_stops_when_its_client_leaves_at_any_moment(speaking_alone, bytes_heard, leave):
    """By processor time, so that others on this machine do not matter."""
    server, whole = speaking_alone
    begun = server.cpu_seconds()
    with server.hears_all("speech", 1):
        connection = server.connect()
        connection.sendall(speech_bytes(LONG))
        heard = 0
        while heard < bytes_heard:
            heard += len(connection.recv(4096))
        leave(connection)
    server.gone_quiet()
    assert server.cpu_seconds() - begun < whole / 4
    assert server.speech("Still here.").status == 200


def test_a_client_that_leaves_amid_its_request_costs_nothing(server):
    request = speech_bytes("Hello.")
    for sent in (1, 10, 60, len(request) - 1):
        with server.connect() as connection:
            connection.sendall(request[:sent])
    server.gone_quiet()


def test_sixteen_stalled_readers_do_not_slow_livez():
    with running_server(HEARTH_MAX_REQUESTS="16") as server, contextlib.ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(server.connect(receive_buffer=4096)).sendall(speech_bytes(LONG * 4))
        wait_until(lambda: server.sockets_with_unsent_bytes() == 16)
        took = []
        for _ in range(50):
            began = time.perf_counter()
            assert server.get("/livez").status == 200
            took.append(time.perf_counter() - began)
        assert server.sockets_with_unsent_bytes() == 16, "they stalled to the end"
        # Sixteen syntheses share the cores with this test: the bound says "not held up", not "fast".
        assert sorted(took)[len(took) // 2] < 0.5


def test_a_stalled_reader_is_cut_and_frees_its_place(hurried_server):
    with hurried_server.connect(receive_buffer=4096) as connection:
        connection.sendall(speech_bytes(LONG * 12))
        connection.recv(1)  # it has begun: before that the server is quiet as well
        hurried_server.gone_quiet()
        with contextlib.suppress(ConnectionError):
            assert not Reply(read_all(connection)).complete


def test_requests_beyond_the_queue_are_told_when_to_come_back():
    with running_server(HEARTH_MAX_REQUESTS="1", HEARTH_MAX_QUEUE="1") as narrow:
        assert narrow.post("/models/load", {"model": "kokoro"}).status == 200
        narrow.gone_quiet()  # a request has its place for a moment longer than its answer takes
        held = [narrow.connect() for _ in range(2)]
        for connection in held:
            connection.sendall(speech_bytes(LONG * 3))
        narrow.wait_for_requests(running=1, queued=1)
        refused = narrow.speech("One too many.")
        assert (refused.status, refused.error["code"]) == (503, "overloaded") and int(refused.headers["retry-after"]) >= 1
        for connection in held:
            connection.close()
        narrow.gone_quiet()
        assert narrow.speech("Room again.").status == 200


def test_nothing_leaks(server):
    def round_of_trouble(_):
        with server.connect() as connection:
            connection.sendall(speech_bytes("A few words for a client that will not stay."))
            connection.recv(1)
        server.post("/v1/audio/speech", b"{")
        server.get("/nothing")

    def settle():
        server.gone_quiet()
        return server.threads_and_files()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(round_of_trouble, range(16)))
        before = settle()
        list(pool.map(round_of_trouble, range(48)))
        after = settle()
    assert after[0] <= before[0], "threads"
    assert after[1] <= before[1] + 8, "files: a few connections may still be closing"


def test_a_drain_lets_running_requests_end():
    with running_server() as ending:
        assert ending.post("/models/load", {"model": "kokoro"}).status == 200
        idle = ending.connect()
        busy = ending.connect()
        busy.sendall(speech_bytes("A sentence that was begun is spoken to its end, whatever happens to the server meanwhile."))
        first = busy.recv(1)
        ending.process.send_signal(signal.SIGTERM)
        assert read_all(idle) == b""
        assert Reply(first + read_all(busy)).complete
        idle.close()
        busy.close()
        assert ending.process.wait(timeout=60) == 0
