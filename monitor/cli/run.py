"""`otklik run` and `otklik worker`."""

import signal
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import click

from monitor import log, wording
from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, note, print_json, say
from monitor.errors import PassRunning, StoreError, UsageError
from monitor.log import Event
from monitor.runners import systemd
from monitor.runners.loop import run_loop
from monitor.runners.once import PassReport, pass_lock, run_pass, summary


@click.command()
@json_option
@config_option
def run(as_json: bool, config_path: Path | None) -> None:
    """One pass, then exit: read what is due, analyse, draft, alarm.

    Exit code 1: something failed and will be retried (it is named). 2: a secret is missing; everything
    else was done. 75: another pass is running.

    Example:  otklik run --json
    """
    with application(config_path) as app:
        report = one_pass(app)
        if as_json:
            print_json(summary(report))
        else:
            for line in report_text(report):
                say(line)
        for line in failures_text(report, app.clock.now()):
            note(line)
        if app.missing_secrets:
            for error in app.missing_secrets:
                note(f"otklik: {error}")
            sys.exit(UsageError.exit_code)
        sys.exit(1 if report.failed else 0)


def one_pass(app: Application) -> PassReport:
    """A pass under its lock, which is taken before the database is touched; by the settings of this moment."""
    with pass_lock(app.config.database), app.ping.around() as outcome:
        report = run_pass(app.current().engine(), app.config.http.pass_budget)
        outcome.said = " ".join(report_text(report))
        outcome.failed = report.sent.failed > 0  # sites that are not read have alarms of their own
        return report


def report_text(report: PassReport) -> list[str]:
    """A pass in a few lines."""
    changes = report.changes
    read = f"Карточек прочитано: {report.ok} из {report.due}" if report.due else "Читать пока нечего"
    if report.left:
        read += f", осталось на следующий проход: {report.left}"
    if report.keyless:
        read += f", ещё {wording.counted(report.keyless, 'карточка', 'карточки', 'карточек')} без ключа"
    return [
        f"{read}. Отзывов: новых {changes.new}, изменённых {changes.edited}, исчезнувших {changes.vanished}.",
        f"Ждут ответа: добавилось {changes.opened}, закрыто {changes.closed}. "
        f"Писем: отправлено {report.sent.sent}, не ушло {report.sent.failed}.",
    ]


def failures_text(report: PassReport, now: datetime) -> list[str]:
    """What failed and when it is retried: for stderr, so that cron mails it."""
    return [
        f"Не удалось прочитать {failure.listing} ({failure.error}): {failure.message.rstrip('.')}. "
        f"Повтор {wording.from_now(max(failure.retry_at - now, timedelta()))}."
        for failure in report.failures
    ]


@click.command()
@click.option("--pause", type=click.IntRange(1, 3600), default=20, show_default=True, help="Seconds between passes.")
@config_option
def worker(pause: int, config_path: Path | None) -> None:
    """Passes until SIGTERM or Ctrl-C; a running pass is finished first.

    Example:  otklik worker
    """
    log.configure(verbose=True)  # whoever keeps a service wants to see it live
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with application(config_path) as app:
        for error in app.missing_secrets:
            note(f"otklik: {error}")
        app.log.say(Event.WORKER_STARTED)
        systemd.tell(systemd.READY)
        run_loop(lambda: _patient(app), stop, timedelta(seconds=pause))
        app.log.say(Event.WORKER_STOPPING)
        systemd.tell(systemd.STOPPING)


def _patient(app: Application) -> None:
    """A pass; what keeps it from running now (another process at it, a locked file, a full disk) may pass by itself."""
    try:
        report = one_pass(app)
    except PassRunning as busy:
        app.log.say(Event.PASS_REFUSED, reason=str(busy))
        return
    except StoreError as error:
        app.log.say(Event.JOB_FAILED, job="pass", error=error)
        return
    systemd.tell(systemd.ALIVE)
    for failure in report.failures:
        note(wording.one_line(f"{failure.listing}: {failure.message}", 200))
