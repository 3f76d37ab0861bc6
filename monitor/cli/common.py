"""What commands share: finding the config, printing JSON, who acts."""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from monitor import own_words, wording
from monitor.assemble import Application, held
from monitor.clock import SystemClock
from monitor.config import Config, load
from monitor.errors import ConfigError, InputError, UsageError
from sentiment.business import Business

F = TypeVar("F", bound=Callable[..., Any])

NO_BREAK_SPACE = "\u00a0"

DEFAULT_CONFIG = Path("config.yaml")

NUMBER = click.IntRange(1, 2**63 - 1)
"""A ticket, a review, a limit: what SQLite can count."""

LONGEST_NAME = 100


def utf8(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """A callback for options that take text: bytes that are no UTF-8 reach Python as lone surrogates."""
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        raise click.BadParameter("it is not UTF-8; check the encoding of your terminal") from None
    return value


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
    return click.option("--as", "actor", callback=utf8, help="Who acts. Default: $OTKLIK_USER, else your login name.")(
        command
    )


def ticket_options(command: F) -> F:
    """What every action on a ticket takes."""
    return click.argument("ticket", type=NUMBER)(json_option(actor_option(config_option(command))))


def find_config(context: click.Context, given: Path | None) -> Path:
    """The config file: the command's -c, the group's -c, $OTKLIK_CONFIG, ./config.yaml."""
    return _named_config(context, given) or DEFAULT_CONFIG


def _named_config(context: click.Context, given: Path | None) -> Path | None:
    named = given or context.find_root().params.get("config_path") or os.environ.get("OTKLIK_CONFIG")
    return Path(named) if named else None


def load_config(given: Path | None) -> Config:
    """What holds: the file's settings, and before them those that people set at the desk."""
    return held(find_config(click.get_current_context(), given), SystemClock().now())


def business_if_any(given: Path | None) -> Business | None:
    """What the config in force tells of the business. None where nobody names a config and the default one is not
    there; if it is there but wrong, that is noted, too: the command does not need it."""
    named = _named_config(click.get_current_context(), given)
    if named is None and not DEFAULT_CONFIG.is_file():
        return None
    try:
        config = load(named or DEFAULT_CONFIG)
        if wrong := next(own_words.problems(config), None):
            raise wrong
    except ConfigError as error:
        if named:
            raise
        note(f"otklik: {error}; going on without the words of your business")
        return None
    return own_words.business(config)


@contextmanager
def application(given: Path | None) -> Iterator[Application]:
    """The application of the config in force; its files are closed afterwards."""
    app = Application(load_config(given))
    try:
        yield app
    finally:
        app.close()


def acting(given: str | None) -> str:
    """Who acts: --as, $OTKLIK_USER, the login name; "" when nobody can be found. The name stands in histories,
    mails and terminals, so it is one printable line: raises UsageError."""
    name = (os.environ.get("OTKLIK_USER") or _login()) if given is None else given
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(
            f"the name of who acts (--as, OTKLIK_USER) must be one printable line of at most {LONGEST_NAME} characters"
        )
    if given is not None and not name.strip():
        raise UsageError("--as is empty: give a name, or leave the option out")
    return name.strip()


def somebody(given: str | None) -> str:
    """Who acts, where the audit log must name them: raises UsageError when nobody can be found."""
    if who := acting(given):
        return who
    raise UsageError("кто действует? Укажите --as ИМЯ или переменную OTKLIK_USER")


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's numeric user has no name
        return ""


def to_json(value: object) -> str:
    """One line for every reader and terminal, in readable Cyrillic."""
    return wording.safe_json(value)


def parse_json(line: str) -> Any:
    """Raises ValueError or RecursionError. A number longer than any we use is no whole number, so that thousands of
    digits cost nothing and are refused where a number is looked at."""
    return json.loads(line, parse_int=lambda digits: int(digits) if len(digits) < 20 else float(digits))


def print_json(value: object) -> None:
    click.echo(to_json(value))


def say(text: str = "") -> None:
    """A line for people: no-break spaces help typography, not terminals and `grep`."""
    click.echo(text.replace(NO_BREAK_SPACE, " "))


def note(text: str) -> None:
    """A line on stderr."""
    click.echo(text.replace(NO_BREAK_SPACE, " "), err=True)


def input_lines(file: Path | None = None) -> Iterator[tuple[int, str]]:
    """(number from 1, line without its end) of a file, or of standard input: UTF-8 whatever the locale, with or
    without a byte order mark. Raises InputError at the first line that is something else, UsageError when there is
    nothing to read from."""
    source = "stdin" if file is None else file.name
    for number, line in enumerate(_raw_lines(file), start=1):
        try:
            text = line if isinstance(line, str) else line.decode()
        except UnicodeDecodeError:
            hint = "is not UTF-8; convert it, e.g. with `iconv -f cp1251 -t utf-8`"
            raise InputError(hint, source=source, line=number) from None
        yield number, (text.removeprefix("\ufeff") if number == 1 else text).rstrip("\r\n")


def _raw_lines(file: Path | None) -> Iterator[bytes | str]:
    if file is not None:
        try:
            with file.open("rb") as stream:
                yield from stream
        except OSError as error:
            raise UsageError(f"{file}: {error.strerror}") from None
    elif sys.stdin is None:
        raise UsageError("standard input is closed: nothing to read")
    else:
        yield from getattr(sys.stdin, "buffer", sys.stdin)  # a program that calls us may have put text there


def input_objects() -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, JSON object) per non-empty line of standard input."""
    for number, line in input_lines():
        if not line.strip():
            continue
        try:
            value = parse_json(line)
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
