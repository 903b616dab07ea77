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


def pipecat(whisper, kokoro, voices):
    """What a voice agent constructs before its first call; it has no server of its own to ask."""
    import asyncio

    from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
    from pipecat.audio.vad.silero import SileroVADAnalyzer
    from pipecat.services.kokoro.tts import KokoroTTSService
    from pipecat.services.whisper.stt import WhisperSTTService

    async def construct():
        return (
            SileroVADAnalyzer(sample_rate=16_000),
            LocalSmartTurnAnalyzerV3(cpu_count=2),
            WhisperSTTService(device="cpu", compute_type="int8", settings=WhisperSTTService.Settings(model=whisper)),
            KokoroTTSService(model_path=kokoro, voices_path=voices, settings=KokoroTTSService.Settings(voice="af_heart")),
        )

    parts = asyncio.run(construct())
    assert len(parts) == 4
    say("READY")


if __name__ == "__main__":
    {"kokoro-onnx": kokoro_onnx, "faster-whisper": faster_whisper, "rapidocr": rapidocr, "pipecat": pipecat}[sys.argv[1]](*sys.argv[2:])
