"""Files that hearth-media reads: sound that libsndfile does not know, PDF, uncommon pictures; and files that mean harm."""

import concurrent.futures
import io
import json
import os
import shutil
import signal
import struct
import subprocess
import time

import pytest

import media_files as made
from conftest import HEARTH, missing, request_bytes, running_server, wait_until
from test_ocr import form as ocr_form
from test_ocr import run_ocr
from test_transcription import form as sound_form
from test_transcription import words

MODEL = "pp-ocr-v6"
WRONG = 32 << 20  # bytes: what a file may cost that is refused. They are small, whatever they say
PATIENCE = 300  # seconds: some documents are many pages, and some files are made to take long
LINES = [
    ["The parcel arrived on Monday.", "Invoice 4711: 128.50 EUR"],
    ["Nobody in the village knows", "why it happened at noon."],
    ["Third and last page", "Please sign it and send it."],
]


def read(server, file, **fields):
    body, headers = ocr_form(file, **fields)
    return server.ask("POST", "/v1/ocr", body, headers, timeout=PATIENCE)


def transcribe(server, file, **fields):
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    return server.ask("POST", "/v1/audio/transcriptions", sound_form(file, **fields), headers, timeout=PATIENCE)


@pytest.fixture(scope="module")
def speech(server):
    server.needs("whisper-1")
    if not made.JFK.exists():
        missing("there is no speech to transcribe; make build fetches it")
    return made.JFK.read_bytes()


@pytest.fixture(scope="module")
def said(server, speech):
    answer = transcribe(server, speech)
    assert answer.status == 200, answer.body
    return words(answer.json()["text"])


@pytest.fixture(scope="module")
def reading(server):
    server.needs(MODEL)
    return server


@pytest.fixture(autouse=True)
def nothing_stays(server):
    """Whatever a file did, the server serves on, and no hearth-media of it is left."""
    yield
    assert server.get("/livez").status == 200
    wait_until(lambda: not server.helpers())


# Sound.


@pytest.mark.parametrize(
    "container, codec, more",
    [
        ("ipod", "aac", {}),
        ("webm", "libopus", {}),
        ("mp4", "aac", {"video": True, "rate": 44_100, "layout": "stereo"}),
        ("mp4", "aac", {"options": {"movflags": "frag_keyframe+empty_moov"}}),
        ("matroska", "flac", {"video": True}),
        ("adts", "aac", {}),
        ("asf", "wmav2", {"rate": 44_100}),
        ("mpegts", "mp2", {}),
        ("caf", "alac", {}),
        ("wav", "ac3", {}),
    ],
    ids=["m4a", "webm", "mp4 with a picture", "m4a in fragments", "mkv", "aac", "wma", "mpeg-ts", "caf", "wav of a rare coding"],
)
def test_any_container_is_heard_as_the_wav_is(server, speech, said, container, codec, more):
    answer = transcribe(server, made.recode(speech, container, codec, **more))
    assert answer.status == 200, answer.body
    assert words(answer.json()["text"]) == said


def test_a_telephones_recording_is_heard(server, speech, said):
    answer = transcribe(server, made.recode(speech, "amr", "libopencore_amrnb", rate=8_000, layout="mono"))
    assert answer.status == 200, answer.body
    assert len(set(words(answer.json()["text"])) & set(said)) > 0.7 * len(set(said))


def test_several_at_once_are_heard_alike(server, speech, said):
    files = [made.recode(speech, "ipod", "aac"), made.recode(speech, "webm", "libopus")] * 2
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        for answer in threads.map(lambda file: transcribe(server, file), files):
            assert answer.status == 200 and words(answer.json()["text"]) == said


def wrong_sounds(speech):
    m4a = made.recode(speech, "ipod", "aac", options={"movflags": "faststart"})
    webm = made.recode(speech, "webm", "libopus")
    # The header's Duration (id 0x4489, eight bytes, in milliseconds).
    at = webm.index(b"\x44\x89\x88") + 3
    hours = webm[:at] + struct.pack(">d", 3 * 3_600_000.0) + webm[at + 8 :]
    days = webm[:at] + struct.pack(">d", 1e15) + webm[at + 8 :]
    moov = m4a.index(b"moov")
    return {
        "an m4a cut in half": (m4a[: len(m4a) // 2], "breaks off"),
        "an m4a without its end": (made.recode(speech, "ipod", "aac")[:20_000], "cannot be read"),
        "a webm cut in half": (webm[: len(webm) // 2], "breaks off"),
        "a webm that lies by hours": (hours, "breaks off"),
        "a webm that lies by years": (days, "longer than"),
        "an m4a with a damaged index": (m4a[: moov + 4] + b"\xff" * 400 + m4a[moov + 404 :], "cannot be read"),
        "nothing but a header": (m4a[:32], "cannot be read"),
        "noise in an mp4": (b"\0\0\0\x20ftypM4A " + bytes(range(256)) * 40, "cannot be read"),
        "text": (b"Dear Sir, this is no sound, whatever its name says. " * 40, "text, not sound"),
        "a picture": (made.png(made.printed(["a letter"])), "cannot be read"),
    }


def test_wrong_sound_is_a_400_that_says_what_is_wrong(server, speech, said):
    for name, (file, why) in wrong_sounds(speech).items():
        with server.takes_no_more_than(WRONG):
            answer = transcribe(server, file)
        assert answer.status == 400, (name, answer.body)
        assert answer.error["param"] == "file" and why in answer.error["message"], (name, answer.error)
    assert words(transcribe(server, made.recode(speech, "ipod", "aac")).json()["text"]) == said


def test_a_playlist_fetches_and_opens_nothing(server, tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(made.JFK.read_bytes())
    for text in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:11\n#EXTINF:11,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{secret}'\n",
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio {server.port} RTP/AVP 0\n\x01",
    ):
        answer = transcribe(server, text.encode())
        assert answer.status == 400, answer.body


def test_the_longest_length_holds_for_it_too(speech):
    file = made.recode(speech, "mpegts", "mp2")  # whose length nobody tells
    with running_server(HEARTH_MAX_AUDIO="5s") as server:
        answer = transcribe(server, file)
        assert answer.status == 400 and "5.0 s" in answer.error["message"], answer.body


def test_a_client_that_leaves_takes_its_decoder_with_it(server, speech):
    long = made.recode(speech, "ipod", "aac")
    body = sound_form(long, response_format="json")
    for _ in range(3):
        with server.hears_all("transcriptions", 1), server.connect() as connection:
            connection.sendall(request_bytes("POST", "/v1/audio/transcriptions", body, {"Content-Type": "multipart/form-data; boundary=B"}))
    server.gone_quiet()


# Documents.


@pytest.fixture(scope="module")
def pages():
    return [made.printed(lines) for lines in LINES]


def lines_of(page):
    return [line["text"] for line in page["lines"]]


def test_a_scanned_pdf_reads_like_its_pictures(reading, pages):
    answer = read(reading, made.scanned_pdf(pages))
    assert answer.status == 200, answer.body
    document = answer.json()
    assert document["page_count"] == 3
    assert [(page["page"], page["index"], page["dpi"]) for page in document["pages"]] == [(1, 0, 200), (2, 1, 200), (3, 2, 200)]
    for page, picture in zip(document["pages"], pages):
        assert lines_of(page) == lines_of(read(reading, made.png(picture)).json()["pages"][0])
        assert abs(page["width"] - 1240 * 200 / 150) <= 2


def test_a_written_pdf_is_read_though_its_fonts_are_elsewhere(reading):
    answer = read(reading, made.written_pdf(LINES))
    assert [lines_of(page) for page in answer.json()["pages"]] == LINES


def test_every_format_has_the_pages_numbers(reading):
    file = made.written_pdf(LINES)
    text = read(reading, file, response_format="text", pages="2-3").body.decode()
    assert text == "[page 2]\n" + "\n".join(LINES[1]) + "\n\f[page 3]\n" + "\n".join(LINES[2]) + "\n"
    markdown = read(reading, file, response_format="markdown", pages="3,1").body.decode()
    assert markdown.startswith("<!-- page 1 -->") and "<!-- page 3 -->" in markdown and LINES[1][0] not in markdown
    hocr = read(reading, file, response_format="hocr", pages="2").body.decode()
    assert 'id="page_2"' in hocr and "ppageno 1" in hocr and 'id="page_1"' not in hocr


def test_pages_that_are_not_there_are_named(reading):
    file = made.written_pdf(LINES)
    for wanted, param in (("4", "file"), ("2-9", "file"), ("0", "pages"), ("x", "pages"), ("3-1", "pages")):
        answer = read(reading, file, pages=wanted)
        assert answer.status == 400 and answer.error["param"] == param, (wanted, answer.body)
    assert "has 3 pages" in read(reading, file, pages="4").error["message"]
    assert read(reading, made.png(made.printed(["one"])), pages="1").status == 200


def test_the_limit_on_pages_is_told_with_a_way_out(reading):
    file = made.written_pdf([["a page"]] * 6)
    with running_server(HEARTH_MAX_PAGES="5") as server:
        answer = read(server, file)
        assert answer.status == 400 and "at most 5" in answer.error["message"] and "1-5" in answer.error["message"], answer.body
        assert len(read(server, file, pages="2-").json()["pages"]) == 5


def wrong_documents():
    whole = made.written_pdf(LINES)
    empty = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]
    return {
        "only a header": (b"%PDF-1.7\n", "cannot be read"),
        "cut short": (whole[:300], "cannot be read"),
        "a tree that loops": (made.looping_pdf(), "cannot be read"),
        "no pages": (made.pdf(empty), "no pages"),
        "a password": (made.locked_pdf(), "password"),
        "a page of kilometres": (made.written_pdf(LINES[:1], box=(4_000_000, 4_000_000)), "large"),
        "two thousand million pages": (made.written_pdf(LINES, count=2_000_000_000), ""),
        "noise behind a header": (b"%PDF-1.7\n" + bytes(range(256)) * 100, "cannot be read"),
    }


def test_wrong_documents_are_a_400_that_says_what_is_wrong(reading):
    for name, (file, why) in wrong_documents().items():
        with reading.takes_no_more_than(WRONG):
            answer = read(reading, file)
        assert answer.status == 400, (name, answer.status, answer.body[:300])
        assert answer.error["param"] == "file" and why in answer.error["message"], (name, answer.error)
    assert read(reading, made.written_pdf(LINES)).status == 200


@pytest.mark.parametrize(
    "file",
    [made.picture_pdf(40_000, 40_000, bytes(40_000 * 2_000)), made.drawing_itself_pdf(), made.picture_pdf(10, 10, bytes(400 << 20))],
    ids=["40,000 pixels", "a form that draws itself", "a stream that swells"],
)
def test_a_bomb_costs_no_more_than_its_own_request(reading, file):
    # Each says or swells to more than that; an empty page that is drawn of it is looked for letters.
    with reading.takes_no_more_than(256 << 20, helper=256 << 20):
        answer = read(reading, file)
    assert answer.status in (200, 400), answer.body[:300]  # an empty page is a fair answer
    assert read(reading, made.written_pdf(LINES[:1])).json()["pages"][0]["text"] == "\n".join(LINES[0])


def test_a_decoder_that_is_killed_fails_its_own_request_only(reading):
    file = made.written_pdf([LINES[0]] * 40)
    body, headers = ocr_form(file, response_format="text")
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        answer = threads.submit(lambda: reading.ask("POST", "/v1/ocr", body, headers, timeout=PATIENCE))
        killed = 0
        while not answer.done() and killed < 2:
            for process in reading.helpers():
                time.sleep(0.2)  # for some pages, so that it dies in the middle
                try:
                    os.kill(process, signal.SIGSEGV if killed == 0 else signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    continue
                break
        reply = answer.result()
    assert killed and reply.status in (400, 503), (killed, reply.status, reply.body)
    assert "decoder" in reply.error["message"]
    assert read(reading, made.written_pdf(LINES[:1])).status == 200


def test_memory_stays_flat_over_many_pages(reading):
    read(reading, made.written_pdf([["warm"]] * 4))
    before = reading.metric("process_resident_memory_bytes")
    answer = read(reading, made.written_pdf([[f"Page {i}"] for i in range(16)]))
    assert len(answer.json()["pages"]) == 16
    assert reading.metric("process_resident_memory_bytes") - before < 100 << 20, before  # a page is 11 MiB


def test_uncommon_pictures_are_read(reading):
    page = made.printed(LINES[0])
    for kind in ("GIF", "JPEG2000", "PPM"):
        out = io.BytesIO()
        page.save(out, kind)
        answer = read(reading, out.getvalue())
        assert answer.status == 200, (kind, answer.body)
        assert lines_of(answer.json()["pages"][0]) == LINES[0], kind


@pytest.mark.parametrize("kind", ["GIF", "PPM"])
def test_a_large_uncommon_picture_is_refused(reading, kind):
    head = b"GIF89a\x40\x9c\x40\x9c\0\0\0,\0\0\0\0\x40\x9c\x40\x9c\0\x02\x02\x44\x01\0;" if kind == "GIF" else b"P6 40000 40000 255\n" + bytes(100)
    with reading.takes_no_more_than(WRONG):
        answer = read(reading, head)
    assert answer.status == 400 and answer.error["param"] == "file", answer.body


# The command line.


@pytest.mark.parametrize("where", ["server", "process"])
def test_the_command_line_reads_pages(reading, tmp_path, where):
    file = tmp_path / "letter.pdf"
    file.write_bytes(made.written_pdf(LINES))
    way = ["--port", str(reading.port)] if where == "server" else ["--in-process"]
    done = run_ocr(str(file), "--pages", "1,3", "--format", "json", *way)
    assert done.returncode == 0, done.stderr
    assert [(page["page"], lines_of(page)) for page in json.loads(done.stdout)["pages"]] == [(1, LINES[0]), (3, LINES[2])]
    done = run_ocr(str(file), "--pages", "9", *way)
    assert done.returncode == 1 and b"has 3 pages" in done.stderr


def test_the_command_line_transcribes_an_m4a_by_itself(server, speech, said, tmp_path):
    file = tmp_path / "speech.m4a"
    file.write_bytes(made.recode(speech, "ipod", "aac"))
    done = subprocess.run([HEARTH, "transcribe", "--in-process", str(file)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert words(done.stdout) == said


def test_doctor_tells_what_reads_media_and_what_holds_it(server):
    ran = subprocess.run([HEARTH, "doctor", "--json", "--models", "kokoro"], capture_output=True, text=True, timeout=300)
    findings = {finding["subject"]: finding for finding in json.loads(ran.stdout)["findings"]}
    for part, library in (("sound", "FFmpeg"), ("PDF", "poppler"), ("pictures", "FFmpeg")):
        finding = findings[f"{part} by media"]
        assert finding["health"] == "ok" and library in finding["text"] and "seccomp" in finding["text"], finding


def test_without_hearth_media_the_server_runs_and_says_how_to_mend_it(reading, speech, tmp_path):
    alone = tmp_path / "hearth"
    shutil.copy(HEARTH, alone)
    file = tmp_path / "letter.pdf"
    file.write_bytes(made.written_pdf(LINES))
    done = subprocess.run([alone, "ocr", "--in-process", str(file)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 1 and "hearth-media" in done.stderr and "make build" in done.stderr
    picture = tmp_path / "page.png"
    picture.write_bytes(made.png(made.printed(LINES[0])))
    done = subprocess.run([alone, "ocr", "--in-process", str(picture)], capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines() == LINES[0], done.stderr
