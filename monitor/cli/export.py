"""`otklik export` and `otklik forget`."""

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, print_json, say, to_json
from monitor.cli.views import verdict_json
from monitor.errors import UsageError
from monitor.log import Event
from monitor.store.rows import verdict_from

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = (
    "review", "place", "source", "external_id", "stars", "author", "text", "posted_at", "posted_precision",
    "first_seen_at", "revision", "removed_at", "reply_text", "reply_at", "tone", "themes", "risks", "url",
)  # fmt: skip


@click.command()
@click.option("--csv", "as_csv", is_flag=True, help="CSV for spreadsheets (UTF-8 with a mark, commas).")
@click.option("--json", "_as_json", is_flag=True, help="JSON lines; the default.")
@config_option
def export(as_csv: bool, _as_json: bool, config_path: Path | None) -> None:
    """Every review we hold, oldest first.

    Example:  otklik export --csv > reviews.csv
    """
    with application(config_path) as app:
        if as_csv:
            sys.stdout.write("\ufeff")
            writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\r\n")
            writer.writeheader()
            writer.writerows({key: _safe(value) for key, value in _flat(row).items()} for row in _rows(app))
        else:
            for row in _rows(app):
                click.echo(to_json(row))


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
        }


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    reply = row["reply"] or {"text": "", "at": ""}
    return {
        **{key: row[key] for key in (*COLUMNS[:12], "tone", "url")},
        "reply_text": reply["text"],
        "reply_at": reply["at"],
        "themes": _names(row["themes"], "theme"),
        "risks": _names(row["risks"], "risk"),
    }


def _names(mentions: Iterable[dict[str, str]], key: str) -> str:
    return " ".join(dict.fromkeys(str(mention[key]) for mention in mentions))


def _safe(value: Any) -> Any:
    """A stranger's text must not become a formula in a spreadsheet."""
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(_FORMULA):
        return "'" + value
    return value


@click.command()
@click.argument("review", type=int, required=False)
@click.option("--author", help="Every review under exactly this name.")
@json_option
@config_option
def forget(review: int | None, author: str | None, as_json: bool, config_path: Path | None) -> None:
    """Erase text and name of a review, or of every review of an author: from every table, and from mails in ./outbox.

    Counts stay, and the next read of the card does not bring the review back. Mail that has been sent, exports and
    backups are out of reach: delete them yourself.

    Example:  otklik forget --author "Анна К."
    """
    if (review is None) == (author is None):
        raise UsageError("give a review's number, or --author NAME")
    with application(config_path) as app:
        if review is not None:
            app.store.privacy.check(review)
            ids = [review]
        else:
            ids = app.store.privacy.by_author(str(author))
        mails = _erase_mails(app.config.outbox, app.store.privacy.messages(ids))
        erased = app.store.privacy.erase(ids, app.clock.now())
        app.log.say(Event.REVIEWS_FORGOTTEN, reviews=erased)
        if as_json:
            print_json({"reviews": erased, "mails": mails})
        else:
            say(f"Стёрто отзывов: {erased}, писем в папке outbox: {mails}.")


def _erase_mails(outbox: Path, message_ids: Iterable[str]) -> int:
    from monitor.notify.file import eml_name

    paths = [outbox / eml_name(message_id) for message_id in message_ids]
    held = [path for path in paths if path.exists()]
    for path in held:
        path.unlink()
    return len(held)
