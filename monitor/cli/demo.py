"""`otklik demo`: the whole path on this machine, against stand-in sites; in a terminal or at the desk."""

import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click

from monitor import wording
from monitor.assemble import Application
from monitor.cli import views
from monitor.cli.common import config_option, find_config, note, say
from monitor.cli.desk import USUAL_PORT as DESK_PORT
from monitor.cli.desk import listening, serve, setup_address
from monitor.cli.playing import PASSWORD, StoryClock, add_places, play, publish
from monitor.cli.run import failures_text, one_pass, report_text
from monitor.cli.setup import write_example
from monitor.clock import SystemClock, from_iso, to_iso
from monitor.config import Config, SourceConfig, load
from monitor.errors import PassRunning, StoreError, UsageError
from monitor.model import TicketState
from monitor.runners.loop import run_loop
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.morning import Morning
from monitor.standin.server import StandIn
from monitor.standin.world import World
from monitor.store.tickets import Filters

USUAL_PORT = 8765
PAUSE = timedelta(seconds=10)
"""Between passes beside the desk."""

STORY = "demo-story"
"""Stands beside the database of a morning that was played: the moment its desk was opened first."""


@click.command()
@click.option("--once", is_flag=True, help="One pass, the queue, done. Without it the desk is opened until Ctrl-C.")
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), help="Work in this folder.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DESK_PORT,
    show_default=True,
    help="Port of the desk; a free one when it is 0 or taken.",
)
@config_option
def demo(once: bool, folder: Path | None, port: int, config_path: Path | None) -> None:
    """Start the stand-in sites and look at Отклик at work: a morning's worth of reviews at the desk, in a browser, and
    a worker that reads what comes. With --once: one full pass, the queue, and where the mail went.

    Example:  otklik demo --dir /tmp/otklik-demo
    """
    path = find_config(click.get_current_context(), config_path) if folder is None else folder / "config.yaml"
    if folder is not None and not path.exists():
        write_example(path)
        if not once:
            add_places(path)
    config = load(path)
    sources = _stand_in_sources(config)
    os.environ.update(STAND_IN_ENV)  # also where real ones are set: those are none of the stand-in's business
    if not once:
        _open_desk(config, port)
        return
    clock = SystemClock()
    with StandIn(World.demo(clock.now()), port=_wished_port(sources)) as sites:
        app = Application(_pointed(config, sites), clock)
        try:
            failed = _show(app, sites.base_url)
        finally:
            app.close()
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


def _pointed(config: Config, sites: StandIn) -> Config:
    """The config, reading those sites."""
    sources = _stand_in_sources(config)
    return replace(config, sources={name: replace(entry, base_url=sites.base_url) for name, entry in sources.items()})


# --- in a terminal -----------------------------------------------------------------------------


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


# --- at the desk -------------------------------------------------------------------------------


def _open_desk(config: Config, port: int) -> None:
    """Sites, worker and desk in one process, until Ctrl-C. A new database gets the story's morning and accounts whose
    password is printed; in one that is there already nobody is let in."""
    now, mark = SystemClock().now(), config.database.with_name(STORY)
    is_new = not config.database.exists()
    told = is_new or mark.exists()
    morning = Morning(from_iso(mark.read_text()) if mark.exists() and not is_new else now)
    clock = StoryClock(morning.began if is_new else None)
    world = morning.world if told else World.demo(now)
    with StandIn(world, port=_wished_port(_stand_in_sources(config)), clock=clock) as sites:
        app = Application(_pointed(config, sites), clock)
        try:
            if is_new:
                _play(app, morning, clock)
                mark.write_text(to_iso(now))
            if told:
                publish(app, world, (TicketState.SUBMITTED, TicketState.ANSWERED))
            _serve(app, world, morning if told else None, port, sites.base_url)
        finally:
            app.close()


def _play(app: Application, morning: Morning, clock: StoryClock) -> None:
    """Either the whole morning, or no database."""
    note("Разыгрываем утро: отзывы гостей и ответы коллег. Это займёт несколько секунд.")
    try:
        play(app, morning, clock)
    except BaseException:
        app.close()
        for left in app.config.database.parent.glob(f"{app.config.database.name}*"):
            left.unlink()
        raise
    clock.at = None


def _serve(app: Application, world: World, morning: Morning | None, port: int, base_url: str) -> None:
    from monitor.desk.app import create_app

    def look() -> None:
        """One pass over the sites as they are by now."""
        if morning is not None:
            for _ in morning.tell(app.clock.now()):
                pass  # what is left of the story happens at the sites
        publish(app, world)
        with suppress(PassRunning, StoreError):  # somebody else's pass, a busy database: the next one comes soon
            one_pass(app)

    look()
    made, stop = create_app(app), threading.Event()
    app.editing.warm()
    worker = threading.Thread(target=run_loop, args=(look, stop, PAUSE), name="worker")
    with _listening(port) as sock:
        for line in _welcome(app, f"http://127.0.0.1:{sock.getsockname()[1]}", base_url, morning):
            say(line)
        worker.start()
        try:
            serve(made, sock)
        finally:
            stop.set()
            worker.join()


def _listening(port: int) -> socket.socket:
    """On that port, or on a free one where it is taken."""
    try:
        return listening("127.0.0.1", port)
    except UsageError:
        return listening("127.0.0.1", 0)


def _welcome(app: Application, address: str, sites: str, morning: Morning | None) -> Iterator[str]:
    yield f"Рабочее место: {address}"
    if morning is not None:
        yield f"Логин anna, пароль {PASSWORD}. Коллега для второго окна: boris, пароль тот же."
        if morning.has_more(app.clock.now()):
            yield "Пока Вы смотрите, приходят новые отзывы: первый — через пару минут."
    elif not app.store.accounts.somebody_can_log_in():
        with app.store.write():
            token = app.store.accounts.make_link(None, app.clock.now())
        yield f"Войти пока некому. Первого администратора заводят по ссылке: {setup_address(token, None, address)}"
    yield f"Учебные сайты: {sites}. База: {app.config.database}. Остановить: Ctrl-C"
    sys.stdout.flush()
