"""A command that gets the draft as JSON on its standard input and prints the rewriting.

    {"instruction": "…", "message": "…", "draft": "…", "review": {"text": "…", "author": "…", "stars": 2} or null}

No shell, none of our secrets, a time limit for the whole of it, and an end to how much it may print.
"""

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from responders.rewriter import LONGEST_REVIEW, Prompt, RewriteError
from responders.types import Situation

LARGEST_ANSWER = 64 << 10
"""Bytes."""

_CHUNK = 16 << 10
_PLAIN_VARIABLES = ("PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "USER", "LOGNAME")


def environment(given: Mapping[str, str], key_env: str = "") -> dict[str, str]:
    """What a command gets to see of our environment: what programs need, and the one key it was promised."""
    return {name: given[name] for name in (*_PLAIN_VARIABLES, key_env) if name in given}


class CommandRewriter:
    """`folder` is where the command runs and where a relative path to it starts. `timeout` holds for the whole run."""

    def __init__(
        self, argv: Sequence[str], *, folder: Path, timeout: timedelta, variables: Mapping[str, str], prompt: Prompt
    ) -> None:
        self._argv = list(argv)
        self._folder = folder
        self._timeout = timeout.total_seconds()
        self._variables = dict(variables)
        self._prompt = prompt

    def rewrite(self, draft_text: str, situation: Situation) -> str:
        """Raises RewriteError."""
        review = {"text": situation.text[:LONGEST_REVIEW], "author": situation.author, "stars": situation.stars}
        request = {
            "instruction": self._prompt.instruction(situation),
            "message": self._prompt.message(draft_text, situation),
            "draft": draft_text,
            "review": review if situation.text or situation.author or situation.stars else None,
        }
        try:
            return self._run(json.dumps(request).encode()).decode()
        except UnicodeDecodeError:
            raise RewriteError("команда ответила не в UTF-8") from None

    def _run(self, request: bytes) -> bytes:
        try:
            process = subprocess.Popen(  # noqa: S603 - the owner's own command, and no shell
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder,
                env=self._variables,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "не команда"
            raise RewriteError(f"команда не запускается: {reason}") from None
        deadline = time.monotonic() + self._timeout
        try:
            answer = self._talk(process, request, deadline)
            code = process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise self._too_slow() from None
        finally:
            _end(process)
        if code:
            raise RewriteError(f"команда завершилась с кодом {code}")
        return answer

    def _talk(self, process: "subprocess.Popen[bytes]", request: bytes, deadline: float) -> bytes:
        """Writes and reads side by side, so that neither waits for the other for ever."""
        answer, left = bytearray(), memoryview(request)
        with selectors.DefaultSelector() as ready:
            source, sink = _pipes(process)
            ready.register(source, selectors.EVENT_READ)
            ready.register(sink, selectors.EVENT_WRITE)
            while source in ready.get_map():
                events = ready.select(max(0.0, deadline - time.monotonic()))
                if not events and time.monotonic() >= deadline:
                    raise self._too_slow()
                for key, _ in events:
                    if key.fileobj is sink:
                        left = left[_write(sink, left) :]
                        if not left:
                            ready.unregister(sink)
                            sink.close()
                    elif chunk := os.read(source.fileno(), _CHUNK):
                        answer += chunk
                    else:
                        ready.unregister(source)
                if len(answer) > LARGEST_ANSWER:
                    raise RewriteError(f"команда напечатала больше {LARGEST_ANSWER >> 10} КиБ")
        return bytes(answer)

    def _too_slow(self) -> RewriteError:
        return RewriteError(f"команда не уложилась в {self._timeout:g} с")


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    if process.stdout is None or process.stdin is None:
        raise RewriteError("у команды нет ввода и вывода")
    os.set_blocking(process.stdin.fileno(), False)
    return process.stdout, process.stdin


def _write(sink: IO[bytes], data: memoryview) -> int:
    """How many bytes are done with; all of them where the command does not want to read."""
    try:
        return os.write(sink.fileno(), data[:_CHUNK])
    except BlockingIOError:
        return 0
    except OSError:
        return len(data)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Nothing of the command outlives its answer: its whole group is ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    closers: list[Callable[[], None]] = [pipe.close for pipe in (process.stdin, process.stdout) if pipe is not None]
    for close in closers:
        with suppress(OSError):
            close()
