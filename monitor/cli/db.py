"""`otklik db …`."""

import sys
from pathlib import Path

import click

from monitor.cli.common import application, config_option, json_option, print_json, say


@click.group()
def db() -> None:
    """The one file that holds everything.

    Example:  otklik db backup /var/backups/otklik.db
    """


@db.command("check")
@json_option
@config_option
def check_(as_json: bool, config_path: Path | None) -> None:
    """Is the file sound? Prints a digest of its content, which two equal databases share.

    Example:  otklik db check
    """
    with application(config_path) as app:
        problems, digest = app.store.problems(), app.store.content_digest()
        if as_json:
            print_json({"ok": not problems, "problems": problems, "content_digest": digest})
        else:
            for problem in problems:
                say(problem)
            say(f"{'повреждена' if problems else 'цела'}; содержимое {digest}")
        sys.exit(1 if problems else 0)


@db.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@config_option
def backup(target: Path, config_path: Path | None) -> None:
    """A consistent copy, also while a pass is running.

    Example:  otklik db backup /var/backups/otklik.db
    """
    with application(config_path) as app:
        app.store.backup(target)
        say(f"Копия: {target}")


@db.command()
@config_option
def migrate(config_path: Path | None) -> None:
    """Bring the database up to date; every other command does so, too. An older file is copied beside it first.

    Example:  otklik db migrate
    """
    with application(config_path) as app:
        _ = app.store
        say("База данных в порядке.")
