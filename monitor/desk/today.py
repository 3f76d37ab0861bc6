"""The view of the morning: what came since yesterday and what is late, grouped by what it asks of whoever answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from monitor import wording
from monitor.accounts import Permission
from monitor.actions import DISMISS_REASONS
from monitor.desk.along import Way
from monitor.desk.conditions import unread
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.queue import Empty, eyes, reading, seen, tagged
from monitor.desk.rows import Row, iso
from monitor.desk.views import DONE, PAGE, TODAY, Day
from monitor.desk.visit import Visit
from monitor.store.filters import Filters, Group

SHOWN = 8
"""Tickets of a group; a page of its own has them all."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a group is told; `folded`: there is no hurry."""

    title: str
    tone: str = ""
    folded: bool = False


KINDS: Mapping[Group, Kind] = {
    Group.DANGER: Kind("Опасные", "late"),
    Group.LATE: Kind("Просрочены", "late"),
    Group.NEGATIVE: Kind("Негативные и неясные"),
    Group.QUESTION: Kind("С вопросом"),
    Group.OTHER: Kind("Остальные"),
    Group.PRAISE: Kind("Благодарности", "good"),
    Group.WORDLESS: Kind("Оценки без текста"),
    Group.UNANSWERABLE: Kind("Площадка не даёт ответить", folded=True),
    Group.ANSWERED: Kind("Уже отвечены", "good", folded=True),
}
"""In the order of the page."""


@dataclass(frozen=True, slots=True)
class Part:
    """`all`: the page of all of it, "" where it is all here. `folded`: not to be seen at once."""

    name: str
    kind: Kind
    many: int
    rows: tuple[Row, ...]
    all: str
    folded: bool


@dataclass(frozen=True, slots=True)
class Morning:
    """What changes by itself. `whole`: the address of the whole day, "" on its page; `before` and `next`: of pages of
    one group, "" where none is."""

    etag: str
    now: str
    title: str
    trouble: str
    parts: tuple[Part, ...]
    empty: Empty | None
    whole: str = ""
    before: str = ""
    next: str = ""


def today(desk: Desk, visit: Visit) -> Response:
    day, told = Day.read(visit.request.url.query), DONE.get(visit.query("done"), "")
    wrong = unread(desk, visit)
    tag = _tag(desk, visit, day, wrong)
    if visit.wants_fragment and not told and tag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag})
    live = _morning(desk, visit, tag, wrong) if day.group is None else _alone(desk, visit, day.group, day.page, tag)
    if visit.wants_fragment:
        page = desk.pages.text("today_live", visit=visit, live=live, told=told)
    else:
        page = desk.pages.text(
            "today",
            visit=visit,
            live=live,
            told="",
            notice=told,
            back=day.address,
            reasons=[(reason, wording.DISMISSALS[reason]) for reason in DISMISS_REASONS],
        )
    return HTMLResponse(page, headers={"ETag": tag})


def _tag(desk: Desk, visit: Visit, day: Day, wrong: str) -> str:
    """As of the queue: the counts say when something has become late. What is neither late nor dangerous may be older
    than yesterday, and then nothing of it stands here."""
    counts = desk.counts(visit)
    return tagged(desk, visit, day.address, counts, wrong, nothing=counts.overdue == counts.dangers == 0)


def _morning(desk: Desk, visit: Visit, tag: str, wrong: str) -> Morning:
    found = {
        came.group: came for came in desk.reports.today(Filters(places=visit.account.places), None, visit.now, SHOWN)
    }
    by = eyes(desk, visit, Way(None))
    parts = tuple(
        Part(
            group.value,
            kind,
            found[group].many,
            seen(desk, found[group].tickets, by),
            all=Day(group).address if found[group].many > SHOWN else "",
            folded=kind.folded,
        )
        for group, kind in KINDS.items()
        if group in found
    )
    left = sum(part.many for part in parts if not part.kind.folded)
    answered = found.get(Group.ANSWERED)
    return Morning(
        etag=tag,
        now=iso(visit.now),
        title=f"Сегодня, осталось {left}" if left else "Сегодня",
        trouble=wrong,
        parts=parts,
        empty=None
        if left
        else Empty("Ничего не осталось", (*_thanks(answered.many if answered else 0), *reading(desk, visit))),
    )


def _alone(desk: Desk, visit: Visit, group: Group, page: int, tag: str) -> Morning:
    """All of one group, page by page."""
    kind, scope = KINDS[group], Filters(places=visit.account.places)
    since = desk.reports.yesterday(scope, visit.now)
    came = desk.store.tickets.morning(scope, since, visit.now, page * PAGE).get(group)
    tickets = came.tickets[(page - 1) * PAGE :] if came else []
    shown = seen(desk, desk.reports.tickets(tickets, visit.now), eyes(desk, visit, Way(None)))
    many = came.many if came else 0
    return Morning(
        etag=tag,
        now=iso(visit.now),
        title=f"Сегодня: {kind.title}",
        trouble="",
        parts=(Part(group.value, kind, many, shown, all="", folded=False),) if shown else (),
        empty=None if shown else Empty(f"{kind.title}: здесь ничего не осталось"),
        whole=TODAY,
        before=Day(group, page - 1).address if page > 1 else "",
        next=Day(group, page + 1).address if many > page * PAGE else "",
    )


def _thanks(answered: int) -> tuple[str, ...]:
    if not answered:
        return ()
    verb = wording.plural(answered, "Отвечен", "Отвечено", "Отвечено")
    return (f"{verb} {wording.counted(answered, 'отзыв', 'отзыва', 'отзывов')} со вчерашнего дня.",)


PAGES = (Page(TODAY, today, Permission.READ),)
