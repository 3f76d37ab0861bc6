"""The overview of the numbers: a period against the one before it, each number with the way to its reviews.

address → Ask → Numbers → cells → the page; pictures and files of the same address come by themselves
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Permission
from monitor.desk import numbers_daily as daily
from monitor.desk.context import Desk
from monitor.desk.numbers_ask import NUMBERS
from monitor.desk.numbers_cells import Decimal, Grid, Length, Number, Row, Share, Timing, Words
from monitor.desk.numbers_figures import FATE_ORDER, OVER_TIME, Linked, over_time
from monitor.desk.numbers_pictures import shown
from monitor.desk.numbers_room import Room, promises
from monitor.desk.numbers_selection import FATES
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.notify.render import capitalised
from monitor.numbers import Cohort, Figures, Step, Trend

FEWEST = 0.001
"""A chance below which nobody needs to know it more exactly."""


@dataclass(frozen=True, slots=True)
class Part:
    """Of a whole: its name, how many, how many of a hundred (for a bar)."""

    name: str
    number: Number
    width: int
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Rising:
    """A theme that is complained of more often than chance would have it."""

    name: str
    number: Number
    usual: str
    chance: str


@dataclass(frozen=True, slots=True)
class Overview:
    """`was_…`: the same of the period before, None where there was nothing to count; `unwatched`: nobody watched then.
    `old`: what came with the first import, None for nothing. `too_early`: themes cannot be compared yet; `aside`: some
    cards cannot, and the themes that rise leave them out."""

    came: Number
    was_came: Number | None
    unwatched: bool
    old: Number | None
    fates: tuple[Part, ...]
    answered: Share
    was_answered: Share | None
    kept: Share
    was_kept: Share | None
    late: Number
    missed: Number
    team: Timing
    customer: Timing
    working: tuple[Length, Length] | None
    by_day: bool
    average: Decimal
    was_average: Decimal | None
    stars: tuple[Part, ...]
    tones: tuple[Part, ...]
    dangers: tuple[Part, ...]
    rising: tuple[Rising, ...]
    aside: bool
    too_early: bool


def overview(desk: Desk, visit: Visit) -> Response:
    room = Room.of(desk, visit)
    with room.numbers.at_once():
        view = _overview(room)
        figures = room.numbers.series(room.scope, visit.now, room.ask.step)[""]
        days = daily.shown(room)
    table = weeks(room, figures)
    return room.show(
        "numbers",
        view=view,
        promises=promises(room),
        daily=[] if days is None else [days],
        figures=list(shown(room, figures, table)),
        weeks=table,
    )


def _overview(room: Room) -> Overview:
    numbers, now, working = room.numbers, room.visit.now, room.desk.application.working
    trends = numbers.trends(room.scope)
    total = numbers.figures(room.scope, now, working=working)
    linked = room.linked
    earlier = linked.within(room.ask.period.before())
    before = _any(numbers.figures(earlier.scope, now))
    rising = [trend for trend in trends or () if trend.rises]
    team, customer = linked.timings(total, before)
    return Overview(
        came=linked.new(total.cohort),
        was_came=earlier.new(before.cohort) if before else None,
        unwatched=not numbers.watched(earlier.scope),
        old=linked.came(total.cohort.backlog, "backlog") if total.cohort.backlog else None,
        fates=tuple(_fates(linked, total.cohort)),
        answered=linked.answered(total.cohort),
        was_answered=earlier.answered(before.cohort) if before else None,
        kept=linked.kept(total),
        was_kept=earlier.kept(before) if before else None,
        late=linked.due(total.compliance.late, "late"),
        missed=linked.due(total.compliance.missed, "missed"),
        team=team,
        customer=customer,
        working=_working(total),
        by_day=total.answers.customer.by_day > 0,
        average=Decimal(total.cohort.average),
        was_average=Decimal(before.cohort.average) if before else None,
        stars=tuple(_stars(room, linked)),
        tones=tuple(_tones(linked, total.cohort)),
        dangers=tuple(_dangers(room, linked)),
        rising=tuple(_rising(linked, rising)),
        aside=_is_aside(room, rising),
        too_early=trends is None,
    )


def _any(figures: Figures) -> Figures | None:
    """None where nothing happened."""
    happened = figures.cohort.came or figures.answers.count or figures.compliance.due
    return figures if happened else None


def _working(total: Figures) -> tuple[Length, Length] | None:
    """In working time, where that is something else."""
    working = total.answers.working
    if working is None or working == total.answers.team:
        return None
    return Length(working.median), Length(working.p90)


def _fates(linked: Linked, cohort: Cohort) -> Iterator[Part]:
    """What became of what came. What cannot or need not be answered is told where there is any."""
    tones = {"in_time": "good", "late": "late", "waiting": "soon", "dropped": ""}
    whole = cohort.came - cohort.backlog
    for fate in FATE_ORDER:
        count = getattr(cohort, fate)
        if count or fate in tones:
            yield _part(capitalised(FATES[fate]), linked.came(count, fate), whole, tones.get(fate, ""))


def _stars(room: Room, linked: Linked) -> Iterator[Part]:
    counts = room.numbers.stars(room.scope)
    whole = sum(counts.values())
    for stars in range(5, 0, -1):
        yield _part(wording.stars(stars), linked.starred(counts.get(stars, 0), stars), whole)


def _tones(linked: Linked, cohort: Cohort) -> Iterator[Part]:
    whole = cohort.negative + cohort.neutral + cohort.positive
    for tone, name, colour in (
        ("positive", "Позитивные", "good"),
        ("neutral", "Нейтральные", ""),
        ("negative", "Негативные", "late"),
    ):
        yield _part(name, linked.toned(getattr(cohort, tone), tone), whole, colour)


def _dangers(room: Room, linked: Linked) -> Iterator[Part]:
    counts = room.numbers.risks(room.scope)
    most = max(counts.values(), default=0)
    for risk, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if count:
            yield _part(capitalised(wording.RISKS.get(risk, risk)), linked.risky(count, risk), most, "late")


def _part(name: str, number: Number, whole: int, tone: str = "") -> Part:
    return Part(name, number, round(100 * number.value / whole) if whole else 0, tone)


def _rising(linked: Linked, rising: Sequence[Trend]) -> Iterator[Rising]:
    """Each with the number of the reviews that were compared with what is usual."""
    for trend in rising:
        yield Rising(
            capitalised(wording.THEMES.get(trend.theme, trend.theme)),
            linked.compared(trend.count, trend.theme),
            usual(trend),
            likely(trend.chance),
        )


def _is_aside(room: Room, rising: Sequence[Trend]) -> bool:
    """Whether other cards have complaints of these themes, too."""
    counts = room.numbers.themes(room.scope) if rising else {}
    return any(trend.count < sum(each.negative for each in counts.get(trend.theme, ())) for trend in rising)


def usual(trend: Trend) -> str:
    """How often it is spoken of as a rule."""
    if not trend.before:
        return "раньше не жаловались"
    return f"обычно за такой срок {wording.decimal(trend.before)}"


def likely(chance: float) -> str:
    """How probable so many are by chance alone."""
    if chance < FEWEST:
        return "случайно так бывает реже одного раза из тысячи"
    if chance < 0.05:
        return f"случайно так бывает примерно один раз из {wording.thousands(round(1 / chance))}"
    return "такое бывает и случайно"


# --- over time ----------------------------------------------------------------------------------


def weeks(room: Room, figures: Sequence[Figures]) -> Grid:
    """What is told of each day or week of the period."""
    linked = room.linked
    rows = tuple(
        Row(Words(room.told(each.cohort.period)), over_time(each, linked.within(each.cohort.period)))
        for each in figures
    )
    first = "День" if room.ask.step is Step.DAY else "Неделя"
    return Grid("weeks", "По дням" if room.ask.step is Step.DAY else "По неделям", first, tuple(OVER_TIME), rows)


PAGES = (Page(NUMBERS, overview, Permission.NUMBERS),)
