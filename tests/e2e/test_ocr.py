"""Reading pictures: POST /v1/ocr and `hearth ocr`, with the real model, on a printed page of two lines."""

import base64
import io
import json
import os
import pathlib
import struct
import subprocess
import xml.etree.ElementTree
import zlib

import pytest

import media_files as made
from conftest import HEARTH, read_all, request_bytes

MODEL = "pp-ocr-v6"
LINES = ["The parcel arrived on Monday.", "Invoice 4711: 128.50 EUR"]
# Black on white, 520 x 120, one bit a pixel: DejaVu Sans at 28 pixels.
PAGE = base64.b64decode("""
    iVBORw0KGgoAAAANSUhEUgAAAggAAAB4AQAAAAC/OjcmAAAD8klEQVR42u2Yv27bRhzHP8cSNgdWYjY2kGq2yAN46GADgX3I1LGPkAIdMspTC8OIz2mQup30
    Bs3WV/AQBHIQIB466AGMmLaEgptJlwNpULwOpCzRkmyjRtECJRdRPPFzv3939/tKaO55GdSEmlATakJNuJ0gqw/7xUcAwOj6K3KGEAnrLnOdsf/PedEcJPPH
    3Mo3jfrXc2Eq7wZCqlKPeB9Tb6VeJCH14p+2gm46ckYevGNdYWhGXryPxaGWw+uE4HUQordHI/pB0PchCLTqg4iTLIBNFbwGZBzobX2JlMwQzsPBAfm5SNTJ
    wP/QgeabPDlBJtFxeoz+vHcewlui4/w8/57np/6MF44yWwjLWMJ771pr4KwKPBLDaFy45N/6jkKg/mgIK3vFnsKaiaQ8csBUgEX3KmJeOLQmhegDmACo3nWC
    V94aPekUoW0YSLLyFaU8YAfLMhBw2AnnZNPJwSiWgJeNlwSmpTGBEECABgQS2Z0lnDpA9hzg0INBCOD40ZTDwbg4V1SysKKu6rZwN68suSdX4SndrhJWcsgF
    AJsZ41j3mpoMcMpfCUAjWZljQwg55BAWMQ8BLBIyQJW2JUkRCpXNIUgg2wXWUEDhqHaml8Lj8U2PhpwlxDE6YQeyIAggK5KvLi8bAcavJejhBZjbnEA6S2g7
    GA/MX6DtrXvQ/qZ43LSWHyHOyimbj8D4WZyp6a3CHO8mNuKVYYPrrrrgPC2ibi+ZLhxuFAjbBbHEj9NFjZj0tLF9573icum+e1TyHzhxLu5N8O5NsOfnoj79
    a0JNqAk14f9ACP42QVdlzzAV8pRIAS8xiCSRwQvYM7ujXXEXL3zAowuM1Eirfh9gd4HIqhJKSdNbznGLc+0pO70PPyBy/VjRzIAN/w42dEH6dIBPlHiBJYH8
    SW/SDt5K8Mgno8Iv+vSrvqkzl6C3tBymMhg5qcfckzgTt2SzLzGDPnEchOSSTAFjGdPx0U4pDRYTPp7iDw6IwsEB1zXh2hHEt1bUF/jW7y3ObLNFVhWZ3mdd
    lj8CFG1+d1YDlj19DzA5+o7UIF0GaAFFUK3mlGydb4MkxHGKPrOanEz+9qzs9JsJ8M5bmE2HvFA6YaVTS5QrbxL+U0pNjZXOsDIcoVqT1hk2eosIyZV16aeq
    8pdBdX6xsKp1cbeST1XCJNDZpIPsLCJ4hCEJIWz+OW3DUQnS17vpGUImgVYZp6PKMhtCUpZZplhbRGjw1ZA8jqeqbwhoj2e9YRAZbyXwMLlxl2t/TdNpl6LO
    cl7uw6i9ceit75N+Kd4rIrP5oKyzuQTlrmLbrj1TuauruDZ7APbSPBvqvrom1ISaUBNqQk24+/UXnyFiBlpPQBEAAAAASUVORK5CYII=
""")


def form(file, boundary="B", **fields):
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()
    )
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="page"\r\n\r\n'.encode()
    return body + head + file + f"\r\n--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def read(server, file=PAGE, **fields):
    body, headers = form(file, **fields)
    return server.ask("POST", "/v1/ocr", body, headers)


def png(width, height, rows=b""):
    """A grey PNG with a header that says what it is told to say."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pixels_of_page():
    """PAGE as rows of greys; it is a PNG of one bit a pixel, whose rows are filtered."""
    at, packed = 8, b""
    while at < len(PAGE):
        size, kind = struct.unpack(">I4s", PAGE[at : at + 8])
        packed += PAGE[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    width, height = struct.unpack(">II", PAGE[16:24])
    step = (width + 7) // 8
    rows, before = [], [0] * step
    for filtered in struct.iter_unpack(f"{step + 1}B", zlib.decompress(packed)):
        row = []
        for i, byte in enumerate(filtered[1:]):
            left, up, corner = (row[i - 1] if i else 0), before[i], (before[i - 1] if i else 0)
            nearest = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))[2]
            row.append((byte + [0, left, up, (left + up) // 2, nearest][filtered[0]]) % 256)
        rows.append(row)
        before = row
    return [[255 * (row[x // 8] >> 7 - x % 8 & 1) for x in range(width)] for row in rows[:height]]


def turn_left(pixels):
    return [list(column) for column in zip(*pixels)][::-1]


def png_of(pixels):
    return png(len(pixels[0]), len(pixels), b"".join(b"\0" + bytes(row) for row in pixels))


@pytest.fixture(scope="module")
def reading(server):
    server.needs(MODEL)
    return server


def test_a_printed_page_is_read_letter_by_letter(reading):
    answer = read(reading)
    assert answer.status == 200, answer.body
    document = answer.json()
    assert document["model"] == MODEL
    [page] = document["pages"]
    assert (page["index"], page["width"], page["height"]) == (0, 520, 120)
    assert [line["text"] for line in page["lines"]] == LINES
    assert page["text"] == "\n".join(LINES)
    for line, top in zip(page["lines"], [16, 66]):
        assert 0.9 < line["score"] <= 1
        (left, above), (right, _), (_, below), _ = line["box"]
        assert 0 <= left <= 24 and 300 < right <= 520
        assert top - 12 < above < top + 12 and below > top + 20


@pytest.mark.parametrize("quarter_turns, order", [(0, 1), (1, 1), (2, -1), (3, -1)], ids=["upright", "to the left", "on its head", "to the right"])
def test_a_turned_page_is_read(reading, quarter_turns, order):
    """Whichever way it lies; its lines come in the order in which they stand on it, from the top, then from the left."""
    turned = pixels_of_page()
    for _ in range(quarter_turns):
        turned = turn_left(turned)
    [page] = read(reading, png_of(turned)).json()["pages"]
    assert [line["text"] for line in page["lines"]] == LINES[::order]
    assert (page["width"], page["height"]) == (len(turned[0]), len(turned))
    upright = quarter_turns % 2 == 0
    for line in page["lines"]:
        (left, above), _, (right, below), _ = line["box"]
        assert (right - left > 5 * (below - above)) == upright


def test_a_line_that_runs_up_the_margin_is_read_beside_the_others(reading):
    pixels = pixels_of_page()
    sheet = [[255] * 640 for _ in range(560)]
    for top, left, part in [(40, 120, pixels[:60]), (20, 20, turn_left(pixels[60:]))]:
        for y, row in enumerate(part):
            sheet[top + y][left : left + len(row)] = row
    [page] = read(reading, png_of(sheet)).json()["pages"]
    assert sorted(line["text"] for line in page["lines"]) == sorted(LINES)


@pytest.mark.parametrize("kind, begins", [("text", LINES[0]), ("markdown", LINES[0]), ("hocr", "<?xml")])
def test_every_format_says_the_same(reading, kind, begins):
    text = read(reading, response_format=kind).body.decode()
    assert text.startswith(begins)
    assert all(line in text for line in LINES)


def test_a_batch_answers_for_each_file(reading):
    fields, kind = form(PAGE, response_format="json")
    end = b"--B--\r\n"
    for name, file in (("second.png", PAGE), ("bad.png", PAGE[:400])):
        head = f'--B\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        fields = fields[: -len(end)] + head + file + b"\r\n" + end
    answer = reading.ask("POST", "/v1/ocr", fields, kind)
    assert answer.status == 200, answer.body
    first, second, bad = answer.json()["files"]
    assert [(first["name"], first["index"]), (second["name"], second["index"])] == [("page", 0), ("second.png", 1)]
    assert [[line["text"] for line in file["pages"][0]["lines"]] for file in (first, second)] == [LINES] * 2
    assert "pages" not in bad and bad["error"]["param"] == "file" and bad["error"]["message"]


def test_json_with_a_data_url_is_taken_too(reading):
    answer = reading.post("/v1/ocr", {"image": "data:image/png;base64," + base64.b64encode(PAGE).decode(), "response_format": "text"})
    assert answer.body.decode().splitlines() == LINES


def test_a_page_without_text_has_no_lines(reading):
    answer = read(reading, png(64, 64, (b"\0" + b"\xff" * 64) * 64))
    assert answer.status == 200
    assert answer.json()["pages"][0]["lines"] == []


DRAWN = [made.printed(lines, size=(900, 320)) for lines in (LINES, ["Nobody in the village knows", "why it happened at noon."])]


def saved(page, kind, **more):
    out = io.BytesIO()
    page.copy().save(out, kind, **more)  # Pillow keeps the options of one kind for the next
    return out.getvalue()


def lines_of(page):
    return [line["text"] for line in page["lines"]]


@pytest.fixture(scope="module")
def from_png(reading):
    """The pages of DRAWN."""
    pages = [read(reading, saved(page, "PNG")).json()["pages"][0] for page in DRAWN]
    assert lines_of(pages[0]) == LINES and len(lines_of(pages[1])) == 2
    return pages


@pytest.mark.parametrize("kind, more", [("JPEG", {"quality": 85}), ("WEBP", {"quality": 85}), ("TIFF", {"compression": "tiff_lzw"}), ("BMP", {})])
def test_a_drawing_reads_the_same_from_every_common_kind(reading, from_png, kind, more):
    answer = read(reading, saved(DRAWN[0].convert("RGB"), kind, **more))
    assert answer.status == 200, answer.body
    [page] = answer.json()["pages"]
    assert lines_of(page) == lines_of(from_png[0])
    assert (page["width"], page["height"]) == (from_png[0]["width"], from_png[0]["height"])


def test_a_tiff_of_two_pages_is_read_page_by_page(reading, from_png):
    file = saved(DRAWN[0], "TIFF", save_all=True, append_images=DRAWN[1:])
    document = read(reading, file).json()
    assert document["page_count"] == 2 and [page["page"] for page in document["pages"]] == [1, 2]
    assert [lines_of(page) for page in document["pages"]] == [lines_of(page) for page in from_png]
    answer = read(reading, file, pages="2").json()
    assert answer["page_count"] == 2
    [second] = answer["pages"]
    assert (second["page"], second["index"], lines_of(second)) == (2, 1, lines_of(from_png[1]))
    refused = read(reading, file, pages="3")
    assert refused.status == 400 and "has 2 pages" in refused.error["message"], refused.body


@pytest.mark.parametrize(
    "file",
    [b"nonsense", PAGE[:200], b"%PDF-1.7\n", png(40_000, 10), png(29_000, 29_000), png(10, 10)],
    ids=["nonsense", "cut short", "pdf", "wide", "bomb", "without rows"],
)
def test_a_hostile_file_is_a_400_and_the_next_page_is_read(reading, file):
    with reading.takes_no_more_than(32 << 20):  # they are small, whatever they say
        answer = read(reading, file)
    assert answer.status == 400
    assert answer.error["param"] == "file"
    assert read(reading).status == 200


def blank(side):
    return png(side, side, (b"\0" + b"\x80" * side) * side)


def test_a_picture_of_nearly_the_most_pixels_is_read_in_bounded_memory(reading):
    """The most is 100 million. Three bytes a pixel, and what it takes to look for letters on any page of four megapixels or more."""
    with reading.takes_no_more_than(3 * 9_900**2 + (900 << 20)):
        answer = read(reading, blank(9_900))
    assert answer.status == 200, answer.body
    [page] = answer.json()["pages"]
    assert (page["width"], page["height"], page["lines"]) == (9_900, 9_900, [])


def test_a_picture_of_more_pixels_than_that_costs_nothing(reading):
    with reading.takes_no_more_than(32 << 20):
        answer = read(reading, blank(10_001))
    assert answer.status == 400 and answer.error["param"] == "file", answer.body


def test_a_client_that_leaves_does_not_hold_the_model(reading):
    body, headers = form(PAGE)
    with reading.hears_all("ocr", 1), reading.connect() as connection:
        connection.sendall(request_bytes("POST", "/v1/ocr", body, headers))
    reading.gone_quiet()
    assert read(reading).status == 200


LONG = {
    "a full page": saved(made.printed([f"{i}: {' '.join(LINES)} {LINES[0]}" for i in range(40)], letters=20), "PNG"),
    "several pages": made.written_pdf([[f"Page {i}", *LINES] for i in range(4)]),
}


@pytest.mark.parametrize("document", LONG)
def test_a_client_that_leaves_amid_its_document_stops_the_reading(reading, document):
    body, headers = form(LONG[document])
    assert read(reading).status == 200  # the model is in memory
    reading.stops_for_who_leaves("ocr", lambda _: request_bytes("POST", "/v1/ocr", body, headers))


def test_the_same_picture_gives_the_same_text_at_the_same_time(reading):
    body, headers = form(PAGE, response_format="text")
    connections = [reading.connect() for _ in range(4)]
    for connection in connections:
        connection.sendall(request_bytes("POST", "/v1/ocr", body, headers))
    answers = {read_all(connection).partition(b"\r\n\r\n")[2] for connection in connections}
    assert len(answers) == 1


def run_ocr(*arguments, **more):
    return subprocess.run([HEARTH, "ocr", *arguments], capture_output=True, timeout=300, check=False, **more)


@pytest.mark.parametrize("where", ["server", "process"])
def test_the_command_line_prints_the_text(reading, tmp_path, where):
    page = pathlib.Path(tmp_path) / "page.png"
    page.write_bytes(PAGE)
    way = ["--port", str(reading.port)] if where == "server" else ["--in-process"]
    done = run_ocr(str(page), *way)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines() == LINES
    done = run_ocr(str(page), str(page), "--format", "json", *way)
    assert [json.loads(line)["pages"][0]["text"] for line in done.stdout.splitlines()] == ["\n".join(LINES)] * 2


@pytest.mark.parametrize("where", ["server", "process"])
def test_the_command_line_puts_all_files_into_one_hocr_document(reading, tmp_path, where):
    pages = [tmp_path / "first.png", tmp_path / "second.png"]
    for page in pages:
        page.write_bytes(PAGE)
    way = ["--port", str(reading.port)] if where == "server" else ["--in-process"]
    missing = tmp_path / "missing.png"
    done = run_ocr(str(pages[0]), str(missing), str(pages[1]), "--format", "hocr", *way)
    assert done.returncode == 1 and b"missing.png" in done.stderr
    root = xml.etree.ElementTree.fromstring(done.stdout)  # one document, or it is no XML
    sheets = [element for element in root.iter() if element.get("class") == "ocr_page"]
    assert [sheet.get("id") for sheet in sheets] == ["page_1_1", "page_3_1"]
    for sheet, page in zip(sheets, pages):
        assert page.name in sheet.get("title")
        assert sorted(line.text for line in sheet.iter() if line.get("class") == "ocr_line") == sorted(LINES)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    nothing = run_ocr(str(missing), str(missing), "--format", "hocr", *way)
    assert nothing.returncode == 1 and nothing.stdout == b""


def test_the_command_line_reads_on_after_a_bad_file(reading, tmp_path):
    page = pathlib.Path(tmp_path) / "page.png"
    page.write_bytes(PAGE)
    done = run_ocr(os.fspath(tmp_path / "missing.png"), str(page), "--port", str(reading.port))
    assert done.returncode == 1
    assert b"missing.png" in done.stderr
    assert done.stdout.decode().splitlines() == LINES
