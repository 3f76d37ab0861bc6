"""2GIS: the reviews of a branch as the site's own client asks for them, with the key the owner obtained.

Shapes and marks of proof: formats/twogis.md. Dates carry +07:00 whatever the city. The key stands in the
address of every request and in `meta.next_link`: neither a cursor nor a label ever holds it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from monitor.dates import read_iso
from monitor.model import (
    Answerable,
    Blocked,
    Card,
    Failure,
    FetchedReview,
    Gone,
    Page,
    PageRequest,
    Parsed,
    Reply,
    SourceSettings,
    Unauthorised,
    Unavailable,
)
from monitor.sources import reading
from monitor.sources.healthy import Expected, Healthy
from monitor.sources.reading import Stop
from monitor.sources.site import Site

_API = "https://public-api.reviews.2gis.com"
_FIRST = urlencode(
    {
        "limit": "50",
        "sort_by": "date_created",
        "locale": "ru_RU",
        # Numbers of `meta` come only when asked for; `rated` is omitted, or unrated reviews would be left out.
        "fields": "meta.providers,meta.branch_rating,meta.branch_reviews_count,meta.total_count,"
        "reviews.hiding_reason,reviews.is_verified",
    }
)
_RATED_AT = frozenset({"2gis", "flamp"})
"""Whose stars are shown; other services' reviews come without."""
_KEY = "проверьте ключ, названный в config.yaml как key_env"
_STATUSES: Mapping[int, Failure] = {
    400: Gone("2ГИС не знает такого филиала (HTTP 400): проверьте id карточки в config.yaml."),
    401: Unauthorised(f"2ГИС не принял ключ (HTTP 401): {_KEY}."),
    403: Blocked(f"2ГИС отказал в доступе (HTTP 403): {_KEY}; адреса вне России и дата-центров сайт тоже не пускает."),
}


class TwoGis(Site):
    name = "twogis"
    title = "2ГИС"
    answerable = Answerable.TEXT
    every = timedelta(minutes=30)
    pace = timedelta(seconds=3)
    obeys_robots = False
    env_options: tuple[str, ...] = ("key_env",)
    card_fields: tuple[str, ...] = ("id",)
    healthy = Healthy(
        {
            "date": Expected(0.9),
            "stars": Expected(0.5, spare=2),
            "author": Expected(0.5, spare=3),
            "text": Expected(0.02, spare=25),  # many only rate
        },
        cards=Expected(0.5, spare=3),  # what the site counts shifts while one pages
    )

    def __init__(self, settings: SourceSettings) -> None:
        self.base_url = settings.base_url or _API
        self._key = settings.secrets.get("key", "")

    def request(self, card: Card, cursor: str | None) -> PageRequest:
        key = f"&{urlencode({'key': self._key})}" if self._key else ""
        return PageRequest(
            url=f"{self.base_url}/2.0/branches/{quote(card.id, safe='')}/reviews?{cursor or _FIRST}{key}",
            label=f"{card.name}: {'следующая страница' if cursor else 'новые отзывы'}",
            headers={"Accept": "application/json"},
        )

    def review_url(self, card: Card, external_id: str) -> str:
        return f"https://2gis.ru/firm/{quote(card.id, safe='')}/tab/reviews/review/{quote(external_id, safe='')}"

    def reply_url(self, card: Card, external_id: str) -> str:
        return "https://account.2gis.com/"

    def _read(self, page: Page, card: Card, cursor: str | None) -> Parsed:
        own = dict(_STATUSES)
        if cursor:
            own[400] = Unavailable("2ГИС больше не принимает закладку на страницу: начнём список заново.")
        reading.check_status(page, own)
        data = reading.json_object(page)
        meta = reading.as_object(data.get("meta"), "meta")
        repeated = reading.as_count(meta.get("code"))
        if repeated is not None:  # the body repeats the status, and sometimes knows better
            reading.check_status(page, own, status=repeated)
        rows = reading.as_list(data.get("reviews"), "reviews")
        total = reading.as_count(meta.get("total_count"))
        if not rows and cursor is None:
            _really_none(total, reading.as_count(meta.get("branch_reviews_count")))
        reviews = [self._review(row, card, f"отзыва {number}", page.at) for number, row in enumerate(rows, 1)]
        following = self._following(meta.get("next_link"), cursor or _FIRST) if rows else None
        shown = _shown(total, following, cursor or _FIRST)
        return Parsed(
            reading.unique(filter(None, reviews)),
            next=following,
            declared_total=total,
            shown=None if shown is None else max(shown - reviews.count(None), 0),
            unrated=sum(map(_comes_unrated, rows)),
        )

    def _following(self, link: object, current: str) -> str | None:
        """The query of the next page without the key; None at the end, also where it would be a circle."""
        try:
            query = parse_qsl(urlsplit(reading.as_text(link, "next_link")).query)
        except ValueError:
            reading.layout_changed("next_link — не адрес")
        kept = [(name, value) for name, value in query if name.casefold() != "key" and not self._holds_key(value)]
        before = dict(parse_qsl(current))
        if not kept or dict(kept) == before:
            return None
        offset, was = (reading.as_count(_whole(where.get("offset"))) for where in (dict(kept), before))
        if offset is not None and offset <= (was or 0):
            return None
        return urlencode(kept)

    def _holds_key(self, value: str) -> bool:
        return bool(self._key) and self._key in value

    def _review(self, row: object, card: Card, what: str, now: datetime) -> FetchedReview | None:
        """None for a review the site hides."""
        said = reading.as_object(row, f"запись {what}")
        user = reading.as_object(reading.required(said, "user", what) or {}, f"user {what}")
        identity = reading.as_identifier(said.get("id"), f"id {what}")
        posted = reading.as_date(said.get("date_created"), f"date_created {what}", now)
        flamp = reading.as_text(said.get("url"), f"url {what}")
        review = FetchedReview(
            external_id=identity,
            stars=reading.as_stars(reading.required(said, "rating", what), f"rating {what}"),
            text=reading.as_text(reading.required(said, "text", what), f"text {what}"),
            author=reading.as_name(user.get("name") or user.get("first_name"), f"имя автора {what}"),
            posted_at=posted.at,
            posted_precision=posted.precision,
            # Reviews that came from Flamp have a page there and none of their own on 2GIS.
            url=flamp if flamp.startswith("https://flamp.ru/r/") else self.review_url(card, identity),
            reply=_reply(said.get("official_answer"), what, now),
        )
        return None if said.get("is_hidden") is True else review


def _shown(total: int | None, following: str | None, current: str) -> int | None:
    """How many reviews the page says it holds, hidden ones too: as many as one page has (the next one's address knows
    better than ours), fewer at the end."""
    here, there = dict(parse_qsl(current)), dict(parse_qsl(following or ""))
    limit = _whole(there.get("limit")) or _whole(here.get("limit"))
    offset = _whole(here.get("offset", "0"))
    return None if total is None or offset is None or limit is None else min(limit, max(total - offset, 0))


def _comes_unrated(row: object) -> bool:
    """Whether a visible review is another service's, whose stars 2ГИС does not show."""
    if not isinstance(row, dict) or row.get("is_hidden") is True or row.get("rating"):
        return False
    return row.get("provider") not in (None, *_RATED_AT)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _really_none(total: int | None, branch: int | None) -> None:
    """An empty first page means "none" only when the numbers agree."""
    if total or branch:
        raise Stop(Unavailable("2ГИС прислал пустой список, хотя отзывы у филиала есть: повторим позже."))
    if total is None:
        reading.layout_changed("список пуст, а числа отзывов в ответе нет")


def _reply(value: object, what: str, now: datetime) -> Reply | None:
    if value is None:
        return None
    said = reading.as_object(value, f"official_answer {what}")
    text = reading.as_text(reading.required(said, "text", f"ответа {what}"), f"official_answer.text {what}")
    return Reply(text, read_iso(said.get("date_created"), now=now).at) if text else None
