"""A real command as the rewriter: what it gets, what of its answer is taken, how it is stopped."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from select import select
from typing import Any

import pytest

from monitor.rewriting.command import LARGEST_ANSWER, CommandRewriter, environment
from responders.rewriter import Prompt, RewriteError
from responders.types import Situation
from tests.test_responders_choose import situation

ABOUT = situation(2, "Суп холодный \ud800", author="Анна К.")
MUTE = situation(None, "", author="")
Make = Callable[..., CommandRewriter]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A rewriter that runs this Python program."""

    def build(program: str, *, timeout: float = 20, variables: Mapping[str, str] | None = None) -> CommandRewriter:
        (tmp_path / "rewrite.py").write_text(f"import json, os, sys, time\n{program}", encoding="utf-8")
        known = environment(os.environ) if variables is None else variables
        limit = timedelta(seconds=timeout)
        argv = [sys.executable, "-I", "rewrite.py"]
        return CommandRewriter(argv, folder=tmp_path, timeout=limit, variables=known, prompt=Prompt())

    return build


def answer(make: Make, program: str, about: Situation = ABOUT, text: str = "Спасибо!", **options: Any) -> str:
    return make(program, **options).rewrite(text, about)


def failure(make: Make, program: str, **options: Any) -> str:
    with pytest.raises(RewriteError) as caught:
        answer(make, program, **options)
    return str(caught.value)


UTF8 = "sys.stdout.reconfigure(encoding='utf-8')\n"


def test_the_command_gets_the_draft_as_json_and_prints_the_answer(make: Make) -> None:
    got = json.loads(answer(make, "sys.stdout.write(sys.stdin.read())"))
    assert got["draft"] == "Спасибо!"
    assert "редактор" in got["instruction"]
    assert "Черновик:" in got["message"]
    assert got["review"] == {"text": "Суп холодный \ud800", "author": "Анна К.", "stars": 2}


def test_without_a_review_none_is_sent(make: Make) -> None:
    assert json.loads(answer(make, "sys.stdout.write(sys.stdin.read())", MUTE))["review"] is None


def test_a_large_draft_passes_a_command_that_answers_before_it_has_read_all(make: Make) -> None:
    program = f"{UTF8}print('я' * 20000, flush=True); json.load(sys.stdin)"
    assert answer(make, program, text="ж" * 300_000).strip() == "я" * 20000


def test_a_command_that_does_not_read_may_answer_all_the_same(make: Make) -> None:
    assert answer(make, f"os.close(0); {UTF8}print('Спасибо')", text="ж" * 300_000).strip() == "Спасибо"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("sys.exit(3)", "команда завершилась с кодом 3"),
        ("print('ok'); sys.exit(1)", "команда завершилась с кодом 1"),
        ("os.kill(os.getpid(), 9)", "команда завершилась с кодом -9"),
        ("sys.stdout.buffer.write(b'\\xff\\xfe')", "команда ответила не в UTF-8"),
        (f"sys.stdout.write('y' * {LARGEST_ANSWER + 1})", "команда напечатала больше 64 КиБ"),
        ("while True: sys.stdout.write('y' * 10000)", "команда напечатала больше 64 КиБ"),
    ],
)
def test_a_command_that_fails_is_told_in_one_sentence(make: Make, program: str, message: str) -> None:
    assert failure(make, program) == message


@pytest.mark.parametrize(
    "program", ["time.sleep(60)", "os.close(1); time.sleep(60)", "print('ok', flush=True); time.sleep(60)"]
)
def test_a_command_that_hangs_is_ended(make: Make, program: str) -> None:
    assert failure(make, program, timeout=0.3) == "команда не уложилась в 0.3 с"


def test_nothing_of_a_command_outlives_its_time(make: Make, tmp_path: Path) -> None:
    """A grandchild holds the pipe: its group is ended with it."""
    program = (
        "child = os.fork()\n"
        "if not child: time.sleep(60)\n"
        "open('child', 'w').write(str(child)); sys.stdin.read(); time.sleep(60)"
    )
    failure(make, program, timeout=1.5)
    child = int((tmp_path / "child").read_text())
    try:
        ends = os.pidfd_open(child)
    except ProcessLookupError:
        return
    with open(ends, "rb", buffering=0):  # noqa: PTH123 - a descriptor, no path
        assert select([ends], [], [], 10)[0], "its time is over, and it runs on"


def test_none_of_our_secrets_reaches_the_command(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTP_PASSWORD", "TWOGIS_KEY", "OTKLIK_USER", "LLM_KEY"):
        monkeypatch.setenv(name, "sekret")
    program = "print(json.dumps(dict(os.environ)))"
    seen = json.loads(answer(make, program, variables=environment(os.environ)))
    assert "sekret" not in seen.values()
    assert seen["PATH"] == os.environ["PATH"]
    promised = json.loads(answer(make, program, variables=environment(os.environ, "LLM_KEY")))
    assert promised["LLM_KEY"] == "sekret"
    assert "TWOGIS_KEY" not in promised


def test_what_a_command_says_on_standard_error_goes_nowhere(make: Make, capfd: pytest.CaptureFixture[str]) -> None:
    assert answer(make, f"{UTF8}print('Анна', file=sys.stderr); print('Спасибо')").strip() == "Спасибо"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["./nobody"], "No such file"),
        (["rewrite; echo x"], "No such file"),
        (["."], "denied"),
        (["a\0b"], "не команда"),
    ],
)
def test_a_command_that_does_not_start_is_told(argv: list[str], says: str, tmp_path: Path) -> None:
    rewriter = CommandRewriter(argv, folder=tmp_path, timeout=timedelta(seconds=5), variables={}, prompt=Prompt())
    with pytest.raises(RewriteError, match=f"команда не запускается: .*{says}"):
        rewriter.rewrite("Спасибо!", ABOUT)
