"""`otklik config …`: the settings that hold, those of the desk included."""

import json
from datetime import UTC
from pathlib import Path

import click

from monitor import wording
from monitor.assemble import Application, changes
from monitor.cli.common import (
    NUMBER,
    actor_option,
    application,
    config_option,
    json_option,
    load_config,
    print_json,
    say,
    somebody,
    utf8,
)
from monitor.clock import to_iso
from monitor.config import Config, held_nodes
from monitor.config_overlay import KINDS, Setting
from monitor.config_values import hint, shown
from monitor.config_writer import masked, plain, written
from monitor.errors import NotFound, UsageError
from monitor.store.settings import Setting as Kept

LONGEST_VALUE = 200
"""Characters of a value in a line of the history."""


@click.group()
def config() -> None:
    """The settings that hold: config.yaml and, before it, what people set at the desk; their history; undo.

    Example:  otklik config show
    """


@config.command()
@click.option("--section", callback=utf8, help="Only this one of the file's sections, such as calendars.")
@json_option
@config_option
def show(section: str | None, as_json: bool, config_path: Path | None) -> None:
    """Print what holds as a config.yaml of its own: what the desk set has a comment with who and when.

    Secrets are in no setting: what ends in _env names an environment variable. Of the address of a webhook, which may
    hold one, the host alone is shown.

    Example:  otklik config show --section calendars
    """
    held = load_config(config_path)
    nodes = masked(held_nodes(held))
    known = [key.value for key, _ in nodes.value]
    if section is not None and section not in known:
        raise UsageError(f"--section: there is no {shown(section)} in {held.path.name}; {hint(section, known)}")
    if as_json:
        found = plain(nodes)
        assert isinstance(found, dict)
        print_json(
            {
                "config": found if section is None else {section: found[section]},
                "desk": [_row(setting) for setting in held.settings],
                "left_out": [{**_row(left.setting), "message": left.error.message} for left in held.left_out],
            }
        )
        return
    for line in _left_out(held):
        say(line)
    for line in written(nodes, section or ""):
        click.echo(line)


def _left_out(held: Config) -> list[str]:
    return [
        f"# left out: {left.setting.kind} {wording.one_line(left.setting.name, 100)}: "
        f"{wording.one_line(left.error.message, 300)}"
        for left in held.left_out
    ]


@config.command()
@click.argument("kind", required=False, callback=utf8)
@click.argument("name", required=False, callback=utf8)
@click.option("--limit", type=NUMBER, default=50, show_default=True, help="How many states, newest first.")
@json_option
@config_option
def history(kind: str | None, name: str | None, limit: int, as_json: bool, config_path: Path | None) -> None:
    """What was set at the desk, by whom and when, newest first: of everything, of a KIND, of one setting of it.

    Example:  otklik config history calendar office
    """
    with application(config_path) as app:
        for state in app.store.settings.recent(limit, kind, name):
            if as_json:
                print_json({"id": state.id, **_row(state), "value": _value(state)})
            else:
                value = "(taken back)" if state.value is None else wording.one_line(state.value, LONGEST_VALUE)
                at = f"{state.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
                say(f"{state.id:>5}  {at}  {_shown(state.by)}  {state.kind} {_shown(state.name)}  {value}")


@config.command()
@click.argument("kind", callback=utf8)
@click.argument("name", callback=utf8)
@actor_option
@config_option
def undo(kind: str, name: str, actor: str | None, config_path: Path | None) -> None:
    """Bring a setting of the desk back to the state before its latest one; undone once more, it is as it was.

    Example:  otklik config undo calendar office
    """
    who = somebody(actor)
    with application(config_path) as app:
        latest = app.store.settings.latest(kind, name)
        if latest is None:
            known = sorted({f"{state.kind} {_shown(state.name)}" for state in app.store.settings.recent(1000)})
            raise NotFound(f"nothing was ever set at the desk as {_shown(kind)} {_shown(name)}; {_known(known)}")
        after = changes.undo(app, kind, name, seen=latest.id, actor=who, now=app.clock.now())
        now = after.store.settings.latest(kind, name)
        held = now is not None and now.value is not None
        say(
            f"{_shown(kind)} {_shown(name)}: "
            + ("the state before holds again" if held else f"{_beneath(after, kind, name)} holds")
        )


def _beneath(app: Application, kind: str, name: str) -> str:
    """What holds where the desk sets nothing."""
    if kind in KINDS:
        return "what config.yaml says"
    folder = app.config.templates_dir
    own = folder is not None and (folder / "replies" / name).is_file()
    return f"{'your own' if own else 'the shipped'} {_shown(name)}"


def _known(names: list[str]) -> str:
    return f"known: {', '.join(names)}" if names else "nobody has set anything yet"


def _row(setting: Setting) -> dict[str, object]:
    return {"kind": setting.kind, "name": setting.name, "by": setting.by, "at": to_iso(setting.at)}


def _value(state: Kept) -> object:
    try:
        return None if state.value is None else json.loads(state.value)
    except (ValueError, RecursionError):
        return state.value


def _shown(text: str) -> str:
    return wording.one_line(text, 100)
