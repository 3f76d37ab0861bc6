"""Settings for twenty places, and what people change in them in the course of two months."""

import random
from dataclasses import replace
from datetime import date, timedelta

from tests.alarms.hours import Roster, Span
from tests.alarms.settings import Person, Place, Rungs, Settings
from tests.alarms.sites import GOOGLE, IRECOMMEND, OTZOVIK, TWOGIS, YANDEX

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFICE: tuple[Span, ...] = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))
NIGHT: tuple[Span, ...] = ((0, 6 * 60), (22 * 60, 24 * 60))
ZONES = ("Europe/Moscow", "Europe/Moscow", "Asia/Vladivostok", "Europe/Kaliningrad", "Europe/Berlin")
CALENDARS = ("always", "always", "office", "far", "night", "berlin")
LADDERS: tuple[Rungs, ...] = (
    {},
    {"negative": {"50%": (), "breach": ("owner",)}},
    {"negative": {"+1x": ("support", "owner")}, "other": {"80%": ("lead",)}},
)
CHANGES = ("promise", "promise", "calendar", "place", "quiet", "people", "collapse", "ladder", "sites", "words")


def begin(dice: random.Random, start: date) -> Settings:
    return Settings(
        places={place.id: place for place in (_place(dice, number) for number in range(20))},
        promises={"negative": HOUR, "other": 24 * HOUR, "reopened": dice.choice((30 * MINUTE, HOUR))},
        calendars=_calendars(dice, start),
        roles={
            "support": dice.choice((("anna@example.ru",), ("anna@example.ru", "boris@example.ru"))),
            "lead": dice.choice(((), ("dina@example.ru",))),
            "owner": ("vera@example.ru",),
        },
        people=_people(dice, start),
        rosters=dice.choice(({}, {"other": "office"}, dict.fromkeys(("negative", "other", "reopened"), "office"))),
        quiet=dice.choice((None, (22 * 60, 8 * 60), (22 * 60 + 30, 9 * 60))),
        collapse_over=dice.choice((2, 3, 5)),
        per_hour=dice.choice((15, 60)),
    )


def _place(dice: random.Random, number: int) -> Place:
    """Every third has promises of its own, every fourth people of its own."""
    cards = {source: f"{source}-{number}" for source in dice.sample((YANDEX, GOOGLE, TWOGIS, OTZOVIK, IRECOMMEND), 3)}
    place = Place(f"place{number}", dice.choice(ZONES), {YANDEX: f"{YANDEX}-{number}", **cards})
    if number % 3 == 0:
        place = replace(
            place,
            promises={"negative": dice.choice((45 * MINUTE, 2 * HOUR)), "other": dice.choice((8 * HOUR, 36 * HOUR))},
            rosters={name: dice.choice(CALENDARS) for name in ("negative", "other", "reopened")},
        )
    if number % 4 == 0:
        place = replace(
            place,
            roles={"support": ("gleb@example.ru",), "owner": dice.choice((("vera@example.ru",), ("yana@example.ru",)))},
            ladder=dice.choice(LADDERS),
        )
    return place


def _calendars(dice: random.Random, start: date) -> dict[str, Roster]:
    def days(count: int) -> list[date]:
        return [start + timedelta(days=number) for number in dice.sample(range(60), count)]

    free, extra, short = days(3), days(2), days(2)
    saturday = next(day for day in extra[:1] or [start])
    working = {day: None if day == saturday else ((10 * 60, 14 * 60),) for day in extra if day not in free}
    workdays = {day: OFFICE if day < 5 else () for day in range(7)}
    return {
        "office": Roster(
            "Europe/Moscow",
            workdays,
            frozenset(free),
            working,
            {day: (9 * 60, 15 * 60) for day in short if day not in (*free, *working)},
        ),
        "far": Roster("Asia/Vladivostok", {day: ((10 * 60, 20 * 60),) if day < 6 else () for day in range(7)}),
        "night": Roster("Europe/Berlin", dict.fromkeys(range(7), NIGHT)),
        "berlin": Roster("Europe/Berlin", workdays),
    }


def _people(dice: random.Random, start: date) -> dict[str, Person]:
    """Somebody is always away, some stand in for each other, and for some there is nobody."""
    stand_ins = {"anna": "dina", "boris": "anna", "vera": "yana", "gleb": "", "dina": "vera", "yana": "vera"}
    return {name: Person(f"{name}@example.ru", stand_in, _away(dice, start)) for name, stand_in in stand_ins.items()}


def _away(dice: random.Random, start: date) -> tuple[tuple[date, date], ...]:
    first = start + timedelta(days=dice.randrange(60))
    return () if dice.random() < 0.3 else ((first, first + timedelta(days=dice.randrange(12))),)


def changed(dice: random.Random, settings: Settings, today: date) -> tuple[str, Settings]:
    """What somebody changes in the file one day, in a word, and the file after it."""
    place = dice.choice(list(settings.places.values()))
    what = dice.choice(CHANGES)
    match what:
        case "promise":
            name, shares = dice.choice((("negative", (0.5, 1, 2)), ("other", (6, 12, 24)), ("reopened", (0.5, 1, 3))))
            return what, replace(settings, promises={**settings.promises, name: dice.choice(shares) * HOUR})
        case "calendar":
            office = settings.calendars["office"]
            hours = dice.choice((OFFICE, ((8 * 60, 20 * 60),)))
            week = {day: hours if day < 5 else () for day in range(7)}
            roster = replace(office, week=week)
            return what, replace(settings, calendars={**settings.calendars, "office": roster})
        case "place":
            rosters = {name: dice.choice(CALENDARS) for name in ("negative", "other", "reopened")}
            return what, settings.with_place(replace(place, rosters=rosters))
        case "quiet":
            return what, replace(settings, quiet=dice.choice((None, (21 * 60, 8 * 60), (23 * 60, 7 * 60 + 30))))
        case "people":
            people = {name: replace(person, away=_away(dice, today)) for name, person in settings.people.items()}
            return what, replace(settings, people=people)
        case "collapse":
            return what, replace(settings, collapse_over=dice.choice((1, 2, 4, 8)))
        case "ladder":
            return what, replace(settings, ladder={"negative": {"50%": dice.choice(((), ("support",), ("lead",)))}})
        case "sites":
            return what, replace(settings, representative=not settings.representative)
    return what, replace(settings, brand=f"Ромашка {dice.randrange(1000)}")
