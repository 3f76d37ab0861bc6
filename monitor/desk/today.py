"""The view of the morning: what came since yesterday and what is late, grouped by what it asks of whoever answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from monitor import wording
from monitor.accounts import Permission
from monitor.actions import DISMISS_REASONS
from monitor.desk.along import Way
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.queue import Empty, eyes, reading, seen, tagged, trouble
from monitor.desk.rows import Row, iso
from monitor.desk.views import DONE, TODAY, Ask
from monitor.desk.visit import Visit
from monitor.store.filters import Filters, Group

SHOWN = 8
"""Tickets of a group; the queue has them all."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a group is told. `all`: what to ask of the queue for all of it; `folded`: there is no hurry."""

    title: str
    all: Ask
    tone: str = ""
    folded: bool = False


KINDS: Mapping[Group, Kind] = {
    Group.DANGER: Kind("Опасные", Ask(danger=True), "late"),
    Group.LATE: Kind("Просрочены", Ask(overdue=True), "late"),
    Group.NEGATIVE: Kind("Негативные", Ask(tone="negative")),
    Group.QUESTION: Kind("С вопросом", Ask()),
    Group.OTHER: Kind("Остальные", Ask()),
    Group.PRAISE: Kind("Благодарности", Ask(tone="positive"), "good"),
    Group.WORDLESS: Kind("Оценки без текста", Ask()),
    Group.UNANSWERABLE: Kind("Площадка не даёт ответить", Ask(state="unanswerable"), folded=True),
    Group.ANSWERED: Kind("Уже отвечены", Ask(state="answered"), "good", folded=True),
}
"""In the order of the page."""


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    kind: Kind
    many: int
    rows: tuple[Row, ...]

    @property
    def more(self) -> int:
        return self.many - len(self.rows)


@dataclass(frozen=True, slots=True)
class Morning:
    """What changes by itself."""

    etag: str
    now: str
    title: str
    trouble: str
    parts: tuple[Part, ...]
    empty: Empty | None


def today(desk: Desk, visit: Visit) -> Response:
    told = DONE.get(visit.query("done"), "")
    tag = _tag(desk, visit)
    if visit.wants_fragment and not told and tag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag})
    live = _morning(desk, visit, tag)
    if visit.wants_fragment:
        page = desk.pages.text("today_live", visit=visit, live=live, told=told)
    else:
        reasons = [(reason, wording.DISMISSALS[reason]) for reason in DISMISS_REASONS]
        page = desk.pages.text("today", visit=visit, live=live, told="", notice=told, back=TODAY, reasons=reasons)
    return HTMLResponse(page, headers={"ETag": tag})


def _tag(desk: Desk, visit: Visit) -> str:
    """As of the queue: the counts say when something has become late."""
    scope = Filters(places=visit.account.places)
    counts = desk.store.tickets.counts(scope, visit.account.login, visit.now)
    return tagged(desk, visit, TODAY, counts)


def _morning(desk: Desk, visit: Visit, tag: str) -> Morning:
    found = {
        came.group: came for came in desk.reports.today(Filters(places=visit.account.places), None, visit.now, SHOWN)
    }
    groups = [(kind, found[group]) for group, kind in KINDS.items() if group in found]
    by = eyes(desk, visit, Way(None))
    parts = tuple(Part(came.group.value, kind, came.many, seen(desk, came.tickets, by)) for kind, came in groups)
    left = sum(part.many for part in parts if not part.kind.folded)
    answered = found.get(Group.ANSWERED)
    return Morning(
        etag=tag,
        now=iso(visit.now),
        title=f"Сегодня, осталось {left}" if left else "Сегодня",
        trouble=trouble(desk, visit.account),
        parts=parts,
        empty=None
        if left
        else Empty("Ничего не осталось", (*_thanks(answered.many if answered else 0), *reading(desk, visit))),
    )


def _thanks(answered: int) -> tuple[str, ...]:
    if not answered:
        return ()
    verb = wording.plural(answered, "Отвечен", "Отвечено", "Отвечено")
    return (f"{verb} {wording.counted(answered, 'отзыв', 'отзыва', 'отзывов')} со вчерашнего дня.",)


PAGES = (Page(TODAY, today, Permission.READ),)
