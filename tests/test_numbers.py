"""The numbers about the work: counted by SQL, told again by an independent reading of the same stories."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from math import ceil
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from monitor.calendar import Always
from monitor.numbers import (
    BASELINE,
    COUNTS,
    Cohort,
    Compliance,
    Figures,
    Period,
    Scope,
    Spread,
    Step,
    Summary,
    chance,
    midnight,
    share,
    spread,
    together,
    trend,
)
from tests.numbers_rig import BEGINNING, DAY, HOUR, MINUTE, Book, Event, Story, canary

MOSCOW = "Europe/Moscow"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MONTH = Period(NOW - 30 * DAY, NOW, MOSCOW)
NEEDLESS = ("spam", "duplicate", "wrong_place")


# --- an independent reading ---------------------------------------------------------------------


@dataclass
class Reading:
    """What a story comes to at a moment, told step by step. `first`: (when, in time or None, where its clock began)."""

    state: str = "none"
    started: datetime | None = None
    due: datetime | None = None
    closed: datetime | None = None
    reason: str = ""
    rang: datetime | None = None
    first: tuple[datetime, bool | None, datetime] | None = None
    first_due: datetime | None = None
    shown: datetime | None = None
    unanswerable: bool = False


def read(story: Story, now: datetime) -> Reading:
    told = Reading()
    if story.answered:
        told.shown = story.seen_at
    else:
        opens(told, story, story.seen_at)
    for event in story.events:
        ring(told, story, event.at)
        happens(told, story, event)
    ring(told, story, now)
    return told


def opens(told: Reading, story: Story, at: datetime) -> None:
    told.state, told.started = "open", at
    if not story.answerable:
        told.state = "unanswerable"
    elif not (story.old and at == story.seen_at):
        told.due = at + (HOUR if story.tone == "negative" else DAY)


def ring(told: Reading, story: Story, until: datetime) -> None:
    if story.watched and told.state == "open" and told.due and told.due <= until and told.rang is None:
        told.rang = told.due


def happens(told: Reading, story: Story, event: Event) -> None:
    match event.kind:
        case "submitted":
            answers(told, event.at)
            told.state, told.closed = "submitted", event.at
        case "seen":
            at = event.at
            if event.site_at and told.started and told.started <= event.site_at <= event.at:
                at = event.site_at
            if told.state == "submitted" and told.closed and told.first:
                at = min(at, told.closed)
                if told.first[0] == told.closed:
                    told.first = (at, None if told.due is None else at <= told.due, told.first[2])
            else:
                answers(told, at)
            told.state, told.closed = "answered", at
            if told.shown is None:
                sane = story.posted_at and event.site_at and story.posted_at <= event.site_at <= event.at
                told.shown = event.site_at if sane else event.at
        case "gone" if told.state == "none":
            opens(told, story, event.at)
        case "gone" | "reopened" | "revised":
            told.state, told.started, told.due, told.closed = "open", event.at, event.at + HOUR, None
        case "returned":
            told.state = "open" if story.answerable else "unanswerable"
            told.due = told.due and max(told.due, event.at + 15 * MINUTE)
        case _:  # removed, dismissed, forgotten
            if event.kind == "forgotten" and told.state not in ("open", "unanswerable"):
                return
            told.unanswerable = told.state == "unanswerable"
            told.state, told.closed = event.kind, event.at
            told.reason = event.reason if event.kind == "dismissed" else ""


def answers(told: Reading, at: datetime) -> None:
    assert told.started
    if told.first is None:
        told.first = (at, None if told.due is None else at <= told.due, told.started)
        told.first_due = told.due


def fate(story: Story, told: Reading, active: bool) -> str:
    late = told.due is not None and told.closed is not None and told.due <= told.closed
    if story.old:
        return "backlog"
    if told.state == "none":
        return "beforehand"
    if told.first:
        return "late" if told.first[1] is False else "in_time"
    if told.state == "unanswerable" or told.unanswerable:
        return "unanswerable"
    if told.state == "open":
        return "waiting" if active else "dropped" if told.rang else "withdrawn"
    if told.state == "dismissed":
        return "needless" if told.reason in NEEDLESS else "dropped"
    return "dropped" if late else "withdrawn"


def settled(story: Story, told: Reading, active: bool, now: datetime) -> tuple[datetime, str] | None:
    """When its first deadline was over, and how."""
    if told.first:
        at, met, _ = told.first
        if met is None:
            return None
        if met:
            return at, "met"
        begun_again = told.due != told.first_due
        return (told.first_due if not begun_again else told.rang or at) or at, "late"
    if told.due is None or told.due > now or told.unanswerable or told.reason in NEEDLESS:
        return None
    if told.state == "open":
        return (told.due, "missed") if active or told.rang else None
    return (told.due, "missed") if told.closed and told.due <= told.closed else None


def lengths(found: Sequence[timedelta], by_day: int = 0) -> Spread:
    if not found:
        return Spread()
    ordered = sorted(found)
    return Spread(len(found), median(ordered), ordered[ceil(len(found) * 0.9) - 1], by_day)  # type: ignore[type-var]  # timedeltas can be halved


Told = tuple[Story, Reading, bool]


def cohort(told: Sequence[Told], period: Period) -> Cohort:
    counts: Counter[str] = Counter()
    for story, reading, active in told:
        if period.since <= story.seen_at < period.until:
            became = fate(story, reading, active)
            counts[became] += 1
            if became != "backlog":
                counts[story.tone] += 1
                counts["starred"] += story.stars is not None
                counts["stars"] += story.stars or 0
    return Cohort(period, **{name: counts[name] for name in COUNTS})


def check(figures: Figures, told: Sequence[Told], period: Period, now: datetime) -> None:
    """Every number of a period, but for what stands open now."""
    assert figures.cohort == cohort(told, period)
    inside: Callable[[datetime], bool] = lambda at: period.since <= at < period.until  # noqa: E731
    given = [
        (reading.first, story, reading) for story, reading, _ in told if reading.first and inside(reading.first[0])
    ]
    foreseen = [
        (story, reading)
        for story, reading, _ in told
        if reading.state == "none" and not story.old and inside(story.seen_at)
    ]
    answers = figures.answers
    assert answers.in_time == sum(first[1] is True for first, *_ in given)
    assert answers.beforehand == len(foreseen)
    assert answers.late == sum(first[1] is False for first, *_ in given)
    assert answers.backlog == sum(first[1] is None for first, *_ in given)
    clocked = [each for each in given if each[0][1] is not None]
    assert answers.team == lengths([first[0] - first[2] for first, *_ in clocked])
    waits = [
        (reading.shown - story.posted_at, story.precision)
        for story, reading in [*((story, reading) for _, story, reading in clocked), *foreseen]
        if reading.shown and story.posted_at and story.precision in ("exact", "day")
        and reading.shown >= story.posted_at
    ]  # fmt: skip
    assert answers.customer == lengths([wait for wait, _ in waits], sum(how == "day" for _, how in waits))
    outcomes = [outcome for each in told if (outcome := settled(*each, now)) and inside(outcome[0])]
    assert figures.compliance == Compliance(**Counter(how for _, how in outcomes))
    lags = [
        story.seen_at - story.posted_at
        for story, *_ in told
        if inside(story.seen_at) and story.posted_at and story.precision == "exact" and not story.initial
        and story.posted_at <= story.seen_at
    ]  # fmt: skip
    assert figures.lag == lengths(lags)


def check_now(figures: Figures, told: Sequence[Told], now: datetime) -> None:
    there = [reading for _, reading, active in told if active]
    due = sorted(reading.due for reading in there if reading.state == "open" and reading.due)
    assert figures.now.open == len(due)
    assert figures.now.overdue == sum(at <= now for at in due)
    assert figures.now.oldest_overdue == next((at for at in due if at <= now), None)
    assert figures.now.backlog == sum(reading.state == "open" and not reading.due for reading in there)
    assert figures.now.unanswerable == sum(reading.state == "unanswerable" for reading in there)


# --- a month of happenings ----------------------------------------------------------------------

FOLLOWING = {
    "open": ("submitted",) * 4 + ("seen",) * 3 + ("dismissed", "removed", "forgotten", "", ""),
    "unanswerable": ("dismissed", "removed", "", "", ""),
    "submitted": ("seen", "seen", "seen", "gone", "forgotten", ""),
    "answered": ("gone", "revised", "forgotten", "", "", ""),
    "dismissed": ("reopened", "revised", "forgotten", "", ""),
    "removed": ("returned", "", ""),
    "none": ("gone", "", ""),
}
BECOMES = {"seen": "answered", "gone": "open", "revised": "open", "reopened": "open", "returned": "open"}
REASONS = ("spam", "duplicate", "wrong_place", "off_topic", "answered_elsewhere", "other")
CLOSED_CARD = ("gagarina", "otzovik")
"""A card that left the config."""


def invented(dice: random.Random) -> Story:
    """A story with anything in it that may happen, in whole seconds; nothing at the same moment."""
    seen_at = NOW - timedelta(seconds=dice.randrange(35 * 86400))
    place, source = dice.choice(("lenina", "gagarina")), dice.choice(("yandex_maps", "otzovik"))
    initial = dice.random() < 0.15
    posted_at = seen_at - timedelta(seconds=dice.randrange(-300, 6 * 3600))
    if initial and dice.random() < 0.8:
        posted_at = BEGINNING - dice.randrange(300) * HOUR
    answered = dice.random() < 0.12
    story = Story(
        place=place,
        source=source,
        seen_at=seen_at,
        posted_at=dice.choice((posted_at, posted_at, posted_at, None)),
        precision=dice.choice(("exact", "exact", "day", "approximate")),
        tone=dice.choice(("negative", "neutral", "positive")),
        stars=dice.choice((None, 1, 2, 3, 4, 5)),
        initial=initial,
        answerable=answered or dice.random() < 0.9,
        answered=answered,
        assignee=None if answered else dice.choice((None, "anna", "boris")),
        watched=dice.random() < 0.7,
    )
    return replace(story, events=tuple(life_of(story, dice)))


def life_of(story: Story, dice: random.Random) -> Iterator[Event]:
    state = "none" if story.answered else "open" if story.answerable else "unanswerable"
    at = story.seen_at
    while state in FOLLOWING and (kind := dice.choice(FOLLOWING[state])):
        before, at = at, at + timedelta(seconds=1 + int(dice.expovariate(1 / 20000)))
        if at > NOW:
            return
        site_at = dice.choice((None, before + (at - before) / 2, story.seen_at - DAY, at + HOUR))
        if kind == "revised" and not story.answerable:
            return  # it stays as it is
        yield Event(kind, at, site_at and site_at.replace(microsecond=0), dice.choice(REASONS))
        state = "unanswerable" if kind == "returned" and not story.answerable else BECOMES.get(kind, kind)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book(tmp_path)
    yield book
    book.store.close()


def summary(book: Book, period: Period = MONTH, now: datetime = NOW, **scope: str) -> Summary:
    return book.store.numbers.over(Scope(period, **scope), now)  # type: ignore[arg-type]  # its names of one thing each


def total(book: Book, period: Period = MONTH, now: datetime = NOW) -> Figures:
    return summary(book, period, now).total


@pytest.mark.parametrize("seed", range(6))
def test_a_month_of_happenings_is_counted_as_an_independent_reading_counts_it(book: Book, seed: int) -> None:
    dice = random.Random(seed)
    stories = [invented(dice) for _ in range(120)]
    book.card(*CLOSED_CARD, active=False)
    for story in stories:
        book.play(story)
    book.ring_until(stories, NOW)
    for hours in range(0, 600, 50):
        book.play(canary(NOW - hours * HOUR))
    told = [(story, read(story, NOW), (story.place, story.source) != CLOSED_CARD) for story in stories]
    period = Period(NOW - dice.randrange(2, 25) * DAY - dice.randrange(86400) * timedelta(seconds=1), NOW, MOSCOW)
    period = dice.choice((period, period.before()))
    found = summary(book, period)
    check(found.total, told, period, NOW)
    check_now(found.total, told, NOW)
    assert found.previous is not None
    check(found.previous, told, period.before(), NOW)
    assert found.cohorts == tuple(cohort(told, bucket) for bucket in period.buckets(Step.DAY))
    parts: tuple[tuple[Mapping[str, Figures], Callable[[Story], str]], ...] = (
        (found.places, lambda story: story.place),
        (found.sources, lambda story: story.source),
        (found.assignees, lambda story: story.assignee or ""),
    )
    for groups, name_of in parts:
        for name, figures in groups.items():
            part = [each for each in told if name_of(each[0]) == name]
            check(figures, part, period, NOW)
            check_now(figures, part, NOW)
    assert summary(book, period, place="lenina").total == found.places["lenina"]
    assert summary(book, period, source="otzovik").total == found.sources["otzovik"]
    assert summary(book, period, assignee="anna").total == found.assignees["anna"]


# --- the edges ----------------------------------------------------------------------------------

FIRST = NOW - 10 * DAY


def review(after: timedelta = timedelta(), *events: Event, **told: object) -> Story:
    return Story("lenina", "yandex_maps", FIRST + after, events=events, **told)  # type: ignore[arg-type]  # as Story has them


def after(length: timedelta, kind: str = "submitted", **told: object) -> Event:
    return Event(kind, FIRST + length, **told)  # type: ignore[arg-type]  # as Event has them


def test_of_nothing_nothing_is_told(book: Book) -> None:
    book.card("lenina", "yandex_maps")
    found = summary(book)
    assert found.total == Figures(Cohort(MONTH))
    assert (found.total.cohort.rate, found.total.cohort.average, found.total.compliance.share) == (None, None, None)
    assert found.total.answers.team == Spread(0, None, None)
    assert (found.places, found.sources, found.assignees) == ({}, {}, {})
    assert found.trends is None  # the card has not been watched through all the months compared
    assert [cohort.came for cohort in found.cohorts] == [0] * 31


def test_a_store_without_a_card_has_no_numbers_either(book: Book) -> None:
    assert total(book) == Figures(Cohort(MONTH))


@pytest.mark.parametrize(("moment", "counts"), [(0, 1), (1, 0), (-1, 0)])
def test_a_period_has_its_beginning_and_not_its_end(book: Book, moment: int, counts: int) -> None:
    """1: a microsecond before its beginning; -1: its end."""
    book.play(review(timedelta(), after(2 * HOUR), tone="negative", posted_at=FIRST - HOUR))
    numbers: tuple[tuple[datetime, Callable[[Figures], int]], ...] = (
        (FIRST, lambda figures: figures.cohort.came),
        (FIRST, lambda figures: figures.lag.count),
        (FIRST + HOUR, lambda figures: figures.compliance.late),
        (FIRST + 2 * HOUR, lambda figures: figures.answers.late),
    )
    for at, number in numbers:
        since = at + moment * timedelta(microseconds=1) if moment >= 0 else at - HOUR
        until = since + HOUR if moment >= 0 else at
        assert number(total(book, Period(since, until, MOSCOW))) == counts


def test_an_answer_at_the_deadline_is_in_time_and_a_waiting_ticket_at_it_is_overdue(book: Book) -> None:
    book.play(review(timedelta(), after(HOUR), tone="negative"))
    book.play(review(timedelta(), tone="negative"))
    found = total(book, Period(FIRST - DAY, FIRST + DAY, MOSCOW), now=FIRST + HOUR)
    assert found.compliance == Compliance(met=1, missed=1)
    assert (found.now.overdue, found.now.oldest_overdue) == (1, FIRST + HOUR)


def test_what_is_not_due_yet_is_not_missed_though_the_period_goes_on(book: Book) -> None:
    book.play(review(timedelta(), tone="negative"))
    period = Period(FIRST, FIRST + 5 * DAY, MOSCOW)
    assert total(book, period, now=FIRST + 59 * MINUTE).compliance == Compliance()
    assert total(book, period, now=FIRST + 61 * MINUTE).compliance == Compliance(missed=1)


def test_a_ticket_opened_again_has_its_first_answer_behind_it(book: Book) -> None:
    book.play(review(timedelta(), after(HOUR), after(3 * DAY, "reopened"), after(4 * DAY)))
    found = total(book)
    assert found.answers.count == found.answers.team.count == found.compliance.due == 1
    assert found.answers.team.median == HOUR
    assert found.cohort.in_time == 1
    assert total(book, Period(FIRST + 2 * DAY, NOW, MOSCOW)).answers.count == 0


@pytest.mark.parametrize("again", ["reopened", "revised"])
def test_the_clock_of_a_first_answer_is_the_one_that_it_stopped(book: Book, again: str) -> None:
    """Whatever clocks began after it."""
    answered = 2 * DAY + 10 * MINUTE
    begun = (after(HOUR, "dismissed"), after(2 * DAY, again), after(answered))
    book.play(review(timedelta(), *begun))
    assert total(book).answers.team.median == 10 * MINUTE
    book.play(review(timedelta(), *begun, after(5 * DAY, "reopened")))
    assert total(book).answers.team == Spread(2, 10 * MINUTE, 10 * MINUTE)


@pytest.mark.parametrize("watched", [True, False])
def test_a_miss_counts_at_its_deadline_also_when_a_later_one_took_its_place(book: Book, watched: bool) -> None:
    """Without an alarm nothing tells of the deadline any more: then the answer has to."""
    book.play(review(timedelta(), after(3 * DAY), after(5 * DAY, "reopened"), watched=watched))
    at_deadline = total(book, Period(FIRST, FIRST + 2 * DAY, MOSCOW)).compliance
    at_answer = total(book, Period(FIRST + 2 * DAY, FIRST + 4 * DAY, MOSCOW)).compliance
    assert (at_deadline.late, at_answer.late) == ((1, 0) if watched else (0, 1))


def test_a_late_answer_stays_a_miss_though_the_ticket_is_opened_again_and_answered_in_time(book: Book) -> None:
    book.play(review(timedelta(), after(30 * HOUR), after(3 * DAY, "reopened"), after(3 * DAY + MINUTE)))
    assert total(book).compliance == Compliance(late=1)


def test_late_evidence_makes_a_hit_of_a_miss(book: Book) -> None:
    book.play(review(timedelta(), after(30 * HOUR, "seen", site_at=FIRST + 23 * HOUR)))
    found = total(book)
    assert found.compliance == Compliance(met=1)
    assert found.answers.team.median == 23 * HOUR


def test_what_is_put_aside_after_its_deadline_has_missed_it_whatever_comes_later(book: Book) -> None:
    book.play(review(timedelta(), after(30 * HOUR, "dismissed"), after(2 * DAY, "seen")))
    book.play(review(timedelta(), after(30 * HOUR, "removed")))
    book.play(review(timedelta(), after(23 * HOUR, "removed")))
    found = total(book)
    assert found.compliance == Compliance(late=1, missed=1)
    assert (found.cohort.late, found.cohort.dropped, found.cohort.withdrawn) == (1, 1, 1)


def test_spam_was_never_to_be_answered_even_if_it_is_found_out_late(book: Book) -> None:
    book.play(review(timedelta(), after(30 * HOUR, "dismissed", reason="spam")))
    found = total(book)
    assert (found.cohort.needless, found.cohort.answerable, found.compliance.due) == (1, 0, 0)
    assert found.cohort.rate is None


def test_the_backlog_is_counted_apart(book: Book) -> None:
    book.play(review(timedelta(), after(HOUR), initial=True, posted_at=BEGINNING - DAY, tone="negative", stars=1))
    book.play(review(timedelta(), initial=True, tone="negative", stars=1))
    found = total(book)
    assert (found.cohort.came, found.cohort.backlog, found.cohort.negative, found.cohort.average) == (2, 2, 0, None)
    assert (found.answers.count, found.answers.backlog, found.answers.team.count) == (1, 1, 0)
    assert (found.now.open, found.now.backlog) == (0, 1)


def test_what_a_changed_setting_lets_us_answer_is_backlog(book: Book) -> None:
    book.play(review(timedelta(), after(HOUR, "unlocked"), answerable=False))
    assert (total(book).cohort.backlog, total(book).now.backlog) == (1, 1)


def test_an_answer_from_before_our_time_is_no_answer_of_the_period(book: Book) -> None:
    """As the step that brought first answers left the tickets of reviews answered before us."""
    ticket = book.play(review(timedelta(), initial=True, posted_at=FIRST - 3 * DAY))
    with book.store.write():
        book.store._db.update(
            "ticket", ticket or 0, {"state": "answered", "answered_at": "2026-11-10T00:00:00.000000Z"}
        )
    assert total(book).answers.count == 0


def test_a_reply_that_only_waited_for_the_site_is_not_what_the_customer_saw(book: Book) -> None:
    ticket = book.play(review(timedelta(), after(HOUR), posted_at=FIRST - HOUR))
    with book.store.write():
        for state, text, at in (("pending", "Спасибо!", 2), (None, None, 3), ("published", "Спасибо!", 4)):
            seen_at = f"2026-11-11T1{at + 2}:00:00.000000Z"
            row = {"review_id": 1, "text": text, "at": None, "state": state, "seen_at": seen_at}
            book.store._db.insert("reply", row)
    assert ticket
    assert total(book).answers.customer.median == 5 * HOUR


def test_what_was_forgotten_still_counts(book: Book) -> None:
    book.play(review(timedelta(), after(HOUR, "seen", site_at=FIRST + HOUR), after(DAY, "forgotten"), posted_at=FIRST))
    found = total(book)
    assert (found.cohort.in_time, found.cohort.stars, found.cohort.positive) == (1, 5, 1)
    assert found.answers.customer.median == HOUR


def test_a_place_that_left_the_config_keeps_its_past_and_asks_for_nothing(book: Book) -> None:
    book.card("lenina", "yandex_maps", active=False)
    book.play(review(timedelta(), after(HOUR)))
    book.play(review(timedelta()))
    found = summary(book).places["lenina"]
    assert (found.cohort.came, found.answers.count, found.cohort.withdrawn) == (2, 1, 1)
    assert (found.now.open, found.compliance.missed) == (0, 0)


def test_working_time_is_asked_of_the_place_and_only_for_the_teams_clock(book: Book) -> None:
    book.play(review(timedelta(), after(90 * MINUTE), posted_at=FIRST - HOUR))
    asked = []

    def working(place: str, start: datetime, end: datetime) -> timedelta:
        asked.append((place, start, end))
        return Always().between(start, end) / 3

    found = book.store.numbers.over(Scope(MONTH), NOW, working=working)
    assert asked == [("lenina", FIRST, FIRST + 90 * MINUTE)]
    assert found.total.answers.working == Spread(1, 30 * MINUTE, 30 * MINUTE)
    assert summary(book).total.answers.working is None


def test_days_are_those_of_the_zone_that_was_asked_for(book: Book) -> None:
    book.play(replace(review(), seen_at=datetime(2026, 11, 10, 21, 30, tzinfo=UTC)))
    for zone, day in ((MOSCOW, 11), ("Europe/Kaliningrad", 10), ("Asia/Vladivostok", 11), ("UTC", 10)):
        period = Period.of_days(date(2026, 11, 9), 3, zone)
        found = [cohort.came for cohort in summary(book, period).cohorts]
        assert found == [int(9 + number == day) for number in range(3)], zone


def test_a_period_in_another_zone_is_the_same_period(book: Book) -> None:
    book.play(review(timedelta(), after(HOUR)))
    far = timedelta(hours=10)
    since, until = (moment.astimezone(timezone(far)) for moment in (MONTH.since, MONTH.until))
    assert total(book, Period(since, until, MOSCOW)) == total(book)


def test_the_trial_alarm_counts_nowhere(book: Book) -> None:
    book.play(canary(FIRST))
    assert total(book) == Figures(Cohort(MONTH))
    assert book.store.numbers.names() == (set(), set())
    gauges = book.store.numbers.gauges(NOW)
    assert (gauges.waiting, gauges.answers, gauges.last_good) == ({}, 0, {})


# --- themes ---------------------------------------------------------------------------------------

WEEK = Period(NOW - 7 * DAY, NOW, MOSCOW)


def complaints(book: Book, theme: str, days_ago: Sequence[float], **told: object) -> list[int | None]:
    stories = [
        Story("lenina", "yandex_maps", NOW - days * DAY, themes=(theme, theme), **told)  # type: ignore[arg-type]
        for days in days_ago
    ]
    return [book.play(story) for story in stories]


def test_a_theme_rises_against_the_four_periods_before(book: Book) -> None:
    book.card("lenina", "yandex_maps", imported_at=NOW - 35 * DAY)
    tickets = complaints(book, "waiting", [5, 3, 1, 2, 4, 6])
    complaints(book, "waiting", [8, 30])
    complaints(book, "staff", [1, 9, 16, 23, 30])
    found = summary(book, WEEK).trends
    assert found is not None
    waiting, staff = found
    assert (waiting.theme, waiting.count, waiting.before, waiting.rises) == ("waiting", 6, 0.5, True)
    assert waiting.tickets == tuple(tickets[place] for place in (2, 3, 1, 4, 0, 5))
    assert (staff.theme, staff.count, staff.before, staff.rises) == ("staff", 1, 1, False)
    assert "price" not in {each.theme for each in found}  # of that everybody speaks well


def test_a_card_that_was_not_watched_all_the_time_has_no_trend(book: Book) -> None:
    book.card("lenina", "yandex_maps", imported_at=NOW - 34 * DAY)
    complaints(book, "waiting", [1, 2, 3, 4])
    assert summary(book, WEEK).trends is None
    book.card("gagarina", "otzovik", imported_at=NOW - 40 * DAY)
    assert summary(book, WEEK).trends == ()


def test_a_card_that_left_makes_no_theme_fall(book: Book) -> None:
    gone = book.card("gagarina", "otzovik", imported_at=NOW - 40 * DAY, active=False)
    book.card("lenina", "yandex_maps", imported_at=NOW - 40 * DAY)
    complaints(book, "waiting", [1, 9])
    for days in (8, 9, 10, 15, 20, 30):
        book.play(Story("gagarina", "otzovik", NOW - days * DAY, themes=("waiting",)))
    (waiting,) = summary(book, WEEK).trends or ()
    assert (waiting.count, waiting.before) == (1, 1 / BASELINE)
    with book.store.write():
        book.store._db.update("listing", gone, {"active": 1})
    (waiting,) = summary(book, WEEK).trends or ()
    assert (waiting.count, waiting.before) == (1, 7 / BASELINE)


def test_a_theme_that_fell_silent_is_compared_and_is_none_of_the_period(book: Book) -> None:
    complaints(book, "waiting", [8, 9, 20])
    assert summary(book, WEEK).trends == ()
    (waiting,) = book.store.numbers.trends(Scope(WEEK)) or ()
    assert (waiting.count, waiting.before, waiting.chance, waiting.rises) == (0, 3 / BASELINE, 1, False)


def test_before_anybody_watched_from_the_beginning_there_are_no_numbers_but_what_a_file_brought(book: Book) -> None:
    book.card("lenina", "yandex_maps")
    early, late = (Scope(Period(BEGINNING - days * DAY, BEGINNING - days * DAY + DAY, MOSCOW)) for days in (1, 0))
    assert [book.store.numbers.watched(scope) for scope in (early, late)] == [False, True]
    begun_within = Scope(Period(early.period.since, late.period.until, MOSCOW))
    assert not book.store.numbers.watched(begun_within), "too few are as bad as none"
    assert not book.store.numbers.watched(replace(late, place="gagarina"))
    following = replace(late, period=late.period.before(-1))
    assert book.store.numbers.over(late, NOW).previous is None
    assert book.store.numbers.over(following, NOW).previous is not None
    card = book.card("gagarina", "otzovik")
    with book.store.write():
        book.store._db.update("listing", card, {"first_success_at": None, "imported_at": None})
    assert not book.store.numbers.watched(replace(late, place="gagarina"))
    book.play(Story("gagarina", "otzovik", BEGINNING + HOUR, initial=True))
    assert book.store.numbers.watched(replace(following, place="gagarina"))
    assert not book.store.numbers.watched(replace(late, place="gagarina"))


def test_a_first_import_makes_no_theme_rise(book: Book) -> None:
    complaints(book, "waiting", [1, 2, 3, 4], initial=True)
    assert summary(book, WEEK).trends == ()


def test_a_theme_counts_reviews_that_have_no_ticket(book: Book) -> None:
    complaints(book, "waiting", [1, 2, 3], answered=True)
    (found,) = summary(book, WEEK).trends or ()
    assert (found.count, found.tickets, found.rises) == (3, (), True)


@given(count=st.integers(0, 400), before=st.integers(0, 2000), periods=st.integers(1, 8))
def test_the_chance_of_so_many_is_the_tail_of_a_binomial_distribution(count: int, before: int, periods: int) -> None:
    expected = binom.sf(count - 1, count + before, 1 / (periods + 1)) if count else 1.0
    assert chance(count, before, periods) == pytest.approx(float(expected), rel=1e-6, abs=1e-300)


@pytest.mark.parametrize(
    ("count", "before", "rises"), [(0, 0, False), (2, 0, False), (3, 0, True), (5, 4, False), (6, 4, True)]
)
def test_a_theme_rises_when_chance_hardly_explains_it(count: int, before: int, rises: bool) -> None:
    assert trend("staff", count, before).rises is rises
    assert trend("staff", count, before).before == before / BASELINE


# --- arithmetic -----------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10**7), min_size=1), st.randoms(use_true_random=False))
def test_the_middle_and_the_ninth_tenth_do_not_depend_on_the_order(seconds: list[int], dice: random.Random) -> None:
    found = spread(seconds)
    assert found == lengths([timedelta(seconds=length) for length in seconds])
    dice.shuffle(seconds)
    assert spread(seconds) == found
    assert found.p90 is not None
    assert sum(timedelta(seconds=length) <= found.p90 for length in seconds) >= 0.9 * len(seconds)


def test_shares_of_nothing_are_unknown() -> None:
    assert (share(0, 0), share(0, 2), share(1, 2)) == (None, 0, 0.5)


ZONES = st.sampled_from((MOSCOW, "Europe/Berlin", "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"))


@given(
    since=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),
    length=st.timedeltas(timedelta(seconds=1), timedelta(days=60)),
    zone=ZONES,
    step=st.sampled_from(Step),
)
def test_buckets_cover_a_period_without_gaps_from_midnight_to_midnight(
    since: datetime, length: timedelta, zone: str, step: Step
) -> None:
    period = Period(since, since + length, zone)
    buckets = period.buckets(step)
    assert (buckets[0].since, buckets[-1].until) == (period.since, period.until)
    for one, other in pairwise(buckets):
        assert one.until == other.since
        day = (one.until + HOUR).astimezone(ZoneInfo(zone)).date()
        assert one.until == midnight(day, zone)
        assert step is Step.DAY or day.weekday() == 0


def test_a_day_on_which_clocks_change_is_as_long_as_it_is() -> None:
    berlin = "Europe/Berlin"
    assert Period.of_days(date(2026, 10, 25), 1, berlin).length == 25 * HOUR
    assert Period.of_days(date(2026, 3, 29), 1, berlin).length == 23 * HOUR
    assert Period.of_days(date(2026, 3, 29), 1, MOSCOW).length == 24 * HOUR


@pytest.mark.parametrize(
    ("since", "until"), [(NOW, NOW), (NOW, NOW - DAY), (NOW.replace(tzinfo=None), NOW), (NOW, NOW.replace(tzinfo=None))]
)
def test_a_period_must_be_one(since: datetime, until: datetime) -> None:
    with pytest.raises(ValueError, match=r"naive|end after"):
        Period(since, until, MOSCOW)


def test_long_periods_are_told_by_weeks(book: Book) -> None:
    book.play(review(timedelta(), stars=4))
    book.play(review(2 * DAY, stars=None))
    quarter = summary(book, Period(NOW - 90 * DAY, NOW, MOSCOW))
    assert quarter.step is Step.WEEK
    whole = together(quarter.cohorts, quarter.scope.period)
    assert whole == quarter.total.cohort
    assert (whole.came, whole.starred, whole.average) == (2, 1, 4)
