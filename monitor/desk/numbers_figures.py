"""Figures as cells: what every page of numbers says of a scope, each number with the selection that counts it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.desk.numbers_cells import (
    Cell,
    Decimal,
    Head,
    Length,
    Number,
    Share,
    Timing,
    number,
    timing,
)
from monitor.desk.numbers_selection import ANSWERABLE, ANSWERED, FATES, NEW
from monitor.numbers import Cohort, Figures, Of, Period, Scope, Selection


@dataclass(frozen=True, slots=True)
class Linked:
    """Numbers of one scope."""

    scope: Scope

    def within(self, period: Period) -> "Linked":
        return Linked(replace(self.scope, period=period))

    def came(self, value: int, *fates: str) -> Number:
        return number(value, Selection(self.scope, Of.CAME, fates))

    def toned(self, value: int, tone: str) -> Number:
        return number(value, Selection(self.scope, tone=tone))

    def starred(self, value: int, stars: int) -> Number:
        return number(value, Selection(self.scope, stars=stars))

    def themed(self, value: int, theme: str, tone: str | None = None) -> Number:
        return number(value, Selection(self.scope, theme=theme, theme_tone=tone))

    def compared(self, value: int, theme: str) -> Number:
        """Complaints that a Trend counts."""
        return number(value, Selection(self.scope, theme=theme, theme_tone="negative", compared=True))

    def risky(self, value: int, risk: str) -> Number:
        return number(value, Selection(self.scope, risk=risk))

    def of_person(self, value: int, person: str, tone: str) -> Number:
        return number(value, Selection(self.scope, person=person, person_tone=tone))

    def given(self, value: int, outcome: str | None = None) -> Number:
        return number(value, Selection(self.scope, Of.ANSWERED, outcome=outcome))

    def due(self, value: int, outcome: str | None = None) -> Number:
        return number(value, Selection(self.scope, Of.SETTLED, outcome=outcome))

    # --- of a cohort ------------------------------------------------------------------------------

    def new(self, cohort: Cohort) -> Number:
        return self.came(new(cohort), *NEW)

    def answered(self, cohort: Cohort) -> Share:
        return Share(self.came(cohort.answered, *ANSWERED), self.came(cohort.answerable, *ANSWERABLE))

    def negative(self, cohort: Cohort) -> Share:
        return Share(self.toned(cohort.negative, "negative"), self.new(cohort))

    def kept(self, figures: Figures) -> Share:
        return Share(self.due(figures.compliance.met, "met"), self.due(figures.compliance.due))

    def timings(self, figures: Figures, before: Figures | None) -> tuple[Timing, Timing]:
        """By the team's clock and by the customer's."""
        team, customer = (Selection(self.scope, Of.ANSWERED, timed=clock) for clock in ("team", "customer"))
        earlier = before.answers if before is not None else None
        return (
            timing(figures.answers.team, earlier.team if earlier else None, team),
            timing(figures.answers.customer, earlier.customer if earlier else None, customer),
        )


def new(cohort: Cohort) -> int:
    """Without what was old already when we first saw it."""
    return cohort.came - cohort.backlog


# --- side by side -----------------------------------------------------------------------------

COMPARED: Sequence[Head] = (
    Head("Новых", ("новых отзывов",), "new"),
    Head("Оценка", ("средняя оценка",), "stars"),
    Head("Отвечено", ("отвечено", "можно было ответить", "отвечено, %"), "answered"),
    Head("В срок", ("уложились в срок", "срок решился", "в срок, %"), "kept"),
    Head("Отвечают за", ("обычное время ответа, мин",), "median", "половина ответов быстрее"),
    Head("9 из 10 за", ("девять из десяти не дольше, мин",), "p90", "девять ответов из десяти не дольше"),
    Head("Негатив", ("негативных", "из новых", "негативных, %"), "negative"),
)
"""What places, sites and colleagues are compared by."""


def compared(figures: Figures, linked: Linked) -> tuple[Cell, ...]:
    cohort, team = figures.cohort, figures.answers.team
    return (
        linked.new(cohort),
        Decimal(cohort.average),
        linked.answered(cohort),
        linked.kept(figures),
        Length(team.median),
        Length(team.p90),
        linked.negative(cohort),
    )


OVER_TIME: Sequence[Head] = (
    Head("Новых", ("новых отзывов",)),
    Head("Оценка", ("средняя оценка",)),
    Head("Негативных", ("негативных",)),
    Head("Нейтральных", ("нейтральных",)),
    Head("Позитивных", ("позитивных",)),
    Head("Отвечено", ("отвечено", "можно было ответить", "отвечено, %")),
    Head("В срок", ("уложились в срок", "срок решился", "в срок, %")),
    Head("Ответов", ("дано ответов",)),
    Head("Отвечают за", ("обычное время ответа, мин",)),
    Head("9 из 10 за", ("девять из десяти не дольше, мин",)),
)
"""What is told of each day or week."""


def over_time(figures: Figures, linked: Linked) -> tuple[Cell, ...]:
    cohort, answers = figures.cohort, figures.answers
    tones = (linked.toned(getattr(cohort, tone), tone) for tone in ("negative", "neutral", "positive"))
    return (
        linked.new(cohort),
        Decimal(cohort.average),
        *tones,
        linked.answered(cohort),
        linked.kept(figures),
        linked.given(answers.count),
        Length(answers.team.median),
        Length(answers.team.p90),
    )


FATE_ORDER = tuple(fate for fate in FATES if fate != "backlog")
