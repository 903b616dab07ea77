#!/usr/bin/env python3
"""The values that src/engines/onnx/detectors_golden_test.cc compares the voice and turn detectors with, by their reference code:

    python3 bench/peers/install.py pipecat
    ~/.cache/hearth-build/peers/pipecat/bin/python bench/detectors/golden.py

Pipecat has the model files of both, its own wrapper of Silero (the arithmetic of the silero-vad package) and the authors' Smart Turn."""

import os
import wave
from importlib.resources import files
from pathlib import Path

import numpy
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.vad.silero import SileroOnnxModel

RATE = 16_000
WINDOW = 512
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
SAMPLE = CACHE / "hearth-build/deps/whisper/samples/jfk.wav"


def main():
    with wave.open(str(SAMPLE)) as speech:
        assert (speech.getframerate(), speech.getnchannels()) == (RATE, 1)
        samples = numpy.frombuffer(speech.readframes(speech.getnframes()), "<i2").astype(numpy.float32) / 32_768

    silero = SileroOnnxModel(str(files("pipecat.audio.vad.data") / "silero_vad.onnx"))
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    track = [float(silero(window, RATE).squeeze()) for window in windows]
    print("Silero, window: probability")
    for number in range(0, len(track), 24):
        print(f"  {number:3}: {track[number]:.5f}")

    turn = LocalSmartTurnAnalyzerV3(sample_rate=RATE, cpu_count=2)
    turn.set_sample_rate(RATE)
    print("Smart Turn, seconds heard: probability")
    for seconds in (0.0, 1.0, 2.3, 4.0, 5.5, 8.0, 11.0):
        heard = samples[: int(seconds * RATE)]
        print(f"  {seconds:4}: {turn._predict_endpoint(heard)['probability']:.5f}")


if __name__ == "__main__":
    main()
