"""GGUF files for tests, made of a real one: other settings, fewer layers, parts, and small models with random weights that prove
a route where no real weights can be had. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"""

import mmap
import random
import struct

UINT32, FLOAT32, BOOL, STRING, ARRAY, UINT16 = 4, 6, 7, 8, 9, 2
F32 = 0
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
ALIGNMENT = 32


class Gguf:
    """Fields as {name: bytes of type and value}, tensors as [(name, shape, type, bytes)]."""

    def __init__(self, fields=None, tensors=None):
        self.fields = fields or {}
        self.tensors = tensors or []

    @classmethod
    def read(cls, path):
        with open(path, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        assert data[:4] == b"GGUF"
        count, field_count = struct.unpack_from("<QQ", data, 8)
        at = 24
        fields, heads = {}, []

        def text(at):
            (length,) = struct.unpack_from("<Q", data, at)
            return data[at + 8 : at + 8 + length].decode(), at + 8 + length

        def skip(kind, at):
            if kind == STRING:
                return text(at)[1]
            if kind == ARRAY:
                inner, length = struct.unpack_from("<IQ", data, at)
                at += 12
                if inner in SCALARS:
                    return at + length * struct.calcsize("<" + SCALARS[inner])
                for _ in range(length):
                    at = skip(inner, at)
                return at
            return at + struct.calcsize("<" + SCALARS[kind])

        for _ in range(field_count):
            name, begin = text(at)
            (kind,) = struct.unpack_from("<I", data, begin)
            at = skip(kind, begin + 4)
            fields[name] = data[begin:at]
        for _ in range(count):
            name, at = text(at)
            (rank,) = struct.unpack_from("<I", data, at)
            shape = struct.unpack_from(f"<{rank}Q", data, at + 4)
            kind, offset = struct.unpack_from("<IQ", data, at + 4 + 8 * rank)
            at += 16 + 8 * rank
            heads.append((name, shape, kind, offset))
        base = -(-at // ALIGNMENT) * ALIGNMENT
        ends = sorted(offset for *_, offset in heads) + [len(data) - base]
        tensors = []
        for name, shape, kind, offset in heads:
            end = ends[ends.index(offset) + 1]
            tensors.append((name, shape, kind, data[base + offset : base + end]))
        return cls(fields, tensors)

    def set(self, **values):
        """A dot in a name is written as two underscores."""
        for name, value in values.items():
            self.fields[name.replace("__", ".")] = encoded(value)
        return self

    def texts(self, name):
        raw = self.fields[name]
        kind, inner, length = struct.unpack_from("<IIQ", raw)
        assert (kind, inner) == (ARRAY, STRING)
        at, out = 16, []
        for _ in range(length):
            (size,) = struct.unpack_from("<Q", raw, at)
            out.append(raw[at + 8 : at + 8 + size].decode())
            at += 8 + size
        return out

    def write(self, path):
        body = [b"GGUF", struct.pack("<IQQ", 3, len(self.tensors), len(self.fields))]
        for name, raw in self.fields.items():
            body += [string(name), raw]
        offset = 0
        for name, shape, kind, data in self.tensors:
            body.append(string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset))
            offset += -(-len(data) // ALIGNMENT) * ALIGNMENT
        head = b"".join(body)
        with open(path, "wb") as file:
            file.write(head + bytes(-len(head) % ALIGNMENT))
            for *_, data in self.tensors:
                file.write(data + bytes(-len(data) % ALIGNMENT))
        return path

    def write_parts(self, folder, stem, count):
        """As llama.cpp's gguf-split names and marks them; the path of the first."""
        per_part = -(-len(self.tensors) // count)
        paths = []
        for part in range(count):
            fields = dict(self.fields) if part == 0 else {}
            fields["split.no"] = encoded(part, UINT16)
            fields["split.count"] = encoded(count, UINT16)
            fields["split.tensors.count"] = encoded(len(self.tensors), 5)
            tensors = self.tensors[part * per_part : (part + 1) * per_part]
            paths.append(Gguf(fields, tensors).write(folder / f"{stem}-{part + 1:05d}-of-{count:05d}.gguf"))
        return paths


def string(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def encoded(value, kind=None):
    if kind is not None:
        return struct.pack("<I" + SCALARS[kind], kind, value)
    if isinstance(value, bool):
        return encoded(value, BOOL)
    if isinstance(value, int):
        return encoded(value, UINT32)
    if isinstance(value, float):
        return encoded(value, FLOAT32)
    if isinstance(value, str):
        return struct.pack("<I", STRING) + string(value)
    inner = UINT32 if isinstance(value[0], int) else FLOAT32 if isinstance(value[0], float) else STRING
    items = b"".join(encoded(item)[4:] for item in value)
    return struct.pack("<IIQ", ARRAY, inner, len(value)) + items


def repeat_a_token(path):
    """In place, so that the file keeps its size: one token's text becomes another's, on which llama.cpp aborts."""
    raw = Gguf.read(path).fields["tokenizer.ggml.tokens"]
    _, _, length = struct.unpack_from("<IIQ", raw)
    at, seen = 16, {}
    for _ in range(length):
        (size,) = struct.unpack_from("<Q", raw, at)
        text = raw[at + 8 : at + 8 + size]
        if size in seen:
            break
        seen[size] = text
        at += 8 + size
    with open(path, "r+b") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            begin = data.find(raw)
        file.seek(begin + at + 8)
        file.write(seen[size])


def weights(name, *shape, about=0.0):
    """Random, the same each time."""
    draw = random.Random(name)
    count = 1
    for side in shape:
        count *= side
    return name, shape, F32, struct.pack(f"<{count}f", *(draw.gauss(about, 0.1) for _ in range(count)))


def shortened(model, layers):
    """A llama with its first layers only: it writes nonsense, and loads in no time."""
    kept = [tensor for tensor in model.tensors if not tensor[0].startswith("blk.") or int(tensor[0].split(".")[1]) < layers]
    return Gguf(dict(model.fields), kept).set(llama__block_count=layers)


def windowed(model):
    """A Gemma 3 with the words of `model`: of six layers, five look at a window of 64 tokens only."""
    wide, high, head, layers = 32, 64, 16, 6
    tokens = len(model.texts("tokenizer.ggml.tokens"))
    made = Gguf({name: raw for name, raw in model.fields.items() if name.startswith("tokenizer.")}).set(
        general__architecture="gemma3", gemma3__context_length=4096, gemma3__embedding_length=wide, gemma3__feed_forward_length=high,
        gemma3__block_count=layers, gemma3__attention__head_count=2, gemma3__attention__head_count_kv=1, gemma3__attention__key_length=head,
        gemma3__attention__value_length=head, gemma3__attention__sliding_window=64, gemma3__attention__layer_norm_rms_epsilon=1e-6,
    )  # fmt: skip
    square = {"attn_q": (wide, 2 * head), "attn_k": (wide, head), "attn_v": (wide, head), "attn_output": (2 * head, wide),
              "ffn_gate": (wide, high), "ffn_up": (wide, high), "ffn_down": (high, wide)}  # fmt: skip
    norms = {"attn_norm": wide, "post_attention_norm": wide, "attn_q_norm": head, "attn_k_norm": head, "ffn_norm": wide, "post_ffw_norm": wide}
    made.tensors = [
        weights("token_embd.weight", wide, tokens), weights("output_norm.weight", wide, about=1.0),
        *(weights(f"blk.{i}.{name}.weight", *shape) for i in range(layers) for name, shape in square.items()),
        *(weights(f"blk.{i}.{name}.weight", size, about=1.0) for i in range(layers) for name, size in norms.items()),
    ]  # fmt: skip
    return made


def ranker(vocabulary):
    """A BERT with one layer and a head that gives a score."""
    wide, high, context = 32, 64, 128
    tokens = len(vocabulary.texts("tokenizer.ggml.tokens"))
    fields = {name: raw for name, raw in vocabulary.fields.items() if name.startswith("tokenizer.")}
    model = Gguf(fields).set(
        general__architecture="bert", bert__context_length=context, bert__embedding_length=wide, bert__feed_forward_length=high,
        bert__block_count=1, bert__attention__head_count=2, bert__attention__layer_norm_epsilon=1e-12, bert__attention__causal=False,
        bert__pooling_type=4, tokenizer__ggml__token_type_count=2,
    )  # fmt: skip
    layer = [("attn_q", wide, wide), ("attn_k", wide, wide), ("attn_v", wide, wide), ("attn_output", wide, wide), ("ffn_up", wide, high),
             ("ffn_down", high, wide)]  # fmt: skip
    norms = ["token_embd_norm", "blk.0.attn_output_norm", "blk.0.layer_output_norm"]
    model.tensors = [
        weights("token_embd.weight", wide, tokens), weights("position_embd.weight", wide, context), weights("token_types.weight", wide, 2),
        *(weights(f"blk.0.{name}.weight", *shape) for name, *shape in layer),
        *(weights(f"blk.0.{name}.bias", shape[-1]) for name, *shape in layer),
        *(weights(f"{name}.weight", wide, about=1.0) for name in norms), *(weights(f"{name}.bias", wide) for name in norms),
        weights("cls.weight", wide, wide), weights("cls.bias", wide), weights("cls.output.weight", wide, 1), weights("cls.output.bias", 1),
    ]  # fmt: skip
    return model


def projector(text_wide):
    """An eye with one layer, of the kind that Gemma 3 has: a picture becomes four tokens."""
    wide, high, size, patch, merge = 32, 64, 128, 16, 4
    model = Gguf().set(
        general__architecture="clip", general__file_type=0, clip__has_vision_encoder=True, clip__projector_type="gemma3",
        clip__vision__image_size=size, clip__vision__patch_size=patch, clip__vision__embedding_length=wide,
        clip__vision__feed_forward_length=high, clip__vision__block_count=1, clip__vision__projection_dim=text_wide,
        clip__vision__attention__head_count=2, clip__vision__attention__layer_norm_epsilon=1e-6, clip__use_gelu=True,
        clip__vision__image_mean=[0.5, 0.5, 0.5], clip__vision__image_std=[0.5, 0.5, 0.5], clip__vision__projector__scale_factor=merge,
    )  # fmt: skip
    square = ["attn_q", "attn_k", "attn_v", "attn_out"]
    model.tensors = [
        weights("v.patch_embd.weight", patch, patch, 3, wide), weights("v.patch_embd.bias", wide),
        weights("v.position_embd.weight", wide, (size // patch) ** 2),
        *(weights(f"v.blk.0.{name}.weight", wide, wide) for name in square), *(weights(f"v.blk.0.{name}.bias", wide) for name in square),
        weights("v.blk.0.ffn_up.weight", wide, high), weights("v.blk.0.ffn_up.bias", high),
        weights("v.blk.0.ffn_down.weight", high, wide), weights("v.blk.0.ffn_down.bias", wide),
        *(weights(f"v.{name}.weight", wide, about=1.0) for name in ("blk.0.ln1", "blk.0.ln2", "post_ln")),
        *(weights(f"v.{name}.bias", wide) for name in ("blk.0.ln1", "blk.0.ln2", "post_ln")),
        weights("mm.soft_emb_norm.weight", wide, about=1.0), weights("mm.input_projection.weight", text_wide, wide),
    ]  # fmt: skip
    return model
