"""What clients should not send: each gets a clear error of OpenAI's shape with the right status, and the server goes on."""

import socket

import pytest

from conftest import HELLO, Reply, read_all, request_bytes

JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def still_alive(request):
    yield
    server = request.getfixturevalue("hurried_server" if "hurried_server" in request.fixturenames else "server")
    assert server.get("/livez").status == 200


@pytest.mark.parametrize(
    "fields, param, code",
    [
        ({"input": ""}, "input", "empty_string"),
        ({"input": " \t\n\u00a0\u3000\u200b"}, "input", "empty_string"),
        ({"input": "word " * 20_000}, "input", "string_above_max_length"),
        ({"input": "\U0001f600\U0001f680\u2764\ufe0f"}, "input", "invalid_argument"),
        ({"input": None}, "input", "missing_required_parameter"),
        ({"input": 7}, "input", "invalid_type"),
        ({"input": ["a"]}, "input", "invalid_type"),
        ({"voice": "no_such_voice"}, "voice", "invalid_argument"),
        ({"voice": "af_heart(((("}, "voice", "invalid_argument"),
        ({"voice": "../../etc/passwd"}, "voice", "invalid_argument"),
        ({"voice": {"id": "no_such_voice"}}, "voice", "invalid_argument"),
        ({"voice": "v" * 10_000}, "voice", "string_above_max_length"),
        ({"response_format": "aac"}, "response_format", "unsupported_value"),
        ({"response_format": "midi"}, "response_format", "invalid_value"),
        ({"speed": 0.24}, "speed", "invalid_value"),
        ({"speed": 4.01}, "speed", "invalid_value"),
        ({"speed": -1}, "speed", "invalid_value"),
        ({"speed": "fast"}, "speed", "invalid_type"),
        ({"stream_format": "carrier pigeon"}, "stream_format", "invalid_value"),
        ({"language": "klingon"}, "language", "invalid_argument"),
        ({"model": None}, "model", "missing_required_parameter"),
    ],
)
def test_a_wrong_field_is_named(server, fields, param, code):
    reply = server.post("/v1/audio/speech", {"model": "kokoro", "input": HELLO, **fields})
    assert reply.status == 400, reply.body
    assert reply.error["type"] == "invalid_request_error"
    assert (reply.error["param"], reply.error["code"]) == (param, code)


def test_an_unknown_model_is_404(server):
    for name in ("gpt-9", "/etc/passwd", "../kokoro", "\u0000"):
        reply = server.post("/v1/audio/speech", {"model": name, "input": HELLO})
        assert (reply.status, reply.error["code"], reply.error["param"]) == (404, "model_not_found", "model")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"text"', b"{'model':'kokoro'}", b'{"model":"kokoro","input":"a"} x', b'{"model":"kokoro","input":"\xff\xfe"}',
     b'{"model":"kokoro","input":"\\ud800"}', b'{"a":' * 5_000, b"[" * 100_000, b'{"model":"kokoro","input":"a","speed":1e999}', b"\x00" * 100],
)
def test_what_is_not_json_is_400(server, body):
    reply = server.post("/v1/audio/speech", body)
    assert (reply.status, reply.error["code"]) == (400, "invalid_json")


def test_the_content_type_must_be_json(server):
    for kind in (None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        reply = server.post("/v1/audio/speech", b'{"model":"kokoro","input":"a"}', {"Content-Type": kind})
        assert (reply.status, reply.error["code"]) == (415, "unsupported_media_type"), kind


def test_an_oversized_body_is_413_however_it_is_sent(server):
    big = b"x" * 3_000_000
    declared = server.post("/v1/audio/speech", big)
    assert declared.status == 413 and declared.error["message"]
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(big), big)
    head = request_bytes("POST", "/v1/audio/speech", b"", {**JSON, "Transfer-Encoding": "chunked", "Content-Length": None})
    assert server.raw(head + chunked).status == 413
    absurd = request_bytes("POST", "/v1/audio/speech", b"", {**JSON, "Content-Length": "99999999999999999"})
    assert server.raw(absurd).status == 413


def test_a_header_flood_is_431_and_a_long_address_414(server):
    flood = "".join(f"X-{i}: y\r\n" for i in range(300))
    assert server.raw(f"GET /livez HTTP/1.1\r\nHost: localhost\r\n{flood}\r\n".encode()).status == 431
    endless = "X: yyyyyyyyyyyyyyyy\r\n" * 20_000
    assert server.raw(f"GET /livez HTTP/1.1\r\nHost: localhost\r\n{endless}".encode()).status == 431
    assert server.get("/livez", {"X-Long": "y" * 50_000}).status == 431
    assert server.get("/" + "a" * 50_000).status == 414


@pytest.mark.parametrize(
    "data, status",
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\n\r\n", 400),
    ],
)
def test_what_is_not_clean_http_is_refused(server, data, status):
    reply = server.raw(data)
    assert reply.status == status and reply.error


def test_foreign_pages_and_hosts_are_refused(server):
    for path in ("/v1/models", "/livez"):
        assert server.get(path, {"Origin": "https://evil.example"}).error["code"] == "origin_not_allowed"
        assert server.get(path, {"Origin": "null"}).status == 403
        assert server.get(path, {"Host": "evil.example"}).error["code"] == "host_not_allowed"
    spoken = server.post("/v1/audio/speech", {"model": "kokoro", "input": "a"}, {"Origin": "https://evil.example"})
    assert spoken.status == 403
    own = {"Host": f"127.0.0.1:{server.port}", "Origin": f"http://127.0.0.1:{server.port}"}
    reply = server.get("/v1/models", own)
    assert reply.status == 200 and "access-control-allow-origin" not in reply.headers


def test_unknown_routes_and_methods(server):
    assert server.get("/v1/nothing").status == 404
    wrong = server.get("/v1/audio/speech")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST, OPTIONS") and wrong.error
    options = server.ask("OPTIONS", "/v1/audio/speech")
    assert (options.status, options.headers["allow"]) == (204, "POST, OPTIONS")
    head = server.ask("HEAD", "/v1/models")
    assert head.status == 200 and head.body == b"" and int(head.headers["content-length"]) > 0


def test_models_are_loaded_by_configured_name_only(server):
    for name in ("/etc/passwd", "../../secret", "kokoro/../x", ".hidden"):
        reply = server.post("/models/load", {"model": name})
        assert (reply.status, reply.error["param"]) == (400, "model"), name
    assert server.post("/models/load", {"model": "gpt-9"}).status == 404
    assert server.post("/models/unload", {"model": "gpt-9"}).status == 404


def test_a_slow_sender_is_408(hurried_server):
    head = request_bytes("POST", "/v1/audio/speech", b"x" * 100, JSON)
    for sent in (head[:20], head[:-50]):
        with hurried_server.connect() as connection:
            connection.sendall(sent)
            reply = Reply(read_all(connection))
        assert (reply.status, reply.error["code"]) == (408, "timed_out")


def test_an_idle_connection_is_closed_without_a_word(hurried_server):
    with hurried_server.connect() as connection:
        assert read_all(connection) == b""


def test_a_body_that_waits_for_its_invitation_is_invited_or_refused(server):
    body = b'{"model":"kokoro","input":"Hi.","response_format":"pcm"}'
    with server.connect() as connection:
        connection.sendall(request_bytes("POST", "/v1/audio/speech", b"", {**JSON, "Expect": "100-continue", "Content-Length": len(body)}))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(body)
        assert Reply(read_all(connection)).status == 200
    with server.connect() as connection:
        connection.sendall(request_bytes("POST", "/v1/audio/speech", b"", {"Content-Type": "text/plain", "Expect": "100-continue", "Content-Length": 9}))
        connection.shutdown(socket.SHUT_WR)
        assert Reply(read_all(connection)).status == 415
