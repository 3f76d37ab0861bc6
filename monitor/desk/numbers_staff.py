"""Who of the staff guests praise and blame, by name or by job, with the reviews behind each."""

from collections.abc import Sequence

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Permission
from monitor.desk.context import Desk
from monitor.desk.numbers_cells import Grid, Head, Row, Words
from monitor.desk.numbers_room import STAFF, Room
from monitor.desk.numbers_selection import called
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.numbers import Mentioned

HEADS = (
    Head("Хвалят", ("хвалят",), "praised"),
    Head("Ругают", ("ругают",), "blamed"),
    Head("Где", ("где",), words=True),
)
NAMES = tuple(head.name for head in HEADS if head.name)

MOST = 200
"""People on the page; a file has them all."""

MOST_PLACES = 3
"""Of somebody, on the page."""

EMPTY = "За эти дни гости никого не назвали ни по имени, ни по профессии."


def staff(desk: Desk, visit: Visit) -> Response:
    room = Room.of(desk, visit)
    sort = room.sorted_by(NAMES)
    found = grid(room)
    return room.show(
        "numbers_staff",
        grid=Grid(found.name, found.title, found.first, found.heads, found.rows[:MOST], found.empty),
        more=max(len(found.rows) - MOST, 0),
        sort=sort,
        ways=room.ways(NAMES, sort),
    )


def grid(room: Room) -> Grid:
    """The most mentioned first."""
    rows = tuple(_row(room, someone) for someone in room.numbers.people(room.scope))
    return Grid("staff", "Сотрудники", "Кто", HEADS, rows, EMPTY).sorted(room.sorted_by(NAMES))


def _row(room: Room, someone: Mentioned) -> Row:
    linked = room.linked
    return Row(
        Words(called(someone.name, someone.job)),
        (
            linked.of_person(someone.praised, someone.key, "positive"),
            linked.of_person(someone.blamed, someone.key, "negative"),
            _where(room, someone.places),
        ),
    )


def _where(room: Room, places: Sequence[str]) -> Words:
    named = [room.known.places.get(place, place) for place in places]
    shown = len(named) if len(named) <= MOST_PLACES + 1 else MOST_PLACES
    return Words(", ".join(named[:shown]) or wording.NOTHING, more=tuple(named[shown:]))


PAGES = (Page(STAFF, staff, Permission.NUMBERS),)
