"""Places, sites and colleagues side by side."""

from collections.abc import Mapping

from starlette.responses import Response

from monitor.accounts import Permission
from monitor.desk.context import Desk
from monitor.desk.numbers_cells import Grid, Row, Words
from monitor.desk.numbers_figures import COMPARED, Linked, compared
from monitor.desk.numbers_room import PLACES, Room
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.numbers import Dimension, Figures, Summary

NOBODY = "никем не взяты"

KINDS: Mapping[str, tuple[Dimension, str, str]] = {
    "places": (Dimension.PLACE, "Точки", "Точка"),
    "sites": (Dimension.SOURCE, "Площадки", "Площадка"),
    "colleagues": (Dimension.ASSIGNEE, "Коллеги", "Кто занимается"),
}
"""Name of a table → by what, its title, what its rows are."""

NAMES = tuple(head.name for head in COMPARED)

EMPTY = "За эти дни сравнивать нечего: отзывов не приходило, и никто не отвечал."


def places(desk: Desk, visit: Visit) -> Response:
    room = Room.of(desk, visit)
    sort = room.sorted_by(NAMES)
    summary = compare(room)
    return room.show(
        "numbers_places",
        grids=[grid(room, summary, name).sorted(sort) for name in KINDS],
        sort=sort,
        ways=room.ways(NAMES, sort),
    )


def compare(room: Room) -> Summary:
    return room.numbers.over(room.scope, room.visit.now, step=room.ask.step, working=None, compare=False, trends=False)


def grid(room: Room, summary: Summary, name: str) -> Grid:
    """The busiest first."""
    dimension, title, first = KINDS[name]
    found, called = _of(room, summary, dimension)
    ordered = sorted(found, key=lambda key: (key == "", -_busy(found[key]), called.get(key, key)))
    rows = tuple(_row(room, dimension, key, found[key], called) for key in ordered if _busy(found[key]))
    return Grid(name, title, first, tuple(COMPARED), rows, EMPTY)


def _of(room: Room, summary: Summary, dimension: Dimension) -> tuple[Mapping[str, Figures], Mapping[str, str]]:
    """Figures by id, and what the ids are called."""
    if dimension is Dimension.PLACE:
        return summary.places, room.known.places
    if dimension is Dimension.SOURCE:
        return summary.sources, room.known.sources
    return summary.assignees, {**room.known.colleagues, "": NOBODY}


def _busy(figures: Figures) -> int:
    return figures.cohort.came + figures.answers.count + figures.compliance.due


def _row(room: Room, dimension: Dimension, key: str, figures: Figures, called: Mapping[str, str]) -> Row:
    linked = Linked(room.narrowed(dimension, key))
    return Row(Words(called.get(key) or key, room.focus(dimension, key)), compared(figures, linked))


PAGES = (Page(PLACES, places, Permission.NUMBERS),)
