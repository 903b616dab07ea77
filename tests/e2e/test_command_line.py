"""What a person types: where hearth say puts its sound, what a mistake is answered with, and what a shell completes."""

import json
import os
import pathlib
import shlex
import shutil
import signal
import stat
import subprocess
import threading
import time

import pytest

from conftest import HEARTH, running_server

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hearth"


def hearth(*arguments, **environment):
    return subprocess.run(
        [HEARTH, *arguments], capture_output=True, text=True, timeout=180, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip


def refusal(code, *arguments, **environment):
    """The one line that it says."""
    ran = hearth(*arguments, **environment)
    assert ran.returncode == code and ran.stderr.count("\n") == 1 and ran.stdout == "", ran
    return ran.stderr.strip()


def say(*arguments, **environment):
    ran = hearth("say", *arguments, "--in-process", **environment)
    assert ran.returncode == 0, ran.stderr


def test_a_link_stays_and_its_file_is_made(tmp_path):
    link = tmp_path / "link.wav"
    link.symlink_to("real.wav")
    say("Hello.", "-o", str(link))
    assert link.is_symlink() and (tmp_path / "real.wav").read_bytes()[:4] == b"RIFF"
    assert {path.name for path in tmp_path.iterdir()} == {"link.wav", "real.wav"}


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    heard = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()), daemon=True)
    reader.start()
    say("Hello.", "-o", str(pipe))
    reader.join(60)
    assert heard[0][:4] == b"RIFF" and len(heard[0]) > 10_000 and stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_not_replaced(tmp_path):
    link = tmp_path / "null.wav"
    link.symlink_to("/dev/null")
    say("Hello.", "-o", str(link))
    assert link.is_symlink() and stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_speech_that_is_interrupted_leaves_nothing(tmp_path):
    process = subprocess.Popen([HEARTH, "say", "A long sentence. " * 500, "--in-process", "-o", "said.wav"], cwd=tmp_path)
    while not any(path.stat().st_size for path in tmp_path.iterdir()):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == -signal.SIGTERM
    assert not list(tmp_path.iterdir())


def test_speed_and_format_are_the_configurations(tmp_path):
    def size(**environment):
        out = tmp_path / "said.wav"
        say("A sentence to be spoken.", "-o", str(out), **environment)
        return out.stat().st_size

    assert size(HEARTH_SPEED="2") < 0.7 * size()
    assert size(HEARTH_FORMAT="flac") == size()  # the name's ending decides

    def begins(*arguments, **environment):
        ran = subprocess.run([HEARTH, "say", "Hello.", "-o", "-", "--in-process", *arguments], capture_output=True, timeout=180,
                             env={**os.environ, **environment}, check=True)  # fmt: skip
        return ran.stdout[:4]

    assert begins() == b"RIFF" and begins(HEARTH_FORMAT="flac") == b"fLaC"
    assert begins("--format", "opus", HEARTH_FORMAT="flac") == b"OggS"


def test_a_damaged_model_is_called_damaged(tmp_path):
    shutil.copytree(CACHE / "models" / "kokoro", tmp_path / "hearth" / "models" / "kokoro")
    os.truncate(tmp_path / "hearth" / "models" / "kokoro" / "voices.bin", 100)
    line = refusal(1, "say", "Hello.", "--in-process", "-o", str(tmp_path / "a.wav"), XDG_CACHE_HOME=str(tmp_path))
    assert "has 100 bytes instead of " in line and "models pull kokoro" in line


def test_a_model_that_nobody_knows_is_not_to_be_pulled(tmp_path):
    line = refusal(1, "say", "Hello.", "--in-process", "--model", "kokro", "-o", str(tmp_path / "a.wav"))
    assert 'did you mean "kokoro"?' in line and "pull kokro" not in line


def test_a_server_refuses_in_words(server, tmp_path):
    port = str(server.port)
    line = refusal(1, "say", "Hello.", "--port", port, "--voice", "nobody", "-o", str(tmp_path / "a.wav"))
    assert "nobody" in line and "{" not in line
    assert not list(tmp_path.iterdir())


def test_a_missing_key_is_told_with_what_to_do(tmp_path):
    with running_server(HEARTH_API_KEY="sesame") as guarded:
        assert guarded.post("/models/load", {"model": "kokoro"}, {"Authorization": "Bearer sesame"}).status == 200
        line = refusal(1, "say", "Hello.", "--port", str(guarded.port), "-o", str(tmp_path / "a.wav"))
        assert line == (
            "hearth say: the API key is missing or wrong; set HEARTH_API_KEY to the server's key, or use --in-process"
        )
        assert hearth("say", "--list-voices", "--port", str(guarded.port), HEARTH_API_KEY="sesame").returncode == 0


def test_the_configurations_first_model_is_taken(tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text('[[models]]\nname = "mine"\nkind = "llm"\npath = "/nowhere/mine.gguf"\n')
    assert "/nowhere/mine.gguf" in refusal(1, "chat", "--in-process", "--config", str(config), "Hello.")


def test_voices_are_listed_with_their_languages(server):
    here, there = hearth("say", "--list-voices", "--in-process"), hearth("say", "--list-voices", "--port", str(server.port))
    voices = dict(line.split() for line in here.stdout.splitlines())
    assert len(voices) == 54 and voices["af_heart"] == "en-us" and here.stdout == there.stdout


def test_doctor_looks_at_the_named_models_only():
    findings = json.loads(hearth("doctor", "--json", "--live", "--models", "silero-vad").stdout)["findings"]
    subjects = [finding["subject"] for finding in findings]
    assert "silero-vad live" in subjects and "kokoro" not in subjects and "kokoro live" not in subjects
    assert subjects.count("disk") <= 1


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("serve --prt 3", "hearth serve: there is no option --prt; did you mean --port? see hearth serve --help"),
        ("models", "hearth models: say what to do: list, pull, path, verify, rm or clean; see hearth models --help"),
        ("models lst", "hearth models: there is no 'lst'; did you mean list? see hearth models --help"),
        ("config", "hearth config: say what to do: show; see hearth config --help"),
        ("bench strtup", "hearth bench: there is no 'strtup'; did you mean startup? see hearth bench --help"),
        ("serve --port", "hearth serve: --port needs a value; see hearth serve --help"),
        ("ocr", "hearth ocr: FILE is required; see hearth ocr --help"),
        ("serv", "hearth: there is no verb 'serv'; did you mean serve? hearth --help lists them"),
        ("say", "hearth say: there is nothing to say; give a TEXT, or - for standard input"),
    ],
)
def test_a_mistake_is_answered_in_one_line(command, line):
    assert refusal(2, *command.split()) == line


@pytest.mark.parametrize("verb", ["serve", "say", "transcribe", "chat", "ocr", "models", "doctor", "config", "bench", "completion"])
def test_help_names_each_argument_once(verb):
    ran = hearth(verb, "--help")
    assert ran.returncode == 0 and ran.stderr == "" and "TEXT TEXT" not in ran.stdout and "FILE FILE" not in ran.stdout


def completed(*words):
    """As bash has it when Tab is pressed behind the last word."""
    line = " ".join(shlex.quote(word) for word in [HEARTH, *words])
    script = f'eval "$({shlex.quote(HEARTH)} completion bash)"; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _hearth; printf "%s\\n" "${{COMPREPLY[@]}}"'
    ran = subprocess.run(["bash", "-uc", script], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stderr == ""
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["s"], {"say", "serve"}),
        (["models", ""], {"list", "pull", "path", "verify", "rm", "clean"}),
        (["models", "pull", "--"], {"--accept-licence", "--accept-license", "--config", "--help"}),
        (["models", "clean", "--d"], {"--dry-run"}),
        (["models", "pull", "whisper-b"], {"whisper-base"}),
        (["models", "rm", "kok"], {"kokoro"}),
        (["bench", ""], {"startup"}),
        (["config", "show", "--"], {"--config", "--help", "--json", "--set"}),
        (["serve", "--models", "kokoro,silero"], {"kokoro,silero-vad"}),
        (["say", "--model", "kok"], {"kokoro"}),
        (["say", "--list"], {"--list-voices"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
        (["ocr", "letter"], set()),
    ],
)  # fmt: skip
def test_bash_completes(words, expected):
    assert completed(*words) == expected


def test_the_options_of_a_start_are_completed():
    assert {"--cold", "--runs", "--baseline", "--max-ready"} <= completed("bench", "startup", "--")


def completed_by_zsh(words, folder):
    """As zsh has it: the builtin that takes the matches, and keeps those that begin with what is typed, is only there while Tab is
    pressed, so another stands in for it."""
    script = """
        compdef() { registered=$* }
        compadd() { shift; print -rl -- ${(M)@:#${words[CURRENT]}*} }
        _files() { true }
        source $1
        [[ $registered == "_hearth hearth" ]] || print "not registered"
        shift
        words=("$@") CURRENT=$#
        _hearth
    """
    file = folder / "_hearth"
    file.write_text(hearth("completion", "zsh").stdout)
    return ["zsh", "-fc", script, "zsh", str(file), os.path.abspath(HEARTH), *words]


def completed_by_fish(words, folder):
    (folder / "bin").mkdir()
    (folder / "bin/hearth").symlink_to(os.path.abspath(HEARTH))
    line = " ".join(["hearth", *words])
    script = f'set -x PATH {folder}/bin $PATH; hearth completion fish | source; complete -C {shlex.quote(line)}'
    return ["fish", "--no-config", "-c", script]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["s"], {"say", "serve"}),
        (["models", "pu"], {"pull"}),
        (["models", "pull", "whisper-b"], {"whisper-base"}),
        (["serve", "--models", "kokoro,silero"], {"kokoro,silero-vad"}),
        (["say", "--list"], {"--list-voices"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
        (["ocr", "letter"], set()),
    ],
)
@pytest.mark.parametrize("complete", [completed_by_zsh, completed_by_fish])
def test_another_shell_completes(complete, words, expected, tmp_path):
    command = complete(words, tmp_path)
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]} here")
    (tmp_path / "empty").mkdir()  # where there are no files to be completed
    ran = subprocess.run(command, cwd=tmp_path / "empty", env={**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(CACHE.parent)},
                         capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert ran.stderr == "" and {line.partition("\t")[0] for line in ran.stdout.splitlines()} == expected, ran


def test_a_guarded_server_is_measured(tmp_path):
    ran = hearth("bench", "startup", "-n", "1", "--models", "kokoro", HEARTH_API_KEY="sesame", XDG_STATE_HOME=str(tmp_path))
    assert ran.returncode == 0 and "kokoro ready" in ran.stdout and "first audio" in ran.stdout, ran.stdout + ran.stderr
    assert "sesame" not in ran.stdout + ran.stderr


def test_the_server_carries_no_protobuf():
    """It would cost every start; only the program that cuts the graph has it."""
    assert b"google/protobuf" not in pathlib.Path(HEARTH).read_bytes()
    assert b"google/protobuf" in pathlib.Path(HEARTH).with_name("hearth-graph").read_bytes()
