"""What a user of kokoro-onnx writes: load the model, speak one text. Prints one JSON line of moments since this process's exec."""
import json
import os
import sys
import time


def since_exec() -> float:
    """Seconds since the bench called exec; it passes its own monotonic clock."""
    return time.monotonic() - float(os.environ["BENCH_EXEC_AT"])


from kokoro_onnx import Kokoro  # noqa: E402  (the import is part of what is measured)

model, voices, text, mode = sys.argv[1:5]
kokoro = Kokoro(model, voices)
moments = {"ready": since_exec()}
if mode != "ready":
    samples, rate = kokoro.create(text, voice="af_heart", speed=1.0, lang="en-us")
    moments["first_audio"] = since_exec()
if mode == "rtf":  # one real-time factor for each line on standard input, so that runs can alternate with ours
    for _ in sys.stdin:
        begin = time.monotonic()
        samples, rate = kokoro.create(text, voice="af_heart", speed=1.0, lang="en-us")
        print((time.monotonic() - begin) / (len(samples) / rate), flush=True)
print(json.dumps(moments), flush=True)
os._exit(0)
