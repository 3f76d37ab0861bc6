"""`otklik import`."""

import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor import wording
from monitor.cli.common import application, config_option, json_option, note, print_json, say, utf8
from monitor.errors import PassRunning, UsageError
from monitor.jobs.cards import Wanted
from monitor.jobs.importing import File, ImportReport, Rejected
from monitor.runners.once import pass_lock
from monitor.tables.table import MOST_BYTES

PATIENCE_SECONDS = 30
"""How long a running pass is waited for."""

SHOWN = 20
"""Rows named on a terminal; --json names all."""


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--place", default="", callback=utf8, help="Place the reviews are about: its id or title in config.yaml.")
@click.option("--source", default="", callback=utf8, help="Site they stand on: its id or Russian title.")
@click.option("--card", default="", callback=utf8, help="The card's id on that site, where a place has several.")
@click.option("--dry-run", is_flag=True, help="Read and count everything, store nothing.")
@json_option
@config_option
def import_reviews(
    files: tuple[Path, ...],
    place: str,
    source: str,
    card: str,
    dry_run: bool,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Take reviews from files: CSV, TSV, XLSX, JSON, JSON lines, and pages saved in a browser.

    Columns are recognised by their headings, Russian or English. A row's own place, source and card go before the
    options; what neither names is the only card in config.yaml that fits. Importing a file again changes nothing,
    and no file reverts what a later read of the site saw. Old reviews get no deadline; verdicts and drafts come with
    the next pass.

    Exit code 1: some rows were not taken (they are named). 2: nothing could be read. 75: a pass is running.

    Example:  otklik import --place lenina --source "Яндекс Карты" reviews.xlsx
    """
    wanted = Wanted(place, source, card)
    opened = [_open(path) for path in files]
    readable = [file for file in opened if isinstance(file, File)]
    refused = [file for file in opened if isinstance(file, Rejected)]
    with application(config_path) as app, patient_lock(app.config.database):
        importing = app.importing()
        importing.check(wanted)
        report = importing.run(readable, wanted, dry_run=dry_run)
    report.rejected[:0] = refused
    if as_json:
        print_json(report_json(report))
    elif not report.unreadable:
        for line in report_text(report, dry_run=dry_run):
            say(line)
    for line in notes(report):
        note(line)
    sys.exit(UsageError.exit_code if report.unreadable else 1 if report.rejected else 0)


def _open(path: Path) -> File | Rejected:
    name = wording.one_line(path.name or str(path), 100)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Rejected(name, None, "это папка, а не файл" if stat.S_ISDIR(status.st_mode) else "это не файл")
        if status.st_size > MOST_BYTES:
            return Rejected(name, None, f"файл больше {MOST_BYTES // 1024 // 1024} МБ: разделите его на части")
        return File(name, path.read_bytes(), datetime.fromtimestamp(status.st_mtime, UTC))
    except FileNotFoundError:
        return Rejected(name, None, "такого файла нет")
    except PermissionError:
        return Rejected(name, None, "нет прав на чтение файла")
    except (OSError, OverflowError, ValueError):
        return Rejected(name, None, "файл не читается")


@contextmanager
def patient_lock(
    database: Path, *, seconds: int = PATIENCE_SECONDS, pause: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """The lock of a pass, once a running one has ended. Raises PassRunning when that takes longer than `seconds`."""
    with ExitStack() as held:
        for left in range(seconds, -1, -1):
            try:
                held.enter_context(pass_lock(database))
                break
            except PassRunning:
                if not left:
                    raise
                pause(1)
        yield


def report_json(report: ImportReport) -> dict[str, object]:
    return {
        "rows": report.rows,
        "new": report.new,
        "edited": report.edited,
        "known": report.known,
        "replies": report.replies,
        "rejected": [{"file": bad.file, "line": bad.line, "reason": bad.reason} for bad in report.rejected],
    }


def report_text(report: ImportReport, *, dry_run: bool) -> list[str]:
    """What was done, for a person."""
    refused = sum(bad.line is not None for bad in report.rejected)
    lines = [
        f"Прочитано строк: {report.rows}. Новых отзывов: {report.new}, уже были: {report.known}, "
        f"изменились: {report.edited}. Не приняты: {refused}."
    ]
    if report.replies:
        lines.append(f"Ответов компании добавилось: {report.replies}.")
    if dry_run:
        lines.append("Это проверка: ничего не записано.")
    elif report.new or report.edited:
        lines.append(f"Ждут ответа: {report.opened}. Тон и черновики появятся после следующего прохода (otklik run).")
    return lines


def notes(report: ImportReport) -> list[str]:
    """What was left aside and why, for stderr."""
    lines = []
    for file, headings in report.ignored.items():
        shown = ", ".join(f"«{wording.one_line(heading, 40)}»" for heading in headings[:SHOWN])
        more = f" и ещё {len(headings) - SHOWN}" if len(headings) > SHOWN else ""
        lines.append(f"{file}: не использованы столбцы: {shown}{more}.")
    for file, heading in report.overruled.items():
        name = wording.one_line(heading, 40)
        lines.append(f"{file}: столбец «{name}» не использован: в нём нет точек из config.yaml, взята из --place.")
    for bad in report.rejected[:SHOWN]:
        stop = "" if "://" in bad.reason else "."  # an address must end where it ends
        lines.append(f"{_where(bad)}: {bad.reason}{stop}")
    if len(report.rejected) > SHOWN:
        lines.append(f"…и ещё {len(report.rejected) - SHOWN}; все покажет --json.")
    return lines


def _where(bad: Rejected) -> str:
    if bad.line is None:
        return bad.file
    return f"{bad.file}, {'отзыв' if bad.page else 'строка'} {bad.line}"
