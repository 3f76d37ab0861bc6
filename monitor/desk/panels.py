"""What can be done about a ticket beside the reply: whose it is, gestures, notes, complaints, corrections, closing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor import gestures, wording
from monitor.accounts import Account, Permission
from monitor.actions import ALLOWED, DISMISS_REASONS
from monitor.alerts import TicketView
from monitor.desk.context import Desk
from monitor.desk.moments import Moment
from monitor.desk.sheet import People, moment
from monitor.desk.visit import Visit
from monitor.gestures import Gesture, GestureState
from monitor.jobs.publish import STATES_TO_POST
from monitor.notify.render import capitalised
from monitor.talk import FOLLOWS, DisputeState
from responders.types import Fault
from sentiment.types import Intent, Risk, Theme, Tone, Verdict

_BY_ANYBODY = ("acknowledge", "note", "dispute", "assign", "ungesture")
"""Actions that do not mind in whose hands a ticket is."""

_NEEDLESS: Mapping[Intent, str] = {
    Intent.WRONG_PLACE: "wrong_place",
    Intent.SPAM: "spam",
    Intent.OFF_TOPIC: "off_topic",
}
"""What an author wants → why that needs no answer."""


FAULTS: Mapping[Fault, str] = {
    Fault.UNCONFIRMED: "Не выяснено",
    Fault.CONFIRMED: "Наша",
    Fault.DENIED: "Не наша",
}
"""Whose fault it is."""


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague to whom a ticket may be given."""

    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Hand:
    """`holder`: the login of whoever has the ticket, "" for nobody; `name`: «Вы» or their name."""

    holder: str
    name: str
    mine: bool
    others: bool
    colleagues: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A gesture."""

    what: str
    amount: str
    state: str
    tone: str
    who: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Gestures:
    """`limits`: how much may be given, in sentences; () where nothing is configured. `newest` of all and `latest` of
    those that hold: numbers by which forms tell which one was seen, 0 for none."""

    offers: tuple[Offer, ...]
    limits: tuple[str, ...]
    decides: bool
    may_withdraw: bool
    may_offer: bool
    newest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Said:
    """A note, or a step of a complaint."""

    who: str
    at: Moment
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """`steps`: what may be said of a complaint next, value and words."""

    notes: tuple[Said, ...]
    disputes: tuple[Said, ...]
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """A theme; `tones`: in which it may be spoken of, the value of what holds now is ""."""

    value: str
    title: str
    chosen: bool
    tones: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Panels:
    """`can`: the actions that make sense now, by the names of `actions.ALLOWED` and some of ours. `tone` and
    `complaint`: what holds now, in words. `dangers`: those that were found (chosen), and all others. `blames`: whose
    fault it is matters."""

    can: frozenset[str]
    hand: Hand
    gestures: Gestures
    talk: Talk
    tone: str
    complaint: str
    tones: tuple[tuple[str, str], ...]
    themes: tuple[Topic, ...]
    dangers: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    faults: tuple[Choice, ...]
    blames: bool


def panels(desk: Desk, visit: Visit, view: TicketView, people: People) -> Panels:
    can = frozenset(_can(desk, visit.account, view))
    verdict, label = view.verdict, view.label
    dangers = set() if verdict is None else {mention.risk for mention in verdict.risks}
    needless = {_NEEDLESS.get(mention.intent) for mention in (verdict.intents if verdict is not None else ())}
    said = None if label is None else label.complaint
    return Panels(
        can=can,
        hand=_hand(desk, visit, view, people),
        gestures=_gestures(desk, visit, view, people, can),
        talk=_talk(desk, visit, view, people),
        tone="ещё не определён" if verdict is None else wording.TONES[verdict.tone],
        complaint="" if said is None else wording.COMPLAINTS["complaint" if said else "no_complaint"],
        tones=tuple((tone.value, capitalised(wording.TONES[tone])) for tone in Tone),
        themes=tuple(_topic(theme, verdict) for theme in Theme),
        dangers=tuple(Choice(risk.value, capitalised(wording.RISKS[risk]), risk in dangers) for risk in Risk),
        reasons=tuple(
            Choice(reason, capitalised(wording.DISMISSALS[reason]), reason in needless) for reason in DISMISS_REASONS
        ),
        faults=tuple(Choice(fault.value, title, fault is view.fault) for fault, title in FAULTS.items()),
        blames=view.fault is not Fault.UNCONFIRMED or (verdict is not None and verdict.urgent),
    )


def _topic(theme: Theme, verdict: Verdict | None) -> Topic:
    """A theme that was not found has the tone of the whole, unless another one is chosen."""
    found = {mention.tone for mention in (() if verdict is None else verdict.themes) if mention.theme is theme}
    usual = Tone.NEUTRAL if verdict is None else verdict.tone
    tones = [Choice(tone.value, wording.TONE_SIGNS[tone], not found and tone is usual) for tone in Tone]
    if found:
        signs = " и ".join(wording.TONE_SIGNS[tone] for tone in Tone if tone in found)
        others = [choice for choice in tones if found != {choice.value}]
        tones = [Choice("", signs, True), *others]
    return Topic(theme.value, capitalised(wording.THEMES[theme]), bool(found), tuple(tones))


def _can(desk: Desk, account: Account, view: TicketView) -> Iterator[str]:
    if not account.may(Permission.ACT, view.place) or view.erased:
        return
    free = view.assignee in (None, account.login)
    for action, states in ALLOWED.items():
        if view.state in states and (free or action in _BY_ANYBODY):
            yield action
    if not free and view.state in ALLOWED["take"]:
        yield "take over"
    if account.may(Permission.FORCE, view.place):
        yield "force"
    source = desk.application.sources.get(view.source)
    if free and source is not None and source.publishes and view.state in STATES_TO_POST:
        yield "publish"


def _hand(desk: Desk, visit: Visit, view: TicketView, people: People) -> Hand:
    """Colleagues are listed for those who may give the ticket away."""
    account, holder = visit.account, view.assignee
    listed = desk.store.accounts.all() if account.may(Permission.ASSIGN, view.place) else []
    return Hand(
        holder=holder or "",
        name=people(holder),
        mine=holder == account.login,
        others=holder not in (None, account.login),
        colleagues=tuple(
            Person(one.login, people.name(one.login))
            for one in listed
            if one.may(Permission.ACT, view.place) and one.login not in (holder, account.login)
        ),
    )


_TONES: Mapping[GestureState, str] = {
    GestureState.PROPOSED: "soon",
    GestureState.AGREED: "good",
    GestureState.DECLINED: "late",
}


def _gestures(desk: Desk, visit: Visit, view: TicketView, people: People, can: frozenset[str]) -> Gestures:
    limits, account = desk.application.config.gestures, visit.account
    live = [one for one in view.gestures if one.state in gestures.LIVE]
    waits = any(one.state is GestureState.PROPOSED for one in live)
    owns = limits is not None and (account.may(Permission.GESTURES, view.place) or account.login in limits.owners)
    offers = [
        Offer(
            what=wording.one_line(one.what, gestures.LONGEST_WORDS) or "слова стёрты",
            amount=wording.roubles(one.amount),
            state=wording.GESTURES[one.state],
            tone=_TONES.get(one.state, ""),
            who=_who(one, people),
            waits=one.state is GestureState.PROPOSED,
        )
        for one in view.gestures
    ]
    return Gestures(
        offers=tuple(offers),
        limits=() if limits is None else tuple(_limits(desk, view, owns=owns)),
        decides=owns and waits and "ungesture" in can,
        may_withdraw=bool(live) and "ungesture" in can and (owns or live[-1].proposed_by == account.login),
        may_offer=limits is not None and not waits and "gesture" in can,
        newest=view.gestures[-1].id if view.gestures else 0,
        latest=live[-1].id if live else 0,
    )


def _who(one: Gesture, people: People) -> str:
    """Everybody whose word it is: «Анна → Ольга»."""
    logins = filter(None, (one.proposed_by, one.decided_by, one.withdrawn_by))
    return " → ".join(dict.fromkeys(map(people, logins)))


def _limits(desk: Desk, view: TicketView, *, owns: bool) -> Iterator[str]:
    limits = desk.application.config.gestures
    assert limits is not None
    yield f"{capitalised(gestures.sum_up(limits))}."
    if given := gestures.given(view.gestures):
        yield f"По этому отзыву уже дано {wording.roubles(given)}."
    if not owns:
        yield f"До {wording.roubles(limits.operator_limit)} на отзыв Вы решаете сами, сверх того — владелец."


def _talk(desk: Desk, visit: Visit, view: TicketView, people: People) -> Talk:
    def at(said: Moment, who: str, what: str, text: str) -> Said:
        return Said(people(who), said, what, wording.visible(text))

    notes, disputes = desk.store.talk.notes(view.ticket), desk.store.talk.disputes(view.ticket)
    now = visit.now
    return Talk(
        notes=tuple(at(moment(note.at, view, now), note.author, "", note.text) for note in notes),
        disputes=tuple(
            at(moment(step.at, view, now), step.actor, capitalised(wording.DISPUTES[step.state]), step.why)
            for step in disputes
        ),
        steps=tuple((step.value, STEPS[step]) for step in FOLLOWS[view.dispute]),
    )


STEPS: Mapping[DisputeState, str] = {
    DisputeState.FILED: "Жалоба подана",
    DisputeState.REJECTED: "Отклонена",
    DisputeState.REMOVED: "Отзыв удалён",
}
"""What is said of a complaint, as buttons."""
