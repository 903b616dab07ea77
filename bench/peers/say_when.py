"""What a user of each library writes: load the model, ask once. Prints READY and FIRST as they come; hearth bench startup --peer times
them from exec (bench/peers/*.json)."""

import sys


def say(word):
    print(word, flush=True)


def kokoro_onnx(model, voices):
    from kokoro_onnx import Kokoro

    kokoro = Kokoro(model, voices)
    say("READY")
    kokoro.create("Hello world, how are you today?", voice="af_heart", speed=1.0, lang="en-us")
    say("FIRST")


def faster_whisper(folder, sample):
    from faster_whisper import WhisperModel

    model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=2)
    say("READY")
    segments, _ = model.transcribe(sample, language="en")
    next(iter(segments), None)
    say("FIRST")


def rapidocr():
    import numpy
    from rapidocr import RapidOCR

    reader = RapidOCR()
    say("READY")
    page = numpy.full((96, 160, 3), 255, numpy.uint8)
    page[20:76, 40:48] = page[44:52, 48:56] = page[20:76, 56:64] = page[20:76, 80:88] = 0
    reader(page)
    say("FIRST")


if __name__ == "__main__":
    {"kokoro-onnx": kokoro_onnx, "faster-whisper": faster_whisper, "rapidocr": rapidocr}[sys.argv[1]](*sys.argv[2:])
