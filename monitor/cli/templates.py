"""`otklik templates …`: are the wordings of replies sound, and what do they look like?"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from monitor import wording
from monitor.cli.common import application, config_option, json_option, note, print_json, say
from monitor.cli.templates_preview import MARK, page
from monitor.editing.trial import REPAIR, REPAIR_AT_THE_DESK, DraftFinding, Report, examine
from monitor.errors import UsageError
from responders.files import is_stored
from responders.types import Finding

LONGEST_LIST = 3
"""Samples named per finding: a bad phrase of a general list is found in most of them."""


@click.group()
def templates() -> None:
    """The wordings of replies: try them, look at them.

    Example:  otklik templates check
    """


@templates.command("check")
@json_option
@config_option
def check_(as_json: bool, config_path: Path | None) -> None:
    """Try the wordings of replies on 40 invented reviews: what does not load, what must not be posted.

    Drafts are written in all three registers, and every phrase is also tried by itself. Exit code 2: a file does not
    load or a text must not be posted; warnings leave it 0.

    Example:  otklik templates check --json
    """
    with application(config_path) as app:
        report = examine(app.responder, app.config.templates_dir, app.brand, app.business)
    if as_json:
        print_json(
            {
                "ok": not report.errors,
                "drafts": report.drafts,
                "phrases": report.phrases,
                "problems": [_place(error.file, error.line) | {"message": error.message} for error in report.problems],
                "of_drafts": [
                    {"situation": row.situation, "register": row.register, **_finding(row.finding), "text": row.text}
                    for row in report.of_drafts
                ],
                "of_phrases": [
                    {**_place(row.file, row.line), **_finding(row.finding), "text": row.text}
                    for row in report.of_phrases
                ],
            }
        )
    else:
        for line in _told(report):
            say(line)
    sys.exit(2 if report.errors else 0)


def _place(file: Path, line: int | None) -> dict[str, Any]:
    return {"path": str(file), "line": line}


def _finding(finding: Finding) -> dict[str, str]:
    return {"rule": finding.rule, "severity": finding.severity, "message": finding.message}


def _told(report: Report) -> Iterator[str]:
    """The report for people."""
    if report.problems:
        yield "Не годится, взято поставляемое:"
        for error in report.problems:
            yield f"  {error}"
        repairs = (REPAIR_AT_THE_DESK if is_stored(error.file) else REPAIR for error in report.problems)
        yield from (f"  → {repair}" for repair in dict.fromkeys(repairs))
        yield ""
    if report.of_drafts:
        yield "В черновиках на выдуманные отзывы:"
        alike: dict[tuple[str, str], list[DraftFinding]] = {}
        for row in report.of_drafts:
            alike.setdefault((row.finding.rule, row.finding.message), []).append(row)
        for rows in alike.values():
            yield f"  {_mark(rows[0].finding)}"
            yield f"    где: {_names(rows)}"
            yield f"    черновик: {_one_line(rows[0].text)}"
        yield ""
    if report.of_phrases:
        yield "В отдельных фразах:"
        for phrase in report.of_phrases:
            yield f"  {phrase.file}{f':{phrase.line}' if phrase.line else ''}"
            yield f"    {_mark(phrase.finding)}"
            if phrase.text:
                yield f"    фраза: {_one_line(phrase.text)}"
        yield ""
    drafts = wording.counted(report.drafts, "черновик", "черновика", "черновиков")
    phrases = wording.counted(report.phrases, "фраза", "фразы", "фраз")
    errors = wording.counted(report.errors, "ошибка", "ошибки", "ошибок")
    warnings = wording.counted(report.warnings, "предупреждение", "предупреждения", "предупреждений")
    found = "всё в порядке" if not (report.errors or report.warnings) else f"{errors}, {warnings}"
    yield f"Проверено: {drafts}, {phrases}; {found}."


def _mark(finding: Finding) -> str:
    name = "ошибка" if finding.severity == "error" else "предупреждение"
    return f"{name} {finding.rule}: {finding.message}"


def _names(rows: Sequence[DraftFinding]) -> str:
    """«Похвала в два слова» (речь тёплая) и ещё 5."""
    names = [f"«{row.situation}» (речь {wording.REGISTERS[row.register]})" for row in rows]
    more = len(names) - LONGEST_LIST
    return ", ".join(names[:LONGEST_LIST]) + (f" и ещё {more}" if more > 0 else "")


def _one_line(text: str) -> str:
    return wording.one_line(text, 300)


@templates.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("preview.html"),
    show_default=True,
    help="Where to write it; another file than an earlier preview is left alone.",
)
@config_option
def preview(out: Path, config_path: Path | None) -> None:
    """All kinds of reply side by side, as one HTML file that needs nothing else.

    Example:  otklik templates preview --out preview.html
    """
    if out.exists() and MARK.encode() not in _beginning(out):
        raise UsageError(f"{out} is there already and is no preview; move it away or choose another name with --out")
    with application(config_path) as app:
        content = page(app.responder, app.brand, own=app.config.templates_dir is not None or bool(app.wordings.stored))
    _write(out, content.encode())
    note(f"Откройте в браузере: {out}")


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(2000)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def _write(path: Path, content: bytes) -> None:
    """The whole file or none of it."""
    growing = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        growing.write_bytes(content)
        growing.replace(path)
    except OSError as error:
        with suppress(OSError):
            growing.unlink(missing_ok=True)
        raise UsageError(f"{path}: {error.strerror}") from error
