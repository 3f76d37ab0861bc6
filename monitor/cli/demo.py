"""`otklik demo`: the whole path on this machine, against stand-in sites."""

import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from monitor import wording
from monitor.assemble import Application
from monitor.cli import views
from monitor.cli.common import config_option, find_config, note, say
from monitor.cli.run import failures_text, one_pass, report_text
from monitor.cli.setup import write_example
from monitor.clock import SystemClock
from monitor.config import Config, SourceConfig, load
from monitor.errors import UsageError
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.server import StandIn
from monitor.standin.world import World
from monitor.store.tickets import Filters

USUAL_PORT = 8765


@click.command()
@click.option("--once", is_flag=True, help="One pass, the queue, done. Without it the sites stay up until Ctrl-C.")
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Work in this folder.")
@config_option
def demo(once: bool, folder: Path | None, config_path: Path | None) -> None:
    """Start the stand-in sites, run one full pass on them, show the queue and where the mail went.

    Example:  otklik demo --once --dir /tmp/otklik-demo
    """
    path = find_config(click.get_current_context(), config_path) if folder is None else folder / "config.yaml"
    if folder is not None and not path.exists():
        write_example(path)
    config = load(path)
    sources = _stand_in_sources(config)
    os.environ.update(STAND_IN_ENV)  # also where real ones are set: those are none of the stand-in's business
    clock = SystemClock()
    with StandIn(World.demo(clock.now()), port=_wished_port(sources)) as sites:
        config = replace(
            config, sources={name: replace(entry, base_url=sites.base_url) for name, entry in sources.items()}
        )
        app = Application(config, clock)
        try:
            failed = _show(app, sites.base_url)
        finally:
            app.close()
        if not once:
            note(f"Учебные сайты работают на {sites.base_url}; остановить: Ctrl-C")
            threading.Event().wait()
    sys.exit(1 if failed else 0)


def _stand_in_sources(config: Config) -> Mapping[str, SourceConfig]:
    """The config's sources; refused unless every one of them points at this machine: a demo must not
    fill the database of a real business with invented reviews."""
    used = dict.fromkeys(listing.source for place in config.places for listing in place.listings)
    sources = {name: config.sources.get(name, SourceConfig()) for name in used}
    for name, entry in sources.items():
        if not entry.base_url or urlsplit(entry.base_url).hostname not in ("127.0.0.1", "localhost"):
            raise UsageError(
                f"{config.path.name}: sources.{name} points at a real site; the demo needs a config of its own: "
                "otklik demo --once --dir demo"
            )
    return sources


def _wished_port(sources: Mapping[str, SourceConfig]) -> int:
    return next((port for entry in sources.values() if (port := urlsplit(entry.base_url).port)), USUAL_PORT)


def _show(app: Application, base_url: str) -> bool:
    """One pass and its result on the terminal; whether something failed."""
    started = app.clock.now()
    report = one_pass(app)
    now = app.clock.now()
    say(f"Учебные сайты: {base_url}. Проход занял {(now - started).total_seconds():.1f} с.")
    for line in report_text(report):
        say(line)
    for line in failures_text(report, now):
        note(line)
    say()
    for line in views.queue_text(app.reports.queue(Filters(), now), now):
        say(line)
    mails = app.store.outbox.counts().get("sent", 0)
    say(f"\nОтправлено {wording.counted(mails, 'письмо', 'письма', 'писем')}: {app.channel.describe()}")
    config = app.config.path
    option = "" if config == Path.cwd() / "config.yaml" else f" -c {config}"
    say(f"Отзывы и очередь лежат в {app.config.database}. Дальше: {sys.argv[0]}{option} queue show НОМЕР")
    return report.failed
