"""hearth chat as a conversation: each line is a turn, through a server; the model is told what was said before."""

import os
import pty
import select
import subprocess
import termios

import pytest

from conftest import HEARTH
from test_language import MODEL, language_server  # noqa: F401

TURNS = ["My name is Otto and I live in Rome.", "What is my name?"]
LONGEST = 24


@pytest.fixture(scope="module")
def answers(language_server):
    """What the model says to each turn after those before it."""

    def ask(messages):
        reply = language_server.post(
            "/v1/chat/completions", {"model": MODEL, "messages": messages, "temperature": 0, "max_tokens": LONGEST}
        )
        assert reply.status == 200, reply.body
        return reply.json()["choices"][0]["message"]["content"]

    def converse():
        said, messages = [], []
        for turn in TURNS:
            messages.append({"role": "user", "content": turn})
            said.append(ask(messages))
            messages.append({"role": "assistant", "content": said[-1]})
        return said

    converse()
    alone = ask([{"role": "user", "content": TURNS[-1]}])
    said = converse()  # known by now, as it will be to those who are compared with this: one read anew may end in other words
    assert said[-1] != alone, "the second turn is to need the first"
    return said


@pytest.fixture
def talk(language_server, tmp_path):
    """How to start it: in a cache without models, so that only the server can answer."""
    arguments = [HEARTH, "chat", "--port", str(language_server.port), "--temperature", "0", "--max-tokens", str(LONGEST)]
    return {"args": arguments, "env": {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}}


def test_lines_of_a_pipe_are_turns(talk, answers):
    ran = subprocess.run(**talk, input=TURNS[0] + "\n\n" + TURNS[1] + "\n", capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "".join(answer + "\n" for answer in answers)


def test_a_terminal_is_prompted_for_each_turn(talk, answers):
    ours, theirs = pty.openpty()
    settings = termios.tcgetattr(theirs)
    settings[1] &= ~termios.OPOST  # "\n" as it was printed
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    process = subprocess.Popen(**talk, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    printed = b""
    try:
        for said, answer in zip([*TURNS, None], ["", *answers]):
            expected = printed + (answer + "\n" if answer else "").encode() + b"> "
            while len(printed) < len(expected) and select.select([ours], [], [], 60)[0]:
                printed += os.read(ours, 1 << 16)
            assert printed == expected
            os.write(ours, said.encode() + b"\n" if said else b"\x04")
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
