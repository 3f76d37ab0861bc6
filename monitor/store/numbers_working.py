"""How much working time lies between moments, for many of them at once. No SQL, no time of its own."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from monitor.calendar import AtPlaces, Calendar
from monitor.numbers import Working
from monitor.store.facts_rows import Column, moment_of, number_of

_MILLISECOND = timedelta(milliseconds=1)


def worked(working: Working, names: Sequence[str], places: Column, starts: Column, ends: Column) -> Column:
    """Milliseconds from each start to its end. `places`: of each the place of its own in `names`."""
    found = np.zeros(len(starts), np.int64)
    if not isinstance(working, AtPlaces):  # it tells of one at a time
        each = zip(places.tolist(), starts.tolist(), ends.tolist(), strict=True)
        lengths = [working(names[place], moment_of(start), moment_of(end)) for place, start, end in each]
        found[:] = [round(length / _MILLISECOND) for length in lengths]
        return found
    calendars = [working.of(name) for name in names]
    alike = np.array([calendars.index(calendar) for calendar in calendars], np.int64)[places]
    for number in np.unique(alike).tolist():
        mine = alike == number
        found[mine] = _between(calendars[number], starts[mine], ends[mine])
    return found


def _between(calendar: Calendar, starts: Column, ends: Column) -> Column:
    """As `calendar.between`, of all of them."""
    shifts = list(calendar.shifts(moment_of(int(starts.min())), moment_of(int(ends.max()))))
    if not shifts:
        return np.zeros(len(starts), np.int64)
    begins = np.array([number_of(begin) for begin, _ in shifts])
    over = np.array([number_of(end) for _, end in shifts])
    before = np.concatenate([[0], np.cumsum(over - begins)])

    def until(moments: Column) -> Column:
        """Working time from the first shift on."""
        last = np.maximum(np.searchsorted(begins, moments, side="right") - 1, 0)
        found: Column = before[last] + np.clip(moments, begins[last], over[last]) - begins[last]
        return found

    return np.rint((until(ends) - until(starts)) / 1000).astype(np.int64)
