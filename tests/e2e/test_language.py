"""Language models through the official OpenAI client, unchanged: what they answer, what they refuse, and that a client
who leaves frees its slot at once."""

import contextlib
import functools
import json
import socket
import subprocess
import threading

import openai
import pytest

import conftest
from conftest import HEARTH, npm_client, pulled, request_bytes, running_server

MODEL = "smollm2-135m"
wait_until = functools.partial(conftest.wait_until, seconds=120)
STORY = [{"role": "user", "content": "Write a very long story about the sea."}]
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "large": {"type": "boolean"}},
    "required": ["city", "large"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def language_server():
    pulled(MODEL)
    with running_server() as started:
        for model in (MODEL, "kokoro"):
            assert started.post("/models/load", {"model": model}).status == 200
        yield started


@pytest.fixture
def client(language_server):
    with openai.OpenAI(base_url=language_server.url + "/v1", api_key="none", max_retries=0) as made:
        yield made


# Another reading of the same prompt: of one that is known, llama.cpp reads the last token alone, with other last bits.
ANEW = {"extra_body": {"cache_prompt": False}}


def ask(client, text="What is the capital of France?", **fields):
    return client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": text}], temperature=0, seed=1, **{"max_tokens": 24, **fields}
    )


def test_chat_answers_with_usage_and_the_name_it_was_asked_for(client):
    answer = ask(client)
    assert answer.choices[0].message.content and answer.choices[0].message.role == "assistant"
    assert answer.model == MODEL
    assert answer.usage.prompt_tokens > 10 and answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.model_extra["timings"]["predicted_n"] == answer.usage.completion_tokens


def test_a_stream_says_the_same_piece_by_piece(client):
    whole = ask(client, **ANEW).choices[0].message.content
    events = list(ask(client, stream=True, stream_options={"include_usage": True}, **ANEW))
    pieces = [event.choices[0].delta.content or "" for event in events if event.choices]
    assert "".join(pieces) == whole
    assert len([piece for piece in pieces if piece]) > 3
    assert events[-1].usage.completion_tokens > 3
    assert [event.choices[0].finish_reason for event in events if event.choices][-1] in ("stop", "length")


def test_a_model_that_is_not_named_is_the_servers_choice(language_server):
    answer = language_server.post("/v1/chat/completions", {"messages": STORY, "max_tokens": 2})
    assert answer.status == 200 and answer.json()["model"] == MODEL


def test_generation_stops_at_a_word_and_at_its_limit(client):
    counted = client.completions.create(model=MODEL, prompt="One, two, three,", stop=["six"], max_tokens=40, temperature=0)
    assert "five" in counted.choices[0].text and "six" not in counted.choices[0].text
    assert counted.choices[0].finish_reason == "stop"
    limited = ask(client, "Write a long story.", max_tokens=5)
    assert limited.choices[0].finish_reason == "length" and limited.usage.completion_tokens == 5


def test_logprobs_come_with_their_alternatives(client):
    tokens = ask(client, logprobs=True, top_logprobs=3, max_tokens=4).choices[0].logprobs.content
    assert len(tokens) == 4
    for token in tokens:
        assert token.logprob <= 0 and len(token.top_logprobs) == 3


def test_an_answer_keeps_to_a_json_schema(client):
    form = {"type": "json_schema", "json_schema": {"name": "city", "schema": CITY, "strict": True}}
    answer = ask(client, "Describe Paris as JSON.", response_format=form, max_tokens=80).choices[0].message.content
    parsed = json.loads(answer)
    assert set(parsed) == {"city", "large"} and isinstance(parsed["large"], bool)


def tool(name, **properties):
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": f"Tells the {name}", "parameters": parameters}}


WEATHER = tool("weather", city={"type": "string", "enum": ["Rome", "Paris"]})
TIME = tool("time", zone={"type": "string", "enum": ["CET", "UTC"]})


def test_a_tool_that_must_be_called_is_called(client):
    """Also with a model whose own template has no word for tools."""
    answer = ask(client, "What is the weather in Rome?", tools=[WEATHER], tool_choice="required", max_tokens=60).choices[0]
    (call,) = answer.message.tool_calls
    assert call.function.name == "weather" and json.loads(call.function.arguments)["city"] in ("Rome", "Paris")
    assert answer.finish_reason == "tool_calls"


def test_a_tool_that_is_named_is_called_and_streamed(client):
    named = {"type": "function", "function": {"name": "time"}}
    events = ask(client, "Hello.", tools=[WEATHER, TIME], tool_choice=named, max_tokens=60, stream=True)
    calls = [call for event in events for choice in event.choices for call in choice.delta.tool_calls or []]
    assert calls[0].function.name == "time"
    assert json.loads("".join(call.function.arguments for call in calls))["zone"] in ("CET", "UTC")


def test_the_result_of_a_tool_is_read(client):
    call = {"id": "a", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
    messages = [
        {"role": "user", "content": "What is the weather in Rome?"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "sunny"},
    ]
    answer = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER], temperature=0, max_tokens=30)
    assert "sunny" in answer.choices[0].message.content


def test_completions_and_several_choices(client):
    capital = client.completions.create(model=MODEL, prompt="The capital of France is", max_tokens=4, temperature=0)
    assert "Paris" in capital.choices[0].text
    answer = client.completions.create(model=MODEL, prompt=["The sky is", "Grass is"], max_tokens=4, temperature=0)
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert answer.usage.completion_tokens == 8
    two = ask(client, n=2, max_tokens=4)
    assert len(two.choices) == 2 and two.usage.completion_tokens == 8


def test_responses_whole_and_streamed(client):
    whole = client.responses.create(model=MODEL, input="Say hello.", max_output_tokens=8, temperature=0, **ANEW)
    assert whole.output_text and whole.model == MODEL
    events = list(client.responses.create(model=MODEL, input="Say hello.", max_output_tokens=8, temperature=0, stream=True, **ANEW))
    assert events[0].type == "response.created" and events[-1].type in ("response.completed", "response.incomplete")
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == whole.output_text


def test_anthropics_messages(language_server):
    document = {"model": MODEL, "max_tokens": 8, "messages": [{"role": "user", "content": "Say hello."}]}
    answer = language_server.post("/v1/messages", document).json()
    assert answer["type"] == "message" and answer["content"][0]["text"] and answer["usage"]["output_tokens"] <= 8
    refused = language_server.post("/v1/messages", {"model": MODEL, "max_tokens": 8})
    assert refused.status == 400 and refused.json()["error"]["type"] == "invalid_request_error"


def test_tokens_and_back(language_server):
    text = "Grüße, world! 你好 🙂"
    tokens = language_server.post("/tokenize", {"content": text}).json()["tokens"]
    assert all(isinstance(token, int) for token in tokens)
    assert language_server.post("/detokenize", {"tokens": tokens}).json()["content"] == text
    assert language_server.post("/detokenize", {"tokens": [10**8]}).error["param"] == "tokens"


def test_the_npm_client(language_server):
    said = npm_client("openai_language.mjs", language_server.url, MODEL)
    assert said["chat"]["text"] and said["streamed"] == said["chat"]["text"]
    assert said["chat"]["usage"]["total_tokens"] == said["chat"]["usage"]["prompt_tokens"] + said["chat"]["usage"]["completion_tokens"]
    assert set(said["formed"]) == {"city"} and set(said["called"]["arguments"]) == {"city"} and said["called"]["name"] == "look_up"
    assert "Paris" in said["completion"] and said["response"]
    assert said["events"][0] == "response.created" and said["events"][-1] in ("response.completed", "response.incomplete")
    assert said["error"] == {"status": 400, "param": "n", "type": "invalid_request_error"}
    language_server.gone_quiet()


def test_two_at_once_are_both_answered(client):
    answers = {}

    def run(name, text):
        answers[name] = client.completions.create(model=MODEL, prompt=text, max_tokens=8, temperature=0).choices[0].text

    prompts = {1: "The capital of France is", 2: "One, two, three, four,"}
    threads = [threading.Thread(target=run, args=pair) for pair in prompts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert "Paris" in answers[1] and "five" in answers[2]


@pytest.mark.parametrize(
    "fields, param",
    [
        ({"messages": [{"role": "user", "content": "word " * 9_000}]}, "messages"),
        ({"grammar": "root ::= ("}, "grammar"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "nonsense"}}}}, "response_format"),
        ({"n": 1_000}, "n"),
        ({"lora": [{"id": 0}]}, "lora"),
        ({"id_slot": 0}, "id_slot"),
        ({"repeat_last_n": 2**31 - 1}, "repeat_last_n"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "none"}}}, "tool_choice"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PNG}}]}]}, None),
    ],
)
def test_what_cannot_be_is_refused_with_400(language_server, fields, param):
    refused = language_server.post("/v1/chat/completions", {"model": MODEL, "messages": STORY, "max_tokens": 4, **fields})
    assert refused.status == 400
    assert refused.error["type"] == "invalid_request_error" and refused.error["param"] == param


def test_a_prompt_too_long_says_how_long(client):
    with pytest.raises(openai.BadRequestError) as long:
        ask(client, "word " * 9_000)
    assert long.value.code == "context_length_exceeded" and "4096" in long.value.message


def test_a_model_that_writes_does_not_embed(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model=MODEL, input="hello")
    assert refused.value.param == "model"


def test_pictures_are_not_downloaded(language_server):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as trap:
        trap.settimeout(1)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/a.png"
        for part in ({"type": "image_url", "image_url": {"url": url}}, {"type": "input_audio", "input_audio": {"data": url}}):
            messages = [{"role": "user", "content": [part]}]
            refused = language_server.post("/v1/chat/completions", {"model": MODEL, "messages": messages})
            assert refused.status == 400 and refused.error["param"] == "messages"
        with pytest.raises(TimeoutError):
            trap.accept()


def endless(stream):
    """Two of them have room side by side."""
    document = {"model": MODEL, "messages": STORY, "max_tokens": 1_500, "stream": stream, "ignore_eos": True}
    return request_bytes("POST", "/v1/chat/completions", json.dumps(document).encode(), {"Content-Type": "application/json"})


def test_a_client_that_leaves_while_it_is_answered_frees_its_slot(language_server):
    for stream in (True, False):
        with contextlib.ExitStack() as leaving:
            for _ in range(2):  # both slots
                connection = leaving.enter_context(language_server.connect())
                connection.sendall(endless(stream))
                if stream:
                    assert b"200 OK" in connection.recv(1 << 16)
            wait_until(lambda: language_server.get("/status").json()["requests"]["running"] == 2)
        language_server.gone_quiet()
        short = language_server.post("/v1/chat/completions", {"messages": STORY, "max_tokens": 1})
        assert short.status == 200


WORK = {  # each of some seconds, so that a tenth is many tokens; nothing of it is known from an earlier time
    "a whole answer": lambda n: {"prompt": f"Tale {n}.", "max_tokens": 400, "ignore_eos": True},
    "a stream": lambda n: {"prompt": f"Story {n}.", "max_tokens": 400, "ignore_eos": True, "stream": True},
    "a prompt": lambda n: {"prompt": f"{n} " + " ".join(f"word{i * 7919 % 1000}" for i in range(700)), "max_tokens": 1},
}


@pytest.mark.parametrize("work", WORK)
def test_work_ends_where_its_client_leaves(language_server, work):
    def request(number):
        body = json.dumps({"model": MODEL, "temperature": 0, "cache_prompt": False, **WORK[work](number)}).encode()
        return request_bytes("POST", "/v1/completions", body, {"Content-Type": "application/json"})

    language_server.stops_for_who_leaves("completions", request)


def test_the_python_client_leaves_amid_a_stream(client, language_server):
    broken = language_server.metric("hearth_http_broken_total")
    with language_server.hears_all("chat", 1):
        stream = client.chat.completions.create(model=MODEL, messages=STORY, max_tokens=1_500, stream=True, extra_body={"ignore_eos": True})
        next(iter(stream))
        stream.close()
    assert language_server.metric("hearth_http_broken_total") == broken + 1, "it was not written to its end"
    language_server.gone_quiet()


def test_a_client_that_leaves_the_queue_lets_the_next_one_in(language_server):
    with contextlib.ExitStack() as leaving:
        connections = [leaving.enter_context(language_server.connect()) for _ in range(3)]
        for connection in connections:  # the third waits for a slot
            connection.sendall(endless(stream=False))
        wait_until(lambda: language_server.get("/status").json()["requests"]["running"] == 3)
        connections[2].close()
        wait_until(lambda: language_server.get("/status").json()["requests"]["running"] == 2)
    language_server.gone_quiet()
    assert language_server.post("/v1/chat/completions", {"messages": STORY, "max_tokens": 1}).status == 200


def test_a_client_that_leaves_amid_its_prompt_frees_its_slot(language_server):
    words = " ".join(f"word{i * 7919 % 1000}" for i in range(700))
    document = {"model": MODEL, "prompt": words, "max_tokens": 500, "ignore_eos": True}
    with language_server.connect() as connection:
        body = json.dumps(document).encode()
        connection.sendall(request_bytes("POST", "/v1/completions", body, {"Content-Type": "application/json"}))
        wait_until(lambda: language_server.get("/status").json()["requests"]["running"] == 1)
    language_server.gone_quiet()
    assert language_server.post("/v1/chat/completions", {"messages": STORY, "max_tokens": 1}).status == 200


def test_eight_long_chats_keep_no_speech_from_starting(language_server):
    def running():
        return language_server.get("/status").json()["requests"]["running"]

    with contextlib.ExitStack() as leaving:
        for _ in range(8):  # as many as server.max_requests; two have a slot, the others wait for one
            leaving.enter_context(language_server.connect()).sendall(endless(stream=False))
        wait_until(lambda: running() == 8)
        spoken = language_server.speech("Still here.")
        assert spoken.status == 200 and len(spoken.body) > 10_000
        assert running() >= 8
    language_server.gone_quiet()


def test_a_client_that_leaves_while_its_model_loads_leaves_the_load_alone(language_server):
    assert language_server.post("/models/unload", {"model": MODEL}).status == 200
    loads = language_server.loads(MODEL)
    with language_server.hears_all("chat", 1), language_server.connect() as connection:
        connection.sendall(endless(stream=True))
    language_server.gone_quiet()
    short = language_server.post("/v1/chat/completions", {"messages": STORY, "max_tokens": 1})
    assert short.status == 200
    assert language_server.loads(MODEL) == loads + 1, "the load went on, and served who came next"


def test_chat_on_the_command_line():
    pulled(MODEL)
    told = subprocess.run(
        [HEARTH, "chat", "--in-process", "--temperature", "0", "--max-tokens", "16", "What is the capital of France?"],
        capture_output=True, text=True, timeout=300, check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() and told.stderr == ""


@pytest.mark.parametrize("where", ["server", "process"])
def test_a_chat_goes_on_after_a_turn_that_does_not_fit(language_server, where):
    way = ["--port", str(language_server.port)] if where == "server" else ["--in-process"]
    told = subprocess.run(
        [HEARTH, "chat", "--model", MODEL, "--temperature", "0", "--max-tokens", "8", *way],
        input="word " * 6_000 + "\nWhat is the capital of France?\n", capture_output=True, text=True, timeout=300, check=False,
    )
    assert told.returncode == 1 and told.stderr.startswith("hearth chat: ") and told.stderr.count("\n") == 1, told.stderr
    assert told.stdout.strip(), "the second turn is answered"


def test_a_damaged_model_is_refused_and_the_server_lives(smollm, tmp_path):
    with open(smollm, "rb") as file:
        head = bytearray(file.read(1 << 20))
    config = tmp_path / "hearth.toml"
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(head)  # cut short
    config.write_text(f'[[models]]\nname = "damaged"\nkind = "llm"\npath = "{damaged}"\nload = "on_demand"\n')
    with running_server("--config", str(config)) as server:
        refused = server.post("/v1/chat/completions", {"model": "damaged", "messages": STORY})
        assert refused.status == 503 and "GGUF" in refused.error["message"]
        assert server.get("/livez").status == 200
