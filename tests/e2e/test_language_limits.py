"""Requests that would end the process of the server, or keep its model busy for ever: each is a 400 that names its field, and the next
chat is answered. What they would do within llama.cpp is said in cmake/ggml/edits.toml and engines/llama/grammar_limits.h."""

import json

import pytest

from test_language import MODEL, STORY, language_server  # noqa: F401
from test_language_answers import sse


@pytest.fixture(autouse=True)
def still_answers(language_server):
    yield
    answer = language_server.post("/v1/chat/completions", {"model": MODEL, "messages": STORY, "max_tokens": 2})
    assert answer.status == 200 and answer.json()["usage"]["completion_tokens"] == 2
    assert language_server.metric("hearth_model_broken_total") == 0


def complete(server, **fields):
    return server.post("/v1/completions", {"model": MODEL, "prompt": "x", "max_tokens": 4, **fields})


CIRCLE = {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"$ref": "#/$defs/a"}}}
WITHIN_ITSELF = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"p": {"allOf": [{"$ref": "#/$defs/a"}]}}}}}
CHAIN = {"$ref": "#/$defs/d0", "$defs": {f"d{i}": {"items": {"$ref": f"#/$defs/d{i + 1}"}} for i in range(1_000)} | {"d1000": {}}}
MANY_TYPES = {"type": ["object"] * 40, "properties": {"p": {"type": ["object"] * 40, "properties": {"p": {"type": ["object"] * 40}}}}}
CHOICES = {"oneOf": [{"$ref": "#/$defs/a"}] * 40}
MANY_JOINED = {"allOf": [CHOICES], "$defs": {"a": {"type": "object", "properties": {f"p{i}": {} for i in range(10)}}}}


@pytest.mark.parametrize(
    "grammar",
    [
        'root ::= "a"{5,2}',
        'root ::= "a"{1000000}',
        "root ::= " + ('"' + "a" * 30 + '"{2000} ') * 1_400,
        "root ::= " + "(" * 60_000,
        'root ::= "a"' + "*" * 60_000,
        'root ::= n root "b" | "c"\nn ::= m\nm ::= ""',
        'root ::= n root | n root\nn ::= m\nm ::= ""',
        "root ::= " + "(" * 65 + '"a"' + ")" * 65,
    ],
    ids=["least above most", "a million", "long texts repeated", "brackets", "stars", "before itself", "only itself", "65 brackets"],
)
def test_a_grammar_that_leads_nowhere_is_refused(language_server, grammar):
    refused = complete(language_server, grammar=grammar)
    assert refused.status == 400 and refused.error["param"] == "grammar", refused.body
    assert refused.error["type"] == "invalid_request_error"


def test_a_grammar_whose_rules_are_named_twice_is_read_once(language_server):
    rules = ["root ::= r0", *(f"r{i} ::= r{i + 1} | r{i + 1}" for i in range(60)), 'r60 ::= "a"']
    answer = complete(language_server, grammar="\n".join(rules))
    assert answer.status == 200 and answer.json()["choices"][0]["text"] == "a"


@pytest.mark.parametrize("stream", [False, True])
def test_a_grammar_whose_only_token_is_banned_is_the_clients_mistake(language_server, stream):
    fields = {"grammar": 'root ::= "a"', "logit_bias": [["a", False]], "top_k": 1, "stream": stream}
    refused = complete(language_server, **fields)
    if refused.headers["content-type"] == "application/json":
        assert refused.status == 400
        error = refused.error
    else:
        error = sse(refused)[-1][1]["error"]
    assert error["param"] == "grammar" and error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "schema, words",
    [
        ({"type": "string", "minLength": 5, "maxLength": 2}, "'minLength'"),
        ({"type": "array", "items": {}, "minItems": 5, "maxItems": 2}, "'minItems'"),
        ({"type": "string", "pattern": "^a{5,2}$"}, "compiled"),
        (CIRCLE, "$ref"),
        (WITHIN_ITSELF, "400 deep"),
        (CHAIN, "400 deep"),
        (MANY_TYPES, "20000"),
        (MANY_JOINED, "optional"),
        ({"type": "object", "properties": {"p" * 50_000: {}}, "additionalProperties": True}, "50000"),
        ({"type": "object", "properties": {f"p{i}": {} for i in range(300)}}, "300"),
    ],
    ids=["length", "items", "pattern", "circle", "within itself", "chain", "types", "joined", "name", "properties"],
)
def test_a_schema_that_leads_nowhere_is_refused(language_server, schema, words):
    whole = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    for route, fields, param in (
        ("/v1/completions", {"prompt": "x", "json_schema": schema}, "json_schema"),
        ("/v1/chat/completions", {"messages": STORY, "response_format": whole}, "response_format"),
        ("/v1/responses", {"input": "x", "text": {"format": {"type": "json_schema", "name": "x", "schema": schema}}}, "text.format"),
    ):
        refused = language_server.post(route, {"model": MODEL, "max_tokens": 4, **fields})
        assert refused.status == 400 and refused.error["param"] == param, refused.body
        assert words in refused.error["message"]


@pytest.mark.parametrize(
    "function",
    [
        {"name": "f", "parameters": {"type": "object", "properties": {f"p{i}": {} for i in range(15_000)}}},
        {"name": "f", "parameters": CIRCLE},
        {"name": "f", "parameters": {"type": "object", "properties": {"p": CHAIN["$defs"]["d0"]}, "$defs": CHAIN["$defs"]}},
        {"name": "_" * 200_000, "parameters": {"type": "object"}},
    ],
    ids=["properties", "circle", "chain", "name"],
)
def test_a_tool_that_leads_nowhere_is_refused(language_server, function):
    tool = {"type": "function", "function": function}
    chat = {"model": MODEL, "messages": STORY, "max_tokens": 4, "tool_choice": "required"}
    refused = language_server.post("/v1/chat/completions", {**chat, "tools": [tool]})
    assert refused.status == 400 and refused.error["param"] == "tools", refused.body
    anthropic = {"name": function["name"], "input_schema": function["parameters"]}
    assert language_server.post("/v1/messages", {**chat, "tool_choice": {"type": "any"}, "tools": [anthropic]}).status == 400


def test_a_call_with_endless_brackets_is_refused(language_server):
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "[" * 200_000 + "]" * 200_000}}
    messages = [{"role": "assistant", "content": "", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "a", "content": "1"}, *STORY]
    refused = language_server.post("/v1/chat/completions", {"model": MODEL, "messages": messages, "max_tokens": 4})
    assert refused.status == 400 and refused.error["param"] == "messages"
    items = [{"type": "function_call", "call_id": "a", "name": "f", "arguments": call["function"]["arguments"]}]
    assert language_server.post("/v1/responses", {"model": MODEL, "input": items}).error["param"] == "input"


def test_a_sampler_that_compares_each_with_each_does_not_hold_the_others_up(language_server):
    assert complete(language_server, samplers=["infill"], ignore_eos=True).status == 200


def test_a_logit_that_is_no_number_is_not_sampled(language_server):
    fields = {"prompt": "a b a b a b a b", "repeat_penalty": 1e-38, "dry_multiplier": 1e38, "dry_allowed_length": 1}
    answer = complete(language_server, **fields, dry_penalty_last_n=64, samplers=["penalties", "dry", "top_k"], top_k=1_000)
    assert answer.status == 200, answer.body


def test_a_large_body_without_pictures_is_refused(language_server):
    text = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "a" * (2 << 20)}]}).encode()
    for route in ("/v1/chat/completions", "/v1/responses", "/v1/embeddings"):
        refused = language_server.post(route, text)
        assert refused.status == 413 and refused.error["type"] == "invalid_request_error"
    anthropic = language_server.post("/v1/messages", text)
    assert anthropic.status == 413 and anthropic.json()["error"]["type"] == "request_too_large"
