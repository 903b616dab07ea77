"""A vision model of dots.ocr's architecture, a megabyte small: the language model is Qwen2's, the projector dots.ocr's, and the weights
are made so that what it says can be known. No weights of the real one can be had where these tests run.

The language model is a table of which byte follows which: attention and feed-forward add nothing, but that one dimension, which only
the projector's tokens have, is averaged over the prompt. Where it is there, the answer begins; where it is not, the model says "blind".
"""
import array
import math
import pathlib
import random
import struct
import sys

ANSWER = "# Hi\nby."  # no byte twice, in both together: the byte before decides
BLIND = "{dunk}"
SPECIAL = ["<unk>", "<s>", "</s>", "<|img|>", "<|endofimg|>", "<|imgpad|>", "<|answer|>"]
TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}<|answer|>"
FIRST_BYTE = len(SPECIAL)
VOCABULARY = FIRST_BYTE + 256
SEEN = VOCABULARY  # the dimension of the projector's tokens
WIDTH = 288
HEADS = 4


class Tensor:
    """Of 32-bit floats, row after row."""

    def __init__(self, *shape, fill=lambda: 0):
        self.shape = shape
        self.values = array.array("f", (fill() for _ in range(math.prod(shape))))

    def __setitem__(self, place, value):
        row, column = place if isinstance(place, tuple) else (0, place)
        self.values[row * self.shape[-1] + column] = value


def next_tokens():
    """(before, after): what follows what."""
    for text in (ANSWER, BLIND):
        ids = [FIRST_BYTE + byte for byte in text.encode()] + [SPECIAL.index("</s>")]
        yield from zip(ids, ids[1:])


def write_model(path):
    unknown, control, byte = 2, 3, 6
    fields = {
        "general.architecture": "qwen2",
        "general.name": "tiny vision",
        "qwen2.block_count": 1,
        "qwen2.context_length": 2048,
        "qwen2.embedding_length": WIDTH,
        "qwen2.feed_forward_length": 32,
        "qwen2.attention.head_count": HEADS,
        "qwen2.attention.head_count_kv": HEADS,
        "qwen2.attention.layer_norm_rms_epsilon": 1e-6,
        "qwen2.rope.freq_base": 10000.0,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": SPECIAL + [f"<0x{byte:02X}>" for byte in range(256)],
        "tokenizer.ggml.scores": [0.0] * VOCABULARY,
        "tokenizer.ggml.token_type": [unknown] + [control] * (len(SPECIAL) - 1) + [byte] * 256,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.add_space_prefix": False,
        "tokenizer.chat_template": TEMPLATE,
    }

    embedding = Tensor(VOCABULARY, WIDTH)
    for token in range(VOCABULARY):
        embedding[token, token] = 1
    output = Tensor(VOCABULARY, WIDTH)
    for before, after in next_tokens():
        output[after, before] = 1000
    answer = SPECIAL.index("<|answer|>")
    output[FIRST_BYTE + ord(BLIND[0]), answer] = 1000
    output[FIRST_BYTE + ord(ANSWER[0]), answer] = 990
    # What comes through of the average over the prompt, 17 at most, decides the first byte and no later one.
    output[FIRST_BYTE + ord(ANSWER[0]), SEEN] = 20
    only_seen = Tensor(WIDTH, WIDTH)
    only_seen[SEEN, SEEN] = 1
    ones = Tensor(WIDTH, fill=lambda: 1)
    save(path, fields, {
        "token_embd.weight": embedding,
        "output_norm.weight": ones,
        "output.weight": output,
        "blk.0.attn_norm.weight": ones,
        "blk.0.ffn_norm.weight": ones,
        "blk.0.attn_q.weight": Tensor(WIDTH, WIDTH),
        "blk.0.attn_q.bias": Tensor(WIDTH),
        "blk.0.attn_k.weight": Tensor(WIDTH, WIDTH),
        "blk.0.attn_k.bias": Tensor(WIDTH),
        "blk.0.attn_v.weight": only_seen,
        "blk.0.attn_v.bias": Tensor(WIDTH),
        "blk.0.attn_output.weight": only_seen,
        "blk.0.ffn_gate.weight": Tensor(32, WIDTH),
        "blk.0.ffn_up.weight": Tensor(32, WIDTH),
        "blk.0.ffn_down.weight": Tensor(WIDTH, 32),
    })


def write_projector(path, blocks=1, most_pixels=40_000):
    """With more blocks, and for larger pictures, it sees the same and takes longer."""
    draw = random.Random(1)
    width, hidden, patch, merge = 32, 64, 14, 2

    def weights(*shape):
        return Tensor(*shape, fill=lambda: draw.gauss(0, 0.1))

    fields = {
        "general.architecture": "clip",
        "clip.has_vision_encoder": True,
        "clip.projector_type": "dots_ocr",
        "clip.use_silu": True,
        "clip.vision.image_size": 0,
        "clip.vision.patch_size": patch,
        "clip.vision.embedding_length": width,
        "clip.vision.feed_forward_length": hidden,
        "clip.vision.projection_dim": WIDTH,
        "clip.vision.block_count": blocks,
        "clip.vision.attention.head_count": 2,
        "clip.vision.attention.layer_norm_epsilon": 1e-5,
        "clip.vision.image_mean": [0.5, 0.5, 0.5],
        "clip.vision.image_std": [0.5, 0.5, 0.5],
        "clip.vision.image_min_pixels": 3136,
        "clip.vision.image_max_pixels": most_pixels,
        "clip.vision.projector.scale_factor": merge,
    }
    bias = Tensor(WIDTH)
    bias[SEEN] = 4
    ones = Tensor(width, fill=lambda: 1)
    merged = width * merge * merge
    block = {
        "ln1": ones,
        "ln2": ones,
        "attn_q": weights(width, width),
        "attn_k": weights(width, width),
        "attn_v": weights(width, width),
        "attn_out": weights(width, width),
        "ffn_gate": weights(hidden, width),
        "ffn_up": weights(hidden, width),
        "ffn_down": weights(width, hidden),
    }
    save(path, fields, {
        "v.patch_embd.weight": weights(width, 3, patch, patch),
        "v.patch_embd.bias": weights(width),
        "v.pre_ln.weight": ones,
        **{f"v.blk.{i}.{name}.weight": tensor for i in range(blocks) for name, tensor in block.items()},
        "mm.post_norm.weight": ones,
        "mm.input_norm.weight": ones,
        "mm.input_norm.bias": Tensor(width),
        "mm.0.weight": weights(merged, merged),
        "mm.0.bias": weights(merged),
        "mm.2.weight": Tensor(WIDTH, merged),
        "mm.2.bias": bias,
    })


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def packed(value):
    """A value with its type, as GGUF has them."""
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    if isinstance(value, str):
        return 8, text(value)
    parts = [(5, struct.pack("<i", part)) if isinstance(part, int) else packed(part) for part in value]
    return 9, struct.pack("<IQ", parts[0][0], len(parts)) + b"".join(part for _, part in parts)


def save(path, fields, tensors):
    alignment, head, body = 32, b"", b""
    for key, value in fields.items():
        kind, content = packed(value)
        head += text(key) + struct.pack("<I", kind) + content
    for name, tensor in tensors.items():
        head += text(name) + struct.pack("<I", len(tensor.shape))
        head += b"".join(struct.pack("<Q", side) for side in reversed(tensor.shape)) + struct.pack("<IQ", 0, len(body))
        content = tensor.values.tobytes()
        body += content + bytes(-len(content) % alignment)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields)) + head
    pathlib.Path(path).write_bytes(head + bytes(-len(head) % alignment) + body)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    write_model(folder / "tiny.gguf")
    write_projector(folder / "mmproj-tiny.gguf")
