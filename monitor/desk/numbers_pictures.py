"""Pictures on the pages of numbers. A page knows size and words of one without drawing it; the browser asks for the
drawing by itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from monitor import charts
from monitor.charts import NARROW, WIDE, Lines, Picture, Series, Tones, Unit
from monitor.desk.numbers_ask import NUMBERS, days
from monitor.desk.numbers_cells import Grid
from monitor.desk.numbers_room import Room
from monitor.numbers import Figures, Step


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture on a page, with its width and height there; `grid`: the same as a table, None where the page has it."""

    alt: str
    wide: str
    size: tuple[int, int]
    narrow: str
    narrow_size: tuple[int, int]
    grid: Grid | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Figures of each day or week of a period."""

    step: Step
    figures: Sequence[Figures]

    @property
    def days(self) -> tuple[date, ...]:
        """The first of each."""
        return tuple(days(each.cohort.period)[0] for each in self.figures)

    @property
    def until(self) -> date:
        return days(self.figures[-1].cohort.period)[1]

    def line(self, name: str, value: Callable[[Figures], float | None]) -> Series:
        return Series(name, tuple(value(each) for each in self.figures))

    def lines(self, title: str, unit: Unit, lines: tuple[Series, ...], width: int) -> Picture:
        return charts.lines(Lines(title, self.days, self.step, unit, lines, until=self.until), width)

    def counts(self, tone: str) -> tuple[int, ...]:
        return tuple(getattr(each.cohort, tone) for each in self.figures)


def _stars(parts: Parts, width: int) -> Picture:
    line = parts.line("оценка", lambda each: each.cohort.average)
    return parts.lines("Средняя оценка", Unit.STARS, (line,), width)


def _tones(parts: Parts, width: int) -> Picture:
    counts = (parts.counts(tone) for tone in ("negative", "neutral", "positive"))
    return charts.tones(Tones("Настроение новых отзывов", parts.days, parts.step, *counts, until=parts.until), width)


def _answered(parts: Parts, width: int) -> Picture:
    lines = (
        parts.line("отвечено", lambda each: each.cohort.rate),
        parts.line("в срок", lambda each: each.compliance.share),
    )
    return parts.lines("Отвечено и в срок", Unit.SHARE, lines, width)


def _time(parts: Parts, width: int) -> Picture:
    lines = (
        parts.line("обычно", lambda each: _seconds(each.answers.team.median)),
        parts.line("9 из 10", lambda each: _seconds(each.answers.team.p90)),
    )
    return parts.lines("Время до ответа", Unit.TIME, lines, width)


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


@dataclass(frozen=True, slots=True)
class Kind:
    """A picture of the overview; `columns`: the heads of what says the same in its table."""

    draw: Callable[[Parts, int], Picture]
    columns: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "stars": Kind(_stars, ("Новых", "Оценка")),
    "tones": Kind(_tones, ("Негативных", "Нейтральных", "Позитивных")),
    "answered": Kind(_answered, ("Отвечено", "В срок")),
    "time": Kind(_time, ("Ответов", "Отвечают за", "9 из 10 за")),
}


# --- on a page ------------------------------------------------------------------------------------


def shown(room: Room, figures: Sequence[Figures], weeks: Grid) -> Iterator[Figure]:
    """Those of the overview. `weeks`: all of their numbers."""
    parts = Parts(room.ask.step, figures)
    for name, kind in KINDS.items():
        yield figure(room, name, partial(kind.draw, parts), _columns(weeks, kind.columns))


def _columns(grid: Grid, titles: Sequence[str]) -> Grid:
    places = [place for place, head in enumerate(grid.heads) if head.title in titles]
    rows = tuple(replace(row, cells=tuple(row.cells[place] for place in places)) for row in grid.rows)
    return replace(grid, heads=tuple(grid.heads[place] for place in places), rows=rows)


def figure(room: Room, name: str, draw: Callable[[int], Picture], grid: Grid | None, **more: str) -> Figure:
    wide, narrow = draw(WIDE), draw(NARROW)
    path = f"{NUMBERS}/chart/{name}.svg"
    return Figure(
        alt=wide.alt,
        wide=room.ask.address(path, **more),
        size=(wide.width, wide.height),
        narrow=room.ask.address(path, narrow="1", **more),
        narrow_size=(narrow.width, narrow.height),
        grid=grid,
    )
