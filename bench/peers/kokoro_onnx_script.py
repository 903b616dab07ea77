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
    if mode == "rtf":
        times = []
        for _ in range(int(sys.argv[5])):
            begin = time.monotonic()
            samples, rate = kokoro.create(text, voice="af_heart", speed=1.0, lang="en-us")
            times.append(time.monotonic() - begin)
        moments["rtf"] = [t / (len(samples) / rate) for t in times]
        with open("/proc/self/statm") as statm:
            moments["rss_mb"] = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
print(json.dumps(moments), flush=True)
os._exit(0)
