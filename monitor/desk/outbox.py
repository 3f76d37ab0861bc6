"""The outbox: what was told to whom and in which words, what still waits and why; what was given up is tried again,
what was put off at once. The worker sends it, in its next pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self
from urllib.parse import parse_qsl, urlencode
from zlib import crc32

from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor import canary, sla, wording
from monitor.accounts import Deed, Permission
from monitor.alerts import AlertKind
from monitor.config_channels import channel_of
from monitor.desk.conditions import passes, sentence
from monitor.desk.context import Desk
from monitor.desk.letter import Worded, worded
from monitor.desk.moments import Moment, moment
from monitor.desk.page import Page
from monitor.desk.rows import address
from monitor.desk.visit import Visit, number_in
from monitor.errors import NotFound
from monitor.notify.account_view import SAID
from monitor.notify.render import capitalised
from monitor.notify.views import NAME_LIMIT
from monitor.store.notifications import Notification, Sending

OUTBOX = "/outbox"

PAGE = 50
"""Notifications."""

MOST_LINKS = 5

TABS: Mapping[str, str] = {
    "": "Все",
    Sending.FAILED: "Не ушли",
    Sending.PENDING: "Ждут отправки",
    Sending.SENT: "Отправлены",
    Sending.CANCELLED: "Отменены",
}
"""State → the page of those; "" for any."""

TONES: Mapping[str, str] = {Sending.FAILED: "late", Sending.PENDING: "info", Sending.SENT: "good"}

DONE: Mapping[str, str] = {
    "retried": "Письмо снова на очереди, оно уйдёт в ближайший проход.",
    "hurried": "Письмо больше не ждёт, оно уйдёт в ближайший проход.",
    "changed": "Состояние письма успело измениться, делать ничего не пришлось.",
}
"""What was done, by its key in the address."""

WORDED: Mapping[Sending, str] = {
    Sending.PENDING: "Так письмо выглядело бы сейчас. Слова подберём, когда будем отправлять.",
    Sending.SENT: "Текст собран заново: отзывы в нём такие, какие они сейчас, а не когда письмо ушло.",
    Sending.FAILED: "Так письмо выглядело бы сейчас.",
    Sending.CANCELLED: "Так письмо выглядело бы сейчас, но отправлять его не стали.",
}
"""How what a page shows of a mail stands to what was sent."""

NO_PASSES = "Проходы сейчас не идут, поэтому письма стоят."


@dataclass(frozen=True, slots=True)
class Ask:
    """Which of them: in that state, "" for any; those older than the one with the number `before`."""

    state: str = ""
    before: int | None = None

    @classmethod
    def read(cls, query: str) -> Self:
        """Of an address, whoever wrote it."""
        try:
            given = dict(reversed(parse_qsl(query, max_num_fields=20)))
        except ValueError:
            given = {}
        state, before = given.get("state", ""), given.get("before", "")
        return cls(state if state in TABS else "", number_in(before))

    def address(self, **more: str) -> str:
        pairs = {"state": self.state, "before": "" if self.before is None else str(self.before), **more}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{OUTBOX}?{query}" if query else OUTBOX


@dataclass(frozen=True, slots=True)
class Tab:
    """`number` None: not counted."""

    title: str
    number: int | None
    tone: str
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A notification. `review`: what the first of its tickets is about. `tickets`: number and address; `more` of them
    are not in it. `when`: when it went out, or was
    made; `explained`: what becomes of it. `act`: what can be done about it, a key of ACTS, or ""."""

    id: int
    title: str
    about: str
    review: str
    tickets: tuple[tuple[int, str], ...]
    more: int
    recipient: str
    tone: str
    word: str
    when: Moment
    explained: str
    error: str
    act: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with all that is known of it. `facts`: name and value; `worded` None: nothing is left to tell."""

    row: Row
    facts: tuple[tuple[str, str], ...]
    worded: Worded | None
    note: str


@dataclass(frozen=True, slots=True)
class Live:
    """What changes by itself. `stopped`: why nothing goes out, or ""."""

    etag: str
    tabs: tuple[Tab, ...]
    rows: tuple[Row, ...]
    newest: str
    older: str
    stopped: str
    told: str


def outbox(desk: Desk, visit: Visit) -> Response:
    ask = Ask.read(visit.request.url.query)
    told = DONE.get(visit.query("done"), "")
    live = _live(desk, visit, ask, told)
    if visit.wants_fragment and not told and live.etag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": live.etag})
    name = "outbox_live" if visit.wants_fragment else "outbox"
    page = desk.pages.text(name, visit=visit, live=live, back=ask.address().partition("?")[2])
    return HTMLResponse(page, headers={"ETag": live.etag})


def _live(desk: Desk, visit: Visit, ask: Ask, told: str) -> Live:
    state = Sending(ask.state) if ask.state else None
    found = desk.store.notifications.page(PAGE + 1, state=state, places=visit.account.places, before=ask.before)
    shown = found[:PAGE]
    parts = (
        tuple(_tabs(desk, visit, ask)),
        tuple(_row(desk, visit, one) for one in shown),
        "" if ask.before is None else Ask(ask.state).address(),
        Ask(ask.state, shown[-1].id).address() if len(found) > PAGE else "",
        _stopped(desk, visit),
    )
    return Live(f'W/"{crc32(repr((visit.account, *parts)).encode()):08x}"', *parts, told)


def _tabs(desk: Desk, visit: Visit, ask: Ask) -> Iterator[Tab]:
    for state, title in TABS.items():
        counted = state in (Sending.FAILED, Sending.PENDING)
        number = desk.store.notifications.count(Sending(state), visit.account.places) if counted else None
        tone = "late" if state == Sending.FAILED else ""
        yield Tab(title, number, tone, Ask(state).address(), here=state == ask.state)


def _stopped(desk: Desk, visit: Visit) -> str:
    """The worker is dead: what waits, waits for it."""
    worker = passes(desk, visit)
    return f"{NO_PASSES} {sentence(worker.message)}" if worker.status == "broken" else ""


# --- one of them --------------------------------------------------------------------------------------


def _row(desk: Desk, visit: Visit, one: Notification) -> Row:
    place = one.tickets[0][1] if one.tickets else ""
    tone, word, explained, act = _standing(desk, visit, one, place)
    sources = desk.application.sources
    return Row(
        id=one.id,
        title=capitalised(_title(one)),
        about=", ".join(sources[name].title if name in sources else name for name in one.sources),
        review=_review(desk, one),
        tickets=tuple((ticket, address(ticket)) for ticket, _ in one.tickets[:MOST_LINKS]),
        more=max(len(one.tickets) - MOST_LINKS, 0),
        recipient=_recipient(one.recipient),
        tone=tone,
        word=word,
        when=moment(desk, visit, one.sent_at or one.created_at, place),
        explained=explained,
        error=sentence(one.error) if one.error and one.state in (Sending.FAILED, Sending.PENDING) else "",
        act=act,
    )


def _title(one: Notification) -> str:
    """`подходит срок ответа`, `утренняя сводка за 20 ноября`"""
    words = wording.NOTIFICATIONS[one.kind]
    if one.kind is AlertKind.DEADLINE:
        words = "подходит срок ответа" if one.level in sla.WARNINGS else "срок ответа вышел"
    elif one.kind is AlertKind.DIGEST and one.level:
        words = f"{words} за {wording.date_told(date.fromisoformat(one.level), one.created_at.date())}"
    elif one.kind is AlertKind.WEEKLY and one.level:
        words = f"{words} по {wording.date_told(date.fromisoformat(one.level), one.created_at.date())}"
    elif one.level in SAID:
        words = SAID[one.level].subject
    trial = one.tickets and all(place == canary.PLACE for _, place in one.tickets)
    return f"{canary.PLACE_TITLE}: {words}" if trial else words


def _review(desk: Desk, one: Notification) -> str:
    """`★★☆☆☆ · «Ромашка» на Ленина · Мария К. и ещё 2`"""
    if not one.tickets or (place := one.tickets[0][1]) == canary.PLACE:
        return ""
    told = (wording.stars(one.stars), desk.application.titles.get(place, place), one.author)
    words = " · ".join(filter(None, (wording.one_line(part, NAME_LIMIT) for part in told)))
    return f"{words} и ещё{wording.GLUE}{len(one.tickets) - 1}" if len(one.tickets) > 1 else words


def _recipient(recipient: str) -> str:
    channel = channel_of(recipient)
    return wording.one_line(f"канал {channel}" if channel else recipient, 2 * NAME_LIMIT)


def _standing(desk: Desk, visit: Visit, one: Notification, place: str) -> tuple[str, str, str, str]:
    """Tone, word, what becomes of it, what can be done."""
    word, tone = wording.SENDINGS[one.state], TONES.get(one.state, "")
    tried = f"Попыток: {one.attempts}." if one.attempts > 1 else ""
    if one.state is Sending.CANCELLED:
        return tone, word, "Сообщать стало не о чем.", ""
    if one.state is Sending.FAILED:
        return tone, word, f"{tried} Само не повторится.".strip(), "retry"
    if one.state is Sending.SENT:
        return tone, word, tried, ""
    ahead = one.next_try_at > visit.now
    if ahead and not one.error:
        return tone, "отправляется", "", ""
    if one.error:
        again = moment(desk, visit, one.next_try_at, place).told if ahead else "в ближайший проход"
        return "soon", "пока не ушло", f"{tried} Повторим {again}.".strip(), "hurry" if ahead else ""
    per_hour = desk.application.config.mail.per_hour
    if one.kind not in (AlertKind.DANGER, AlertKind.ENTRY) and desk.store.outbox.had_enough(
        one.recipient, per_hour, visit.now
    ):
        limit = wording.counted(per_hour, "письма", "писем", "писем")
        return tone, word, f"За час получателю шлём не больше {limit} (mail.per_hour); опасные отзывы не ждут.", ""
    return tone, word, "Уйдёт в ближайший проход.", ""


def letter(desk: Desk, visit: Visit) -> Response:
    """What it said, or will say."""
    one = _found(desk, visit)
    shown = Letter(_row(desk, visit, one), tuple(_facts(desk, visit, one)), worded(desk, visit, one), WORDED[one.state])
    return desk.pages.show("outbox_letter", visit=visit, letter=shown)


def _found(desk: Desk, visit: Visit) -> Notification:
    """Raises NotFound where they must not see it, or there is none."""
    one = desk.store.notifications.get(visit.number("notification"), visit.account.places)
    if one is None:
        raise NotFound("no such notification, or of another place")
    return one


def _facts(desk: Desk, visit: Visit, one: Notification) -> Iterator[tuple[str, str]]:
    place = one.tickets[0][1] if one.tickets else ""
    yield "Кому", _recipient(one.recipient)
    yield "Поставлено в очередь", moment(desk, visit, one.created_at, place).told
    if one.sent_at is not None:
        yield "Отправлено", moment(desk, visit, one.sent_at, place).told
    if one.attempts:
        yield "Попыток", str(one.attempts)
    if one.state is Sending.PENDING and one.error and one.next_try_at > visit.now:
        yield "Следующая попытка", moment(desk, visit, one.next_try_at, place).told


# --- what can be done ---------------------------------------------------------------------------------


def retry(desk: Desk, visit: Visit) -> Response:
    return _act(desk, visit, "retried", Deed.NOTIFICATION_RETRIED)


def hurry(desk: Desk, visit: Visit) -> Response:
    return _act(desk, visit, "hurried", Deed.NOTIFICATION_HURRIED)


def _act(desk: Desk, visit: Visit, done: str, deed: Deed) -> Response:
    number = visit.number("notification")
    with desk.store.write():
        one = _found(desk, visit)
        act = desk.store.outbox.retry if done == "retried" else desk.store.outbox.hurry
        acted = act(number, visit.now)
        if acted:
            what = f"№ {number}, {_recipient(one.recipient)}"
            accounts = desk.store.accounts
            accounts.record(deed, actor=visit.account.login, what=what, now=visit.now, address=visit.address)
    back = Ask.read(visit.form["back"])
    return RedirectResponse(f"{back.address(done=done if acted else 'changed')}#n{number}", 303)


PAGES = (
    Page("/outbox", outbox, Permission.OPERATE),
    Page("/outbox/{notification:int}", letter, Permission.OPERATE),
    Page("/outbox/{notification:int}/retry", retry, Permission.OPERATE, ("POST",)),
    Page("/outbox/{notification:int}/send", hurry, Permission.OPERATE, ("POST",)),
)
