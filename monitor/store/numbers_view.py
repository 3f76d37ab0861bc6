"""The reviews of a scope as columns, and what they are broken down by."""

from collections.abc import Mapping

import numpy as np

from monitor.clock import to_iso
from monitor.numbers import BASELINE, Dimension, Period, Scope, Working
from monitor.store.connection import Row
from monitor.store.facts import Facts
from monitor.store.facts_rows import NONE, Column, Mask
from monitor.store.numbers_working import worked
from monitor.store.tally import BACKLOG, Groups

NOBODY = ""
"""Whose the reviews are that nobody took."""


def in_scope(card: Row, scope: Scope) -> bool:
    return (
        scope.place in (None, card["place"])
        and scope.source in (None, card["source"])
        and (scope.places is None or card["place"] in scope.places)
    )


class View:
    """`rows` have a moment in the period, or stand beside some that have. `cards`: those of the scope, by id."""

    def __init__(self, facts: Facts, cards: Mapping[int, Row], scope: Scope, period: Period) -> None:
        self.cards = cards
        self.scope = scope
        self.rows = facts.read(period)
        kept = self._of_cards(dict.fromkeys(self.cards, 1)) > 0
        if scope.assignee is not None:
            names = [NOBODY, *self.rows.assignees]
            kept &= self.rows["assignee"] == (names.index(scope.assignee) if scope.assignee in names else -1)
        self.rows.keep(kept)

    def groups(self, by: Dimension) -> tuple[list[str], Groups]:
        """Names in the order of the alphabet, and of each row the place of its name."""
        if by is Dimension.ASSIGNEE:
            names = [NOBODY, *self.rows.assignees]
            return names, Groups(self.rows["assignee"], len(names))
        names = sorted({card[by.value] for card in self.cards.values()})
        places = {name: place for place, name in enumerate(names)}
        of_cards = {number: places[card[by.value]] for number, card in self.cards.items()}
        return names, Groups(self._of_cards(of_cards), len(names))

    def compared(self, period: Period) -> Mask:
        """Which rows a trend of the period counts, and those of the periods before it. A card that we did not watch yet
        had no reviews, and everything would rise; one that left the config has none any more, and everything would
        fall."""
        watched = [number for number, card in self.cards.items() if is_comparable(card, period)]
        found: Mask = self._of_cards(dict.fromkeys(watched, 1)) > 0
        found &= (self.rows["initial"] == 0) & (self.rows["fate"] != BACKLOG)
        return found

    def worked(self, working: Working, at: Column) -> Column:
        """The milliseconds of working time that the team took, of these rows; NONE where nobody knows."""
        names, groups = self.groups(Dimension.PLACE)
        found = np.full(len(at), NONE)
        timed = self.rows["team"][at] != NONE
        at = at[timed]
        ends = self.rows["answered"][at]
        found[timed] = worked(working, names, groups.numbers[at], ends - 1000 * self.rows["team"][at], ends)
        return found

    def _of_cards(self, values: Mapping[int, int]) -> Column:
        """Of each row what its card has; 0 where the card has nothing."""
        listings = self.rows["listing"]
        table = np.zeros(max([int(listings.max(initial=0)), *values]) + 1, np.int64)
        table[list(values)] = list(values.values())
        return table[listings]


def is_comparable(card: Row, period: Period) -> bool:
    """Whether it is still watched, and its first import was over before the first of the periods compared."""
    base = to_iso(period.before(BASELINE).since)
    return bool(card["active"]) and card["imported_at"] is not None and card["imported_at"] <= base
