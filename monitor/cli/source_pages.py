"""`otklik source check` and `otklik source capture`: what a page of a site holds, and a test made of one."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import click

from monitor.assemble import Application
from monitor.cli.common import application, config_option, find_config, json_option, print_json, say
from monitor.clock import SystemClock, optional_iso, to_iso
from monitor.errors import FetchError, NotFound, UsageError
from monitor.jobs.fetch import KINDS
from monitor.model import (
    Blocked,
    Card,
    Failure,
    FetchedReview,
    Finding,
    Gone,
    Outcome,
    Page,
    PageRequest,
    Parsed,
    Precision,
    SourceSettings,
    Token,
)
from monitor.seams import Session, Source
from monitor.sources import REGISTRY
from monitor.sources.healthy import CARDS, TITLES

LARGEST = 8 * 2**20
"""Bytes of a saved page; no larger one is fetched either."""

NAMES = click.Choice(list(REGISTRY))
STAND_IN = "http://127.0.0.1"

_EXACTLY: Mapping[Precision, str] = {
    Precision.EXACT: "до минуты",
    Precision.DAY: "до дня",
    Precision.APPROXIMATE: "примерно",
    Precision.UNKNOWN: "неизвестно",
}

_FIELDS: Mapping[str, Callable[[FetchedReview], object]] = {
    "date": lambda review: review.posted_at and f"{review.posted_at:%Y-%m-%d} ({_EXACTLY[review.posted_precision]})",
    "stars": lambda review: review.stars,
    "author": lambda review: review.author and f"знаков: {len(review.author)}",
    "text": lambda review: review.text and f"знаков: {len(review.text)}",
    "reply": lambda review: review.reply and f"знаков: {len(review.reply.text)}",
    "link": lambda review: urlsplit(review.url).netloc,
}
"""Field → what may be shown of it: never a name or a word of anybody. Nothing: the review lacks it."""

_TITLES = {**TITLES, "reply": "ответ компании", "link": "ссылка"}


@dataclass(frozen=True, slots=True)
class Checked:
    """One page that was looked at. `finding.share` is None where a site promises nothing of the field."""

    source: str
    title: str
    page: str
    outcome: Outcome | None
    error: str = ""
    rows: tuple[tuple[Finding, object], ...] = ()

    @property
    def ok(self) -> bool:
        return isinstance(self.outcome, Parsed) and all(finding.ok for finding, _ in self.rows)


@click.command("check")
@click.argument("name", required=False, type=NAMES)
@click.option("--live", is_flag=True, help="Read the first page of your own cards from the site; nothing is stored.")
@click.option(
    "--file", "file", type=click.Path(path_type=Path), help="Read a page that you saved; needs the source's NAME."
)
@json_option
@config_option
def check(name: str | None, live: bool, file: Path | None, as_json: bool, config_path: Path | None) -> None:
    """What is found on a page, field by field. Without an option: on our own copy of each site, offline.

    Exit code 1: a page does not hold what that site's pages hold when they are read right.

    Example:  otklik source check yandex_maps --live

    A page that you saved:  otklik source check otzovik --file list.html
    """
    if file is not None and (live or name is None):
        raise UsageError("--file needs the source's name and goes without --live: otklik source check otzovik --file F")
    if live:
        with application(config_path) as app:
            _tell(_live(app, name), as_json)
    elif file is not None and name is not None:
        page = _saved(file)
        _tell(iter([_inspect(_source(name), page, _card_of(name), file.name)]), as_json)
    else:
        _tell(_rehearsed([name] if name else list(REGISTRY)), as_json)


def _tell(checks: Iterator[Checked], as_json: bool) -> None:
    wrong = seen = 0
    for checked in checks:
        seen += 1
        wrong += not checked.ok
        if as_json:
            print_json(_json(checked))
        else:
            for line in _lines(checked):
                say(line)
    if not seen and not as_json:
        say("Проверять нечего: для этого источника нет ни карточек, ни учебной страницы; есть --file.")
    if wrong or not seen:
        sys.exit(1)


# --- where pages come from ----------------------------------------------------------------------


def _rehearsed(names: list[str]) -> Iterator[Checked]:
    """Each site's page as the stand-in renders it; sources of which it plays no site are left out."""
    for name in names:
        try:
            source, card, page = rehearsal(name)
        except NotFound:
            continue
        yield _inspect(source, page, card, "учебная страница")


def rehearsal(name: str) -> tuple[Source, Card, Page]:
    """The stand-in's first page of that site, rendered in this process. Raises NotFound."""
    from monitor.standin.credentials import STAND_IN_ENV
    from monitor.standin.world import World

    clock = SystemClock()
    world = World.demo(clock.now())
    shown = world.card(name)
    given = {key: value for key, value in shown.listing.items() if key != "source"}
    secrets = {"key": STAND_IN_ENV["TWOGIS_KEY"]} | {
        option: STAND_IN_ENV[f"GOOGLE_{option.upper()}"] for option in ("client_id", "client_secret", "refresh_token")
    }
    source = REGISTRY[name](SourceSettings(STAND_IN, secrets))
    card = Card(shown.place, name, shown.id, "Europe/Moscow", given)

    def answer(request: PageRequest, token: Token | None) -> Page:
        from monitor.standin import sites
        from monitor.standin.site import Request

        now = clock.now()
        headers = {key.lower(): value for key, value in request.headers.items()}
        headers |= {"authorization": f"Bearer {token.value}"} if token else {}
        headers |= {"content-type": "application/x-www-form-urlencoded"} if request.form is not None else {}
        body = b"" if request.form is None else urlencode(request.form).encode()
        method = "GET" if request.form is None else "POST"
        asked = Request.of(method, request.url, headers, body, at=now, host="127.0.0.1")
        got = sites.respond(world, asked)
        return Page(got.status, {key.lower(): value for key, value in got.headers.items()}, got.body, request.url, now)

    page = _first_page(source, source.request(card, None), answer)
    assert isinstance(page, Page), "the stand-in accepts its own secrets"
    return source, card, page


def _live(app: Application, name: str | None) -> Iterator[Checked]:
    for card in app.cards.values():
        if name not in (None, card.source):
            continue
        source = app.reader(card.source)
        try:
            page = _first_page(source, source.request(card, None), _sender(app.session, source))
        except FetchError as error:
            yield Checked(source.name, source.title, card.name, None, str(error))
            continue
        yield _inspect(source, page, card, card.name) if isinstance(page, Page) else _refused(source, page, card.name)


def _sender(session: Session, source: Source) -> Callable[[PageRequest, Token | None], Page]:
    return lambda request, token: session.send(request, source=source.name, token=token)


def _first_page(
    source: Source, request: PageRequest, send: Callable[[PageRequest, Token | None], Page]
) -> Page | Failure:
    """The page, with the access token that the request asks for; why there is no token. Raises FetchError."""
    asked = source.token_request() if request.bearer else None
    if asked is None:
        return send(request, None)
    token = source.parse_token(send(asked, None))
    return send(request, token) if isinstance(token, Token) else token


def _saved(file: Path) -> Page:
    try:
        with file.open("rb") as stream:
            body = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    if len(body) > LARGEST:
        raise UsageError(f"{file}: it is larger than {LARGEST // 2**20} MiB; no page of a site is")
    return Page(200, {}, body, "", SystemClock().now())


def _source(name: str) -> Source:
    return REGISTRY[name](SourceSettings())


def _card_of(name: str, identity: str = "1000000001") -> Card:
    """A card for a page of which nobody said whose it is."""
    source = _source(name)
    if source.card_is_address and not identity.startswith("http"):
        identity = "https://example.ru/"
    return Card("capture", name, identity, "Europe/Moscow", dict.fromkeys(source.card_fields, identity))


# --- what is found ------------------------------------------------------------------------------


def _inspect(source: Source, page: Page, card: Card, where: str) -> Checked:
    outcome, told = source.inspect(page, card, None)
    rows: list[tuple[Finding, object]] = []
    declared = {finding.field: finding for finding in told}
    reviews = outcome.reviews if isinstance(outcome, Parsed) else ()
    if CARDS in declared:
        rows.append((declared[CARDS], None))
    for name, shown in _FIELDS.items():
        examples = [example for review in reviews if (example := shown(review))]
        finding = declared.get(name) or Finding(name, len(examples), len(reviews), 0.0, True)
        if reviews or name in declared:
            rows.append((finding, examples[0] if examples else None))
    return Checked(source.name, source.title, where, outcome, rows=tuple(rows))


def _refused(source: Source, failure: Failure, where: str) -> Checked:
    return Checked(source.name, source.title, where, failure)


def _kind(outcome: Outcome | None) -> str:
    return "unreachable" if outcome is None else "parsed" if isinstance(outcome, Parsed) else KINDS[type(outcome)]


def _message(checked: Checked) -> str:
    outcome = checked.outcome
    return checked.error if outcome is None else "" if isinstance(outcome, Parsed) else outcome.reason


def _json(checked: Checked) -> dict[str, object]:
    parsed = checked.outcome if isinstance(checked.outcome, Parsed) else None
    return {
        "source": checked.source,
        "page": checked.page,
        "ok": checked.ok,
        "outcome": _kind(checked.outcome),
        "message": _message(checked),
        "reviews": len(parsed.reviews) if parsed else None,
        "declared": parsed.declared_total if parsed else None,
        "next": parsed.next is not None if parsed else None,
        "fields": [
            {
                "field": finding.field,
                "found": finding.found,
                "of": finding.of,
                "share": finding.share,
                "ok": finding.ok,
                "example": example,
            }
            for finding, example in checked.rows
        ],
    }


def _lines(checked: Checked) -> Iterator[str]:
    verdict = click.style("в порядке", fg="green") if checked.ok else click.style("не в порядке", fg="red")
    yield f"{checked.title} · {checked.page}: {verdict}"
    if isinstance(checked.outcome, Parsed):
        total = checked.outcome.declared_total
        declared = "не сказано" if total is None else total
        following = "есть" if checked.outcome.next else "нет"
        read = len(checked.outcome.reviews)
        yield f"  отзывов {read}, всего по словам сайта: {declared}, следующая страница: {following}"
    else:
        yield f"  {_message(checked)}"
    for finding, example in checked.rows:
        share = f"не меньше {finding.share:.0%}" if finding.share else "сколько есть"
        shown = "" if example is None else f", например {example}"
        mark = " " if finding.ok else click.style("!", fg="red")
        yield f"  {mark} {_TITLES[finding.field]:<20} {finding.found} из {finding.of} ({share}){shown}"


# --- capture ------------------------------------------------------------------------------------


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
    card = _card_of(name, card_id) if card_id else _card_of(name)
    source = _source(name)
    page = _fetched(name, target, card, config_path) if "://" in target else _saved(Path(target))
    kept = {key: value for key, value in page.headers.items() if key == "content-type"}
    host = urlsplit(page.url).hostname or ""
    masked = mask(page.body, kept.get("content-type", ""), hosts=(host,))
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
        page = _first_page(source, request, _sender(app.session, source))
    if isinstance(page, Page):
        return page
    raise UsageError(f"{source.title}: {page.reason}")


def _check_capture(source: Source, before: Outcome, after: Outcome) -> None:
    """Raises UsageError where the page would be no test of anything."""
    if not isinstance(before, Parsed | Blocked | Gone):
        raise UsageError(
            f"this is no page of {source.name} that we can read, so nothing can be expected of it: {before.reason}"
        )
    if type(before) is not type(after) or _count(before) != _count(after):
        raise UsageError(
            f"masking changed what is read ({_kind(before)}, {_count(before)} reviews, then {_kind(after)}, "
            f"{_count(after)}): a word that {source.name} looks for is missing in monitor/pseudonym/vocabulary.py"
        )


def expected(name: str, file: str, page: Page, card: Card, outcome: Outcome) -> dict[str, object]:
    """What a test compares with: the page's circumstances, and all that was read of it."""
    said: dict[str, object] = {
        "source": name,
        "file": file,
        "card": {"id": card.id, "timezone": card.timezone, "params": dict(card.params)},
        "status": page.status,
        "headers": dict(page.headers),
        "at": to_iso(page.at),
        "outcome": _kind(outcome),
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
