"""Any page with Review markup of schema.org: JSON-LD by a step of our own, microdata by extruct.

Shapes and the reasons for our own step: formats/schema_org.md. One broken script must not cost the others.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

from monitor.dates import read_date
from monitor.model import Card, FetchedReview, LayoutChanged, Page, Unavailable
from monitor.sources import markup, reading
from monitor.sources.own_page import OwnPage, number, plain, stars, told_apart
from monitor.sources.reading import Stop

if TYPE_CHECKING:
    from bs4 import Tag

Item = Mapping[str, object]

_REVIEWS = frozenset({"review", "userreview", "criticreview", "mediareview", "recommendation"})
_REFUSED = frozenset({"employerreview", "claimreview"})
_HOLDERS = ("review", "reviews")
_MOST_ITEMS = 20_000
_MOST_STEPS = 60_000
_WRAPPERS = re.compile(r"^\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)|"
                       r"(?:-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>|\]\]>)\s*;?\s*$")  # fmt: skip
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_WORD = re.compile(r"\w{3,}")


class SchemaOrg(OwnPage):
    name = "schema_org"
    title = "Свой сайт"

    def _found(self, page: Page, card: Card) -> tuple[list[FetchedReview], int | None]:
        text = reading.decode(page)
        if text.lstrip()[:1] in ("{", "["):
            return self._told(_items([_loaded(text) or _cut_or_broken(text)]), (), page, card)
        tree = markup.read_page(text)
        if not markup.is_whole(tree, text):
            raise Stop(Unavailable("Страница оборвана на середине: повторим позже."))
        scripts = [
            markup.script(tag)
            for tag in tree.select("script[type]")
            if markup.attribute(tag, "type").lower().startswith("application/ld+json")
        ]
        loaded = [value for value in map(_loaded, scripts) if value is not None]
        items = [*_items(loaded), *_microdata(tree, text)]
        titles = [markup.line(tag) for tag in tree.select("title, h1")]
        broken = sum(1 for script in scripts if script.strip()) - len(loaded)
        if not _mentions_reviews(items):
            unread = f" (блоков JSON-LD с ошибкой: {broken})" if broken else ""
            advice = "исправить" if broken else "добавить"
            raise Stop(
                LayoutChanged(
                    f"На странице нет разметки отзывов schema.org{unread}: проверьте адрес в config.yaml или попросите "
                    f"владельца сайта её {advice}."
                )
            )
        return self._told(items, titles, page, card)

    def _told(
        self, items: list[Item], titles: Iterable[str], page: Page, card: Card
    ) -> tuple[list[FetchedReview], int | None]:
        subjects = [*titles, *(_line(item.get("name")) for item in items if not _is_review(item))]
        all_of_them = [item for item in items if _is_review(item)]
        # When none is about what the page names, they are what the page is about.
        own = [item for item in all_of_them if _about_us(item, subjects)] or all_of_them
        reviews = told_apart(((_own_id(item), _review(item, page, card)) for item in own), card.id)
        # JSON-LD stands first: what microdata says once more, perhaps cut, is not a second review.
        first: dict[tuple[str, ...], FetchedReview] = {}
        for review in reviews:
            first.setdefault(_said_once(review, card), review)
        return list(first.values()), _declared(items)


# --- from the page to flat items ----------------------------------------------------------------


def _loaded(script: str) -> object:
    """The value of a JSON-LD script, None when it is beyond help: comment wrappers, a `;` behind, raw line breaks and
    trailing commas are common and harmless."""
    bare = _WRAPPERS.sub("", _WRAPPERS.sub("", script.strip("\ufeff \t\r\n"))).strip().removesuffix(";").strip()
    for attempt in (bare, _TRAILING_COMMA.sub("", bare)):
        try:
            value: object = json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
        return value
    return None


def _cut_or_broken(text: str) -> NoReturn:
    if text.rstrip()[-1:] not in ("}", "]"):
        raise Stop(Unavailable("Ответ сайта оборван на середине: повторим позже."))
    reading.layout_changed("вместо данных в формате JSON пришло что-то другое")


def _items(values: Iterable[object]) -> list[Item]:
    """Every object with a type, wherever it is nested, in the page's order."""
    found: list[Item] = []
    waiting = list(values)[::-1]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            if "@type" in value or any(key in value for key in _HOLDERS):
                found.append(value)
            # A review's own parts (its author, what it is about) hold no further reviews of ours.
            if not _is_review(value):
                waiting.extend(reversed(_typed_holders(value)))
        if len(found) + len(waiting) > _MOST_ITEMS:
            reading.layout_changed("в ней слишком много разметки")
    return found


def _typed_holders(value: dict[str, object]) -> list[object]:
    """What an object holds; what stands under `review` is a review, also where the type is left out."""
    held: list[object] = []
    for key, inside in value.items():
        many = inside if isinstance(inside, list) else [inside]
        if key in _HOLDERS:
            held += [{"@type": "Review", **one} if isinstance(one, dict) else one for one in many]
        else:
            held += many
    return [one for one in held if isinstance(one, dict | list)]


def _microdata(tree: "Tag", text: str) -> list[Item]:
    """Review items of microdata in the shape of JSON-LD. extruct and what it stands on take half a second to load."""
    if not tree.select_one("[itemtype*='schema.org/' i]"):
        return []
    if _steps(tree) > _MOST_STEPS:
        reading.layout_changed("в ней слишком много разметки")
    from extruct.w3cmicrodata import MicrodataExtractor

    return _items([_as_linked_data(item) for item in MicrodataExtractor().extract(text)])


def _steps(tree: "Tag") -> int:
    """How much work extruct has: it walks each item whole, also those inside of others."""
    inside = {id(tree): 0}
    for tag in tree.find_all(True):
        inside[id(tag)] = inside[id(tag.parent)] + tag.has_attr("itemscope")
    return sum(inside.values())


def _as_linked_data(value: object) -> object:
    if isinstance(value, list):
        return [_as_linked_data(one) for one in value]
    if not isinstance(value, dict) or not isinstance(value.get("properties"), dict):
        return value
    kinds = value.get("type")
    properties = {str(key): _as_linked_data(inside) for key, inside in value["properties"].items()}
    own = {"@id": value["id"]} if isinstance(value.get("id"), str) else {}
    return {"@type": kinds, **own, **properties}


# --- from items to reviews ----------------------------------------------------------------------


def _kinds(item: Item) -> set[str]:
    """`Review`, `schema:Review`, `http://schema.org/Review` → {"review"}."""
    given = item.get("@type")
    return {
        re.split(r"[/:#]", kind)[-1].casefold()
        for kind in (given if isinstance(given, list) else [given])
        if isinstance(kind, str)
    }


def _is_review(item: Item) -> bool:
    kinds = _kinds(item)
    return bool(kinds & _REVIEWS) and not kinds & _REFUSED


def _mentions_reviews(items: Iterable[Item]) -> bool:
    """Reviews, or a place that says it has none yet (an empty list, an aggregate rating)."""
    return any(_is_review(item) or {"aggregateRating", *_HOLDERS} & item.keys() for item in items)


def _about_us(item: Item, subjects: Iterable[str]) -> bool:
    """Whether what a review says it is about is what the page is about; most reviews do not say."""
    about = set(_words(_line(item.get("itemReviewed"))))
    known = {word for subject in subjects for word in _words(subject)}
    return not about or not known or bool(about & known)


def _words(text: str) -> Iterator[str]:
    return (found.group().casefold() for found in _WORD.finditer(text))


def _line(value: object) -> str:
    """A text, or the name of an object; the first of several."""
    if isinstance(value, list):
        return next(filter(None, map(_line, value)), "")
    if isinstance(value, dict):
        return _line(value.get("name"))
    return reading.clean_line(plain(value)) if isinstance(value, str) else ""


def _text(value: object) -> str:
    """A text that may have paragraphs; of a list of notes one a line."""
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    if isinstance(value, dict):
        return _text(value.get("itemListElement") or value.get("item") or value.get("name") or value.get("text"))
    return plain(value) if isinstance(value, str) else ""


def _said_once(review: FetchedReview, card: Card) -> tuple[str, ...]:
    """The same for what a page says of a review twice, once with the hour and once with the day perhaps. Without
    words two ratings are told apart by their stars and days."""
    said = (review.author.casefold(), review.text[:80].casefold())
    if review.text:
        return said
    day = review.posted_at.astimezone(ZoneInfo(card.timezone)).date() if review.posted_at else None
    return *said, str(review.stars), str(day)


def _own_id(item: Item) -> str:
    return next((str(item[key]).strip() for key in ("@id", "identifier", "url") if isinstance(item.get(key), str)), "")


def _review(item: Item, page: Page, card: Card) -> FetchedReview:
    rating = item.get("reviewRating") or item.get("ReviewRating") or item.get("rating")
    rating = rating[0] if isinstance(rating, list) and rating else rating
    scale = rating if isinstance(rating, dict) else {"ratingValue": rating}
    written = _line(item.get("datePublished")) or _line(item.get("dateCreated"))
    dated = read_date(written, zone=card.timezone, now=page.at)
    return FetchedReview(
        external_id="",
        stars=stars(scale.get("ratingValue"), scale.get("bestRating"), scale.get("worstRating")),
        text=reading.compose(
            _line(item.get("name") or item.get("headline")),
            _text(item.get("reviewBody") or item.get("description") or item.get("text")),
            _text(item.get("positiveNotes")),
            _text(item.get("negativeNotes")),
        ),
        author=_line(item.get("author") or item.get("creator")),
        posted_at=dated.at,
        posted_precision=dated.precision,
        url=card.id,
        reply_known=False,
    )


def _declared(items: Iterable[Item]) -> int | None:
    """The number of reviews the page claims; the largest where it contradicts itself."""
    counts = [
        number(aggregate.get("reviewCount") or aggregate.get("ratingCount"))
        for item in items
        for aggregate in [item.get("aggregateRating")]
        if isinstance(aggregate, dict)
    ]
    return max((int(count) for count in counts if count is not None and count >= 0), default=None)
