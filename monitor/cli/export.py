"""`otklik export` and `otklik forget`."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from monitor import wording
from monitor.assemble import Application
from monitor.cli.common import (
    NUMBER,
    acting,
    actor_option,
    application,
    config_option,
    json_option,
    print_json,
    say,
    utf8,
)
from monitor.cli.views import verdict_json
from monitor.config_values import shown
from monitor.corrections import ByHand
from monitor.errors import NotFound, UsageError
from monitor.log import Event
from monitor.store.labels import Correction
from monitor.store.rows import verdict_from

COLUMNS = (
    "review", "place", "source", "external_id", "stars", "author", "text", "posted_at", "posted_precision",
    "first_seen_at", "revision", "removed_at", "reply_text", "reply_at", "tone", "themes", "risks", "url", "same_as",
)  # fmt: skip


@click.command()
@click.option(
    "--csv",
    "as_csv",
    is_flag=True,
    help="CSV for spreadsheets: UTF-8 with a byte order mark, `;` between columns as Russian Excel wants it, values "
    "in quotes; an apostrophe disarms what would be a formula, control characters are left out.",
)
@click.option(
    "--labels",
    is_flag=True,
    help="Only what people said with `queue retag`: each text with label, complaint, themes and dangers, for the "
    "--data of `otklik evaluate` and `otklik train`.",
)
@click.option("--json", "_as_json", is_flag=True, help="JSON lines; the default.")
@config_option
def export(as_csv: bool, labels: bool, _as_json: bool, config_path: Path | None) -> None:
    """Every review we hold, oldest first.

    Example:  otklik export --csv > reviews.csv
    """
    if labels and as_csv:
        raise UsageError("--labels are JSON lines: leave --csv out")
    with application(config_path) as app:
        if labels:
            for said, found in app.store.labels.said():
                print_json(_label(said, found))
            return
        if as_csv:
            click.echo("\ufeff" + _csv_line(COLUMNS), nl=False)
        for row in _rows(app):
            if as_csv:
                flat = _flat(row)
                click.echo(_csv_line(flat[column] for column in COLUMNS), nl=False)
            else:
                print_json(row)


def _rows(app: Application) -> Iterator[dict[str, Any]]:
    for row in app.store.reviews():
        verdict = verdict_json(verdict_from(row))
        reply = None if row["reply_text"] is None else {"text": row["reply_text"], "at": row["reply_at"]}
        yield {
            "review": row["id"],
            **{key: row[key] for key in COLUMNS[1:12]},
            "reply": reply,
            **{key: verdict[key] for key in ("tone", "themes", "risks")},
            "url": row["url"],
            "same_as": row["same_as"],
        }


def _label(said: Correction, found: ByHand) -> dict[str, Any]:
    """As `sentiment.corpus` and `sentiment.gold` read it."""
    return {
        "text": said.text,
        "stars": said.stars,
        "source": said.source,
        "label": said.tone,
        "complaint": said.complaint,
        "themes": dict(found.themes),
        "dangers": dict(found.dangers),
    }


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    reply = row["reply"] or {"text": "", "at": ""}
    return {
        **{key: row[key] for key in (*COLUMNS[:12], "tone", "url", "same_as")},
        "reply_text": reply["text"],
        "reply_at": reply["at"],
        "themes": _names(row["themes"], "theme"),
        "risks": _names(row["risks"], "risk"),
    }


def _names(mentions: Iterable[dict[str, str]], key: str) -> str:
    return " ".join(dict.fromkeys(str(mention[key]) for mention in mentions))


def _csv_line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(_safe, values))
    return line.getvalue()


def _safe(value: Any) -> Any:
    """A stranger's text without control characters, and disarmed when its first visible character would begin a
    formula: spreadsheets look through what cannot be seen and know full-width signs, too."""
    if not isinstance(value, str):
        return value
    text = wording.visible(value)
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "CZM"), "")
    return "'" + text if first and unicodedata.normalize("NFKC", first) in "=+-@" else text


@click.command()
@click.argument("review", type=NUMBER, required=False)
@click.option("--author", callback=utf8, help="Every review under this name; case and spaces do not matter.")
@json_option
@actor_option
@config_option
def forget(review: int | None, author: str | None, as_json: bool, actor: str | None, config_path: Path | None) -> None:
    """Erase text and name of a review, or of every review of an author: from every table, and from mails in ./outbox.

    Counts stay, and the next read of the card does not bring the review back. Mail that has been sent, exports and
    backups are out of reach: delete them yourself.

    Example:  otklik forget --author "Анна К."
    """
    if (review is None) == (author is None):
        raise UsageError("give a review's number, or --author NAME")
    if author is not None and not wording.visible(author).strip():
        raise UsageError("--author is empty: it would erase every review whose author is not known; give the number")
    with application(config_path) as app:
        if review is not None:
            app.store.privacy.check(review)
            ids = [review]
        else:
            ids = app.store.privacy.by_author(str(author))
            if not ids:
                raise NotFound(f"отзывов под именем {shown(str(author))} нет: ничего не стёрто")
        erased, mails = app.forget(ids, app.clock.now(), acting(actor))
        app.log.say(Event.REVIEWS_FORGOTTEN, reviews=erased)
        if as_json:
            print_json({"reviews": erased, "mails": mails})
        else:
            say(f"Стёрто отзывов: {erased}, писем в папке outbox: {mails}.")
