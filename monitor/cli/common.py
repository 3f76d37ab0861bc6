"""What commands share: finding the config, printing JSON, who acts."""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from monitor.assemble import Application
from monitor.config import Config, load
from monitor.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])

NO_BREAK_SPACE = "\u00a0"


def config_option(command: F) -> F:
    """`-c` after the command; the one before it is the group's."""
    return click.option(
        "-c",
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        help="Settings file. Default: $OTKLIK_CONFIG, else config.yaml.",
    )(command)


def json_option(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON (one object, or one per line for lists).")(
        command
    )


def actor_option(command: F) -> F:
    return click.option("--as", "actor", help="Who acts. Default: $OTKLIK_USER, else your login name.")(command)


def find_config(context: click.Context, given: Path | None) -> Path:
    """The config file: the command's -c, the group's -c, $OTKLIK_CONFIG, ./config.yaml."""
    of_group = context.find_root().params.get("config_path")
    return given or of_group or Path(os.environ.get("OTKLIK_CONFIG") or "config.yaml")


def load_config(given: Path | None) -> Config:
    return load(find_config(click.get_current_context(), given))


@contextmanager
def application(given: Path | None) -> Iterator[Application]:
    """The application of the config in force; its files are closed afterwards."""
    app = Application(load_config(given))
    try:
        yield app
    finally:
        app.close()


def acting(given: str | None) -> str:
    """Who acts: --as, $OTKLIK_USER, the login name."""
    name = given or os.environ.get("OTKLIK_USER")
    if name:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's numeric user has no name
        return ""


def to_json(value: object) -> str:
    """One line. Lone surrogates cannot be written as UTF-8 and stay escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() or text.encode("utf-8", "ignore").decode() == text else json.dumps(value)


def print_json(value: object) -> None:
    click.echo(to_json(value))


def say(text: str = "") -> None:
    """A line for people: no-break spaces help typography, not terminals and `grep`."""
    click.echo(text.replace(NO_BREAK_SPACE, " "))


def note(text: str) -> None:
    """A line on stderr."""
    click.echo(text.replace(NO_BREAK_SPACE, " "), err=True)


def input_lines(stream: TextIO | None = None) -> Iterator[tuple[int, str]]:
    """(number from 1, line without its end) of standard input."""
    for number, line in enumerate(stream or sys.stdin, start=1):
        yield number, line.rstrip("\r\n")


def input_objects() -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, JSON object) per non-empty line of standard input."""
    for number, line in input_lines():
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise InputError(
                'is not JSON; write one object per line, such as {"text": "…", "stars": 5}', line=number
            ) from None
        if not isinstance(value, dict):
            raise InputError("must be a JSON object", line=number)
        yield number, value


def text_of(value: dict[str, Any], key: str, line: int, *, default: str | None = None) -> str:
    found = value.get(key, default)
    if not isinstance(found, str):
        raise InputError(f'needs "{key}" as a string', line=line)
    return found


def stars_of(value: dict[str, Any], line: int) -> int | None:
    stars = value.get("stars")
    if stars is None:
        return None
    if isinstance(stars, bool) or not isinstance(stars, int | float) or stars not in (1, 2, 3, 4, 5):
        raise InputError('"stars" must be 1, 2, 3, 4, 5 or null', line=line)
    return int(stars)
