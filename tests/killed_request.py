"""A request to the API in a process of its own that kills itself with SIGKILL on the way.

    python -m tests.killed_request FOLDER TICKET POINT

POINT: `doing`, the note is written and the answer not yet; `kept`, both are written and not yet for good; `done`, they
are, and nobody was answered.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from monitor.api import doing
from monitor.standin.credentials import STAND_IN_ENV
from monitor.store.answers import Answers
from tests.api_rig import Program
from tests.desk_places import opened

KEY, NOTE = "killed", "Позвонила."


def secret_of(folder: Path) -> str:
    return (folder / "secret").read_text(encoding="utf-8")


def die(*_: object, **__: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, ticket, point = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    os.environ |= STAND_IN_ENV
    keep = Answers.keep

    def kept(*arguments: Any, **options: Any) -> None:
        keep(*arguments, **options)
        die()

    place: tuple[Any, str, Any] = {
        "doing": (Answers, "keep", die),
        "kept": (Answers, "keep", kept),
        "done": (doing, "_told", die),
    }[point]
    with mock.patch.object(*place):
        Program(opened(folder), secret=secret_of(folder)).do(ticket, "note", {"text": NOTE}, key=KEY)


if __name__ == "__main__":
    main()
