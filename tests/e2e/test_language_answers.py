"""What the answers of language models look like to those who take them apart: the official client's helpers, the events of each API, choices,
logprobs, and refusals that say what is wrong with which field."""

import json
from typing import Literal

import openai
import pytest
from openai.types import responses
from pydantic import BaseModel

from conftest import npm_client
from test_language import CITY, MODEL, STORY, WEATHER, ask, client, language_server  # noqa: F401

QUESTION = "What is the capital of France?"
SUM = "What is 2+2?"  # answered in one short sentence, to its end
IMPOSSIBLE = r"root ::= [^\x00-\U7FFFFFFF]"  # no letter, and no bytes that are none either
HALF_A_LETTER = r"root ::= [\U00010380]"  # Ugaritic: a vocabulary has no token of its own for it


class City(BaseModel):
    city: Literal["Paris", "Rome"]
    large: bool


def sse(reply):
    """The events of a reply: their names and their documents."""
    events = []
    for block in reply.body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in lines and lines["data"] != "[DONE]":
            events.append((lines.get("event"), json.loads(lines["data"])))
    return events


def respond(client, **fields):
    return {"model": MODEL, "input": "Say hello.", "temperature": 0, **fields}


def test_the_clients_own_response_stream_is_followed_to_its_end(client):
    with client.responses.stream(**respond(client, input=SUM, max_output_tokens=400)) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created" and events[0].response.model == MODEL and events[0].response.output == []
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text and final.output_text == text and final.status == "completed"
    assert final.usage.total_tokens == final.usage.input_tokens + final.usage.output_tokens
    done = [event for event in events if event.type == "response.output_item.done"]
    assert [item.item.id for item in done] == [item.id for item in final.output]


def test_a_response_is_sound_by_the_types_of_the_client(client, language_server):
    whole = language_server.post("/v1/responses", respond(client, input=SUM, max_output_tokens=400)).json()
    responses.Response.model_validate(whole)
    streamed = sse(language_server.post("/v1/responses", respond(client, input=SUM, max_output_tokens=400, stream=True)))
    kinds = {
        "response.created": responses.ResponseCreatedEvent,
        "response.output_item.added": responses.ResponseOutputItemAddedEvent,
        "response.content_part.added": responses.ResponseContentPartAddedEvent,
        "response.output_text.delta": responses.ResponseTextDeltaEvent,
        "response.output_text.done": responses.ResponseTextDoneEvent,
        "response.content_part.done": responses.ResponseContentPartDoneEvent,
        "response.output_item.done": responses.ResponseOutputItemDoneEvent,
        "response.completed": responses.ResponseCompletedEvent,
    }
    for name, document in streamed:
        assert name == document["type"]
        if name in kinds:
            kinds[name].model_validate(document)
    assert set(kinds) <= {name for name, _ in streamed}


def test_a_response_that_its_limit_cuts_is_incomplete(client):
    fields = respond(client, input="Write a long story.", max_output_tokens=4, extra_body={"cache_prompt": False})
    whole = client.responses.create(**fields)
    assert whole.status == "incomplete" and whole.incomplete_details.reason == "max_output_tokens"
    assert whole.output[0].status == "incomplete"
    last = list(client.responses.create(**fields, stream=True))[-1]
    assert last.type == "response.incomplete" and last.response.status == "incomplete"
    assert last.response.output_text == whole.output_text


def test_a_response_keeps_to_its_text_format(client):
    form = {"type": "json_schema", "name": "city", "schema": CITY, "strict": True}
    answer = client.responses.create(**respond(client, input="Describe Paris as JSON.", max_output_tokens=120, text={"format": form}))
    assert set(json.loads(answer.output_text)) == {"city", "large"}
    free = client.responses.create(**respond(client, input="Describe Paris as JSON.", max_output_tokens=8, text={"format": {"type": "json_object"}}))
    assert free.output_text.lstrip().startswith("{")


def test_the_clients_parser_gets_its_object(client):
    parsed = client.responses.parse(**respond(client, input="Describe Paris as JSON.", max_output_tokens=200), text_format=City)
    assert isinstance(parsed.output_parsed, City)
    message = client.chat.completions.parse(
        model=MODEL, messages=[{"role": "user", "content": "Describe Paris as JSON."}], response_format=City, max_tokens=200, temperature=0
    )
    assert isinstance(message.choices[0].message.parsed, City)


@pytest.fixture(scope="module")
def npm_said(language_server):
    return npm_client("openai_answers.mjs", language_server.url, MODEL)


def test_the_npm_client_takes_answers_apart(npm_said):
    stopped, tokens, lists = npm_said["stopped"], npm_said["weighed"]["tokens"], npm_said["lists"]
    assert "five" in stopped["text"] and "six" not in stopped["text"] and stopped["reason"] == "stop"
    assert npm_said["limited"] == {"reason": "length", "tokens": 5}
    assert "".join(token["token"] for token in tokens) == npm_said["weighed"]["text"] and len(tokens) == 4
    assert all(token["logprob"] <= 0 and len(token["top_logprobs"]) == 3 for token in tokens)
    assert npm_said["echoed"] == [prompt + text for prompt, text in zip(npm_said["prompts"], npm_said["choices"], strict=True)]
    assert all(text.startswith(prompt) and text != prompt for prompt, text in zip(npm_said["prompts"], npm_said["side_by_side"], strict=True))
    assert "".join(lists["tokens"]) == lists["text"] and "Paris" in lists["text"] and len(lists["token_logprobs"]) == 4
    assert all(len(top) <= 2 and token in top for top, token in zip(lists["top_logprobs"], lists["tokens"]))
    (call,) = npm_said["calls"]
    assert call["name"] == "time" and call["arguments"]["zone"] in ("CET", "UTC")
    assert "sunny" in npm_said["told"]


def test_the_npm_clients_own_streams_and_parsers_are_served(npm_said):
    chat, response = npm_said["chat"], npm_said["response"]
    assert len(chat["deltas"]) > 3 and "".join(chat["deltas"]) == chat["text"] and chat["done"] == [chat["text"]]
    assert chat["usage"]["total_tokens"] == chat["usage"]["prompt_tokens"] + chat["usage"]["completion_tokens"] > 0
    assert response["kinds"][0] == "response.created" and response["kinds"][-1] == "response.completed"
    assert response["numbers"] == list(range(len(response["numbers"])))
    assert response["text"] and response["final"]["text"] == response["text"] and response["final"]["status"] == "completed"
    for parsed in (npm_said["parsed"], npm_said["formed"]):
        assert set(parsed) == {"city", "large"} and parsed["city"] in ("Paris", "Rome") and isinstance(parsed["large"], bool)


def test_a_response_streams_the_call_of_a_tool(client):
    tool = {"type": "function", "strict": True, **WEATHER["function"]}
    fields = respond(client, input="What is the weather in Rome?", tools=[tool], tool_choice="required", max_output_tokens=80)
    with client.responses.stream(**fields) as stream:
        events = list(stream)
        final = stream.get_final_response()
    (call,) = [item for item in final.output if item.type == "function_call"]
    assert call.name == "weather" and json.loads(call.arguments)["city"] in ("Rome", "Paris")
    deltas = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
    assert "".join(deltas) == call.arguments


def test_the_clients_own_chat_stream_is_followed_to_its_end(client):
    with client.chat.completions.stream(model=MODEL, messages=[{"role": "user", "content": SUM}], max_tokens=60, temperature=0) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert final.choices[0].message.content and final.choices[0].message.role == "assistant"


def test_messages_end_with_the_stop_sequence_that_was_hit(language_server):
    vowels = list("aeio")  # whatever it says has one of them
    document = {"model": MODEL, "max_tokens": 60, "temperature": 0, "stop_sequences": vowels}
    document["messages"] = [{"role": "user", "content": SUM}]
    whole = language_server.post("/v1/messages", document).json()
    assert whole["stop_reason"] == "stop_sequence" and whole["stop_sequence"] in vowels
    assert not any(set(block["text"]) & set(vowels) for block in whole["content"])
    assert whole["id"].startswith("msg_")
    (last,) = [data for name, data in sse(language_server.post("/v1/messages", {**document, "stream": True})) if name == "message_delta"]
    assert last["delta"]["stop_reason"] == "stop_sequence" and last["delta"]["stop_sequence"] in vowels
    cut = language_server.post("/v1/messages", {**document, "max_tokens": 1, "stop_sequences": []}).json()
    assert cut["stop_reason"] == "max_tokens" and cut["stop_sequence"] is None


def test_the_events_of_a_message_have_their_order(language_server):
    document = {"model": MODEL, "max_tokens": 6, "temperature": 0, "stream": True, "messages": STORY}
    events = sse(language_server.post("/v1/messages", document))
    names = [name for name, _ in events]
    assert names[:2] == ["message_start", "content_block_start"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(names[2:-3]) == {"content_block_delta"}
    assert all(data["type"] == name for name, data in events)
    message = events[0][1]["message"]
    assert message["id"].startswith("msg_") and message["content"] == [] and message["stop_reason"] is None
    assert {data["index"] for name, data in events if name.startswith("content_block")} == {0}
    assert all(data["delta"]["type"] == "text_delta" for name, data in events if name == "content_block_delta")
    assert events[-2][1]["usage"]["output_tokens"] == 6


def test_usage_of_several_choices_comes_once_before_the_end(client):
    chunks = list(ask(client, n=2, max_tokens=4, stream=True, stream_options={"include_usage": True}))
    assert [chunk for chunk in chunks if chunk.usage] == chunks[-1:]
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 8
    assert {choice.index for chunk in chunks for choice in chunk.choices} == {0, 1}
    texts = list(client.completions.create(
        model=MODEL, prompt=["The sky is", "Grass is"], max_tokens=3, temperature=0, stream=True, stream_options={"include_usage": True}
    ))
    assert [chunk for chunk in texts if chunk.usage] == texts[-1:] and texts[-1].usage.completion_tokens == 6
    assert not any(chunk.usage for chunk in ask(client, max_tokens=2, stream=True))


def test_more_choices_than_slots_are_all_made(client):
    whole = ask(client, n=5, max_tokens=3)
    assert [choice.index for choice in whole.choices] == [0, 1, 2, 3, 4]
    assert whole.usage.completion_tokens == 15 and whole.usage.prompt_tokens == ask(client, max_tokens=1).usage.prompt_tokens
    chunks = list(ask(client, n=3, max_tokens=3, stream=True))
    ended = [choice.index for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    assert sorted(ended) == [0, 1, 2]


def test_a_choice_begins_with_its_role_even_where_it_ends_within_a_letter(client, language_server):
    document = {"model": MODEL, "messages": STORY, "grammar": HALF_A_LETTER, "max_tokens": 1, "stream": True}
    events = [data for _, data in sse(language_server.post("/v1/chat/completions", document))]
    deltas = [event["choices"][0]["delta"] for event in events]
    assert deltas[0]["role"] == "assistant" and [delta for delta in deltas if "role" in delta] == deltas[:1]
    assert events[-1]["choices"][0]["finish_reason"] == "length"
    names = [data["type"] for _, data in sse(language_server.post("/v1/responses", respond(client, grammar=HALF_A_LETTER, max_output_tokens=1, stream=True)))]
    assert names[0] == "response.created" and names.count("response.created") == 1 and names[-1] == "response.incomplete"


def test_logprobs_of_a_completion_are_lists_of_its_tokens(client):
    fields = {"model": MODEL, "prompt": "The capital of France is", "max_tokens": 4, "temperature": 0, "logprobs": 2, "extra_body": {"cache_prompt": False}}
    choice = client.completions.create(**fields).choices[0]
    logprobs = choice.logprobs
    assert "".join(logprobs.tokens) == choice.text and len(logprobs.tokens) == len(logprobs.token_logprobs) == 4
    assert all(number <= 0 for number in logprobs.token_logprobs)
    assert [choice.text[at:].startswith(token) for at, token in zip(logprobs.text_offset, logprobs.tokens)] == [True] * 4
    assert all(len(top) <= 2 and token in top for top, token in zip(logprobs.top_logprobs, logprobs.tokens))
    pieces = [chunk.choices[0].logprobs for chunk in client.completions.create(**fields, stream=True) if chunk.choices]
    assert [offset for piece in pieces if piece for offset in piece.text_offset] == logprobs.text_offset
    alone = client.completions.create(**{**fields, "logprobs": 0}).choices[0].logprobs
    assert alone.tokens == logprobs.tokens and alone.top_logprobs is None


def test_an_echo_stands_before_its_answer(client):
    fields = {"model": MODEL, "max_tokens": 3, "temperature": 0, "extra_body": {"cache_prompt": False}}
    prompts = ["The sky is", "Grass is"]

    def streamed(prompt):
        texts = ["", ""]
        for chunk in client.completions.create(**fields, prompt=prompt, echo=True, stream=True):
            for choice in chunk.choices:
                texts[choice.index] += choice.text
        return texts

    for prompt in prompts:  # one by one: side by side they are read in other steps, and may end in other words
        (plain,) = client.completions.create(**fields, prompt=prompt).choices
        (echoed,) = client.completions.create(**fields, prompt=prompt, echo=True).choices
        assert echoed.text == prompt + plain.text and streamed(prompt) == [echoed.text, ""]
    whole = [choice.text for choice in client.completions.create(**fields, prompt=prompts, echo=True).choices]
    for texts in (whole, streamed(prompts)):
        assert all(text.startswith(prompt) and text != prompt for prompt, text in zip(prompts, texts, strict=True)), texts


@pytest.mark.parametrize("temperature", [0, 1])
@pytest.mark.parametrize("stream", [False, True])
def test_a_grammar_that_nothing_fits_is_the_clients_mistake(language_server, stream, temperature):
    """llama.cpp would sample a token that does not fit, and abort the process where that is the end of the text."""
    document = {"model": MODEL, "messages": STORY, "max_tokens": 8, "grammar": IMPOSSIBLE, "stream": stream, "temperature": temperature}
    for _ in range(2):
        refused = language_server.post("/v1/chat/completions", document)
        if refused.headers["content-type"] == "application/json":
            error = refused.error
            assert refused.status == 400
        else:
            assert refused.complete
            error = sse(refused)[-1][1]["error"]
        assert error["param"] == "grammar" and error["type"] == "invalid_request_error"
    models = {model["id"]: model for model in language_server.get("/v1/models").json()["data"]}
    assert models[MODEL]["state"] in ("ready", "idle") and language_server.metric("hearth_model_broken_total") == 0


@pytest.mark.parametrize(
    "route, fields, param, words",
    [
        ("/tokenize", {"content": 5}, "content", "'content' must be a string"),
        ("/tokenize", {"content": ["a", 10**9]}, "content", "whole numbers"),
        ("/detokenize", {"tokens": ["x"]}, "tokens", "whole numbers"),
        ("/detokenize", {"tokens": "x"}, "tokens", "'tokens' must be a list"),
        ("/v1/completions", {"prompt": "a", "max_tokens": "many"}, "max_tokens", "'max_tokens'"),
        ("/v1/completions", {"prompt": {}}, "prompt", "'prompt' is a text or tokens"),
        ("/v1/completions", {"prompt": "a", "suffix": "b"}, "suffix", "/infill"),
        ("/v1/completions", {"prompt": "a", "echo": True, "logprobs": 1}, "echo", "'logprobs'"),
        ("/v1/completions", {"prompt": "a", "best_of": 3}, "best_of", "best_of"),
        ("/v1/completions", {"prompt": "a", "max_tokens": 1, "repeat_penalty": -1}, "repeat_penalty", "repeat_penalty"),
        ("/v1/responses", {"input": "a", "previous_response_id": "resp_1"}, "previous_response_id", "keeps no answers"),
        ("/v1/responses", {"input": "a", "text": {"format": {"type": "xml"}}}, "text.format", "json_schema"),
        ("/v1/responses", {"input": "a", "n": 2}, "n", "one answer"),
    ],
)
def test_a_refusal_names_its_field_and_nothing_within(language_server, route, fields, param, words):
    refused = language_server.post(route, {"model": MODEL, **fields})
    assert refused.status == 400 and refused.error["param"] == param
    assert words in refused.error["message"]
    assert "json.exception" not in refused.error["message"] and "llama" not in refused.error["message"]


def test_a_mistake_in_a_response_is_the_clients_own_exception(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(**respond(client, previous_response_id="resp_1"))
    assert refused.value.param == "previous_response_id"
