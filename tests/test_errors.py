"""What is said of reviews and of the people who work on them is Russian: the desk shows it, too."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "monitor"
SHOWN = {"Conflict", "UsageError", "NotFound", "Held", "FetchError", "TransportError", "Unreachable", "AddressRefused"}
ROOMS = ("actions", "jobs", "store", "notify", "session", "desk")
UNSEEN = "desk"
"""There NotFound says to us alone what was not found: whoever asks sees the page for it."""


def sentences(room: str) -> Iterator[tuple[str, str]]:
    """Where it stands, and the words that an error begins with."""
    for file in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SHOWN):
                continue
            if room == UNSEEN and node.func.id == "NotFound":
                continue
            yield f"{file.relative_to(ROOT)}:{node.lineno}", " ".join(map(literal, node.args))


def literal(said: ast.expr) -> str:
    """What is written there, without what is put in."""
    parts = said.values if isinstance(said, ast.JoinedStr) else [said]
    return " ".join(str(part.value) for part in parts if isinstance(part, ast.Constant))


@pytest.mark.parametrize("room", ROOMS)
def test_what_the_desk_may_show_is_russian(room: str) -> None:
    english = [
        where for where, words in sentences(room) if re.search("[a-z]{3}", words) and not re.search("[а-я]", words)
    ]
    assert english == []
