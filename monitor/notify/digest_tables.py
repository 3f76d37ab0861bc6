"""The numbers of a digest as strings: tiles and tables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.alerts import DigestView
from monitor.notify.views import NAME_LIMIT
from monitor.numbers import Cohort, Figures, Period, together
from monitor.wording import NOTHING, date_told, decimal, percent

NONE = Figures(Cohort(Period(datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 2, tzinfo=UTC), "UTC")))
"""Of a place that nothing is known of."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that is seen first; a `bad` one in red. `label` follows the number, `name` goes before it. `was`: the
    same of the week before, or ""."""

    value: str
    label: str
    name: str
    was: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`was` and `bad` as in `Tile`."""

    value: str
    was: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`heads`: of the cells. `more` rows are not in `rows`. `short`: names fit beside the cells. `note`: about all."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    more: int = 0
    short: bool = False
    note: str = ""


# --- numbers ------------------------------------------------------------------------------------


def lasting(length: timedelta | None) -> str:
    return NOTHING if length is None else wording.duration(length)


def daily_tiles(view: DigestView) -> tuple[Tile, ...]:
    total = view.span.total
    came, answered = new(total.cohort), total.answers
    return (
        _count(came, "новый отзыв", "новых отзыва", "новых отзывов"),
        _count(answered.count, "наш ответ", "наших ответа", "наших ответов"),
        _tile(str(answered.late), "из них с опозданием", bad=answered.late > 0),
        _tile(lasting(answered.team.median), "обычное время ответа"),
        _tile(lasting(answered.team.p90), "девять из десяти не дольше"),
        _tile(str(total.now.overdue), "просрочено сейчас", bad=total.now.overdue > 0),
    )


def weekly_tiles(view: DigestView) -> tuple[Tile, ...]:
    """Against the week before."""
    total, earlier = view.span.total, view.before.total if view.before else None

    def was(value: Callable[[Figures], str]) -> str:
        return "" if earlier is None else value(earlier)

    kinds: tuple[tuple[str, Callable[[Figures], str]], ...] = (
        ("отвечено, где можно ответить", lambda figures: percent(figures.cohort.rate)),
        ("сроков соблюдено", lambda figures: percent(figures.compliance.share)),
        ("обычное время ответа", lambda figures: lasting(figures.answers.team.median)),
        ("девять из десяти не дольше", lambda figures: lasting(figures.answers.team.p90)),
        ("средняя оценка", lambda figures: decimal(figures.cohort.average)),
    )
    came = new(total.cohort)
    return (
        _count(came, "новый отзыв", "новых отзыва", "новых отзывов", was(lambda figures: str(new(figures.cohort)))),
        *(_tile(value(total), label, was(value)) for label, value in kinds),
    )


def _tile(value: str, label: str, was: str = "", *, bad: bool = False) -> Tile:
    return Tile(value, label, label, was, bad)


def _count(number: int, one: str, few: str, many: str, was: str = "") -> Tile:
    return Tile(str(number), wording.plural(number, one, few, many), many, was)


def new(cohort: Cohort) -> int:
    """Without what was old already when we first saw it."""
    return cohort.came - cohort.backlog


def judged(cohort: Cohort) -> int:
    """Reviews with a tone; what was old already has none here."""
    return cohort.negative + cohort.neutral + cohort.positive


# --- tables -------------------------------------------------------------------------------------


def daily_tables(view: DigestView, limit: int) -> tuple[Table, ...]:
    """Each place, and what became of the reviews of each of the last seven days."""
    heads = ("новых", "ответов", "поздно", "ждут", "вышел срок")
    places, more = _chosen(view.span.places, view.places, limit)
    rows = tuple(Row(_name(view.places, id_), _day_cells(figures)) for id_, figures in places.items())
    made = (
        Table("Точки", heads, rows, more),
        Table("Отзывы, на которые можно ответить", ("пришло", "отвечено", "доля"), tuple(_cohorts(view)), short=True),
    )
    return tuple(table for table in made if table.rows)


def _cohorts(view: DigestView) -> Iterable[Row]:
    """Of the reviews of a day, those that may be answered: the days with any, and all together."""
    days = [cohort for cohort in view.recent if cohort.answerable]
    whole = together(days, view.span.scope.period)
    named = [(date_told(_first_day(cohort.period), view.last), cohort) for cohort in days]
    for name, cohort in [*named, ("все 7 дней", whole)] if len(days) > 1 else named:
        yield Row(name, (Cell(str(cohort.answerable)), Cell(str(cohort.answered)), Cell(percent(cohort.rate))))


def _first_day(period: Period) -> date:
    return period.since.astimezone(ZoneInfo(period.zone)).date()


def weekly_tables(view: DigestView, limit: int) -> tuple[Table, ...]:
    """Each place and each site, against the week before."""
    earlier = view.before
    made = (
        _week("Точки", view.span.places, None if earlier is None else earlier.places, view.places, limit),
        _week("Сайты", view.span.sources, None if earlier is None else earlier.sources, view.sites, limit),
    )
    return tuple(table for table in made if table.rows)


def _week(
    title: str,
    found: Mapping[str, Figures],
    earlier: Mapping[str, Figures] | None,
    names: Mapping[str, str],
    limit: int,
) -> Table:
    chosen, more = _chosen(found, names, limit)
    rows = tuple(
        Row(_name(names, id_), _week_cells(figures, None if earlier is None else earlier.get(id_, NONE)))
        for id_, figures in chosen.items()
    )
    heads = ("новых", "отвечено", "в срок", "оценка", "негатив")
    return Table(title, heads, rows, more, note="" if earlier is None else "Мелким шрифтом — неделей раньше.")


def _chosen(found: Mapping[str, Figures], names: Mapping[str, str], limit: int) -> tuple[Mapping[str, Figures], int]:
    """At most `limit` of those that config.yaml names, in its order, and how many are left out, the quietest first.
    What left the config is told only in the sums."""
    there = {id_: found.get(id_, NONE) for id_ in names}
    loudest = set(sorted(there, key=lambda id_: -_loudness(there[id_]))[:limit])
    return {id_: figures for id_, figures in there.items() if id_ in loudest}, len(there) - len(loudest)


def _loudness(figures: Figures) -> int:
    return figures.cohort.came + figures.answers.count + figures.now.open + figures.now.overdue


def _name(names: Mapping[str, str], id_: str) -> str:
    return wording.one_line(names[id_] or id_, NAME_LIMIT)


def _day_cells(figures: Figures) -> tuple[Cell, ...]:
    given, now = figures.answers, figures.now
    return (
        Cell(str(new(figures.cohort))),
        Cell(str(given.count)),
        Cell(str(given.late), bad=given.late > 0),
        Cell(str(now.open)),
        Cell(str(now.overdue), bad=now.overdue > 0),
    )


def _week_cells(figures: Figures, earlier: Figures | None) -> tuple[Cell, ...]:
    values = _week_values(figures)
    pairs = zip(values, _week_values(earlier) if earlier else [""] * len(values), strict=True)
    return tuple(Cell(value, "" if value == was == NOTHING else was) for value, was in pairs)


def _week_values(figures: Figures) -> tuple[str, ...]:
    cohort = figures.cohort
    shares = percent(cohort.rate), percent(figures.compliance.share)
    return (str(new(cohort)), *shares, decimal(cohort.average), str(cohort.negative) if judged(cohort) else NOTHING)
