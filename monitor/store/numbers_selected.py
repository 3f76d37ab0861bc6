"""The reviews behind a number: which they are, page by page."""

import re
from collections.abc import Iterator
from datetime import datetime

import numpy as np

from monitor.numbers import Behind, Of, Selection
from monitor.store.facts_rows import ANSWERS, FATES, NONE, OUTCOMES, TONES, Column, Mask, number_of, risk_bit, theme_bit
from monitor.store.numbers_people import speaking_of
from monitor.store.numbers_view import View
from monitor.store.tally import BACKLOG, NO_DEADLINE, find

_MOMENT = {Of.CAME: "seen", Of.ANSWERED: "answered", Of.SETTLED: "settled"}
_OUTCOMES = {Of.CAME: ("", ()), Of.ANSWERED: ("answer", ANSWERS), Of.SETTLED: ("outcome", OUTCOMES)}
_TIMED = {Of.CAME: ("lag",), Of.ANSWERED: ("team", "customer"), Of.SETTLED: ()}

_CURSOR = re.compile(r"(-?\d{1,18})\.(\d{1,18})", re.ASCII)


def selected(view: View, selection: Selection, now: datetime) -> Column:
    """The rows."""
    moments = view.rows[_MOMENT[selection.of]]
    at = find(moments, [selection.scope.period]).at
    if selection.of is Of.SETTLED:
        at = at[moments[at] <= number_of(now)]
    for mask in _masks(view, selection):
        at = at[mask[at]]
    return at


def _masks(view: View, asked: Selection) -> Iterator[Mask]:
    """What each word of the selection lets through, of all rows."""
    rows, nothing = view.rows, np.zeros(len(view.rows), bool)
    if asked.fates:
        yield np.isin(rows["fate"], [FATES.index(fate) for fate in asked.fates if fate in FATES])
    if asked.outcome is not None:
        column, words = _OUTCOMES[asked.of]
        yield rows[column] == words.index(asked.outcome) if asked.outcome in words else nothing
    if asked.timed is not None:
        yield rows[asked.timed] != NONE if asked.timed in _TIMED[asked.of] else nothing
        if asked.of is Of.ANSWERED:
            yield rows["answer"] != NO_DEADLINE
    if asked.stars is not None:
        yield (rows["stars"] == asked.stars) & (rows["stars"] > 0)
    if asked.tone is not None:
        yield rows["tone"] == TONES.index(asked.tone) + 1 if asked.tone in TONES else nothing
    if asked.theme is not None:
        tones = TONES if asked.theme_tone is None else (asked.theme_tone,)
        yield rows["themes"] & sum(theme_bit(asked.theme, tone) for tone in tones) > 0
    if asked.risk is not None:
        yield rows["risks"] & risk_bit(asked.risk) > 0
    if asked.person is not None:
        yield speaking_of(view, asked.person, asked.person_tone)
    if asked.compared:
        yield view.compared(asked.scope.period)
    if (asked.stars, asked.tone, asked.theme, asked.risk, asked.person) != (None,) * 5:
        yield rows["fate"] != BACKLOG


def page(view: View, at: Column, selection: Selection, after: str, limit: int) -> Behind:
    """Of these rows; `after` "" or what is no cursor: the first."""
    moments, reviews = view.rows[_MOMENT[selection.of]][at], view.rows["review"][at]
    total = len(at)
    if found := _CURSOR.fullmatch(after):
        moment, review = map(int, found.groups())
        rest = (moments < moment) | (moments == moment) & (reviews < review)
        moments, reviews = moments[rest], reviews[rest]
    follows = len(moments) > limit
    if follows:  # sorted are those alone that can be on the page
        least = np.partition(moments, -limit)[-limit]
        moments, reviews = moments[moments >= least], reviews[moments >= least]
    order = np.lexsort((-reviews, -moments))[:limit]
    told = tuple(reviews[order].tolist())
    last = f"{moments[order[-1]]}.{told[-1]}" if follows else None
    return Behind(total, told, last)
