"""A working morning at three places: what guests wrote since the day before yesterday, and what the people at the desk
did about it. The words stand in `data/morning.yaml` and `data/reviews.yaml`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any

import yaml

from monitor.standin import reviews as words
from monitor.standin.reviews import SiteCard, SiteReview
from monitor.standin.world import LENINA, Keep, Trouble, World

BEGAN = timedelta(hours=36)
"""So long before the desk is opened the first review of the story is read; what is older, was there before."""

Row = Mapping[str, Any]
"""Of a file, as its head describes it."""


class Does(StrEnum):
    """What happens to a review. The first two at its site, the rest at the desk."""

    WRITTEN = "written"
    EDITED = "edited"
    TAKE = "take"
    NOTE = "note"
    FAULT = "fault"
    APPROVE = "approve"
    SUBMITTED = "submitted"
    DISMISS = "dismiss"
    GESTURE = "gesture"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the desk; `role` as `monitor.accounts` names it."""

    login: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Moment:
    """`by`: who at the desk does it, "" for what happens at the site. `row`: what it is about, with `then` whatever the
    story says of it."""

    at: datetime
    does: Does
    card: SiteCard
    row: int
    by: str
    said: Row


class Morning:
    """The story around `now`, the moment the desk is opened. `world` is as of `began` until it is told."""

    def __init__(self, now: datetime) -> None:
        story = _read("morning.yaml")
        self.now = now
        self.began = now - BEGAN
        self.people = tuple(Person(**row) for row in story["people"])
        self.titles = {row["id"]: row["title"] for row in story["places"]}
        """Of the places beside the one of the example config."""
        self.world = World(self.began, (*LENINA, *_cards(story["places"])))
        self._ids: dict[int, str] = {}
        rows = [*_read("reviews.yaml"), *story["reviews"]]
        by_name = {(row["source"], row["author"]): row["then"] for row in story["followed"]}
        for row in rows[: -len(story["reviews"])]:
            row["then"] = by_name.get((row["source"], row["author"]), ())
        past, moments = self._sorted(rows)
        self.troubles = tuple(
            (now - words.age(row["for"]), row["source"], Trouble(row["trouble"])) for row in story["troubled"]
        )
        self.moments = tuple(sorted(moments, key=lambda moment: moment.at))
        self._told = 0
        for age, row in sorted(past, key=lambda entry: entry[0], reverse=True):
            self.world.add_row(self._card(row), row, now - age)

    def tell(self, until: datetime) -> Iterator[Moment]:
        """Everything that happens up to then and was not told yet, in order. What happens at a site is so when it comes
        up; what people do, is for the caller to do."""
        while self._told < len(self.moments) and self.moments[self._told].at <= until:
            moment = self.moments[self._told]
            self._told += 1
            self._arrive(moment.at)
            if not moment.by:
                self._happen(moment)
            yield moment
        self._arrive(until)

    def _arrive(self, at: datetime) -> None:
        self.world.now = at
        for began, source, trouble in self.troubles:
            if began <= at and source not in self.world.trouble:
                self.world.afflict(source, trouble)

    def has_more(self, now: datetime) -> bool:
        """Whether something of the story is still to come."""
        return any(moment.at > now for moment in self.moments)

    def review(self, moment: Moment) -> SiteReview:
        """The review as it is now."""
        return self.world.review(moment.card, self._ids[moment.row])

    def _happen(self, moment: Moment) -> None:
        said = moment.said
        if moment.does is Does.WRITTEN:
            self._ids[moment.row] = self.world.add_row(moment.card, said, moment.at).external_id
        elif moment.does is Does.EDITED:
            stars = said.get("stars", Keep.KEEP)
            self.world.edit(moment.card, self._ids[moment.row], text=said["text"], stars=stars)

    def _sorted(
        self, rows: Iterable[Mapping[str, Any]]
    ) -> tuple[list[tuple[timedelta, Mapping[str, Any]]], list[Moment]]:
        """What was there before, with its age; and what happens since."""
        past: list[tuple[timedelta, Mapping[str, Any]]] = []
        moments: list[Moment] = []
        for number, row in enumerate(rows):
            age = -words.age(row["in"]) if "in" in row else words.age(row["age"])
            if age > BEGAN:
                past.append((age, row))
                continue
            card, wrote = self._card(row), self.now - age
            moments.append(Moment(wrote, Does.WRITTEN, card, number, "", row))
            for step in row.get("then", ()):
                at = wrote + words.age(step["after"])
                moments.append(Moment(at, Does(step["does"]), card, number, step.get("by", ""), step))
        return past, moments

    def _card(self, row: Row) -> SiteCard:
        place = row.get("place", LENINA[0].place)
        return next(card for card in self.world.cards() if (card.place, card.source) == (place, row["source"]))


def _cards(places: Iterable[Row]) -> Iterator[SiteCard]:
    for place in places:
        for card in place["cards"]:
            yield SiteCard(place["id"], place["title"], card["source"], card["id"], account=card.get("account", ""))


def _read(name: str) -> Any:
    return yaml.safe_load(files("monitor.standin").joinpath("data", name).read_text(encoding="utf-8"))
