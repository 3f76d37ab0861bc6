"""The picture of the morning mail on the overview: what became of each day's reviews, with the way to them.

As in the mail it ends with the last day that is over, and goes as far back whatever period is asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from monitor import charts
from monitor.charts import Picture
from monitor.charts.daily import alt
from monitor.desk.numbers_cells import Grid, Head, Row, Words
from monitor.desk.numbers_pictures import Figure, figure
from monitor.desk.numbers_room import Room
from monitor.jobs.digest import CHARTED, SHOWN, WEEK, bars
from monitor.numbers import Cohort, Period, Step, together

NAME = "daily"

HEADS = (
    Head("В срок", ("ответили вовремя или ответ уже был",)),
    Head("Поздно", ("ответили с опозданием",)),
    Head("Ждут", ("ждут ответа",)),
    Head("Отвечено за 7 дней", ("отвечено за 7 дней", "можно было ответить", "отвечено за 7 дней, %")),
)


def shown(room: Room) -> Figure | None:
    """None where there is nothing to draw: the mail has no picture then either."""
    found = cohorts(room)
    return figure(room, NAME, partial(drawn, found), grid(room, found)) if alt(bars(found)) else None


def cohorts(room: Room) -> tuple[Cohort, ...]:
    """Of the days that the picture tells of, and of those before that are in its shares alone."""
    period, day = room.ask.period, timedelta(days=1)
    last = min(period.until, room.visit.now).astimezone(ZoneInfo(period.zone)).date() - day
    days = Period.of_days(last - (CHARTED - 1) * day, CHARTED, period.zone)
    figures = room.numbers.series(replace(room.scope, period=days), room.visit.now, Step.DAY)[""]
    return tuple(each.cohort for each in figures)


def drawn(found: Sequence[Cohort], width: int) -> Picture:
    return charts.days(bars(found), width)


def grid(room: Room, found: Sequence[Cohort]) -> Grid:
    return Grid(NAME, "Две недели", "День", HEADS, tuple(_rows(room, found)))


def _rows(room: Room, found: Sequence[Cohort]) -> Iterator[Row]:
    for place in range(len(found) - SHOWN, len(found)):
        cohort, week = found[place], found[place - WEEK + 1 : place + 1]
        days = replace(cohort.period, since=week[0].period.since)
        of_day, of_week = room.linked.within(cohort.period), room.linked.within(days)
        counts = (
            of_day.came(cohort.in_time + cohort.beforehand, "in_time", "beforehand"),
            of_day.came(cohort.late, "late"),
            of_day.came(cohort.waiting, "waiting"),
        )
        yield Row(Words(room.told(cohort.period)), (*counts, of_week.answered(together(week, days))))
