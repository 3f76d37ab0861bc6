"""The queue: what waits for an answer, most urgent first, and what can be done about it without leaving the list.

address → Ask → Filters → Reports → rows → sections → the page, or its live part alone
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import groupby
from operator import itemgetter
from zlib import crc32

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from monitor import wording
from monitor.accounts import Account, Permission
from monitor.actions import DISMISS_REASONS, Actions, Held
from monitor.alerts import TicketView
from monitor.clock import from_iso
from monitor.desk import answer
from monitor.desk.along import Way
from monitor.desk.conditions import may_configure, unread
from monitor.desk.conditions import told as told_for
from monitor.desk.context import Desk
from monitor.desk.page import Page
from monitor.desk.rows import Eyes, Row, iso, rows
from monitor.desk.told import why
from monitor.desk.views import CHIP, DONE, PAGE, Ask, Day, asked, done, kept, selections
from monitor.desk.visit import Visit
from monitor.errors import Conflict, UsageError
from monitor.log import Event
from monitor.model import WAITING_STATES, TicketState
from monitor.notify.views import dangers, link
from monitor.search import NOT_SOUGHT, NOTHING_ASKED
from monitor.store.filters import Counts, Filters
from responders.types import Draft

STALE = timedelta(hours=1)
"""Sites are read more often than that; silence for longer is no good news."""


@dataclass(frozen=True, slots=True)
class Count:
    """A part of the queue: how many, and its address; `here`: it is what is looked at."""

    name: str
    title: str
    number: int
    tone: str
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the list; `kind` is a key of SECTIONS, `name` tells it from others of its kind. `untitled`: its heading
    is for those who hear the page."""

    name: str
    kind: str
    title: str
    untitled: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """What stands where no ticket does. `link` "" where there is nowhere to go."""

    title: str
    lines: tuple[str, ...] = ()
    link: str = ""
    link_title: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """What changes by itself. `before`: the address of the first page, "" on it; `next`: of the next, "" where none
    is; `trouble`: what is not read now, "" while all is; `old_dangers`: how many there are in the backlog besides, ""
    for none."""

    etag: str
    now: str
    title: str
    counts: tuple[Count, ...]
    trouble: str
    sections: tuple[Section, ...]
    empty: Empty | None
    backlog: int
    old_dangers: str
    before: str
    next: str


def queue(desk: Desk, visit: Visit) -> Response:
    ask = Ask.read(visit.request.url.query)
    told = DONE.get(visit.query("done"), "")
    counts = desk.counts(visit)
    wrong = unread(desk, visit)
    tag = tagged(desk, visit, ask.query(), counts, wrong, nothing=counts.open == 0)
    if visit.wants_fragment and not told and tag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag})
    live = _live(desk, visit, ask, counts, tag=tag, wrong=wrong)
    if visit.wants_fragment:
        page = desk.pages.text("queue_live", visit=visit, live=live, told=told)
    else:
        page = desk.pages.text(
            "queue",
            visit=visit,
            live=live,
            told="",
            notice=told,
            asked=asked(ask, desk, visit.account),
            back=ask.query(),
            saved=kept(desk, visit.account, ask),
            reasons=[(reason, wording.DISMISSALS[reason]) for reason in DISMISS_REASONS],
        )
    return HTMLResponse(page, headers={"ETag": tag})


def tagged(desk: Desk, visit: Visit, about: str, counts: Counts, wrong: str, *, nothing: bool) -> str:
    """The ETag of a list. It stays the same while only minutes pass: the script counts those down. Days are told by
    name («вчера»), and where a day ends an hour does. `nothing`: there may be no ticket in it, and then it says when
    sites were read and will be, to the minute."""
    parts = (
        desk.store.tickets.version(),
        about,
        visit.account.id,
        sorted(visit.account.places or ()),
        counts,
        visit.now.astimezone(UTC).strftime("%Y-%m-%d %H:%M" if nothing else "%Y-%m-%d %H"),
        wrong,
        nothing and desk.store.passes.last_finished(),
        sorted(desk.application.titles.items()),
    )
    return f'W/"{crc32(repr(parts).encode()):08x}"'


def _live(desk: Desk, visit: Visit, ask: Ask, counts: Counts, *, tag: str, wrong: str) -> Live:
    filters = ask.filters(desk, visit.account, visit.now)
    found = desk.store.tickets.page(filters)
    views = desk.reports.tickets(found.tickets, visit.now)
    return Live(
        etag=tag,
        now=iso(visit.now),
        title=f"Очередь, просрочено {counts.overdue}" if counts.overdue else "Очередь",
        counts=tuple(counted(ask, counts)),
        trouble=wrong,
        sections=tuple(_sections(views, as_rows(desk, visit, views, Way(ask)))),
        empty=None if views else _empty(desk, visit, ask, filters),
        backlog=counts.backlog if ask.is_plain else 0,
        old_dangers=_old_dangers(desk, filters) if ask.is_plain and counts.dangers else "",
        before=ask.address() if filters.after else "",
        next="" if found.after is None else ask.address(after=str(found.after)),
    )


def _old_dangers(desk: Desk, filters: Filters) -> str:
    """They are counted among the dangers, and the queue itself shows nothing of the backlog."""
    found = desk.store.tickets.page(filters._replace(dangerous=True, backlog=True, after=None))
    if found.after is not None:
        return f"больше {PAGE}"
    return wording.counted(len(found.tickets), "отзыв", "отзыва", "отзывов") if found.tickets else ""


def counted(ask: Ask, counts: Counts) -> Iterator[Count]:
    """What stands above the list, each with the list of as many."""
    for name, title, number, tone, of in (
        ("open", "Ждут ответа", counts.open, "", Ask()),
        ("overdue", "Просрочены", counts.overdue, "late", Ask(overdue=True)),
        ("danger", "Опасные", counts.dangers, "late", Ask(danger=True)),
        ("soon", "Срок близко", counts.soon, "soon", Ask(soon=True)),
        ("mine", "Мои", counts.mine, "", Ask(mine=True)),
        ("free", "Никем не взяты", counts.unassigned, "", Ask(free=True)),
    ):
        yield Count(name, title, number, tone, of.address(), here=ask.begun == of)


def as_rows(desk: Desk, visit: Visit, views: Sequence[TicketView], way: Way) -> tuple[Row, ...]:
    """As the visitor sees them on their way through the queue."""
    return seen(desk, views, eyes(desk, visit, way))


def eyes(desk: Desk, visit: Visit, way: Way) -> Eyes:
    names = {account.login: account.name for account in desk.store.accounts.all()}
    return Eyes(visit.account.login, visit.account.places, names, visit.now, way.to)


def seen(desk: Desk, views: Sequence[TicketView], by: Eyes) -> tuple[Row, ...]:
    return rows(views, by, {view.ticket: desk.application.editing.key_sentence(view) for view in views})


SECTIONS: Mapping[str, str] = {
    "danger": "Опасные",
    "due": "По сроку ответа",
    "backlog": "Накопились до подключения, без срока",
    "unanswerable": "Площадка не даёт ответить",
    "closed": "Закрыты",
}


def _section(view: TicketView) -> str:
    """Where on a page it stands: a key of SECTIONS."""
    if view.state is TicketState.UNANSWERABLE:
        return "unanswerable"
    if view.state not in WAITING_STATES:
        return "closed"
    if view.verdict is not None and view.verdict.risks:
        return "danger"
    return "due" if view.due_at is not None else "backlog"


def _sections(views: Sequence[TicketView], shown: Sequence[Row]) -> Iterator[Section]:
    """The page in parts, as the queue brings them."""
    so_far: Counter[str] = Counter()
    for kind, of_part in _parted(views, shown):
        untitled = kind == "due" and not so_far
        so_far[kind] += 1
        yield Section(f"{kind}{so_far[kind]}", kind, SECTIONS[kind], untitled, tuple(of_part))


def _parted(views: Sequence[TicketView], shown: Sequence[Row]) -> Iterator[tuple[str, Iterator[Row]]]:
    """Reviews of the same words stay in the part of the first of them."""
    name = ""
    names = []
    for view, row in zip(views, shown, strict=True):
        name = name if row.same else _section(view)
        names.append(name)
    for part, found in groupby(zip(names, shown, strict=True), key=itemgetter(0)):
        yield part, (row for _, row in found)


# --- nothing to do, or something in the way ---------------------------------------------------------------


def _empty(desk: Desk, visit: Visit, ask: Ask, filters: Filters) -> Empty:
    if filters.lemmas == ():
        return Empty(NOTHING_ASKED.rstrip("."), (NOT_SOUGHT,), ask.address(words=""), "Убрать поиск")
    if filters.after is not None:
        return Empty("Дальше ничего нет", link=ask.address(), link_title="В начало")
    if not ask.is_plain:
        return Empty("По этим условиям ничего нет", tuple(_gone(desk, visit, ask)), Ask().address(), "Сбросить условия")
    return Empty("Всё отвечено", reading(desk, visit))


def _gone(desk: Desk, visit: Visit, ask: Ask) -> Iterator[str]:
    """Conditions that nothing can meet: a view that was kept may name a place that has left the config."""
    for select in selections(ask, desk, visit.account):
        if select.gone:
            chosen = wording.one_line(select.chosen, CHIP)
            yield f"{select.title} «{chosen}»: такой среди Ваших нет. Если это сохранённый вид, удалите его."


def reading(desk: Desk, visit: Visit) -> tuple[str, ...]:
    """When sites were read, and when they will be."""
    last = desk.store.passes.last_finished()
    if last is None:
        return ("Отзывы ещё не читали: их приносит otklik run или otklik worker.",)
    at = from_iso(last["finished_at"])
    zone = desk.application.config.places[0].timezone
    read = f"Площадки проверили {wording.moment(at, zone, visit.now)}"
    if visit.now - at > STALE:
        return (f"{read}, это {wording.ago(visit.now - at)}. Узнайте, работает ли otklik worker или cron.",)
    planned = min((listing.next_check_at for listing in desk.store.listings.all()), default=None)
    soon = "" if planned is None else f", следующая проверка {_when(planned - visit.now)}"
    return (f"{read}{soon}.", "Новые отзывы появятся здесь сами.")


def _when(left: timedelta) -> str:
    return wording.from_now(left) if left > timedelta() else "вот-вот"


# --- what can be done from the list --------------------------------------------------------------------------


def draft(desk: Desk, visit: Visit) -> Response:
    """The whole review and its draft: inside the list for the script, a page of its own without."""
    view = desk.reports.ticket(visit.number("ticket"), visit.now)
    day, ask = Day.back(visit.query("back")), Ask.read(visit.query("back"))
    way = Way(ask if day is None else None)
    row = as_rows(desk, visit, [view], way)[0]
    held = view.state in WAITING_STATES and bool(row.assignee) and not row.mine
    return desk.pages.show(
        "queue_draft" if visit.wants_fragment else "queue_draft_page",
        visit=visit,
        inside=visit.wants_fragment,
        row=row,
        text=wording.visible(view.text).strip(),
        draft=None if view.draft is None else wording.visible(view.draft.text).strip(),
        base=view.draft_number,
        revision=view.revision,
        findings=() if view.draft is None else _findings(visit.account, view.draft),
        dangers=dangers(view.verdict),
        may_approve=view.state is TicketState.OPEN and view.draft is not None and not held,
        held=held,
        reply_url=link(view.reply_url),
        back=way.query if day is None else day.address,
    )


def _findings(account: Account, written: Draft) -> list[tuple[str, str, str]]:
    """Class of style, word, what is wrong."""
    severities = ((finding, *answer.SEVERITIES[finding.severity]) for finding in written.warnings)
    return [(tone, word, told_for(finding.message, may=may_configure(account))) for finding, tone, word in severities]


def take(desk: Desk, visit: Visit) -> Response:
    return _do(desk, visit, "taken", lambda actions, ticket: actions.take(ticket))


def approve(desk: Desk, visit: Visit) -> Response:
    """The draft that they have seen, by its number, as a reply to the review that they have read."""
    base, revision = answer.seen(visit, "base"), answer.seen(visit, "revision")
    if base is None:
        raise UsageError("не сказано, какой черновик одобрить: откройте его и одобрите там")
    return _do(desk, visit, "approved", lambda actions, ticket: actions.approve(ticket, base=base, revision=revision))


def dismiss(desk: Desk, visit: Visit) -> Response:
    reason = visit.form["reason"]
    return _do(desk, visit, "dismissed", lambda actions, ticket: actions.dismiss(ticket, reason))


def _do(desk: Desk, visit: Visit, what: str, act: Callable[[Actions, int], object]) -> Response:
    """Does it and goes back to the list. The script is told in a line why it was refused, a person by a page."""
    ticket = visit.number("ticket")
    try:
        act(desk.actions(visit), ticket)
    except (Conflict, UsageError) as refused:
        desk.application.log.say(Event.DESK_ACTED, action=what, ticket=ticket, outcome="refused")
        if isinstance(refused, Held) and not visit.wants_fragment:
            return desk.pages.problem(409, "Не получилось", why(desk, visit, refused), visit=visit)
        if not visit.wants_fragment:
            raise
        return PlainTextResponse(why(desk, visit, refused), 409 if isinstance(refused, Conflict) else 400)
    desk.application.log.say(Event.DESK_ACTED, action=what, ticket=ticket, outcome="done")
    return done(visit.form["back"], what, anchor=f"#t{ticket}")


PAGES = (
    Page("/queue", queue, Permission.READ),
    Page("/queue/{ticket:int}/draft", draft, Permission.READ),
    Page("/queue/{ticket:int}/take", take, Permission.ACT, ("POST",)),
    Page("/queue/{ticket:int}/approve", approve, Permission.ACT, ("POST",)),
    Page("/queue/{ticket:int}/dismiss", dismiss, Permission.ACT, ("POST",)),
)
