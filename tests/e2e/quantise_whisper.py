"""A Whisper file in ggml's format with its matrices in q8_0, as whisper.cpp's own quantiser writes it."""

import struct

import numpy

F16, Q8_0 = 1, 8  # types of a tensor
KIND_Q8_0 = 2_007  # of a file: 7, and the version of the block formats, 2, a thousand times
BLOCK = 32
LEFT_AS_THEY_ARE = {"encoder.positional_embedding", "decoder.positional_embedding"}


def q8_0(weights):
    """Blocks of 32: a scale as f16, and each number over it as a byte."""
    blocks = weights.astype(numpy.float32).reshape(-1, BLOCK)
    scale = numpy.abs(blocks).max(axis=1) / 127
    with numpy.errstate(divide="ignore", invalid="ignore"):
        steps = numpy.where(scale[:, None] > 0, blocks / scale[:, None], 0)
    packed = numpy.empty(len(blocks), dtype=[("scale", "<f2"), ("steps", "i1", BLOCK)])
    packed["scale"], packed["steps"] = scale, numpy.round(steps)
    return packed.tobytes()


def quantise(file):
    """`file` is the whole of an f16 model."""
    numbers = list(struct.unpack_from("<11i", file, 4))
    numbers[10] = KIND_Q8_0
    at = 4 + 44
    bands, bins = struct.unpack_from("<2i", file, at)
    at += 8 + 4 * bands * bins
    (tokens,) = struct.unpack_from("<i", file, at)
    at += 4
    for _ in range(tokens):
        at += 4 + struct.unpack_from("<i", file, at)[0]
    out = [file[:4], struct.pack("<11i", *numbers), file[48:at]]
    while at < len(file):
        rank, length, kind = struct.unpack_from("<3i", file, at)
        shape = struct.unpack_from(f"<{rank}i", file, at + 12)
        data = at + 12 + 4 * rank + length
        name = file[data - length : data].decode()
        end = data + int(numpy.prod(shape)) * (2 if kind == F16 else 4)
        is_matrix = kind == F16 and rank == 2 and name not in LEFT_AS_THEY_ARE
        out += [struct.pack("<3i", rank, length, Q8_0 if is_matrix else kind), file[at + 12 : data]]
        out.append(q8_0(numpy.frombuffer(file[data:end], "<f2")) if is_matrix else file[data:end])
        at = end
    return b"".join(out)
