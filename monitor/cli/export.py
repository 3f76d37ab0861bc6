"""`otklik export` and `otklik forget`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from monitor.assemble import Application
from monitor.cli.author import check_name, hand_out, hint, reviews_under
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
from monitor.contract.reviews import review_json
from monitor.corrections import ByHand
from monitor.errors import UsageError
from monitor.log import Event
from monitor.store.labels import Correction
from monitor.tables.spreadsheet import MARK, csv_line

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
@click.option(
    "--author",
    callback=utf8,
    help="Everything that is kept about whoever writes under this name, table by table, as one JSON object; case and "
    "spaces do not matter.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="With --author: a new file to write to instead, readable by you alone; HTML when its name ends so, else JSON.",
)
@actor_option
@config_option
def export(
    as_csv: bool,
    labels: bool,
    _as_json: bool,
    author: str | None,
    out: Path | None,
    actor: str | None,
    config_path: Path | None,
) -> None:
    """Every review we hold, oldest first; or all about one author, as the law lets them ask for it.

    Example:  otklik export --csv > reviews.csv
    """
    if labels and as_csv:
        raise UsageError("--labels are JSON lines: leave --csv out")
    if author is not None and (labels or as_csv):
        raise UsageError("--author is one JSON object: leave --csv and --labels out")
    if author is None and out is not None:
        raise UsageError("--out goes with --author")
    with application(config_path) as app:
        if author is not None:
            hand_out(app, author, out, actor)
            return
        if labels:
            for said, found in app.store.labels.said():
                print_json(_label(said, found))
            return
        if as_csv:
            click.echo(MARK + csv_line(COLUMNS), nl=False)
        for row in _rows(app):
            if as_csv:
                flat = _flat(row)
                click.echo(csv_line(flat[column] for column in COLUMNS), nl=False)
            else:
                print_json(row)


def _rows(app: Application) -> Iterator[dict[str, Any]]:
    for row in app.store.reviews():
        yield review_json(row)


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
    if author is not None:
        check_name(author)
    with application(config_path) as app:
        if review is not None:
            app.store.privacy.check(review)
            ids = [review]
        else:
            ids = reviews_under(app, str(author), "ничего не стёрто")
        forgotten = app.forget(ids, app.clock.now(), acting(actor))
        app.log.say(Event.REVIEWS_FORGOTTEN, reviews=forgotten.reviews)
        if as_json:
            print_json(forgotten._asdict())
        else:
            say(
                f"Стёрто отзывов: {forgotten.reviews}, писем в папке outbox: {forgotten.mails}, образцов страниц: "
                f"{forgotten.samples}, видов очереди: {forgotten.views}."
            )
        if author is not None:
            hint(app, author, ids)
