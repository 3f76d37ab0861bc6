"""The README says what is true today."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from monitor.cli.main import Lazy, cli
from monitor.cli.queue import queue
from monitor.cli.source import source
from monitor.cli.templates import templates
from monitor.cli.token import token
from monitor.cli.user import user
from tests.conftest import Otklik

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README, re.DOTALL)
    assert found, f"README.md has no block {name}"
    return found.group(1)


def reference() -> str:
    """The table of commands, as it must stand in the README."""
    rows = ["| command | does |", "|---|---|"]
    rows += [f"| `otklik {name}` | {text} |" for name, (_, _, text) in Lazy.commands_at.items()]
    for title, group in (
        ("queue", queue),
        ("source", source),
        ("templates", templates),
        ("token", token),
        ("user", user),
    ):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            rows.append(f"| `otklik {title} {name}` | {command.get_short_help_str(120)} |")
    return "\n".join(rows) + "\n"


FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
SERVES = ("desk",)
"""Until somebody stops it."""
NEEDS_KEYS = ("queue post", "queue retract")
"""They ask Google."""


def shown() -> Iterator[list[str]]:
    """The commands of the README that work on the database of `make run`: those of its first sections, and wherever
    a ticket is named."""
    first = README.partition("## Your own cards")[0]
    for fenced in FENCE.findall(first):
        for line in re.findall(r"^(?:\.venv/bin/)?otklik (.*)$", fenced, re.MULTILINE):
            yield shlex.split(line, comments=True)
    for span in re.findall(r"`(?:otklik )?((?:queue \w+|sla explain)\s\d[^`]*|sla due[^`]*)`", FENCE.sub("", README)):
        yield shlex.split(span)


def test_the_commands_of_the_readme_work_on_the_database_of_make_run(otklik: Otklik, tmp_path: Path) -> None:
    otklik("init")
    assert otklik("demo", "--once").code == 0
    config, commands = tmp_path / "config.yaml", list(shown())
    assert len(commands) > 15
    for command in commands:
        name = " ".join(command[:2])
        if command[0] in SERVES:
            continue
        if name in NEEDS_KEYS:
            (ticket,) = otklik("queue", "show", command[2], "--json").objects()
            assert ticket["source"] == "google_business", command
            continue
        if name == "queue gesture":
            refused = otklik(*command)
            assert "gestures: {" in refused.err
            text = config.read_text(encoding="utf-8")
            config.write_text(text.replace("# gestures: {", "gestures: {"), encoding="utf-8")
        result = otklik(*command, stdin="Нам жаль, что так вышло. Напишите нам.\n")
        assert result.code == 0, f"otklik {shlex.join(command)}: {result.err}"


def test_the_reference_of_commands_is_the_programs_own() -> None:
    assert block("commands") == reference()


def test_every_command_the_readme_names_exists() -> None:
    for name in re.findall(r"(?:bin/)?otklik (?:-c \S+ )?([a-z]+)", README):
        assert name in cli.list_commands(click.Context(cli)), name


@pytest.mark.parametrize("target", ["run", "desk", "test", "check", "bench", "screenshots"])
def test_every_make_target_the_readme_names_exists(target: str) -> None:
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_file_the_readme_names_exists() -> None:
    for path in re.findall(r"`((?:sentiment|monitor|responders|templates|bench)/[\w./-]*)`", README):
        assert (ROOT / path).exists(), path
    assert (ROOT / "LICENSE").exists()


def test_no_file_names_a_machine_or_a_registry() -> None:
    """A clone must work anywhere: no absolute path of ours, no registry address."""
    for path in (*ROOT.glob("*"), *ROOT.glob(".ci/*")):
        if path.is_file() and not path.name.startswith(".git"):
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not re.search(r"--(extra-)?index|simple/", text), path
            assert str(ROOT) not in text, path


def test_every_picture_is_there_is_light_and_is_told_to_those_who_do_not_see_it() -> None:
    pictures = re.findall(r"!\[([^\]]+)\]\((\S+)\)", README)
    pictures += [(alt, path) for path, alt in re.findall(r'<img src="(\S+)"[^>]*?alt="([^"]+)"', README)]
    assert {path for _, path in pictures} == {f"docs/{path.name}" for path in (ROOT / "docs").iterdir()}
    for alt, path in pictures:
        assert len(alt) > 15, path
        assert (ROOT / path).stat().st_size < 200_000, path
