"""Runs in the peer's environment: a path a line on standard input, the lines that RapidOCR reads as JSON on standard output."""
import json
import sys

from rapidocr import RapidOCR

reader = RapidOCR(params={"Global.log_level": "error"})
print(json.dumps("ready"), flush=True)
for path in sys.stdin:
    read = reader(path.strip())
    print(json.dumps(list(read.txts or [])), flush=True)
