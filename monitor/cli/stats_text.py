"""The numbers about the work for people: aligned tables in Russian, at most 100 characters wide."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from monitor import wording
from monitor.notify.digest_tables import lasting
from monitor.notify.digest_view import standing
from monitor.numbers import Cohort, Figures, Period, Scope, Spread, Step, Summary, Trend, share
from monitor.wording import GLUE, between, date_told, decimal, percent

NAME_WIDTH = 30

TICKETS = 8
"""How many tickets a theme names."""

_Row = tuple[str, ...]
"""A name and what belongs to it."""


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called, for people."""

    places: Mapping[str, str]
    sources: Mapping[str, str]

    def of(self, scope: Scope) -> str:
        """What a scope is restricted to, or ""."""
        told = (
            scope.place and self.places.get(scope.place, scope.place),
            scope.source and self.sources.get(scope.source, scope.source),
            scope.assignee,
        )
        return ", ".join(wording.one_line(name, NAME_WIDTH) for name in told if name)


def report(summary: Summary, names: Names) -> Iterator[str]:
    """Lines. No review's words stand there and no author."""
    scope, total = summary.scope, summary.total
    only = names.of(scope)
    yield click.style(f"{days(scope.period, summary.at)}{f': {only}' if only else ''}", bold=True)
    yield f"Дни считаются по времени {scope.period.zone}."
    yield ""
    yield from table(*_whole(summary))
    if (by_day := total.answers.customer.by_day) > 0:
        count = wording.counted(by_day, "отзыва", "отзывов", "отзывов")
        yield f"У {count} сайт называет только день: ожидание клиента посчитано от его начала."
    yield ""
    yield standing(total, summary.at)
    yield from _aside(total)
    yield ""
    yield from _themes(summary.trends)
    yield ""
    yield from table(*_cohorts(summary))
    groups = (
        ("Точка", summary.places, names.places),
        ("Сайт", summary.sources, names.sources),
        ("За кем", summary.assignees, {"": "ни за кем"}),
    )
    for title, figures, called in groups:
        if len(figures) > 1:
            yield ""
            yield from table(*_groups(title, figures, called))


def days(period: Period, now: datetime) -> str:
    """`14–20 ноября`: the days that a period touches."""
    first, last = _days(period)
    return between(first, last, now.astimezone(ZoneInfo(period.zone)).date())


def _days(period: Period) -> tuple[date, date]:
    zone = ZoneInfo(period.zone)
    return period.since.astimezone(zone).date(), (period.until - timedelta(microseconds=1)).astimezone(zone).date()


def table(heads: _Row, rows: Iterable[_Row]) -> Iterator[str]:
    """Names to the left, the rest to the right; columns as wide as they must be."""
    lines = [heads, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for number, (name, *cells) in enumerate(lines):
        rest = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        line = "  ".join([name.ljust(widths[0]), *rest]).rstrip()
        yield line if number else click.style(line, bold=True)


# --- the whole ------------------------------------------------------------------------------------


def _whole(summary: Summary) -> tuple[_Row, list[_Row]]:
    """The numbers of the period, beside those of the period before."""
    told = [summary.total] if summary.previous is None else [summary.total, summary.previous]
    heads = ("", *(days(figures.cohort.period, summary.at) for figures in told))
    kinds: list[tuple[str, Callable[[Figures], str]]] = [
        ("Новых отзывов", lambda each: str(_new(each.cohort))),
        ("  можно ответить", lambda each: str(each.cohort.answerable)),
        ("  отвечено", lambda each: _part(each.cohort.answered, each.cohort.rate)),
        ("  негативных", lambda each: _part(each.cohort.negative, _negative(each.cohort))),
        ("Средняя оценка", lambda each: decimal(each.cohort.average)),
        ("Дано ответов", lambda each: str(each.answers.count)),
        ("  в срок", lambda each: str(each.answers.in_time)),
        ("  с опозданием", lambda each: str(each.answers.late)),
    ]
    if any(each.answers.beforehand for each in told):
        kinds.append(("  уже были, когда мы увидели отзыв", lambda each: str(each.answers.beforehand)))
    if any(each.answers.backlog for each in told):
        kinds.append(("  без срока, на старые отзывы", lambda each: str(each.answers.backlog)))
    kinds.append(("Сроков соблюдено", _kept))
    kinds += _lengths("Время до ответа, обычно", lambda each: each.answers.team)
    if summary.total.answers.working not in (None, summary.total.answers.team):
        kinds += _lengths("То же в рабочих часах, обычно", lambda each: each.answers.working or Spread())
    kinds += _lengths("Ожидание клиента, обычно", lambda each: each.answers.customer)
    kinds += _lengths("Отзыв замечен, обычно через", lambda each: each.lag)
    return heads, [(name, *(value(each) for each in told)) for name, value in kinds]


def _lengths(name: str, spread: Callable[[Figures], Spread]) -> list[tuple[str, Callable[[Figures], str]]]:
    return [
        (name, lambda each: lasting(spread(each).median)),
        ("  девять из десяти не дольше", lambda each: lasting(spread(each).p90)),
    ]


def _new(cohort: Cohort) -> int:
    return cohort.came - cohort.backlog


def _negative(cohort: Cohort) -> float | None:
    return share(cohort.negative, cohort.negative + cohort.neutral + cohort.positive)


def _part(count: int, rate: float | None) -> str:
    return str(count) if rate is None else f"{count} ({percent(rate)})"


def _kept(figures: Figures) -> str:
    kept = figures.compliance
    return f"{kept.met} из{GLUE}{kept.due} ({percent(kept.share)})" if kept.due else percent(None)


def _aside(total: Figures) -> Iterator[str]:
    if old := total.now.backlog:
        yield f"Без срока: {wording.counted(old, 'старый отзыв', 'старых отзыва', 'старых отзывов')}."
    if closed := total.now.unanswerable:
        yield f"Ответить сайт не даёт: {wording.counted(closed, 'отзыв', 'отзыва', 'отзывов')}."


def _themes(trends: Sequence[Trend] | None) -> Iterator[str]:
    if trends is None:
        yield "О темах судить рано: для сравнения нужны наблюдения за четыре таких же периода до этого."
        return
    rising = [trend for trend in trends if trend.rises]
    if not rising:
        yield "Ни на что не стали жаловаться чаще обычного."
        return
    yield "Жалуются чаще обычного:"
    for trend in rising:
        name = wording.one_line(wording.THEMES.get(trend.theme, trend.theme), NAME_WIDTH)
        usual = f"обычно {decimal(trend.before)}" if trend.before else "раньше ни одного"
        more = len(trend.tickets) - TICKETS
        numbers = ", ".join(map(str, trend.tickets[:TICKETS])) + (f" и ещё{GLUE}{more}" if more > 0 else "")
        count = wording.counted(trend.count, "отзыв", "отзыва", "отзывов")
        yield f"  {name}: {count}, {usual}{f'; №{GLUE}{numbers}' if numbers else ''}"


# --- broken down ----------------------------------------------------------------------------------


def _cohorts(summary: Summary) -> tuple[_Row, list[_Row]]:
    """What has become of the reviews of each day or week."""
    today = summary.at.astimezone(ZoneInfo(summary.scope.period.zone)).date()
    rows: list[_Row] = []
    for cohort in summary.cohorts:
        first, last = _days(cohort.period)
        rows.append((
            date_told(first, today) if summary.step is Step.DAY else between(first, last, today),
            str(_new(cohort)), str(cohort.answerable), str(cohort.answered), percent(cohort.rate),
            str(cohort.negative), decimal(cohort.average),
        ))  # fmt: skip
    name = "Пришли за день" if summary.step is Step.DAY else "Пришли за неделю"
    return (name, "новых", "можно ответить", "отвечено", "доля", "негатив", "оценка"), rows


def _groups(title: str, groups: Mapping[str, Figures], called: Mapping[str, str]) -> tuple[_Row, list[_Row]]:
    """The busiest first."""
    busiest = sorted(groups.items(), key=lambda item: (-item[1].cohort.came - item[1].answers.count, item[0]))
    rows: list[_Row] = [
        (
            wording.one_line(called.get(name, name), NAME_WIDTH),
            str(_new(figures.cohort)), percent(figures.cohort.rate), percent(figures.compliance.share),
            lasting(figures.answers.team.median), lasting(figures.answers.team.p90),
            str(figures.now.open), str(figures.now.overdue),
        )
        for name, figures in busiest
    ]  # fmt: skip
    return (title, "новых", "отвечено", "в срок", "ответ через", "9 из 10", "ждут", "просрочено"), rows
