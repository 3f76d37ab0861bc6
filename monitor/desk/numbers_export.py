"""The numbers as files: the reviews behind one, and every table, as CSV and as XLSX."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from starlette.responses import Response

from monitor import wording
from monitor.accounts import Deed, Permission
from monitor.clock import optional_moment
from monitor.desk import numbers_places, numbers_staff, numbers_themes
from monitor.desk import numbers_selection as selections
from monitor.desk.context import Desk
from monitor.desk.download import CSV, XLSX, Download, Parts
from monitor.desk.numbers import weeks
from monitor.desk.numbers_ask import NUMBERS, Known, days, told, zone_of
from monitor.desk.numbers_cells import Grid
from monitor.desk.numbers_reviews import MOST_IN_XLSX, state
from monitor.desk.numbers_room import Room
from monitor.desk.numbers_selection import REVIEWS
from monitor.desk.page import Page
from monitor.desk.visit import Visit
from monitor.errors import NotFound, UsageError
from monitor.notify.views import link
from monitor.numbers import Period
from monitor.store.connection import Row as Stored
from monitor.tables.spreadsheet import Value

PART = 500
"""Reviews that are read at once."""

ALL = 10**9

TABLES: Mapping[str, Callable[[Room], Grid]] = {
    "weeks": lambda room: weeks(room, room.numbers.series(room.scope, room.visit.now, room.ask.step)[""]),
    **{
        name: lambda room, name=name: _compared(room, name)  # type: ignore[misc]  # each its own
        for name in numbers_places.KINDS
    },
    "themes": numbers_themes.grid,
    "theme": numbers_themes.of_theme,
    "staff": numbers_staff.grid,
}
"""Name of a table → what makes it."""

COLUMNS = (
    "№", "Точка", "Площадка", "Оценка", "Тон", "Темы", "Опасное", "Автор", "Текст", "Написан", "Замечен",
    "Состояние", "Кто занимается", "Срок ответа", "Ответили", "Ответ на площадке", "Удалён", "Адрес",
)  # fmt: skip


def _compared(room: Room, name: str) -> Grid:
    sort = room.sorted_by(numbers_places.NAMES)
    return numbers_places.grid(room, numbers_places.compare(room), name).sorted(sort)


# --- tables ---------------------------------------------------------------------------------------


def table(desk: Desk, visit: Visit) -> Response:
    """`/numbers/table/places.csv`"""
    name, _, kind = str(visit.request.path_params["name"]).rpartition(".")
    if name not in TABLES or kind not in (CSV, XLSX):
        raise NotFound("no such table")
    room = Room.of(desk, visit)
    made = TABLES[name](room)
    title = f"{made.title}, {told(room.ask.period, visit.now)}"
    parts = iter([made.values])
    return Download(
        _threads(visit),
        kind,
        name=title,
        plain=_plain(name, room.ask.period),
        title=made.title,
        heads=made.columns,
        parts=parts,
    )


def _threads(visit: Visit) -> Executor:
    threads: Executor = visit.request.app.state.exporters
    return threads


def _plain(name: str, period: Period) -> str:
    first, last = days(period)
    return f"{name}-{first.isoformat()}-{last.isoformat()}"


# --- reviews --------------------------------------------------------------------------------------


def reviews(desk: Desk, visit: Visit) -> Response:
    """All the reviews behind a number."""
    kind = visit.request.url.path.rpartition(".")[2]
    known = Known.to(desk, visit.account)
    selection = selections.read(visit.request.url.query, known, visit.account, zone_of(desk), visit.now)
    found = desk.store.numbers.reviews(selection, visit.now, limit=ALL).reviews
    if kind == XLSX and len(found) > MOST_IN_XLSX:
        most = wording.thousands(MOST_IN_XLSX)
        raise UsageError(f"для Excel отзывов слишком много, больше {most}: возьмите CSV или выберите период короче")
    period = selection.scope.period
    title = f"Отзывы, {told(period, visit.now)}"
    plain = _plain("reviews", period)
    _record(desk, visit, f"{plain}.{kind}, {wording.counted(len(found), 'отзыв', 'отзыва', 'отзывов')}")
    parts = _parts(desk, known, found, visit.now)
    return Download(_threads(visit), kind, name=title, plain=plain, title="Отзывы", heads=COLUMNS, parts=parts)


def _record(desk: Desk, visit: Visit, what: str) -> None:
    """Names and words of people leave the house: who took them is told in the audit log."""
    with desk.store.write():
        desk.store.accounts.record(
            Deed.REVIEWS_EXPORTED, actor=visit.account.login, what=what, now=visit.now, address=visit.address
        )


def _parts(desk: Desk, known: Known, found: Sequence[int], now: datetime) -> Parts:
    ids = iter(found)
    while part := list(islice(ids, PART)):
        rows = desk.store.excerpts.of(part)
        yield [tuple(_values(row, known, desk.application.zone(row["place"]), now)) for row in rows]


def _values(row: Stored, known: Known, zone: ZoneInfo, now: datetime) -> Iterator[Value]:
    """In the order of COLUMNS; moments as the clock at the place shows them."""
    yield row["ticket"]
    yield known.places.get(row["place"], row["place"])
    yield known.sources.get(row["source"], row["source"])
    yield row["stars"]
    yield wording.TONES.get(row["tone"] or "", "")
    yield ", ".join(_themes(row["themes"]))
    yield ", ".join(dict.fromkeys(wording.RISKS.get(risk, risk) for risk, *_ in json.loads(row["risks"] or "[]")))
    yield row["author"]
    yield row["text"]
    yield _local(row["posted_at"], zone)
    yield _local(row["first_seen_at"], zone)
    yield state(row, now)
    yield known.colleagues.get(row["assignee"] or "", row["assignee"] or "")
    yield _local(row["due_at"], zone)
    yield _local(row["answered_at"], zone)
    yield row["reply_text"] or ""
    yield _local(row["removed_at"], zone)
    yield link(row["url"])


def _themes(written: str | None) -> Iterable[str]:
    """`ожидание (−)`"""
    found = (
        f"{wording.THEMES.get(theme, theme)} ({wording.TONE_SIGNS.get(tone, tone)})"
        for theme, tone, *_ in json.loads(written or "[]")
    )
    return dict.fromkeys(found)


def _local(at: str | None, zone: ZoneInfo) -> Value:
    moment = optional_moment(at)
    return None if moment is None else moment.astimezone(zone).replace(tzinfo=None, microsecond=0)


PAGES = (
    Page(f"{REVIEWS}.csv", reviews, Permission.NUMBERS),
    Page(f"{REVIEWS}.xlsx", reviews, Permission.NUMBERS),
    Page(f"{NUMBERS}/table/{{name}}", table, Permission.NUMBERS),
)
