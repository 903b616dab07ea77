"""Transcription: our own speech, written down again; by the official clients, by curl and by the command line."""

import json
import math
import os
import pathlib
import random
import re
import struct
import subprocess
import unicodedata

import openai
import pytest

from conftest import HEARTH, missing, npm_client, pulled, request_bytes, running_server
from quantise_whisper import quantise

TEXT = "The quick brown fox jumps over the lazy dog, and nobody in the village knows why it happened."
MODEL = "whisper-1"
RATE = 24_000  # of the speech that the server makes
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "hearth"
CONVERTED = {"whisper-tiny.en": 77_704_715, "whisper-base": 147_951_465}  # bytes in ggml's format, as upstream's files


def words(text):
    """In small letters, without accents."""
    plain = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return re.findall(r"[a-z']+", plain.lower())


def word_errors(heard, said=TEXT):
    """The least number of words to put in, leave out or change, over the number of words said."""
    a, b = words(said), words(heard)
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1] / len(a)


@pytest.fixture(scope="module")
def listening(server):
    server.needs(MODEL)
    return server


@pytest.fixture(scope="module")
def sounds(listening):
    """The sentence in every format that the server writes."""
    return {kind: listening.speech(TEXT, response_format=kind).body for kind in ("wav", "flac", "mp3", "opus")}


@pytest.fixture
def client(listening):
    with openai.OpenAI(base_url=listening.url + "/v1", api_key="none", max_retries=0) as made:
        yield made


def form(file, boundary="B", **fields):
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {"model": MODEL, **fields}.items()
    )
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="sound.mp3"\r\n\r\n'.encode()
    return body + head + file + f"\r\n--{boundary}--\r\n".encode()


def transcribe(server, file, path="/v1/audio/transcriptions", headers=None, **fields):
    return server.ask("POST", path, form(file, **fields), {"Content-Type": "multipart/form-data; boundary=B", **(headers or {})})


def wav(samples, rate=16_000, promised=None):
    pcm = struct.pack(f"<{len(samples)}h", *samples)
    size = len(pcm) if promised is None else promised
    return b"RIFF" + struct.pack("<I", (36 + size) % 2**32) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16) + b"data" + struct.pack("<I", size) + pcm


def spoken(server, text, **fields):
    """Samples at RATE."""
    reply = server.speech(text, **fields)
    assert reply.status == 200, reply.body
    return [sample for (sample,) in struct.iter_unpack("<h", reply.body)]


def at_16k(samples):
    """Of samples at RATE: each the mean of the one and a half that it stands for."""
    halves = [sample for sample in samples for _ in range(2)]
    return [round(sum(halves[i : i + 3]) / 3) for i in range(0, len(halves) - 2, 3)]


def ringing(seconds):
    """A telephone's: two tones, loud."""
    return [round(9_000 * (math.sin(2 * math.pi * 440 * i / RATE) + math.sin(2 * math.pi * 480 * i / RATE))) for i in range(int(seconds * RATE))]


def hiss(seconds):
    rng = random.Random(4)
    return [rng.randrange(-15_000, 15_000) for _ in range(int(seconds * RATE))]


def with_length(flac, samples):
    """A streamed FLAC whose header tells its length, as one from a file does: 36 bits of the first block."""
    at = 8 + 13
    return flac[:at] + bytes([flac[at] & 0xF0 | samples >> 32]) + struct.pack(">I", samples & 0xFFFFFFFF) + flac[at + 5 :]


# The official client for Python.


def test_every_format_is_heard_alike(client, sounds):
    for kind, sound in sounds.items():
        heard = client.audio.transcriptions.create(model=MODEL, file=(f"fox.{kind}", sound))
        assert word_errors(heard.text) <= 0.15, (kind, heard.text)
        assert heard.usage.type == "duration" and 3 < heard.usage.seconds < 12


def test_verbose_json_has_segments_and_words(client, sounds):
    heard = client.audio.transcriptions.create(
        model=MODEL, file=("fox.mp3", sounds["mp3"]), language="en", response_format="verbose_json", timestamp_granularities=["word", "segment"]
    )
    assert heard.language == "english" and word_errors(heard.text) <= 0.15
    assert heard.segments and 3 < heard.duration < 12
    for segment in heard.segments:
        assert 0 <= segment.start <= segment.end <= heard.duration + 0.5
        assert segment.tokens and 0 <= segment.no_speech_prob <= 1 and segment.avg_logprob < 0 and segment.compression_ratio > 0
    assert word_errors(" ".join(word.word for word in heard.words), heard.text) <= 0.1
    times = [word.start for word in heard.words]
    assert times == sorted(times) and all(word.start <= word.end for word in heard.words)


def test_words_alone_come_without_segments(client, sounds):
    heard = client.audio.transcriptions.create(
        model=MODEL, file=("fox.flac", sounds["flac"]), response_format="verbose_json", timestamp_granularities=["word"]
    )
    assert heard.words and heard.segments is None


def test_the_plain_formats(client, sounds):
    made = {kind: client.audio.transcriptions.create(model=MODEL, file=("fox.wav", sounds["wav"]), response_format=kind) for kind in ("text", "srt", "vtt")}
    assert word_errors(made["text"]) <= 0.15
    assert re.match(r"1\n00:00:0\d,\d{3} --> 00:00:\d\d,\d{3}\n\S", made["srt"])
    assert re.match(r"WEBVTT\n\n00:00:0\d\.\d{3} --> 00:00:\d\d\.\d{3}\n\S", made["vtt"])


def test_a_stream_joins_to_its_whole(client, sounds):
    events = list(client.audio.transcriptions.create(model=MODEL, file=("fox.opus", sounds["opus"]), stream=True, include=["logprobs"], chunking_strategy="auto"))
    assert [event.type for event in events[:-1]] == ["transcript.text.delta"] * (len(events) - 1) and len(events) > 1
    assert events[-1].type == "transcript.text.done" and events[-1].usage.output_tokens > 10
    assert "".join(event.delta for event in events[:-1]) == events[-1].text
    assert word_errors(events[-1].text) <= 0.15


def test_a_translation_is_english(client, sounds):
    said = client.audio.speech.create(model="tts-1", voice="ef_dora", input="Buenos días, amigos.", response_format="wav", extra_body={"language": "es"})
    try:
        heard = client.audio.translations.create(model=MODEL, file=("amigos.wav", said.content), response_format="verbose_json")
    except openai.BadRequestError as refused:
        assert refused.param == "model", "an English-only model says so"
        missing("the transcription model knows English only")
    assert heard.language == "english" and "good" in words(heard.text)


def test_a_translation_has_words_where_they_are_asked_for(listening, tmp_path):
    """Over HTTP, and by the command line through a server and without."""
    amigos = tmp_path / "amigos.wav"
    amigos.write_bytes(wav(spoken(listening, "Buenos días, amigos. Hoy hace mucho sol.", voice="ef_dora", language="es"), RATE))
    fields = {"response_format": "verbose_json", "timestamp_granularities[]": "word"}
    reply = transcribe(listening, amigos.read_bytes(), path="/v1/audio/translations", **fields)
    if reply.status == 400 and reply.error["param"] == "model":
        missing("the transcription model knows English only")
    heard = {"HTTP": reply.json()}
    assert "segments" not in heard["HTTP"], heard
    for where in (("--port", str(listening.port)), ("--in-process",)):
        code, out, error = command(str(amigos), "--translate", "--words", *where)
        assert code == 0, error
        heard[where[0]] = json.loads(out)
        assert heard[where[0]]["segments"], heard
    for where, document in heard.items():
        assert document["task"] == "translate" and document["language"] == "english", (where, document)
        assert document["words"] and word_errors(" ".join(word["word"] for word in document["words"]), document["text"]) <= 0.1, (where, document)
        times = [word["start"] for word in document["words"]]
        assert times == sorted(times) and 0 <= times[0] and document["words"][-1]["end"] <= document["duration"] + 0.5, (where, document)
    reply = transcribe(listening, amigos.read_bytes(), path="/v1/audio/translations", **{"timestamp_granularities[]": "word"})
    assert (reply.status, reply.error["param"]) == (400, "timestamp_granularities")


def test_errors_are_the_clients_own_exceptions(client, sounds):
    with pytest.raises(openai.BadRequestError) as bad:
        client.audio.transcriptions.create(model=MODEL, file=("letter.mp3", b"Dear Sir or Madam"))
    assert bad.value.param == "file" and bad.value.type == "invalid_request_error"
    with pytest.raises(openai.NotFoundError) as missing:
        client.audio.transcriptions.create(model="gpt-9", file=("fox.wav", sounds["wav"]))
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as deaf:
        client.audio.transcriptions.create(model="kokoro", file=("fox.wav", sounds["wav"]))
    assert deaf.value.param == "model"


# The official client for npm.


def test_the_npm_client(listening, sounds, tmp_path):
    (tmp_path / "fox.mp3").write_bytes(sounds["mp3"])
    result = npm_client("openai_transcription.mjs", listening.url, tmp_path / "fox.mp3")
    assert word_errors(result["formats"]["json"]["text"]) <= 0.15
    assert word_errors(result["formats"]["text"]) <= 0.15
    assert result["formats"]["vtt"].startswith("WEBVTT") and " --> " in result["formats"]["srt"]
    assert result["verbose"]["words"] and result["verbose"]["segments"]
    assert "".join(result["deltas"]) == result["done"]
    tokens = result["weighed"]["tokens"]
    assert "".join(token["token"] for token in tokens).strip() == result["weighed"]["text"]
    assert all(token["logprob"] <= 0 for token in tokens)
    assert word_errors(result["translation"]) <= 0.3
    assert result["error"] == {"status": 400, "param": "language"}


# The language of the whole, the text before it, and long sound.

FOREIGN = {
    "spanish": ("ef_dora", "es", "Buenos días a todos. Hoy vamos a hablar de la historia de nuestra ciudad y de sus calles más antiguas."),
    "french": ("ff_siwis", "fr", "Bonjour à tous. Aujourd'hui nous allons parler de l'histoire de notre ville et de ses rues les plus anciennes."),
}


@pytest.mark.parametrize("pause", [0, 28], ids=["at once", "half a minute later"])  # in one piece with the noise, and in its own
@pytest.mark.parametrize("language, noise", [("spanish", ringing), ("french", hiss)], ids=["ringing, Spanish", "hiss, French"])
def test_noise_does_not_decide_the_language(listening, sounds, language, noise, pause):
    """Nor does who asked before."""
    voice, code, text = FOREIGN[language]
    speech = spoken(listening, text, voice=voice, language=code)
    alone = transcribe(listening, wav(speech, RATE), language=code)
    if alone.status == 400 and alone.error["param"] == "language":
        missing("the transcription model knows English only")
    said = alone.json()["text"]
    assert len(words(said)) > 12, said
    file = wav(noise(5) + [0] * (pause * RATE) + speech, RATE)
    for before, known in ((sounds["flac"], "english"), (wav(speech, RATE), language)):
        assert transcribe(listening, before, response_format="verbose_json").json()["language"] == known
        heard = transcribe(listening, file, response_format="verbose_json").json()
        assert heard["language"] == language, (known, heard)
        assert word_errors(heard["text"], said) <= 0.35, (known, said, heard)


def test_a_prompt_is_what_came_before_the_sound(listening):
    """The first piece is read with it, and those after it as if there had been none."""
    speech = spoken(listening, TEXT)
    file = wav(speech + [0] * (40 * RATE) + speech, RATE)
    plain, prompted = (
        transcribe(listening, file, language="en", response_format="verbose_json", **fields).json()["segments"]
        for fields in ({}, {"prompt": "A story of the Fox and the Dog, as it was told in the Village."})
    )
    assert plain[0]["start"] < 30 and prompted[0]["start"] < 30
    assert plain[0]["avg_logprob"] != prompted[0]["avg_logprob"]
    later = [[(one["text"], one["tokens"], one["avg_logprob"]) for one in heard if one["start"] > 30] for heard in (plain, prompted)]
    assert later[0] and later[0] == later[1], later


def test_twelve_minutes_are_written_down_in_bounded_memory(listening, client):
    """A short sentence each 24 seconds, by the smallest model."""
    small = "whisper-tiny.en"
    listening.needs(small)
    clip = at_16k(spoken(listening, "The quick brown fox jumps over the lazy dog."))
    every, count = 24, 30  # two to a piece
    assert len(clip) < 5 * 16_000, "it was to be short"
    one = struct.pack(f"<{every * 16_000}h", *clip, *[0] * (every * 16_000 - len(clip)))
    file = wav([], promised=len(one) * count) + one * count
    assert transcribe(listening, wav(clip), model=small).status == 200  # the model and its buffers are in memory
    before = listening.metric("process_resident_memory_bytes")

    deltas, done, most = [], None, before
    for event in client.audio.transcriptions.create(model=small, file=("long.wav", file), stream=True):
        if event.type == "transcript.text.delta":
            deltas.append(event.delta)
            most = max(most, listening.metric("process_resident_memory_bytes"))
        else:
            assert event.type == "transcript.text.done" and done is None, event
            done = event
    assert len(deltas) > 10 and "".join(deltas) == done.text
    assert 20 <= words(done.text).count("fox") <= 40, done.text
    # The file, its samples as numbers of four bytes, and what one piece takes.
    assert most - before < 3 * len(file) + 100e6, (before, most, len(file))

    heard = client.audio.transcriptions.create(model=small, file=("long.wav", file), response_format="verbose_json")
    assert abs(heard.duration - every * count) < 1 and word_errors(heard.text, done.text) <= 0.1
    starts = [segment.start for segment in heard.segments]
    assert starts == sorted(starts) and starts[0] < every and starts[-1] > every * (count - 3)
    assert all(one.start <= one.end <= heard.duration for one in heard.segments)
    # It is said where an interval begins; the model may put a few elsewhere.
    assert sum(start % every < 5 or start % every > every - 2 for start in starts) >= 0.7 * len(starts), starts


# What should not be sent, and what only sounds like nothing.


def test_silence_and_noise_are_answered(listening):
    rng = random.Random(1)
    for name, samples in {
        "silence": [0] * 32_000,
        "noise": [rng.randrange(-8_000, 8_000) for _ in range(32_000)],
        "tone": [round(8_000 * math.sin(i / 6)) for i in range(32_000)],
        "one sample": [1_000],
    }.items():
        reply = transcribe(listening, wav(samples))
        assert reply.status == 200 and isinstance(reply.json()["text"], str), name
        assert len(words(reply.json()["text"])) < 12, (name, reply.json())


def test_bad_files_are_named(listening, sounds):
    flac = with_length(sounds["flac"], (len(sounds["wav"]) - 44) // 2)
    assert transcribe(listening, flac).status == 200
    bad = {
        "nothing": b"",
        "no samples": wav([]),
        "a text file named .mp3": b"Dear Sir or Madam,\n" * 100,
        "a header that lies": wav([0] * 1_000, promised=1_000_000),
        "a truncated flac": flac[: len(flac) // 2],
        "a truncated wav header": wav([0] * 1_000)[:30],
        "random bytes": random.Random(2).randbytes(20_000),
        "an m4a": b"\0\0\0\x20ftypM4A " + bytes(1_000),
        "a webm": b"\x1a\x45\xdf\xa3" + bytes(1_000),
        "not a number": b"RIFF\x2c\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 1, 16_000, 64_000, 4, 32) + b"data\x08\0\0\0" + struct.pack("<ff", 0.5, math.nan),
    }
    for name, file in bad.items():
        reply = transcribe(listening, file)
        assert (reply.status, reply.error["param"]) == (400, "file"), name
        assert "/" not in reply.error["message"], name


def test_an_answer_has_nothing_of_the_sound_before(listening, sounds):
    """Attention once read on behind the sound's own frames, where the last request had left its words."""

    def hear():
        return transcribe(listening, sounds["wav"], response_format="verbose_json", language="en").json()["segments"]

    fresh = hear()
    other = listening.speech("Seven small boats sailed slowly past the old grey lighthouse. " * 5, response_format="wav").body
    assert transcribe(listening, other, language="en").status == 200
    assert hear() == fresh


def test_a_streamed_wav_is_not_a_lie(listening, sounds):
    assert sounds["wav"][40:44] == b"\xff\xff\xff\xff"
    assert word_errors(transcribe(listening, sounds["wav"]).json()["text"]) <= 0.15


def test_truncated_and_damaged_files_never_end_the_server(listening, sounds):
    rng = random.Random(3)
    for kind, sound in sounds.items():
        for _ in range(3):
            damaged = bytearray(sound[: rng.randrange(20, min(len(sound), 30_000))])
            for _ in range(20):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            assert transcribe(listening, bytes(damaged)).status in (200, 400), kind
    assert listening.get("/livez").status == 200


@pytest.mark.parametrize(
    "fields, param",
    [
        ({"language": "klingon"}, "language"),
        ({"temperature": "2"}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"response_format": "pdf"}, "response_format"),
        ({"response_format": "diarized_json"}, "response_format"),
        ({"timestamp_granularities[]": "word"}, "timestamp_granularities"),
        ({"stream": "true", "response_format": "srt"}, "stream"),
        ({"prompt": "x" * 20_000}, "prompt"),
        ({"model": ""}, "model"),
    ],
)
def test_a_wrong_field_is_named(listening, fields, param):
    reply = transcribe(listening, wav([0] * 1_000), **fields)
    assert (reply.status, reply.error["param"]) == (400, param)


def test_what_is_no_form_is_refused(listening):
    path = "/v1/audio/transcriptions"
    assert listening.post(path, {"model": MODEL}).status == 415
    for kind, body in {
        "multipart/form-data": form(wav([0])),
        "multipart/form-data; boundary=C": form(wav([0])),
        "multipart/form-data; boundary=B": form(wav([0]))[:-10],
        'multipart/form-data; boundary="B" ': b"",
    }.items():
        reply = listening.ask("POST", path, body, {"Content-Type": kind})
        assert (reply.status, reply.error["code"]) == (400, "invalid_form"), kind


def test_a_page_cannot_send_a_form(listening):
    """A form is what a page may send anywhere without asking, so its Origin decides."""
    for origin in ("https://evil.example", "null"):
        assert transcribe(listening, wav([0] * 1_000), headers={"Origin": origin}).status == 403


def test_too_large_and_too_long_are_told():
    with running_server(HEARTH_MAX_UPLOAD="100k", HEARTH_MAX_AUDIO="2s") as small:
        small.needs(MODEL)
        assert transcribe(small, bytes(300_000)).status == 413
        reply = transcribe(small, wav([0] * 40_000))
        assert reply.status == 400 and "transcription.max_audio" in reply.error["message"]


def form_bytes(file, **fields):
    return request_bytes("POST", "/v1/audio/transcriptions", form(file, **fields), {"Content-Type": "multipart/form-data; boundary=B"})


def test_a_client_that_leaves_frees_its_place(listening, sounds):
    for _ in range(3):
        with listening.hears_all("transcriptions", 1), listening.connect() as connection:
            connection.sendall(form_bytes(sounds["wav"]))
    listening.gone_quiet()


@pytest.mark.parametrize("stream", ["false", "true"])
def test_a_client_that_leaves_amid_its_sound_stops_the_hearing(listening, stream):
    """A minute, which is read in pieces: it stops within one."""
    file = wav(spoken(listening, TEXT) * 10, RATE)
    assert transcribe(listening, wav([0] * 1_000)).status == 200  # the model is in memory
    listening.stops_for_who_leaves("transcriptions", lambda _: form_bytes(file, stream=stream))


# The command line.


def command(*arguments, stdin=None, **environment):
    ran = subprocess.run([HEARTH, "transcribe", *arguments], input=stdin, capture_output=True, timeout=300, env={**os.environ, **environment})
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


@pytest.fixture(params=CONVERTED)
def converted(request, tmp_path):
    """What a model's pull makes of the files that were fetched for it, in a cache that has nothing else; and the model."""
    pulled(request.param)
    cache = tmp_path / "hearth"
    cache.mkdir()
    (cache / "models").symlink_to(CACHE / "models")
    subprocess.run([HEARTH, "models", "pull", request.param], check=True, capture_output=True, timeout=300, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)})
    (file,) = cache.glob("artefacts/whisper-ggml-*/ggml.bin")
    return request.param, file


def test_a_converted_model_has_the_size_of_upstreams_file(converted):
    model, file = converted
    assert file.stat().st_size == CONVERTED[model]


@pytest.mark.parametrize("converted", ["whisper-base"], indirect=True)
def test_a_quantised_file_of_ones_own_hears_the_same(converted, sounds, tmp_path):
    """Made from the pulled model, half its size, and served by its path."""
    model, whole = converted
    small = tmp_path / "base-q8_0.bin"
    small.write_bytes(quantise(whole.read_bytes()))
    assert small.stat().st_size < 0.6 * CONVERTED[model]
    config = tmp_path / "hearth.toml"
    config.write_text(f'[[models]]\nname = "small"\nkind = "stt"\npath = "{small}"\nload = "on_demand"\n')
    with running_server("--config", str(config)) as server:
        reply = transcribe(server, sounds["wav"], model="small")
        assert reply.status == 200 and word_errors(reply.json()["text"]) <= 0.15, reply.body
    cut = tmp_path / "cut.bin"
    cut.write_bytes(small.read_bytes()[:-1000])
    config.write_text(config.read_text().replace(str(small), str(cut)))
    with running_server("--config", str(config)) as server:
        reply = transcribe(server, sounds["wav"], model="small")
        assert reply.status >= 500 and "cut.bin" in reply.error["message"], reply.body
        assert server.get("/livez").status == 200


def test_the_verb_through_a_server_and_without(listening, sounds, tmp_path):
    sound = tmp_path / "fox.mp3"
    sound.write_bytes(sounds["mp3"])
    for where in (("--port", str(listening.port)), ("--in-process",)):
        code, out, error = command(str(sound), *where)
        assert code == 0 and word_errors(out) <= 0.15 and out.endswith("\n"), error
        code, out, error = command("-", "--format", "srt", "--language", "en", *where, stdin=sounds["flac"])
        assert code == 0 and out.startswith("1\n00:00:0"), error
        code, out, error = command(str(sound), "--words", *where)
        assert code == 0 and json.loads(out)["words"], error


def test_the_verbs_complaints_say_what_to_do(listening, tmp_path):
    letter = tmp_path / "letter.mp3"
    letter.write_text("Dear Sir or Madam")
    for arguments, word in {
        (str(letter), "--in-process"): "text, not sound",
        (str(tmp_path / "none.wav"), "--in-process"): "No such file",
        (str(letter), "--model", "no-such", "--in-process"): "",
        (str(letter), "--format", "pdf"): "verbose_json",
        (str(letter), "--language", "klingon"): "klingon",
    }.items():
        code, out, error = command(*arguments)
        assert code == 1 and out == "" and word in error, (arguments, error)
    assert "Examples" in command("--help")[1]


def test_the_microphone_is_written_down(listening, tmp_path):
    """ALSA's own file device in the place of a sound card: the verb records what it gives until the silence after it."""
    recording = tmp_path / "speech.raw"
    at_24k = [sample for (sample,) in struct.iter_unpack("<h", listening.speech(TEXT, response_format="pcm").body)]
    at_16k = [(at_24k[i * 3 // 2] + at_24k[(i * 3 + 1) // 2]) // 2 for i in range(len(at_24k) * 2 // 3 - 1)]
    recording.write_bytes(struct.pack(f"<{len(at_16k)}h", *at_16k) + b"\0" * 16_000 * 2 * 60)
    alsa = tmp_path / "alsa.conf"
    alsa.write_text(
        f'pcm.default {{ type file slave.pcm "nothing" file "/dev/null" infile "{recording}" format "raw" }}\n'
        "pcm.nothing { type null }\n"
    )
    for extra in ((), ("--seconds", "9", "--quiet", "0")):
        code, out, error = command("--mic", "--port", str(listening.port), *extra, ALSA_CONFIG_PATH=str(alsa))
        assert code == 0 and word_errors(out) <= 0.15 and "listening" in error, (out, error)


def test_without_a_microphone_the_error_says_what_to_do(tmp_path):
    (tmp_path / "alsa.conf").write_text("pcm.nothing { type null }\n")
    code, out, error = command("--mic", ALSA_CONFIG_PATH=str(tmp_path / "alsa.conf"))
    assert code == 1 and out == "" and "microphone" in error and "FILE" in error, error
    assert command()[0] == 1 and command("--mic", "a.wav")[0] == 2 and command("a.wav", "--seconds", "3")[0] == 2


def test_logprobs_spell_the_text(client, sounds):
    heard = client.audio.transcriptions.create(model=MODEL, file=("fox.opus", sounds["opus"]), include=["logprobs"])
    assert "".join(token.token for token in heard.logprobs).strip() == heard.text
    assert all(token.logprob <= 0 and bytes(int(byte) for byte in token.bytes).decode() == token.token for token in heard.logprobs)
