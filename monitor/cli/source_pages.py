"""`otklik source check`: what a page of a site holds, field by field; and where such pages come from."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import click

from monitor import wording
from monitor.assemble import Application
from monitor.cli.common import application, config_option, json_option, print_json, say
from monitor.clock import SystemClock
from monitor.errors import FetchError, NotFound, UsageError
from monitor.jobs.fetch import KINDS
from monitor.model import (
    Card,
    Failure,
    FetchedReview,
    Finding,
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


def _long(words: str) -> str:
    """Their length and nothing of them."""
    return wording.counted(len(words), "знак", "знака", "знаков")


_FIELDS: Mapping[str, Callable[[FetchedReview], object]] = {
    "date": lambda review: review.posted_at and f"{review.posted_at:%Y-%m-%d} ({_EXACTLY[review.posted_precision]})",
    "stars": lambda review: review.stars,
    "author": lambda review: review.author and _long(review.author),
    "text": lambda review: review.text and _long(review.text),
    "reply": lambda review: review.reply and _long(review.reply.text),
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
        page = saved_page(file)
        _tell(iter([_inspect(bare_source(name), page, card_of(name), file.name)]), as_json)
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
        say("Учебной страницы у этого источника нет: проверьте свою карточку (--live) или файл (--file).")
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

    page = first_page(source, source.request(card, None), answer)
    assert isinstance(page, Page), "the stand-in accepts its own secrets"
    return source, card, page


def _live(app: Application, name: str | None) -> Iterator[Checked]:
    for card in app.cards.values():
        if name not in (None, card.source):
            continue
        source = app.reader(card.source)
        try:
            page = first_page(source, source.request(card, None), sender(app.session, source))
        except FetchError as error:
            yield Checked(source.name, source.title, card.name, None, str(error))
            continue
        yield _inspect(source, page, card, card.name) if isinstance(page, Page) else _refused(source, page, card.name)


def sender(session: Session, source: Source) -> Callable[[PageRequest, Token | None], Page]:
    return lambda request, token: session.send(request, source=source.name, token=token)


def first_page(
    source: Source, request: PageRequest, send: Callable[[PageRequest, Token | None], Page]
) -> Page | Failure:
    """The page, with the access token that the request asks for; why there is no token. Raises FetchError."""
    asked = source.token_request() if request.bearer else None
    if asked is None:
        return send(request, None)
    token = source.parse_token(send(asked, None))
    return send(request, token) if isinstance(token, Token) else token


def saved_page(file: Path) -> Page:
    try:
        with file.open("rb") as stream:
            body = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    if len(body) > LARGEST:
        raise UsageError(f"{file}: it is larger than {LARGEST // 2**20} MiB; no page of a site is")
    return Page(200, {}, body, "", SystemClock().now())


def bare_source(name: str) -> Source:
    return REGISTRY[name](SourceSettings())


def card_of(name: str, identity: str | None = None) -> Card:
    """A card for a page; an invented one where nobody said whose the page is."""
    source = bare_source(name)
    identity = identity or "1000000001"
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


def kind_of(outcome: Outcome | None) -> str:
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
        "outcome": kind_of(checked.outcome),
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
