"""Three hours of sound in which little is said: all of it is heard, in bounded memory, while others are answered."""

import concurrent.futures
import time

from media_files import quiet_flac
from test_transcription import at_16k, form, spoken, transcribe, wav, word_errors

LISTENER = "whisper-tiny.en"
WRITER = "smollm2-135m"
ANIMALS = ["fox", "horse", "rabbit", "tiger", "monkey", "eagle"]
HOURS = 3
EVERY = (HOURS * 3_600 - 10) // (len(ANIMALS) - 1)  # seconds: the first at the very beginning, the last just before the end


def ask_for_a_word(server):
    document = {"model": WRITER, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 4}
    return server.post("/v1/chat/completions", document)


def answered_meanwhile(server, hearing):
    """Asks for everything else as soon as the sound is in work; whether it still is when all has come."""
    for _ in range(2_000):
        if server.get("/status").json()["requests"]["running"]:
            break
        time.sleep(0.005)
    assert server.speech("Still here.").status == 200
    assert ask_for_a_word(server).status == 200
    assert server.get("/livez").status == 200
    return not hearing.done()


def test_three_hours_are_heard_while_others_are_answered(server):
    server.needs(LISTENER, WRITER)
    said = [f"The {animal} is asleep in the garden." for animal in ANIMALS]
    clips = [at_16k(spoken(server, text)) for text in said]
    file = quiet_flac(HOURS * 3_600, {i * EVERY: clip for i, clip in enumerate(clips)})
    assert transcribe(server, wav(clips[0]), model=LISTENER).status == 200  # the models and their buffers are in memory
    assert ask_for_a_word(server).status == 200
    before = server.metric("process_resident_memory_bytes")

    body = form(file, model=LISTENER, response_format="verbose_json")
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    # The file, its samples once, as numbers of four bytes, and what is said meanwhile.
    most = len(file) + HOURS * 3_600 * 16_000 * 4 + 150e6
    with concurrent.futures.ThreadPoolExecutor(2) as threads, server.takes_no_more_than(most):
        for _ in range(3):  # this test may be held up for so long that the sound is done, but not each time
            hearing = threads.submit(server.ask, "POST", "/v1/audio/transcriptions", body, headers, timeout=300)
            others = threads.submit(answered_meanwhile, server, hearing)
            reply = hearing.result()
            if others.result():
                break
        assert others.result(), "the sound was done before the others were answered"
    assert reply.status == 200, reply.body
    heard = reply.json()

    assert abs(heard["duration"] - HOURS * 3_600) < 0.1
    assert word_errors(heard["text"], " ".join(said)) <= 0.1, heard["text"]
    for i, animal in enumerate(ANIMALS):
        (start,) = [segment["start"] for segment in heard["segments"] if animal in segment["text"].lower()]
        assert abs(start - i * EVERY) < 2, (animal, start)
    server.gone_quiet()
    assert server.metric("process_resident_memory_bytes") - before < 100e6
