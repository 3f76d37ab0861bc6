"""What works and what does not, in words: the checks of health, and alarms as mails tell them, for one's own places."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor import health, wording
from monitor.accounts import Permission
from monitor.alerts import AlarmKind, AlarmView
from monitor.desk.context import Desk
from monitor.desk.moments import moment
from monitor.desk.samples import Kept
from monitor.desk.visit import Visit
from monitor.health import Check
from monitor.notify import troubles as letters
from monitor.notify.render import capitalised
from monitor.reading import CardReport

LONGEST_REMARK = 600
MOST_TROUBLES = 20

TONES: Mapping[str, str] = {
    "ok": "good",
    "new": "info",
    "late": "soon",
    "broken": "late",
    "failing": "late",
    "blocked": "late",
}
"""Of a check's status and of a card's state."""

OVERALL: Mapping[str, str] = {"ok": "Всё работает", "late": "Есть задержки", "broken": "Нужна помощь"}


@dataclass(frozen=True, slots=True)
class Line:
    """One check of health. `link`: where there is more about it, or ""."""

    name: str
    title: str
    tone: str
    word: str
    message: str
    link: str = ""
    link_title: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An alarm as mails tell it; `pause`: how the site is left alone; `next`: when it is
    read again; `sample`: the newest page that could
    not be read, where the site changed."""

    id: int
    tone: str
    said: letters.Trouble
    pause: str
    next: str
    sample: Kept | None


def passes(desk: Desk, visit: Visit) -> Check:
    """Whether the worker lives."""
    return health.passes(desk.store, visit.now, lambda at: moment(desk, visit, at).told)


def checks(desk: Desk, visit: Visit) -> list[Check]:
    """All of health."""
    application = desk.application
    return health.examine(
        desk.store,
        application.intervals,
        visit.now,
        canary_every=application.canary_every,
        places=visit.account.places,
        said=lambda at: moment(desk, visit, at).told,
    )


def lines(visit: Visit, found: Sequence[Check], cards: Sequence[CardReport]) -> Iterator[Line]:
    """Passes, cards, mails, the trial alarm. What servers answered is for those who run the outbox of all places."""
    account = visit.account
    whole = account.may(Permission.OPERATE) and account.places is None
    by_name = {check.name: check for check in found}
    yield _line("Проходы", by_name[health.PASSES], whole=True)
    unread = sum(card.state in ("blocked", "failing") for card in cards)
    of_cards = [check for check in found if check.name not in (health.PASSES, health.OUTBOX, health.CANARY)]
    status = health.worst(of_cards) if of_cards else "ok"
    number = wording.counted(len(cards), "карточка", "карточки", "карточек")
    if not cards:
        read = "карточек нет: их вписывают в config.yaml (раздел places)"
    elif unread:
        verb = wording.plural(unread, "не читается", "не читаются", "не читаются")
        read = f"{verb} {unread} из {wording.counted(len(cards), 'карточки', 'карточек', 'карточек')}"
    else:
        read = f"{number}, читаются все" if status == "ok" else f"{number}, есть замечания"
    yield _line("Карточки", Check("cards", status, read), whole=True)
    outbox = _line("Письма", by_name[health.OUTBOX], whole=whole)
    yield replace(outbox, link="/outbox", link_title="Все письма") if account.may(Permission.OPERATE) else outbox
    yield _line("Учебная тревога", by_name[health.CANARY], whole=whole)


def _line(title: str, check: Check, *, whole: bool) -> Line:
    message = check.message if whole else check.gist or check.message
    return Line(check.name, title, TONES[check.status], health.WORDS[check.status], sentence(message))


def sentence(text: str) -> str:
    """With a capital and a full stop, in one line."""
    return capitalised(wording.one_line(text, LONGEST_REMARK)).rstrip(".") + "."


# --- what is wrong ------------------------------------------------------------------------------------


def troubles(desk: Desk, visit: Visit, cards: Sequence[CardReport], samples: Sequence[Kept]) -> Iterator[Trouble]:
    views = desk.reports.wrong(visit.account.places)
    for view in sorted(views, key=lambda view: -health.STATUS_CODES[health.ALARMING[view.alarm.kind]]):
        yield Trouble(
            id=view.alarm.id,
            tone=TONES[health.ALARMING[view.alarm.kind]],
            said=letters.trouble(view, visit.now),
            pause=_pause(desk, visit, view, cards),
            next=upcoming(desk, visit, view.retry_at) if view.retry_at else "",
            sample=_sample(view, samples),
        )


def upcoming(desk: Desk, visit: Visit, at: datetime, place: str = "") -> str:
    """`сегодня в 14:20`; what is due waits for a pass."""
    if at > visit.now:
        return moment(desk, visit, at, place).told
    return "когда пойдут проходы" if passes(desk, visit).status == "broken" else "в ближайший проход"


def _sample(view: AlarmView, samples: Sequence[Kept]) -> Kept | None:
    if view.alarm.kind is not AlarmKind.LAYOUT_CHANGED:
        return None
    return next((sample for sample in samples if sample.source == view.alarm.source), None)


def _pause(desk: Desk, visit: Visit, view: AlarmView, cards: Sequence[CardReport]) -> str:
    """How a site is treated that has refused us; "" while it is trusted."""
    card = next((card for card in cards if card.circuit and view.alarm in card.alarms), None)
    if card is None or card.circuit is None:
        return ""
    circuit = card.circuit
    if circuit.is_closed(visit.now):
        many = f" {wording.counted(circuit.refusals, 'раз', 'раза', 'раз')} подряд" if circuit.refusals > 1 else ""
        until = moment(desk, visit, circuit.closed_until, card.listing.place).told
        return f"Сайт отказал{many}. До {until} не спрашиваем ни одной его карточки."
    allowance = wording.counted(circuit.allowance, "карточки", "карточек", "карточек")
    return f"После отказа спрашиваем осторожно: за проход не больше {allowance} этого сайта."
