"""What works and what does not, in words: the checks of health, and alarms as mails tell them, for one's own places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor import health, wording
from monitor.accounts import Account, Permission, Role
from monitor.alerts import AlarmKind, AlarmView
from monitor.desk.context import Desk
from monitor.desk.moments import moment
from monitor.desk.samples import Kept
from monitor.desk.visit import Visit
from monitor.health import Check
from monitor.model import ListingState
from monitor.notify import troubles as letters
from monitor.notify.render import capitalised
from monitor.reading import STATES, CardReport

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

CONFIGURING = (Role.OWNER, Role.ADMINISTRATOR)
"""Who changes config.yaml."""

KEYLESS = "ключ не задан"

SAY_IT = "Скажите администратору."
ASK_FOR_HELP = "Если не помогло, попросите администратора."
ASK = "Настроить это может администратор: попросите его."

_COMMAND = re.compile(r"\botklik [a-z]+")
_SETTINGS = re.compile(rf"config\.yaml|переменн\w+ окружения|{_COMMAND.pattern}")
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[«А-ЯЁA-Z0-9])")
_CLAUSES = re.compile(r"\s*[:;(]\s*")

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
    """An alarm as mails tell it; `pause`: how the site is left alone; `next`: when it is read again; `sample`: the
    newest page that could not be read, where the site changed."""

    id: int
    tone: str
    said: letters.Trouble
    pause: str
    next: str
    sample: Kept | None


# --- for whom ---------------------------------------------------------------------------------------------


def may_configure(account: Account) -> bool:
    return account.role in CONFIGURING


def may_look_after(account: Account) -> bool:
    """Whether reading and mails are theirs to keep going: they are told what to do on the server."""
    return account.may(Permission.OPERATE)


def told(text: str, *, may: bool) -> str:
    """What is wrong, for whoever reads it. What is to be set or started on the server is told to those who may do it;
    the others learn whom to ask."""
    if may or not _SETTINGS.search(text):
        return text
    left = [what for sentence in _SENTENCES.split(text) if (what := _without_settings(sentence))]
    return " ".join((*left, ASK))


def _without_settings(sentence: str) -> str:
    """The sentence up to the clause that names the settings; "" where all of it does, or tells a command."""
    named = _SETTINGS.search(sentence)
    if named is None:
        return sentence
    if _COMMAND.search(sentence):
        return ""
    clauses = [found.start() for found in _CLAUSES.finditer(sentence, 0, named.start())]
    return f"{sentence[: clauses[-1]]}." if clauses else ""


# --- what is not read -------------------------------------------------------------------------------------


def keyless(desk: Desk) -> set[str]:
    """Sites that no pass asks: the environment lacks their keys."""
    missing = (error.path.split(".") for error in desk.application.missing_secrets)
    return {path[1] for path in missing if path[0] == "sources"}


def unread(desk: Desk, visit: Visit) -> str:
    """Which sites of the visitor's places are not read now, and why, so that an empty queue is no good news; "" while
    all are: `iRecommend: сайт отказывает; 2ГИС, Google Карты: ключ не задан`."""
    wrong: dict[str, list[str]] = {}
    for site, why in dict.fromkeys(_unread(desk, visit)):
        wrong.setdefault(why, []).append(site)
    return "; ".join(f"{', '.join(sites)}: {why}" for why, sites in wrong.items())


def _unread(desk: Desk, visit: Visit) -> Iterator[tuple[str, str]]:
    """Site and why. What alarms tell comes first; a read that failed once is no news."""
    places, without = visit.account.places, keyless(desk)
    cards = desk.application.cards.values()
    sites = {card.source: None for card in cards if places is None or card.place in places}
    alarmed = set()
    for alarm in desk.store.alarms.open():
        if places is None or (alarm.place in places if alarm.place else alarm.source in sites):
            alarmed.add(alarm.source)
            yield _site(desk, alarm.source), wording.ALARMS[alarm.kind]
    for source in sites:
        if source in without:
            yield _site(desk, source), KEYLESS
    for card in desk.store.listings.troubled():
        own = places is None or card.place in places
        if own and card.source not in without | alarmed and _fails(desk, card, visit.now):
            yield _site(desk, card.source), STATES["failing"]


def _fails(desk: Desk, card: ListingState, now: datetime) -> bool:
    """Again and again, as health counts it."""
    every = max(desk.application.intervals.get(card.source, health.PASS_INTERVAL), health.PASS_INTERVAL)
    good = card.last_good_at
    return bool(card.error_message) and (good is None or now - good > health.MISSED * every)


def _site(desk: Desk, source: str) -> str:
    sources = desk.application.sources
    return sources[source].title if source in sources else source


# --- health -----------------------------------------------------------------------------------------------


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
        left_out=application.left_out(visit.now),
        keyless=application.reading.keyless,
    )


def lines(visit: Visit, found: Sequence[Check], cards: Sequence[CardReport]) -> Iterator[Line]:
    """Passes, cards, mails, the trial alarm. What servers answered is for those who run the outbox of all places."""
    account = visit.account
    whole = account.may(Permission.OPERATE) and account.places is None
    by_name = {check.name: check for check in found}
    may, worker = may_look_after(account), by_name[health.PASSES]
    passing = _line("Проходы", worker, whole=may)
    yield passing if may or worker.status == "ok" else replace(passing, message=f"{passing.message} {SAY_IT}")
    unread = sum(card.state in ("blocked", "failing") for card in cards)
    apart = (health.PASSES, health.OUTBOX, health.CANARY, health.SETTINGS)
    of_cards = [check for check in found if check.name not in apart]
    status = health.worst(of_cards) if of_cards else "ok"
    number = wording.counted(len(cards), "карточка", "карточки", "карточек")
    if not cards:
        read = "карточек нет: их вписывают в config.yaml (раздел places)"
    elif unread:
        verb = wording.plural(unread, "не читается", "не читаются", "не читаются")
        read = f"{verb} {unread} из {wording.counted(len(cards), 'карточки', 'карточек', 'карточек')}"
    else:
        read = f"{number}, читаются все" if status == "ok" else f"{number}, есть замечания"
    yield _line("Карточки", Check("cards", status, told(read, may=may)), whole=True)
    outbox = _line("Письма", by_name[health.OUTBOX], whole=whole)
    yield replace(outbox, link="/outbox", link_title="Все письма") if account.may(Permission.OPERATE) else outbox
    trial = _line("Учебная тревога", by_name[health.CANARY], whole=whole)
    yield replace(trial, message=told(trial.message, may=may))
    if health.SETTINGS in by_name:
        own = account.may(Permission.CALENDARS) and account.places is None
        unfit = _line("Настройки", by_name[health.SETTINGS], whole=own)
        yield replace(unfit, link="/settings", link_title="Все настройки") if own else unfit


def _line(title: str, check: Check, *, whole: bool) -> Line:
    message = check.message if whole else check.gist or check.message
    return Line(check.name, title, "info" if check.off else TONES[check.status], check.word, sentence(message))


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
            said=_said(visit.account, letters.trouble(view, visit.now)),
            pause=_pause(desk, visit, view, cards),
            next=upcoming(desk, visit, view.retry_at) if view.retry_at else "",
            sample=_sample(view, samples),
        )


def _said(account: Account, said: letters.Trouble) -> letters.Trouble:
    """Of the advice what the reader can do."""
    may = may_look_after(account)
    advice = tuple(line for line in said.advice if may or not _SETTINGS.search(line))
    left = () if len(advice) == len(said.advice) else (ASK_FOR_HELP,)
    return replace(said, message=told(said.message, may=may), advice=(*advice, *left))


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
        return f"Сайт отказал{many}. Ни одной его карточки не спрашиваем; попробуем снова {until}."
    allowance = wording.counted(circuit.allowance, "карточки", "карточек", "карточек")
    return f"После отказа спрашиваем осторожно: за проход не больше {allowance} этого сайта."
