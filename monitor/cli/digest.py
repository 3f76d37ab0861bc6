"""`otklik digest`: the morning mail and the weekly report, to look at or to send."""

import sys
from base64 import b64encode
from datetime import date
from pathlib import Path
from typing import Any

import click

from monitor import config_values as values
from monitor import wording
from monitor.alerts import Alert, AlertKind, DigestView, Message
from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, note, print_json, say
from monitor.clock import optional_iso, to_iso
from monitor.errors import PassRunning, UsageError
from monitor.numbers import Cohort, Figures, Spread, Trend
from monitor.runners.once import pass_lock


def _day(_context: click.Context, _option: click.Parameter, written: str | None) -> date | None:
    try:
        return None if written is None else values.day(written)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option(
    "--day", callback=_day, metavar="DAY", help="The day it tells of, or the last of its week. Default: yesterday."
)
@click.option("--weekly", is_flag=True, help="The report of the seven days that end with that day.")
@click.option(
    "--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write the page, picture included."
)
@click.option("--send", is_flag=True, help="Send it now, to each recipient who has not got it yet.")
@json_option
@config_option
def digest(
    day: date | None, weekly: bool, page: Path | None, send: bool, as_json: bool, config_path: Path | None
) -> None:
    """Yesterday in numbers: what came, what was answered, what is late, what to do first.

    With `digest:` in the config the worker sends it every morning, and the weekly report on its weekday. Numbers are of
    that day, but what waits and what is late is told as of now.

    Exit code 1: it was not sent to everybody and will be tried again.

    Example:  otklik digest --day 2026-11-20 --html digest.html
    """
    kind = AlertKind.WEEKLY if weekly else AlertKind.DIGEST
    with application(config_path) as app:
        now = app.clock.now()
        yesterday = app.digests.yesterday(now)
        last = day or yesterday
        if last > yesterday:
            raise UsageError(f"--day {last} is not over yet; the latest is {yesterday}")
        view = app.digests.view(kind, last, now)
        if as_json:
            print_json(numbers(kind, view))
        if page is not None or not (as_json or send):
            message = _message(app, kind, view)
            if page is not None:
                _write(page, message)
            if not (as_json or send):
                say(message.text.rstrip("\n"))
        if send:
            sys.exit(_send(app, kind, last))


def _message(app: Application, kind: AlertKind, view: DigestView) -> Message:
    """As the first recipient gets it, but for buttons: their links would act in that person's name."""
    from monitor.notify.render import Renderer

    now = app.clock.now()
    alert = Alert(
        kind, view.last.isoformat(), app.digests.recipients[0], f"<{kind}@otklik.invalid>", (), now, digest=view
    )
    return Renderer(app.config.templates_dir, app.config.business.name).render(alert, now=now)


def _write(page: Path, message: Message) -> None:
    html = message.html
    for picture in message.pictures:
        html = html.replace(f"cid:{picture.name}", f"data:image/png;base64,{b64encode(picture.png).decode()}")
    try:
        page.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{page}: {error.strerror}") from error
    note(f"Записано: {page}")


def _send(app: Application, kind: AlertKind, day: date) -> int:
    """Through the outbox, where a running worker may have it, too; the exit code."""
    notify = app.notify()
    recipients = app.digests.recipients
    before = app.store.outbox.digests([kind], day, recipients)
    app.digests.ask(kind, day, app.clock.now())
    try:
        with pass_lock(app.config.database):  # two that empty the outbox at once would send everything twice
            while notify.run() is not None:
                pass
    except PassRunning:
        note("Сейчас идёт проход; письма стоят в очереди, и он их отправит.")
    after = app.store.outbox.digests([kind], day, recipients)
    waiting = 0
    for recipient in recipients:
        row, was = after[kind, recipient], before.get((kind, recipient))
        if row["state"] == "sent":
            note(f"{recipient}: {'уже отправлено раньше' if was and was['state'] == 'sent' else 'отправлено'}")
            continue
        waiting += 1
        note(f"{recipient}: не отправлено: {wording.one_line(row['error'] or 'письмо ждёт очереди', 300)}")
    return 1 if waiting else 0


# --- the numbers ----------------------------------------------------------------------------------


def numbers(kind: AlertKind, view: DigestView) -> dict[str, Any]:
    """As `--json` prints them: lengths in seconds, shares from 0 to 1, null where there is nothing to count."""
    return {
        "kind": kind.value,
        "first": view.first.isoformat(),
        "last": view.last.isoformat(),
        "timezone": view.span.scope.period.zone,
        "total": _figures(view.span.total),
        "before": None if view.before is None else _figures(view.before.total),
        "places": {id_: _figures(figures) for id_, figures in view.span.places.items()},
        "sources": {id_: _figures(figures) for id_, figures in view.span.sources.items()},
        "cohorts": [{"since": to_iso(cohort.period.since), **_cohort(cohort)} for cohort in view.recent],
        "rising": None if view.rising is None else [_trend(trend) for trend in view.rising],
        "falling": [_trend(trend) for trend in view.falling],
        "alarms": [
            {"kind": each.alarm.kind.value, "source": each.alarm.source, "raised_at": to_iso(each.alarm.raised_at)}
            for each in view.alarms
        ],
        "concerns": [{"title": each.title, "word": each.word, "why": each.gist} for each in view.concerns],
        "urgent": [ticket.ticket for ticket in view.urgent],
        "proven_at": optional_iso(view.proven_at),
    }


def _figures(figures: Figures) -> dict[str, Any]:
    answers, now = figures.answers, figures.now
    return {
        "reviews": _cohort(figures.cohort),
        "answers": {
            "in_time": answers.in_time,
            "late": answers.late,
            "backlog": answers.backlog,
            "beforehand": answers.beforehand,
            "team": _spread(answers.team),
            "working": None if answers.working is None else _spread(answers.working),
            "customer": _spread(answers.customer),
        },
        "compliance": {"met": figures.compliance.met, "due": figures.compliance.due, "share": figures.compliance.share},
        "now": {
            "open": now.open,
            "overdue": now.overdue,
            "oldest_overdue": optional_iso(now.oldest_overdue),
            "backlog": now.backlog,
            "unanswerable": now.unanswerable,
        },
    }


def _cohort(cohort: Cohort) -> dict[str, Any]:
    return {
        "new": cohort.came - cohort.backlog,
        "answerable": cohort.answerable,
        "answered": cohort.answered,
        "late": cohort.late,
        "waiting": cohort.waiting,
        "rate": cohort.rate,
        "stars": cohort.average,
        "negative": cohort.negative,
        "neutral": cohort.neutral,
        "positive": cohort.positive,
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "count": spread.count,
        "median": None if spread.median is None else spread.median.total_seconds(),
        "p90": None if spread.p90 is None else spread.p90.total_seconds(),
    }


def _trend(trend: Trend) -> dict[str, Any]:
    return {"theme": trend.theme, "count": trend.count, "before": trend.before, "tickets": list(trend.tickets)}
