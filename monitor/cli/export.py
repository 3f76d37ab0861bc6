"""`otklik export`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from monitor.cli.author import hand_out
from monitor.cli.common import actor_option, application, config_option, print_json, utf8
from monitor.contract.reviews import review_json
from monitor.corrections import ByHand
from monitor.errors import UsageError
from monitor.store.labels import Correction
from monitor.tables.spreadsheet import MARK, csv_line

COLUMNS = (
    "ticket", "review", "place", "source", "external_id", "stars", "author", "text", "posted_at", "posted_precision",
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
        for row in app.store.reviews():
            if as_csv:
                flat = _flat(review_json(row)) | {"ticket": row["ticket"]}
                click.echo(csv_line(flat[column] for column in COLUMNS), nl=False)
            else:
                print_json(review_json(row))


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
        **{key: row[key] for key in (*COLUMNS[1:13], "tone", "url", "same_as")},
        "reply_text": reply["text"],
        "reply_at": reply["at"],
        "themes": _names(row["themes"], "theme"),
        "risks": _names(row["risks"], "risk"),
    }


def _names(mentions: Iterable[dict[str, str]], key: str) -> str:
    return " ".join(dict.fromkeys(str(mention[key]) for mention in mentions))
