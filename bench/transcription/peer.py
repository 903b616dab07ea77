"""Runs in the peer's environment: FOLDER BEAM; a path a line on standard input, {"text", "seconds"} as JSON on standard output."""
import json
import sys
import time

from faster_whisper import WhisperModel

folder, beam = sys.argv[1], int(sys.argv[2])
model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=2)
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    begin = time.monotonic()
    segments, _ = model.transcribe(line.strip(), language="en", beam_size=beam)
    text = " ".join(segment.text.strip() for segment in segments)
    print(json.dumps({"text": text, "seconds": time.monotonic() - begin}), flush=True)
