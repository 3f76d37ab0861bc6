"""`otklik source capture`: a test made of a page, without personal data."""

import json
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from monitor.cli.common import application, config_option, find_config, json_option, print_json, say
from monitor.cli.source_pages import NAMES, bare_source, card_of, first_page, kind_of, saved_page, sender
from monitor.clock import optional_iso, to_iso
from monitor.errors import UsageError
from monitor.model import Blocked, Card, FetchedReview, Gone, Outcome, Page, Parsed
from monitor.seams import Source


@click.command("capture")
@click.argument("name", type=NAMES)
@click.argument("target", metavar="URL|FILE")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Where to. Default: samples/ beside the config.")
@click.option("--card", "card_id", help="The card's id on the site, as in config.yaml.")
@click.option("--title", help="Name of the two files. Default: the source's, and a digest of the layout.")
@json_option
@config_option
def capture(
    name: str,
    target: str,
    folder: Path | None,
    card_id: str | None,
    title: str | None,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Make a test of a page: without personal data, beside what is read of it.

    Writes TITLE.html (.json, .xml, .txt) and TITLE.expected.json. Moved to tests/data/NAME/, they are a test.
    Look through the page before you give it away.

    Example:  otklik source capture otzovik list.html --to tests/data/otzovik

    From the site:  otklik source capture yandex_maps https://yandex.ru/maps/org/82071161567/reviews/
    """
    from monitor.pseudonym import mask

    if title is not None and (not title.strip(".") or Path(title).name != title):
        raise UsageError(f"--title {title!r} is no file name")
    card = card_of(name, card_id)
    source = bare_source(name)
    page = _fetched(name, target, card, config_path) if "://" in target else saved_page(Path(target))
    kept = {key: value for key, value in page.headers.items() if key == "content-type"}
    masked = mask(page.body, kept.get("content-type", ""), hosts=(urlsplit(page.url).hostname or "",))
    before = source.parse(page, card, None)
    after = source.parse(replace(page, headers=kept, body=masked.body, url=""), card, None)
    _check_capture(source, before, after)
    folder = folder or find_config(click.get_current_context(), config_path).parent / "samples"
    stem = title or f"{name}-{masked.outline[:8]}"
    files = (folder / f"{stem}.{masked.kind}", folder / f"{stem}.expected.json")
    said = expected(name, files[0].name, replace(page, headers=kept), card, after)
    _write_new(files, (masked.body, (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()))
    if as_json:
        print_json({"files": [str(file) for file in files], "outcome": said["outcome"], "reviews": _count(after)})
        return
    say(f"Записаны {files[0]} и {files[1].name}: отзывов {_count(after)}, исход {said['outcome']}.")
    say("Имена и слова людей в них выдуманы; всё же просмотрите страницу, прежде чем отдать её кому-нибудь.")


def _count(outcome: Outcome) -> int:
    return len(outcome.reviews) if isinstance(outcome, Parsed) else 0


def _fetched(name: str, url: str, card: Card, config_path: Path | None) -> Page:
    with application(config_path) as app:
        source = app.reader(name)
        request = replace(source.request(card, None), url=url)
        page = first_page(source, request, sender(app.session, source))
    if isinstance(page, Page):
        return page
    raise UsageError(f"{source.title}: {page.reason}")


def _check_capture(source: Source, before: Outcome, after: Outcome) -> None:
    """Raises UsageError where the page would be no test of anything."""
    if not isinstance(before, Parsed | Blocked | Gone):
        raise UsageError(
            f"this is no page of {source.name} that we can read, so nothing can be expected of it: {before.reason}"
        )
    if type(before) is not type(after) or _gist(before) != _gist(after):
        raise UsageError(
            f"masking changed what is read ({kind_of(before)}, {_count(before)} reviews, then {kind_of(after)}, "
            f"{_count(after)}): a word that {source.name} looks for is missing in monitor/pseudonym/vocabulary.py"
        )


def _gist(outcome: Outcome) -> list[tuple[object, ...]]:
    """What masking must leave as it is."""
    reviews = outcome.reviews if isinstance(outcome, Parsed) else ()
    return [
        (review.stars, review.posted_at, review.posted_precision, bool(review.text), review.reply is None)
        for review in reviews
    ]


def expected(name: str, file: str, page: Page, card: Card, outcome: Outcome) -> dict[str, object]:
    """What a test compares with: the page's circumstances, and all that was read of it."""
    said: dict[str, object] = {
        "source": name,
        "file": file,
        "card": {"id": card.id, "timezone": card.timezone, "params": dict(card.params)},
        "status": page.status,
        "headers": dict(page.headers),
        "at": to_iso(page.at),
        "outcome": kind_of(outcome),
    }
    if isinstance(outcome, Parsed):
        said |= {
            "next": outcome.next,
            "declared_total": outcome.declared_total,
            "ceiling": outcome.ceiling,
            "reviews": [_review(review) for review in outcome.reviews],
        }
    return said


def _review(review: FetchedReview) -> dict[str, object]:
    reply = review.reply
    return {
        "external_id": review.external_id,
        "stars": review.stars,
        "text": review.text,
        "author": review.author,
        "posted_at": optional_iso(review.posted_at),
        "posted_precision": review.posted_precision,
        "url": review.url,
        "reply": reply and {"text": reply.text, "at": optional_iso(reply.at), "state": reply.state},
        "reply_known": review.reply_known,
        "detail": review.detail is not None,
    }


def _write_new(files: tuple[Path, ...], contents: tuple[bytes, ...]) -> None:
    """Both files, or a refusal where one is there already. Raises UsageError."""
    for file in files:
        if file.exists():
            raise UsageError(f"{file} is there already; choose another --title, or move it away")
    try:
        files[0].parent.mkdir(parents=True, exist_ok=True)
        for file, content in zip(files, contents, strict=True):
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
    except OSError as error:
        raise UsageError(f"{error.filename or files[0]}: {error.strerror}") from None
