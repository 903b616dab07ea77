"""What a language model can be besides a chat: one that embeds, ranks, fills gaps, sees, or comes in parts. SmolLM2's weights where it
can do it, else small models with random ones (gguf_files.py): they prove the way through, not the quality."""

import base64
import hashlib
import math
import pathlib
import shutil
import struct
import zlib

import openai
import pytest

from conftest import LLAMA, npm_client, running_server
from gguf_files import Gguf, projector, ranker, repeat_a_token, shortened

WORDS = "The keeper climbed the narrow stairs to light the lamp. "


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gguf")


@pytest.fixture(scope="module")
def server(smollm, folder):
    """All of them in one server, loaded when they are first asked for; each is first opened by hearth-probe."""
    whole = Gguf.read(smollm)
    (folder / "parts").mkdir()
    (folder / "torn").mkdir()
    parts = whole.write_parts(folder / "parts", "smollm", 3)
    torn = whole.write_parts(folder / "torn", "smollm", 3)
    torn[1].unlink()
    words = whole.texts("tokenizer.ggml.tokens")
    gaps = {f"tokenizer__ggml__fim_{name}_token_id": words.index(f"<{word}>") for name, word in
            (("pre", "reponame"), ("suf", "file_sep"), ("mid", "filename"))}  # fmt: skip
    files = {
        "embedder": Gguf(dict(whole.fields), whole.tensors).set(llama__pooling_type=1).write(folder / "embedder.gguf"),
        "ranker": ranker(Gguf.read(LLAMA / "models/ggml-vocab-bert-bge.gguf")).write(folder / "ranker.gguf"),
        "filler": shortened(whole, 2).set(**gaps).write(folder / "filler.gguf"),
        "seer": shortened(whole, 2).write(folder / "seer.gguf"),
        "coder": shortened(whole, 2).set(tokenizer__ggml__pre="deepseek-coder").write(folder / "coder.gguf"),
        "blob": shortened(whole, 2).write(folder / "sha256-0f3a5b"),
        "parts": parts[0],
        "torn": torn[0],
        "other": Gguf(dict(whole.fields), whole.tensors).set(general__architecture="fish").write(folder / "other.gguf"),
    }
    eye = projector(576).write(folder / "eye.gguf")
    config = folder / "hearth.toml"
    entries = [f'[[models]]\nname = "{name}"\nkind = "llm"\nload = "on_demand"\npath = "{path}"\nctx = 1024\n' for name, path in files.items()]
    entries[list(files).index("seer")] += f'projector = "{eye}"\n'
    config.write_text("\n".join(entries), encoding="utf-8")
    with running_server("--config", str(config), models="silero-vad") as started:
        yield started


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0) as made:
        yield made


def test_embeddings_are_unit_vectors_and_near_where_texts_are_near(client):
    texts = ["A cat sleeps on the sofa.", "A kitten is sleeping on the couch.", "The bank raised its interest rates."]
    answer = client.embeddings.create(model="embedder", input=texts)
    vectors = [item.embedding for item in answer.data]
    assert [item.index for item in answer.data] == [0, 1, 2] and {len(vector) for vector in vectors} == {576}
    assert answer.usage.prompt_tokens > 15
    for vector in vectors:
        assert math.isclose(sum(x * x for x in vector), 1, abs_tol=1e-3)

    def near(a, b):
        return sum(x * y for x, y in zip(vectors[a], vectors[b]))

    assert near(0, 1) > near(0, 2)
    one = client.embeddings.create(model="embedder", input=texts[0], encoding_format="float").data[0].embedding
    assert all(math.isclose(a, b, abs_tol=2e-3) for a, b in zip(one, vectors[0]))


def test_the_npm_client_has_texts_embedded(server):
    texts = ["A cat sleeps on the sofa.", "A kitten is sleeping on the couch.", "The bank raised its interest rates."]
    said = npm_client("openai_embeddings.mjs", server.url, "embedder", *texts)
    assert said["places"] == [0, 1, 2] and [len(vector) for vector in said["vectors"]] == [576] * 3 and said["usage"]["prompt_tokens"] > 15
    near, far = (sum(x * y for x, y in zip(said["vectors"][0], other)) for other in said["vectors"][1:])
    assert 1 > near > far
    assert all(math.isclose(a, b, abs_tol=2e-3) for a, b in zip(said["numbers"], said["vectors"][0], strict=True))
    assert said["error"] == {"status": 400, "param": "input"}


@pytest.mark.parametrize("form", ["float", "base64"])
def test_an_embedding_is_cut_to_the_dimensions_asked_for_at_length_one(server, form):
    def embed(**fields):
        reply = server.post("/v1/embeddings", {"model": "embedder", "input": ["A cat sleeps.", "Rates rise."], "encoding_format": form, **fields})
        assert reply.status == 200, reply.body
        vectors = [item["embedding"] for item in reply.json()["data"]]
        return vectors if form == "float" else [struct.unpack(f"<{len(base64.b64decode(text)) // 4}f", base64.b64decode(text)) for text in vectors]

    whole = embed()
    for dimensions in (64, 1, 576):
        for vector, full in zip(embed(dimensions=dimensions), whole, strict=True):
            length = math.sqrt(sum(x * x for x in full[:dimensions]))
            assert len(vector) == dimensions and math.isclose(sum(x * x for x in vector), 1, abs_tol=1e-3)
            assert all(math.isclose(a, b / length, abs_tol=5e-3) for a, b in zip(vector, full))


@pytest.mark.parametrize("dimensions", [0, -1, 577, 64.5, "64", True])
def test_dimensions_that_the_model_does_not_have_are_refused(server, dimensions):
    refused = server.post("/v1/embeddings", {"model": "embedder", "input": "x", "dimensions": dimensions})
    assert refused.status == 400 and refused.error["param"] == "dimensions" and "576" in refused.error["message"]


def test_an_embedder_neither_writes_nor_takes_too_long_a_text(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="embedder", messages=[{"role": "user", "content": "Hi"}])
    assert refused.value.param == "model"
    with pytest.raises(openai.BadRequestError) as long:
        client.embeddings.create(model="embedder", input=WORDS * 300)
    assert long.value.code == "context_length_exceeded" and long.value.param == "input"
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="embedder", input="")


def test_documents_are_ranked(server):
    documents = ["about cats", "about ships", "about the weather in the north of the country"]
    answer = server.post("/v1/rerank", {"model": "ranker", "query": "ships", "documents": documents}).json()
    scores = {item["index"]: item["relevance_score"] for item in answer["results"]}
    assert sorted(scores) == [0, 1, 2] and len(set(scores.values())) == 3
    assert [item["relevance_score"] for item in answer["results"]] == sorted(scores.values(), reverse=True)
    best = server.post("/v1/rerank", {"model": "ranker", "query": "ships", "documents": documents, "top_n": 1}).json()["results"]
    assert [item["index"] for item in best] == [max(scores, key=scores.get)]
    assert server.post("/v1/rerank", {"model": "ranker", "query": "ships", "documents": []}).error["param"] == "documents"
    assert server.post("/v1/rerank", {"model": "embedder", "query": "x", "documents": ["y"]}).error["param"] == "model"


def test_a_gap_is_filled(server):
    gap = {"model": "filler", "input_prefix": "def add(a, b):\n    ", "input_suffix": "\n    return c\n", "n_predict": 8, "temperature": 0}
    whole = server.post("/infill", gap)
    assert whole.status == 200 and whole.json()["tokens_predicted"] == 8
    extra = [{"filename": "a.py", "text": "def sub(a, b):\n    return a - b\n"}]
    with_files = server.post("/infill", {**gap, "input_extra": extra}).json()
    assert with_files["tokens_evaluated"] > whole.json()["tokens_evaluated"]
    assert server.post("/infill", {**gap, "input_suffix": 1}).error["param"] == "input_suffix"
    assert server.post("/infill", {**gap, "model": "seer"}).error["param"] == "model"


def png(wide, high, really=True):
    """A grey picture; without `really` its head only."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + bytes(range(wide % 256)) * (wide // (wide % 256 or 1)) for _ in range(high)) if really else b""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def look(client, picture, **fields):
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    content = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    return client.chat.completions.create(
        model="seer", messages=[{"role": "user", "content": content}], temperature=0, **{"max_tokens": 4, **fields}
    )


def test_a_picture_is_seen(client):
    seen = look(client, png(100, 60))
    blind = client.chat.completions.create(
        model="seer", messages=[{"role": "user", "content": "What is this?"}], temperature=0, max_tokens=4
    )
    assert seen.usage.prompt_tokens >= blind.usage.prompt_tokens + 4 and seen.usage.completion_tokens == 4
    pieces = list(look(client, png(100, 60), stream=True))
    assert len([piece for piece in pieces if piece.choices]) > 3


@pytest.mark.parametrize("picture", [png(40_000, 40_000, really=False), b"no picture", png(100, 60)[:60], b""])
def test_a_picture_that_cannot_be_is_refused(client, server, picture):
    with pytest.raises(openai.BadRequestError):
        look(client, picture)
    assert server.get("/livez").status == 200
    assert look(client, png(100, 60)).usage.completion_tokens == 4


def test_a_picture_of_several_megabytes_is_taken_and_a_long_text_is_not(client, server):
    draw = __import__("random").Random(1)
    rows = b"".join(b"\0" + draw.randbytes(1_500) for _ in range(1_500))
    large = png(1, 1, really=False)[:8]

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    large += chunk(b"IHDR", struct.pack(">IIBBBBB", 1_500, 1_500, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert len(large) > 2_000_000
    assert look(client, large).usage.completion_tokens == 4
    for size in (33 << 20, 2 << 20):
        too_much = b'{"model":"seer","messages":[{"role":"user","content":"' + b"a" * size + b'"}]}'
        assert server.post("/v1/chat/completions", too_much).status == 413
    assert server.post("/v1/audio/speech", b'{"input":"' + b"a" * (2 << 20) + b'"}').status == 413


def test_a_text_that_cannot_fit_is_not_read_beside_a_picture(client, server):
    url = "data:image/png;base64," + base64.b64encode(png(100, 60)).decode()
    content = [{"type": "text", "text": "word " * 1_000_000}, {"type": "image_url", "image_url": {"url": url}}]
    refused = server.post("/v1/chat/completions", {"model": "seer", "messages": [{"role": "user", "content": content}]})
    assert refused.status == 400 and refused.error["code"] == "context_length_exceeded"
    assert look(client, png(100, 60)).usage.completion_tokens == 4


@pytest.mark.parametrize("letter", ["a", "!", "\u00e9"])
def test_a_run_of_letters_does_not_end_the_server(client, server, letter):
    """This kind of tokenizer is left to std::regex, which calls itself for each letter."""
    short = server.post("/tokenize", {"model": "coder", "content": letter * 5_000})
    assert short.status == 200
    assert server.post("/detokenize", {"model": "coder", "tokens": short.json()["tokens"]}).json()["content"] == letter * 5_000
    refused = server.post("/tokenize", {"model": "coder", "content": letter * 100_000})
    assert refused.status == 400 and "too long" in refused.error["message"]
    assert server.post("/v1/completions", {"model": "coder", "prompt": letter * 100_000}).status == 400
    assert client.completions.create(model="coder", prompt="a b", max_tokens=2).usage.prompt_tokens > 0


def test_a_model_in_parts_is_one_model(client):
    answer = client.completions.create(model="parts", prompt="The capital of France is", max_tokens=4, temperature=0)
    assert "Paris" in answer.choices[0].text


@pytest.mark.parametrize("model, word", [("torn", "00002-of-00003"), ("other", "fish")])
def test_a_part_that_is_missing_and_a_kind_that_is_not_known_are_named(server, model, word):
    refused = server.post("/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": "Hi"}]})
    assert refused.status == 503 and word in refused.error["message"]
    assert server.get("/livez").status == 200


def test_a_file_that_is_named_is_a_model_by_its_bytes_and_not_by_its_name(client):
    answer = client.chat.completions.create(model="blob", messages=[{"role": "user", "content": "Hi"}], max_tokens=4)
    assert answer.usage.completion_tokens > 0


class PulledModel:
    """smollm2-135m where `hearth models pull` puts it, in a cache of its own, and beside it another model that is sound."""

    CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}

    def __init__(self, folder, original):
        self.models = folder / "cache/hearth/models"
        self.file = self.models / "smollm2-135m" / original.name
        self.file.parent.mkdir(parents=True)
        shutil.copyfile(original, self.file)
        other = shortened(Gguf.read(original), 2).write(folder / "other.gguf")
        self.config = folder / "hearth.toml"
        self.config.write_text(
            '[[models]]\nname = "smollm2-135m"\nload = "on_demand"\n\n'
            f'[[models]]\nname = "other"\nkind = "llm"\nload = "on_demand"\npath = "{other}"\n',
            encoding="utf-8",
        )

    def note_as_verified(self):
        """As a pull does."""
        state = self.file.stat()
        digest = hashlib.sha256(self.file.read_bytes()).hexdigest()
        line = f"{digest} {state.st_ino} {state.st_size} {state.st_mtime_ns} {self.file}\n"
        (self.models / ".verified").write_text("hearth-verified 1\n" + line, encoding="utf-8")

    def server(self):
        return running_server("--config", str(self.config), models=None, XDG_CACHE_HOME=str(self.models.parents[1]))

    def chat(self, server, model):
        return server.post("/v1/chat/completions", {"model": model, **self.CHAT})

    def trials(self):
        """The files that were opened on trial."""
        lines = (self.models / ".verified").read_text(encoding="utf-8").splitlines()[1:]
        return sorted(pathlib.Path(line.split(" ", 4)[4]).name for line in lines if line.endswith(".probed"))


@pytest.fixture
def pulled(tmp_path, smollm):
    return PulledModel(tmp_path, smollm)


def test_a_pulled_model_that_was_damaged_since_fails_alone(pulled):
    pulled.note_as_verified()
    size = pulled.file.stat().st_size
    repeat_a_token(pulled.file)
    assert pulled.file.stat().st_size == size
    with pulled.server() as server:
        refused = pulled.chat(server, "smollm2-135m")
        assert refused.status == 503
        assert pulled.file.name in refused.error["message"] and "sha256" in refused.error["message"]
        assert pulled.chat(server, "other").status == 200
        assert pulled.chat(server, "smollm2-135m").status == 503


def test_a_digest_of_ones_own_vouches_for_nothing(pulled):
    """The bytes are those that the user pinned, and they would end the process that opens them."""
    folder = pulled.models / "pinned"
    folder.mkdir()
    bad = pathlib.Path(shutil.copyfile(pulled.file, folder / "pinned.gguf"))
    repeat_a_token(bad)
    with open(pulled.config, "a", encoding="utf-8") as config:
        config.write(
            '\n[[models]]\nname = "pinned"\nkind = "llm"\nload = "on_demand"\n[[models.files]]\nname = "pinned.gguf"\n'
            f'sha256 = "{hashlib.sha256(bad.read_bytes()).hexdigest()}"\nurls = ["https://models.example/pinned.gguf"]\n'
        )
    with pulled.server() as server:
        refused = pulled.chat(server, "pinned")
        assert refused.status == 503 and "there before" in refused.error["message"], refused.body
        assert pulled.chat(server, "other").status == 200


def test_only_what_was_not_verified_is_tried_out(pulled):
    pulled.note_as_verified()
    with pulled.server() as server:
        assert pulled.chat(server, "smollm2-135m").status == 200
        assert pulled.chat(server, "other").status == 200
    assert pulled.trials() == ["other.gguf.probed"]
