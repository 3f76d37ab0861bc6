"""Yandex Maps: the organisation's page, whose script tag `state-view` holds the reviews as JSON.

Shapes and marks of proof: formats/yandex_maps.md. 50 reviews a page, at most 12 pages. There is no API.
A captcha is never solved: we stop and tell.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from monitor.dates import read_iso
from monitor.model import (
    Answerable,
    Blocked,
    Card,
    FetchedReview,
    Page,
    PageRequest,
    Parsed,
    Reply,
    SourceSettings,
    Unavailable,
)
from monitor.sources import markup, reading
from monitor.sources.healthy import Expected, Healthy
from monitor.sources.reading import Stop
from monitor.sources.site import Site

if TYPE_CHECKING:
    from bs4 import Tag

_SITE = "https://yandex.ru"
_LAST_PAGE = 12
_PER_PAGE = 50
_CAPTCHA = "Яндекс просит пройти капчу: сделаем перерыв; если повторится, загрузите отзывы из файла командой import."


class YandexMaps(Site):
    name = "yandex_maps"
    title = "Яндекс Карты"
    answerable = Answerable.ALL
    every = timedelta(minutes=30)
    pace = timedelta(seconds=3)
    obeys_robots = True
    env_options: tuple[str, ...] = ()
    card_fields: tuple[str, ...] = ("id",)
    healthy = Healthy(
        {
            "date": Expected(0.9),
            "stars": Expected(0.5, spare=3),  # a review may come without
            "author": Expected(0.5, spare=5),  # and its author without a name
            "text": Expected(0.1, spare=10),
        },
        cards=Expected(0.5, spare=3),  # what the site counts shifts while one pages
    )

    def __init__(self, settings: SourceSettings) -> None:
        self.base_url = settings.base_url or _SITE

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        number = _number(cursor)
        return PageRequest(
            url=f"{self.base_url}/maps/org/{quote(card.id, safe='')}/reviews/?page={number}&ranking=by_time",
            label=f"{card.name}: страница {number}",
            headers={"Accept-Language": "ru-RU,ru;q=0.9"},
        )

    def review_url(self, card: Card, external_id: str) -> str:
        """The card's reviews: a link to one of them needs its author's public id (`FetchedReview.url` has it)."""
        return _card_url(card.id)

    def reply_url(self, card: Card, external_id: str) -> str:
        return f"{_SITE}/sprav/{quote(card.id, safe='')}/p/edit/reviews/"

    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        number = _number(cursor)
        if _asks_captcha_aside(page):
            raise Stop(Blocked(_CAPTCHA, reading.retry_after(page)))
        reading.check_status(page)
        results = _results(page)
        rows = reading.as_list(results["reviews"], "reviews")
        params = reading.as_object(results["params"], "params")
        total = reading.as_count(params.get("count"))
        pages = reading.as_count(params.get("totalPages"))
        if number > 1 and params.get("offset") == 0:
            reading.layout_changed(f"вместо страницы {number} снова показана первая")
        if not rows:
            _really_none(number, total, pages)
        reviews = reading.unique(_review(row, card, f"отзыва {place}", page.at) for place, row in enumerate(rows, 1))
        more = len(rows) >= _PER_PAGE if pages is None else pages > number
        return Parsed(
            reviews,
            next=str(number + 1) if more and number < _LAST_PAGE else None,
            declared_total=total,
            ceiling=more and number >= _LAST_PAGE,
            shown=_shown(params, number, pages),
        )


def _shown(params: dict[str, object], number: int, pages: int | None) -> int | None:
    """How many reviews the page itself says it holds: a page before the last is full. Of the last one nothing is said:
    `count` may include ratings without words, which are not listed."""
    limit = reading.as_count(params.get("limit"))
    return limit or None if pages is not None and pages > number else None


def _really_none(number: int, total: int | None, pages: int | None) -> None:
    """An empty page means "no more" only when the numbers agree: otherwise stored reviews would look removed."""
    if (number == 1 and total) or (pages or 0) >= number > 1:
        raise Stop(Unavailable(f"Яндекс прислал пустую страницу {number}, хотя отзывы есть: повторим позже."))
    if number == 1 and total is None:
        reading.layout_changed("список пуст, а числа отзывов на странице нет")


def _number(cursor: str | None) -> int:
    return int(cursor) if cursor and cursor.isascii() and cursor.isdecimal() and len(cursor) < 4 else 1


def _card_url(identity: str) -> str:
    return f"{_SITE}/maps/org/{quote(identity, safe='')}/reviews/"


def _asks_captcha_aside(page: Page) -> bool:
    """A captcha told outside the page: by header, by the final address, by where a redirect leads."""
    addresses = (page.url, page.headers.get("location", ""))
    asked = page.headers.get("x-yandex-captcha", "").strip() == "captcha"
    return asked or any(reading.url_path(address).startswith("/showcaptcha") for address in addresses)


def _results(page: Page) -> dict[str, object]:
    """The object with `reviews` and `params`; stops where the page has none."""
    text = reading.decode(page)
    scripts = markup.read_page(text, only="script")
    states = [markup.script(script) for script in scripts.select(".state-view")]
    # The bare word "captcha" stands in every page's configuration: only the form itself counts.
    if not states and _shows_captcha(markup.read_page(text)):
        raise Stop(Blocked(_CAPTCHA, reading.retry_after(page)))
    for state in map(reading.json_value, states):
        found = _documented(state) or _somewhere(state)
        if found:
            return found
    if not markup.is_whole(scripts, text):
        raise Stop(Unavailable("Страница Яндекса оборвана на середине: повторим позже."))
    reading.layout_changed("на ней нет данных с отзывами")


def _shows_captcha(tree: "Tag") -> bool:
    forms = any("/checkcaptcha" in reading.url_path(markup.attribute(form, "action")) for form in tree.select("form"))
    boxes = tree.select_one(".CheckboxCaptcha, .AdvancedCaptcha")
    return forms or boxes is not None or markup.line(tree.title).startswith("Ой, Капча")


def _documented(state: object) -> dict[str, object] | None:
    """`stack[0].results.items[0].reviewResults`."""
    for step in ("stack", 0, "results", "items", 0, "reviewResults"):
        if isinstance(step, str):
            state = state.get(step) if isinstance(state, dict) else None
        else:
            state = state[step] if isinstance(state, list) and len(state) > step else None
    return _as_results(state)


def _somewhere(state: object) -> dict[str, object] | None:
    """The first such object anywhere, nearest the top: the place moves, the shape stays."""
    waiting: deque[object] = deque([state])
    while waiting:
        value = waiting.popleft()
        found = _as_results(value)
        if found:
            return found
        waiting.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
    return None


def _as_results(value: object) -> dict[str, object] | None:
    if isinstance(value, dict) and isinstance(value.get("reviews"), list) and isinstance(value.get("params"), dict):
        return value
    return None


def _review(row: object, card: Card, what: str, now: datetime) -> FetchedReview:
    said = reading.as_object(row, f"запись {what}")
    author = reading.as_object(said.get("author") or {}, f"author {what}")
    # The site tells only the last change; at first sight that is the day of posting, and the store keeps it.
    posted = reading.as_date(said.get("updatedTime"), f"updatedTime {what}", now)
    public_id = reading.as_text(author.get("publicId"), f"publicId {what}")
    link = f"{_SITE}/maps/org/{quote(card.id, safe='')}/reviews?reviews%5BpublicId%5D={quote(public_id, safe='')}"
    return FetchedReview(
        external_id=reading.as_identifier(said.get("reviewId"), f"reviewId {what}"),
        stars=reading.as_stars(said.get("rating"), f"rating {what}"),
        text=reading.as_text(reading.required(said, "text", what), f"text {what}"),
        author=reading.as_name(author.get("name"), f"имя автора {what}"),
        posted_at=posted.at,
        posted_precision=posted.precision,
        url=f"{link}&utm_source=review" if public_id else _card_url(card.id),
        reply=_reply(said.get("businessComment"), what, now),
    )


def _reply(value: object, what: str, now: datetime) -> Reply | None:
    if value is None:
        return None
    said = reading.as_object(value, f"businessComment {what}")
    text = reading.as_text(reading.required(said, "text", f"ответа {what}"), f"businessComment.text {what}")
    return Reply(text, read_iso(said.get("updatedTime"), now=now).at) if text else None
