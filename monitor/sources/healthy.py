"""What a page holds when it is read right, as data; whether one does; and how it is told when one does not.

A renamed class or key seldom breaks a reading: it empties a field. Such a page must not be stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from monitor.model import FetchedReview, Finding, Parsed
from monitor.wording import counted

CARDS = "cards"
"""The field of a finding about whole reviews: as many as the page itself says."""


@dataclass(frozen=True, slots=True)
class Expected:
    """`share` (0 to 1) of a page's reviews have the field; so many as `spare` may lack it anyhow, because a few odd
    reviews prove nothing about a page."""

    share: float
    spare: int = 0

    def allows(self, found: int, of: int) -> bool:
        return of - found <= max(self.spare, round(of * (1 - self.share), 6))


@dataclass(frozen=True, slots=True)
class Healthy:
    """What a site's pages hold: `fields` (keys of `TITLES`) of the reviews on a list, the list's own `cards`, and
    `detail`, the fields that a review's own page tells."""

    fields: Mapping[str, Expected] = field(default_factory=dict)
    cards: Expected = Expected(0.9, spare=1)
    detail: Mapping[str, Expected] = field(default_factory=dict)


_HAS: Mapping[str, Callable[[FetchedReview], bool]] = {
    "date": lambda review: review.posted_at is not None,
    "stars": lambda review: review.stars is not None,
    "author": lambda review: bool(review.author),
    "text": lambda review: bool(review.text),
}

TITLES: Mapping[str, str] = {
    "date": "дата",
    "stars": "оценка",
    "author": "имя автора",
    "text": "текст",
    CARDS: "отзывы на странице",
}
"""A field's name for people."""

_LACKING: Mapping[str, str] = {"date": "даты", "stars": "оценки", "author": "имени автора", "text": "текста"}


def findings(parsed: Parsed, healthy: Healthy) -> tuple[Finding, ...]:
    """How much of each field a list page told, in the order in which the site declares them, its reviews first."""
    reviews = parsed.reviews
    told = [_finding(CARDS, len(reviews), parsed.shown, healthy.cards)] if parsed.shown is not None else []
    for name, expected in healthy.fields.items():
        of = len(reviews) - (parsed.unrated if name == "stars" else 0)
        told.append(_finding(name, sum(map(_HAS[name], reviews)), of, expected))
    return tuple(told)


def detail_findings(review: FetchedReview, healthy: Healthy) -> tuple[Finding, ...]:
    """The same of a review's own page."""
    return tuple(_finding(name, int(_HAS[name](review)), 1, expected) for name, expected in healthy.detail.items())


def _finding(name: str, found: int, of: int, expected: Expected) -> Finding:
    return Finding(name, found, of, expected.share, expected.allows(found, of))


def complaint(told: tuple[Finding, ...]) -> str:
    """What is missing, in Russian: «у 50 отзывов из 50 нет даты»; "" where nothing is."""
    return "; ".join(_complaint(finding) for finding in told if not finding.ok)


def _complaint(finding: Finding) -> str:
    if finding.field == CARDS:
        read = counted(finding.found, "отзыв", "отзыва", "отзывов")
        return f"удалось прочитать {read}, а на ней их {finding.of}"
    lacking = counted(finding.of - finding.found, "отзыва", "отзывов", "отзывов")
    return f"у {lacking} из {finding.of} нет {_LACKING[finding.field]}"
