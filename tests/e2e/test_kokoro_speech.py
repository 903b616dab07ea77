"""What Kokoro says, judged by its sound: each language by a voice of its own, and the pauses and phonemes that a text asks for."""

import array
import itertools
import math
import re

import pytest

from conftest import running_server
from test_transcription import transcribe, wav, words

RATE = 24_000
SILENT = 33  # of 32,768: -60 dB, which the engine takes for silence too
SENTENCES = {
    "en-us": "The train leaves at noon.",
    "en-gb": "The kettle is on the table.",
    "es": "El tren sale a las doce.",
    "fr-fr": "Le train part à midi.",
    "hi": "गाड़ी दोपहर को चलती है।",
    "it": "Il treno parte a mezzogiorno.",
    "ja": "でんしゃは おひるに でます。",
    "pt-br": "O trem sai ao meio-dia.",
    "zh": "火车中午出发。",
}


def said(server, text, **fields):
    reply = server.speech(text, **fields)
    assert reply.status == 200, reply.body
    return array.array("h", reply.body)


def level(samples):
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32_768


def longest_silence(samples):
    """In seconds."""
    return max((len(list(run)) for quiet, run in itertools.groupby(samples, lambda sample: abs(sample) <= SILENT) if quiet), default=0) / RATE


@pytest.fixture(scope="module")
def first_voices(server):
    voices = {}
    for voice in server.get("/v1/audio/voices").json()["data"]:
        voices.setdefault(voice["language"], voice["id"])
    return voices


def test_every_language_of_the_voices_is_tried(first_voices):
    assert set(first_voices) == set(SENTENCES)


@pytest.mark.parametrize("language", SENTENCES)
def test_the_first_voice_of_a_language_speaks_it(server, first_voices, language):
    sound = said(server, SENTENCES[language], voice=first_voices[language])
    assert 1 < len(sound) / RATE < 3.5
    assert 0.02 < level(sound) < 0.3 and longest_silence(sound) < 1
    parts = [level(sound[i : i + RATE // 5]) for i in range(0, len(sound) - RATE // 5, RATE // 5)]
    assert sum(part > 0.01 for part in parts) > 0.5 * len(parts), parts  # somebody speaks most of the time


def test_a_text_says_where_it_pauses_and_how_a_word_sounds(server):
    plain = said(server, "The word alphabet. And it goes on.")
    asked = said(server, "The [word](/fəˈnɛtɪk/) alphabet. [pause:1.5s] And it goes on.")
    assert longest_silence(plain) < 1 and 1.45 <= longest_silence(asked) <= 1.6, (longest_silence(plain), longest_silence(asked))
    server.needs("whisper-1")
    heard_plain, heard_asked = (
        words(transcribe(server, wav(list(sound), RATE), language="en").json()["text"]) for sound in (plain, asked)
    )
    end = ["alphabet", "and", "it", "goes", "on"]
    assert heard_plain == ["the", "word", *end]
    assert heard_asked[2:] == end and re.fullmatch(r"(f|ph)\w+tic", heard_asked[1]), heard_asked  # as a listener without the letters has it


def test_memory_is_flat_over_texts_of_varied_length():
    """Each length is a shape of its own to ONNX Runtime, which could keep memory for every one of them."""
    text = "Farmers unload their crates of apples while the first customers wander between the stalls. ".split() * 3
    with running_server() as server:
        resident = {}
        for count in range(1, 61):
            said(server, " ".join(text[: 1 + count * 17 % 41]))
            resident[count] = server.metric("process_resident_memory_bytes")
    assert resident[60] < resident[20] + (16 << 20), resident
